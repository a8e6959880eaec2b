/**
 * The file that says who has access: keys, issuers of tokens, policies by name, limits
 * (docs/access.md).
 *
 * All of it is read and judged before a server listens. Secrets stand in it, or better in variables
 * of the environment that it names.
 */
import { dirname, resolve } from 'node:path';
import { unreplicated } from '../../access/compile.ts';
import type { Bound } from '../../access/evaluate.ts';
import { PolicyFault } from '../../access/policy-members.ts';
import { type Policy, readPolicy } from '../../access/policy.ts';
import {
  accessFileBytesMax,
  addressBurst,
  addressConnectionsMax,
  addressRate,
  principalBurst,
  principalRate,
  principalRequestsMax,
  serverRequestsMax,
  tokenLifeMaxMs,
  tokenLifeMs,
} from '../../base/access-limits.ts';
import { type Claims, claimsOf } from './claims.ts';
import { AccessFault, Fields } from './fields.ts';
import { type KeySource, readText } from './key-set.ts';
import type { Rate } from './rates.ts';

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  /** Names the principal. */
  readonly name: string;
  readonly tenant: string | undefined;
  readonly claims: Claims;
  readonly policies: readonly Policy[];
  readonly bounds: readonly Bound[];
  /** Epoch milliseconds. */
  readonly expiresMs: number | undefined;
}

export interface IssuerConfig {
  readonly name: string;
  /** What `iss` must be. */
  readonly issuer: string;
  /** One of them must be in `aud`. */
  readonly audiences: readonly string[];
  readonly source: KeySource;
  readonly algorithms: readonly string[];
  readonly principalClaim: string;
  readonly tenantClaim: string | undefined;
  readonly lifeMs: number;
  readonly policies: readonly Policy[];
  readonly bounds: readonly Bound[];
}

export interface AccessLimits {
  readonly principal: Rate;
  readonly address: Rate;
  /** Requests under way. */
  readonly principalRequests: number;
  readonly requests: number;
  readonly addressConnections: number;
}

