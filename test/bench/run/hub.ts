/** A hub in a process of its own, over a folder that goes with it, and items put into it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { itemOf } from '../items.ts';

export interface BenchHub {
  readonly url: string;
  stop(): Promise<void>;
}

const home = fileURLToPath(new URL('../../../', import.meta.url));
const startMsMax = 30_000;
const batchItems = 25;
const batchesInFlight = 4;
/** Makes an item of the benchmark, about 300 bytes, one of 1 KB. */
const paddingBytes = 700;

export async function startHub(): Promise<BenchHub> {
  const data = mkdtempSync(join(tmpdir(), 'tidetable-bench-hub-'));
  const args = ['scripts/serve.mjs', '--port', '0', '--data', data];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: home,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the hub did not start')), startMsMax);
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /^ready http:\/\/localhost:(\d+)$/m.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGINT');
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Items of about 1 KB, over DynamoDB's protocol. */
export async function fillHub({ url }: BenchHub, items: number): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items) {
      const from = next;
      next += batchItems;
      const length = Math.min(batchItems, items - from);
      const requests = Array.from({ length }, (_, n) => ({
        PutRequest: { Item: wireOf(from + n) },
      }));
      await call(url, 'BatchWriteItem', { RequestItems: { Bench: requests } });
    }
  };
  await Promise.all(Array.from({ length: batchesInFlight }, work));
}

function wireOf(index: number): object {
  const item = { ...itemOf(index), padding: 'p'.repeat(paddingBytes) };
  const values = Object.entries(item).map(([name, value]) => {
    if (typeof value === 'string') return [name, { S: value }];
    return [name, typeof value === 'boolean' ? { BOOL: value } : { N: String(value) }];
  });
  return Object.fromEntries(values);
}

async function call(url: string, operation: string, input: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${text}`);
}
