/** A server over a folder, killed without warning: what it acknowledged is there afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Endpoint, endpointAt, tableOf } from '../support/endpoint.ts';
import { temporaryFolder } from '../support/folder.ts';

const script = join(import.meta.dirname, '../../scripts/serve.mjs');
const rounds = 3;
const writers = 8;
const writesMax = 4000;

interface Server {
  readonly process: ChildProcess;
  readonly db: Endpoint;
}

/** Starts a server over `folder`; it is ended with the test, if nobody did before. */
async function start(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [script, '--port', '0', '--data', folder]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (part: Buffer): void => {
      printed += part.toString();
      const ready = /^ready (\S+)$/m.exec(printed);
      if (ready !== null) resolve(ready[1]?.replace('localhost', '127.0.0.1') ?? '');
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', () => reject(new Error(printed)));
  });
  return { process: child, db: endpointAt(url) };
}

/** Puts items and counts in transactions until the server is gone; answers how many were taken. */
async function writeUntilGone(db: Endpoint, round: number, writer: number): Promise<number> {
  let taken = 0;
  for (; taken < writesMax; taken += 1) {
    const Key = { p: { S: `${round} ${writer}` }, s: { N: String(taken) } };
    const Item = { ...Key, g: { S: `writer ${writer}` }, v: { S: 'v'.repeat(200) } };
    const counter = { p: { S: `counter ${round} ${writer}` }, s: { N: '0' } };
    const count = {
      TableName: 'Log',
      Key: counter,
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': { N: String(taken + 1) } },
    };
    const input = { TransactItems: [{ Put: { TableName: 'Log', Item } }, { Update: count }] };
    const answer = await db.post('TransactWriteItems', JSON.stringify(input)).catch(() => 'gone');
    if (answer === 'gone') return taken;
    if (typeof answer === 'object' && answer.status !== 200) throw new Error(answer.text);
  }
  return taken;
}

async function numbersOf(db: Endpoint, p: string, IndexName?: string): Promise<readonly number[]> {
  const numbers: number[] = [];
  let ExclusiveStartKey: object | undefined;
  for (let page = 0; page < 100; page += 1) {
    const answer = await db.call('Query', {
      TableName: 'Log',
      IndexName,
      ConsistentRead: IndexName === undefined,
      KeyConditionExpression: IndexName === undefined ? 'p = :p' : 'g = :p',
      ExpressionAttributeValues: { ':p': { S: p } },
      ProjectionExpression: 's',
      ExclusiveStartKey,
    });
    for (const { s } of answer.Items) numbers.push(Number(s.N));
    ExclusiveStartKey = answer.LastEvaluatedKey;
    if (ExclusiveStartKey === undefined) break;
  }
  return numbers;
}

test('what was acknowledged survives kill -9', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder();
  /** By round, then writer: how many writes were acknowledged. */
  const acknowledged: (readonly number[])[] = [];
  const stored = new Map<number, number>();
  for (let round = 0; round <= rounds; round += 1) {
    const { db, process: child } = await start(folder);
    if (round === 0) {
      const index = {
        IndexName: 'gsi',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      };
      await db.call(
        'CreateTable',
        tableOf('Log', ['p:S', 's:N'], { GlobalSecondaryIndexes: [index] }, ['g:S']),
      );
    }
    stored.clear();
    for (const [before, counts] of acknowledged.entries()) {
      for (const [writer, count] of counts.entries()) {
        const numbers = await numbersOf(db, `${before} ${writer}`);
        // One more may have been stored whose answer was cut off; then all of it was.
        expect(numbers).toEqual(Array.from(numbers, (_, at) => at));
        expect([count, count + 1]).toContain(numbers.length);
        const { Item } = await db.call('GetItem', {
          TableName: 'Log',
          Key: { p: { S: `counter ${before} ${writer}` }, s: { N: '0' } },
          ConsistentRead: true,
        });
        expect(Number(Item?.n.N ?? 0)).toBe(numbers.length);
        stored.set(writer, (stored.get(writer) ?? 0) + numbers.length);
      }
    }
    for (const [writer, count] of stored) {
      expect(await numbersOf(db, `writer ${writer}`, 'gsi')).toHaveLength(count);
    }
    if (round === rounds) break;
    const writing = Array.from({ length: writers }, (_, at) => writeUntilGone(db, round, at));
    setTimeout(() => child.kill('SIGKILL'), 700 + 200 * round);
    acknowledged.push(await Promise.all(writing));
  }
  expect(acknowledged.flat().every((count) => count > 0)).toBe(true);
});

test('a second process over one folder ends with one clear line', { timeout: 30_000 }, async () => {
  const folder = temporaryFolder();
  const { db } = await start(folder);
  const second = spawn(process.execPath, [script, '--port', '0', '--data', folder]);
  let [printed, complained] = ['', ''];
  second.stdout.on('data', (part: Buffer) => {
    printed += part.toString();
  });
  second.stderr.on('data', (part: Buffer) => {
    complained += part.toString();
  });
  const [code] = await once(second, 'exit');
  expect([code, printed]).toEqual([1, '']);
  expect(complained.trimEnd().split('\n')).toHaveLength(1);
  expect(complained).toMatch(/^tidetable: .*(in use|another|open|lock)/i);
  expect(await db.call('ListTables', {})).toEqual({ TableNames: [] });
});

test('a server that is asked to end does, and starts again', { timeout: 30_000 }, async () => {
  const folder = temporaryFolder();
  const first = await start(folder);
  await first.db.call('CreateTable', tableOf('Kept', ['p:S']));
  const ended = once(first.process, 'exit');
  first.process.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const { db } = await start(folder);
  expect(await db.call('ListTables', {})).toEqual({ TableNames: ['Kept'] });
});
