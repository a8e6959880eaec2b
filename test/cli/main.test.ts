import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { signedHeaders } from '../support/signing.ts';

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly error: string;
}

interface Running {
  readonly child: ChildProcess;
  /** Everything printed up to the line that starts with `ready`; rejects if it ends before. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
}

function run(...argv: readonly string[]): Running {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...argv]);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let output = '';
  let error = '';
  const ready = Promise.withResolvers<string>();
  ready.promise.catch(() => undefined);
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
    if (/^ready .*\n/m.test(output)) ready.resolve(output);
  });
  child.stderr.on('data', (part: Buffer) => {
    error += part.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => {
      ready.reject(new Error(`ended with ${code}: ${error}`));
      resolve({ code, output, error });
    });
  });
  return { child, ready: ready.promise, ended };
}

const headers = {
  'content-type': 'application/x-amz-json-1.0',
  authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
  'x-amz-date': '20260101T000000Z',
};

async function call(url: string, operation: string, input: object): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` },
    body: JSON.stringify(input),
  });
  return response.json();
}

function urlIn(output: string): string {
  const lines = output.trimEnd().split('\n');
  const url = /^ready (http:\/\/localhost:\d+)$/.exec(lines.at(-1) ?? '')?.[1];
  if (url === undefined) throw new Error(`no ready line at the end: ${output}`);
  return url.replace('localhost', '127.0.0.1');
}

const table = {
  TableName: 'Notes',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};

describe('tidetable', () => {
  test.each([
    [[], 0, 'Usage: tidetable COMMAND'],
    [['--help'], 0, 'Usage: tidetable COMMAND'],
    [['serve', '--help'], 0, 'Usage: tidetable serve'],
  ])('%j prints help', async (argv, code, start) => {
    const ended = await run(...argv).ended;
    expect([ended.code, ended.error]).toEqual([code, '']);
    expect(ended.output.startsWith(start)).toBe(true);
  });

  test.each([
    [['fly'], 'tidetable: unknown command: fly (there is: serve)\n'],
    [['serve', '--port', 'x'], 'tidetable: --port needs a number from 0 to 65535, not x\n'],
    [['serve', '--speed'], 'tidetable: unknown option: --speed\n'],
    [['serve', '--auth', '/nowhere'], /^tidetable: \/nowhere cannot be read: ENOENT/],
    [
      ['serve', '--port', '0', '--host', '0.0.0.0'],
      /^tidetable: will not listen on 0\.0\.0\.0 without authentication: .* \(--auth FILE\)\n$/,
    ],
    [['serve', '--port', '0', '--listen', '192.0.2.1'], /will not listen on 192\.0\.2\.1 /],
  ])('%j is refused in one line', async (argv, error) => {
    const expected = typeof error === 'string' ? error : expect.stringMatching(error);
    expect(await run(...argv).ended).toEqual({ code: 2, output: '', error: expected });
  });
});

describe('tidetable serve', () => {
  test('says so in one line when the port is taken', async () => {
    const taken = createServer();
    onTestFinished(() => {
      taken.close();
    });
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    expect(await run('serve', '--port', String(port)).ended).toEqual({
      code: 2,
      output: '',
      error: `tidetable: port ${port} is in use on 127.0.0.1\n`,
    });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('serves from memory until %s', async (signal) => {
    const { child, ready, ended } = run('serve', '--memory', '--port', '0');
    const url = urlIn(await ready);
    expect(await call(url, 'CreateTable', table)).toHaveProperty('TableDescription');
    const item = { id: { S: '1' }, text: { S: 'hi' } };
    expect(await call(url, 'PutItem', { TableName: 'Notes', Item: item })).toEqual({});
    const get = { TableName: 'Notes', Key: { id: { S: '1' } } };
    expect(await call(url, 'GetItem', get)).toEqual({ Item: item });
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0, error: '' });
  });

  test('asks who comes where a file says who may', async () => {
    const file = join(temporaryFolder(), 'access.json');
    const Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const secretAccessKey = 'a secret of sixteen letters and more';
    const keys = [{ accessKeyId: 'ADMIN', secretAccessKey, policies: 'all' }];
    const policies = { all: { Version: '2012-10-17', Statement } };
    writeFileSync(file, JSON.stringify({ keys, policies }));
    const { child, ready, ended } = run('serve', '--port', '0', '--auth', file);
    const output = await ready;
    const url = urlIn(output);
    expect(output).toContain('access: 1 keys, 0 issuers, 1 policies\n');
    expect(await call(url, 'ListTables', {})).toMatchObject({
      __type: 'com.amazon.coral.service#InvalidSignatureException',
    });
    const signing = { id: 'ADMIN', secret: secretAccessKey, atMs: Date.now() };
    const { host: _, ...signed } = signedHeaders(new URL(url).host, '{}', signing);
    const response = await fetch(url, { method: 'POST', headers: signed, body: '{}' });
    expect(await response.json()).toEqual({ TableNames: [] });
    child.kill('SIGTERM');
    const { code, error } = await ended;
    expect([code, error]).toEqual([0, expect.stringMatching(/^refused \S+ - InvalidSig\w+\n$/)]);
    expect(output + error).not.toContain(secretAccessKey);
  });

  test('does not start with a policy that says nothing', async () => {
    const file = join(temporaryFolder(), 'access.json');
    const Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const key = { accessKeyId: 'A', secretAccessKey: { env: 'HOME' }, policies: 'all' };
    const limits = { burst: 1 };
    const policies = {
      all: { Version: '2012-10-17', Statement: { ...Statement, Effect: 'Maybe' } },
    };
    writeFileSync(file, JSON.stringify({ keys: [key], policies, limits }));
    const argv = ['serve', '--port', '0', '--listen', '0.0.0.0', '--auth', file];
    expect((await run(...argv).ended).error).toBe(
      `tidetable: ${file}: policies.all.Statement[0].Effect must be "Allow" or "Deny"\n`,
    );
  });

  test('keeps in its folder what was written, through an end and a kill', async () => {
    const folder = temporaryFolder();
    const get = { TableName: 'Notes', Key: { id: { S: '1' } } };
    for (const [round, signal] of (['SIGTERM', 'SIGKILL', 'SIGTERM'] as const).entries()) {
      const { child, ready, ended } = run('serve', '--data', folder, '--port', '0');
      const url = urlIn(await ready);
      if (round === 0) await call(url, 'CreateTable', table);
      else
        expect(await call(url, 'GetItem', get)).toMatchObject({ Item: { n: { N: `${round}` } } });
      const item = { id: { S: '1' }, n: { N: String(round + 1) } };
      expect(await call(url, 'PutItem', { TableName: 'Notes', Item: item })).toEqual({});
      child.kill(signal);
      expect((await ended).code).toBe(signal === 'SIGTERM' ? 0 : null);
    }
  });
});