export interface AccessConfig {
  readonly keys: ReadonlyMap<string, AccessKey>;
  /** By `iss`. */
  readonly issuers: ReadonlyMap<string, IssuerConfig>;
  readonly policies: number;
  /** What policies allow that no device is given, each a line. */
  readonly notes: readonly string[];
  readonly limits: AccessLimits;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Policies = ReadonlyMap<string, Policy>;

/** Reads the file, and what it names. Rejects with AccessFault. */
export async function readAccessFile(
  path: string,
  environment: Environment,
): Promise<AccessConfig> {
  let text: string;
  try {
    text = await readText(path, accessFileBytesMax);
  } catch (error) {
    throw new AccessFault(`${path} cannot be read: ${messageOf(error)}`);
  }
  try {
    return readAccess(parse(text), dirname(resolve(path)), environment);
  } catch (error) {
    if (!(error instanceof AccessFault)) throw error;
    throw new AccessFault(`${path}: ${error.message}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message may quote what stands there, which may be a secret.
    throw new AccessFault('it is not JSON');
  }
}

/** The content of the file; paths in it begin at `folder`. Throws AccessFault. */
export function readAccess(json: unknown, folder: string, environment: Environment): AccessConfig {
  const file = new Fields(json, '', ['policies', 'keys', 'issuers', 'limits']);
  const policies = readPolicies(file);
  const keys = file
    .list('keys')
    .map((one, at) => readKey(one, `keys[${at}]`, policies, environment));
  const issuers = file
    .list('issuers')
    .map((one, at) => readIssuer(one, `issuers[${at}]`, policies, folder));
  if (keys.length + issuers.length === 0) {
    throw new AccessFault('it has neither keys nor issuers: nobody could come in');
  }
  return {
    keys: unique(keys, ({ id }) => id, 'keys', 'accessKeyId'),
    issuers: unique(issuers, ({ issuer }) => issuer, 'issuers', 'issuer'),
    policies: policies.size,
    notes: [...policies.values()].flatMap(unreplicated),
    limits: readLimits(new Fields(file.get('limits') ?? {}, 'limits', limitNames)),
  };
}

function unique<T>(
  list: readonly T[],
  nameOf: (one: T) => string,
  where: string,
  member: string,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const [at, one] of list.entries()) {
    if (found.has(nameOf(one))) throw new AccessFault(`${where}[${at}].${member} is there twice`);
    found.set(nameOf(one), one);
  }
  return found;
}

function readPolicies(file: Fields): Policies {
  const given = new Fields(file.get('policies') ?? {}, 'policies', undefined);
  return new Map(
    given.entries().map(([name, json]) => {
      try {
        return [name, readPolicy(json, `policies.${name}`)];
      } catch (error) {
        if (error instanceof PolicyFault) throw new AccessFault(error.message);
        throw error;
      }
    }),
  );
}

function policiesOf(fields: Fields, policies: Policies, member = 'policies'): readonly Policy[] {
  return fields.texts(member).map((name) => {
    const policy = policies.get(name);
    if (policy !== undefined) return policy;
    throw new AccessFault(`${fields.place(member)}: there is no policy ${quoted(name)}`);
  });
}

/** What must allow as well: the boundary of a user or role, and the policies of its sessions. */
function boundsOf(fields: Fields, policies: Policies): readonly Bound[] {
  const kinds = [
    ['boundary', 'permissions boundary'],
    ['sessionPolicies', 'session policy'],
  ] as const;
  return kinds.flatMap(([member, source]) => {
    const given = fields.get(member) !== undefined;
    return given ? [{ source, policies: policiesOf(fields, policies, member) }] : [];
  });
}

const ofKey = [
  'accessKeyId',
  'secretAccessKey',
  'name',
  'tenant',
  'claims',
  'policies',
  'boundary',
  'expires',
];
/** A name becomes a part of an ARN, and of lines in a log. */
const nameForm = /^[\w+=,.@-]{1,64}$/;

function readKey(
  json: unknown,
  where: string,
  policies: Policies,
  environment: Environment,
): AccessKey {
  const fields = new Fields(json, where, ofKey);
  const id = fields.text('accessKeyId');
  if (!/^\w{1,128}$/.test(id)) {
    throw new AccessFault(`${fields.place('accessKeyId')} must be letters, digits and _`);
  }
  const name = readName(fields, id);
  const tenant = fields.optionalText('tenant');
  const more = new Fields(fields.get('claims') ?? {}, fields.place('claims'), undefined);
  const claims = claimsOf(Object.fromEntries(more.entries()));
  if (claims === undefined) throw new AccessFault(`${more.where} are too many`);
  const expires = fields.optionalText('expires');
  const expiresMs = expires === undefined ? undefined : Date.parse(expires);
  if (Number.isNaN(expiresMs)) {
    throw new AccessFault(`${fields.place('expires')} must be a time as ISO 8601 writes it`);
  }
  const secret = readSecret(fields, environment);
  const bounds = boundsOf(fields, policies);
  const own = policiesOf(fields, policies);
  return { id, secret, name, tenant, claims, policies: own, bounds, expiresMs };
}

function readName(fields: Fields, byDefault: string): string {
  const name = fields.optionalText('name') ?? byDefault;
  if (nameForm.test(name)) return name;
  throw new AccessFault(
    `${fields.place('name')} must be at most 64 letters, digits and any of _+=,.@-`,
  );
}

/** AWS's have 40 letters; a short one could be guessed from one signed request. */
const secretLengthMin = 16;

function readSecret(fields: Fields, environment: Environment): string {
  const where = fields.place('secretAccessKey');
  const given = fields.get('secretAccessKey');
  let secret: unknown = given;
  if (typeof given === 'object') {
    const name = new Fields(given, where, ['env']).text('env');
    secret = environment[name];
    if (secret === undefined || secret === '') {
      throw new AccessFault(`${where}: the environment has no variable ${name}`);
    }
  }
  if (typeof secret === 'string' && secret.length >= secretLengthMin) return secret;
  throw new AccessFault(
    `${where} must be a text of at least ${secretLengthMin} characters, or { "env": NAME }`,
  );
}

const ofIssuer = [
  'name',
  'issuer',
  'audience',
  'jwks',
  'algorithms',
  'principal',
  'tenant',
  'lifetimeSeconds',
  'policies',
  'boundary',
  'sessionPolicies',
];
/** Signatures with a pair of keys; `none`, and those with a secret, are never taken. */
const algorithmsKnown: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
const algorithmsDefault: readonly string[] = ['RS256', 'ES256', 'EdDSA', 'Ed25519'];

function readIssuer(
  json: unknown,
  where: string,
  policies: Policies,
  folder: string,
): IssuerConfig {
  const fields = new Fields(json, where, ofIssuer);
  const issuer = fields.text('issuer');
  const algorithms =
    fields.get('algorithms') === undefined ? algorithmsDefault : fields.texts('algorithms');
  for (const one of algorithms) {
    if (algorithmsKnown.includes(one)) continue;
    throw new AccessFault(
      `${fields.place('algorithms')}: ${quoted(one)} is not one of ${algorithmsKnown.join(', ')}`,
    );
  }
  return {
    name: readName(fields, 'tokens'),
    issuer,
    audiences: fields.texts('audience'),
    source: readSource(fields, folder),
    algorithms,
    principalClaim: fields.optionalText('principal') ?? 'sub',
    tenantClaim: fields.optionalText('tenant'),
    lifeMs: 1000 * fields.number('lifetimeSeconds', tokenLifeMs / 1000, tokenLifeMaxMs / 1000),
    policies: policiesOf(fields, policies),
    bounds: boundsOf(fields, policies),
  };
}

function readSource(fields: Fields, folder: string): KeySource {
  const jwks = new Fields(fields.get('jwks'), fields.place('jwks'), ['file', 'url']);
  const file = jwks.optionalText('file');
  const url = jwks.optionalText('url');
  if ((file === undefined) === (url === undefined)) {
    throw new AccessFault(`${jwks.where} must have one of file and url`);
  }
  if (file !== undefined) return { file: resolve(folder, file) };
  const parsed = URL.canParse(url ?? '') ? new URL(url ?? '') : undefined;
  const isNear = ['localhost', '127.0.0.1', '[::1]'].includes(parsed?.hostname ?? '');
  const isSafe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isNear);
  if (parsed === undefined || !isSafe) {
    throw new AccessFault(
      `${jwks.place('url')} must begin with https:// (http:// on this machine)`,
    );
  }
  return { url: parsed.href };
}

const limitNames = [
  'requestsPerSecond',
  'burst',
  'requestsUnderWay',
  'addressRequestsPerSecond',
  'addressBurst',
  'addressConnections',
  'serverRequestsUnderWay',
];
const limitMax = 1_000_000;

function readLimits(fields: Fields): AccessLimits {
  const read = (name: string, byDefault: number): number => {
    return fields.number(name, byDefault, limitMax);
  };
  return {
    principal: {
      perSecond: read('requestsPerSecond', principalRate),
      burst: Math.max(1, read('burst', principalBurst)),
    },
    address: {
      perSecond: read('addressRequestsPerSecond', addressRate),
      burst: Math.max(1, read('addressBurst', addressBurst)),
    },
    principalRequests: read('requestsUnderWay', principalRequestsMax),
    requests: read('serverRequestsUnderWay', serverRequestsMax),
    addressConnections: read('addressConnections', addressConnectionsMax),
  };
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 128));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
