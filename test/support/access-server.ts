/** A server that asks who comes: keys, an issuer of tokens, policies, on an engine in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/engine-types.ts';
import { Access, type Refusal } from '../../src/host/access/access.ts';
import { readAccess } from '../../src/host/access/config.ts';
import { type HttpServer, serve, type ServeOptions } from '../../src/host/http.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { systemClock } from '../../src/host/ports.ts';
import { tableOf } from './endpoint.ts';
import { signedHeaders, type Signing } from './signing.ts';
import { audience, type Issuer, issuerName, openIssuer } from './tokens.ts';

export const adminSecret = 'the secret of the administrator';
export const readerSecret = 'the secret of who reads';

/** Who signed in has the notes of its tenant that are its own; keys have all, or read. */
export function accessFile(folder: string, jwk: object, more: object = {}): object {
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [jwk] }));
  const policy = (...Statement: readonly object[]): object => ({
    Version: '2012-10-17',
    Statement: Statement.map((one) => ({ Effect: 'Allow', Resource: '*', ...one })),
  });
  const tables = 'arn:aws:dynamodb:*:*:table/${jwt:org}-*';
  return {
    policies: {
      all: policy({ Action: '*' }),
      reader: policy({ Action: ['dynamodb:GetItem', 'dynamodb:ListTables'] }),
      mine: policy({
        Action: 'dynamodb:*',
        Resource: [tables],
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': '${jwt:sub}' } },
      }),
    },
    keys: [
      { accessKeyId: 'ADMIN', secretAccessKey: adminSecret, name: 'admin', policies: 'all' },
      { accessKeyId: 'READER', secretAccessKey: readerSecret, policies: 'reader' },
      {
        accessKeyId: 'GONE',
        secretAccessKey: readerSecret,
        policies: 'reader',
        expires: '2020-01-01T00:00:00Z',
      },
    ],
    issuers: [
      {
        issuer: issuerName,
        audience,
        jwks: { file: 'keys.json' },
        tenant: 'org',
        policies: 'mine',
        algorithms: 'ES256',
      },
    ],
    ...more,
  };
}

export interface AccessServer {
  readonly url: string;
  readonly port: number;
  readonly engine: Engine;
  readonly server: HttpServer;
  readonly access: Access;
  readonly issuer: Issuer;
  readonly refusals: readonly Refusal[];
  /** A clock that a test may turn. */
  wallMs: () => number;
  post(headers: Readonly<Record<string, string>>, body?: string): Promise<Told>;
  /** As the administrator, unless it says otherwise. */
  signed(target: string, input: object, more?: Partial<Signing>): Promise<Told>;
  bearer(token: string, target: string, input: object): Promise<Told>;
  close(): Promise<void>;
}

export interface Told {
  readonly status: number;
  /** The error's name; empty of an answer. */
  readonly error: string;
  readonly message: string;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared, member by member.
  readonly body: any;
}

export async function openAccessServer(
  file: object = {},
  options: Partial<ServeOptions> = {},
): Promise<AccessServer> {
  const issuer = await openIssuer('one');
  const folder = mkdtempSync(join(tmpdir(), 'tidetable-'));
  const config = readAccess(accessFile(folder, issuer.jwk, file), folder, {});
  const engine = options.engine ?? (await openNodeDatabase({ memory: true }));
  const refusals: Refusal[] = [];
  const world = { wallMs: systemClock.wallMs };
  const access = new Access(config, {
    region: 'local',
    account: '000000000000',
    clock: { wallMs: () => world.wallMs(), monoMs: systemClock.monoMs },
    onRefusal: (refusal) => refusals.push(refusal),
  });
  const server = await serve({ port: 0, access, ...options, engine });
  const url = `http://127.0.0.1:${server.port}`;
  const post: AccessServer['post'] = async (headers, body = '{}') => {
    const { host: _, ...sent } = headers;
    return toldBy(await fetch(url, { method: 'POST', headers: sent, body }));
  };
  return Object.assign(world, {
    ...{ url, port: server.port, engine, server, access, issuer, refusals, post },
    signed: (target: string, input: object, more: Partial<Signing> = {}): Promise<Told> => {
      const body = JSON.stringify(input);
      const signing = { id: 'ADMIN', secret: adminSecret, atMs: world.wallMs(), target, ...more };
      return post(signedHeaders(`127.0.0.1:${server.port}`, body, signing), body);
    },
    bearer: (token: string, target: string, input: object): Promise<Told> => {
      return post(
        {
          authorization: `Bearer ${token}`,
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${target}`,
        },
        JSON.stringify(input),
      );
    },
    async close() {
      await server.close();
      await engine.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

async function toldBy(response: Response): Promise<Told> {
  const text = await response.text();
  const body = text === '' ? {} : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers,
    error: body.__type?.split('#')[1] ?? '',
    message: body.message ?? body.Message ?? '',
    body,
  };
}

/** Tables of two tenants, and of nobody. */
export async function makeTables({ signed }: AccessServer): Promise<void> {
  for (const name of ['acme-notes', 'zeta-notes', 'plain']) {
    const made = await signed('CreateTable', tableOf(name, ['owner:S', 'id:S']));
    if (made.status !== 200) throw new Error(made.message);
  }
}
