/** Devices and a hub that talk over real HTTP, in this process or another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import { owner } from '../../src/operation/request.ts';
import { SyncClient, type SyncClientOptions } from '../../src/sync/client.ts';
import type { SyncEvent, SyncStatus } from '../../src/sync/sync-types.ts';

export type Json = Readonly<Record<string, unknown>>;

export interface Device {
  readonly engine: Engine;
  readonly client: SyncClient;
  readonly events: readonly SyncEvent[];
  call(operation: string, input: object): Promise<Json>;
  /** `v` of the note of this id; undefined where there is none. */
  note(id: string): Promise<string | undefined>;
  put(id: string, v: string): Promise<void>;
  /** Resolves when it is live, and nothing waits. */
  settled(): Promise<void>;
  when(holds: (status: SyncStatus) => boolean, what: string): Promise<SyncStatus>;
  close(): Promise<void>;
}

export const notes = {
  TableName: 'Notes',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};

const waitMs = 20_000;

export async function openDevice(
  url: string,
  options: Partial<SyncClientOptions> & { readonly table?: object | null } = {},
): Promise<Device> {
  const { table = notes, ...more } = options;
  const engine = options.engine ?? (await openNodeDatabase({ memory: true }));
  const call = async (operation: string, input: object): Promise<Json> =>
    (await engine.call({ operation, input, form: 'plain', caller: owner })) as Json;
  if (table !== null) await call('CreateTable', table).catch(() => undefined);
  const client = new SyncClient({
    engine,
    url,
    tables: ['Notes'],
    fetch: (to, init) => fetch(to, init),
    clock: systemClock,
    random: systemRandom,
    scheduler: systemScheduler,
    token: () => Promise.resolve(undefined),
    ...more,
  });
  const events: SyncEvent[] = [];
  client.on((event) => events.push(event));
  client.start();
  const when: Device['when'] = (holds, what) => {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        leave();
        reject(new Error(`not ${what}: ${JSON.stringify(client.status)}`));
      }, waitMs);
      const look = (): void => {
        if (!holds(client.status)) return;
        clearTimeout(late);
        leave();
        resolve(client.status);
      };
      const leave = client.on(look);
      look();
    });
  };
  return {
    ...{ engine, client, events, call, when },
    note: async (id) => {
      const { Item } = (await call('GetItem', { TableName: 'Notes', Key: { id } })) as {
        readonly Item?: { item(): ReadonlyMap<string, { readonly value: unknown }> };
      };
      const value = Item?.item().get('v')?.value;
      return value === undefined ? undefined : String(value);
    },
    put: async (id, v) => void (await call('PutItem', { TableName: 'Notes', Item: { id, v } })),
    settled: async () => {
      await client.refresh();
      await when(({ state, pending }) => state === 'live' && pending === 0, 'settled');
    },
    close: async () => {
      await client.close();
      await engine.close();
    },
  };
}

/** Over all items of a table, in the order of a Scan: equal items have equal ones. */
export async function hashOf(engine: Engine, TableName = 'Notes'): Promise<string> {
  const hash = createHash('sha256');
  let ExclusiveStartKey: unknown;
  do {
    const input = { TableName, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) };
    const page = (await engine.call({
      operation: 'Scan',
      input,
      form: 'plain',
      caller: owner,
      consistency: 'strong',
    })) as {
      Items: readonly { item(): ReadonlyMap<string, object> }[];
      LastEvaluatedKey?: unknown;
    };
    for (const item of page.Items) hash.update(JSON.stringify([...item.item()]));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return hash.digest('hex');
}

/** Resolves when all have the same items; rejects when they do not in time. */
export async function converged(...engines: readonly Engine[]): Promise<void> {
  const lateMs = Date.now() + waitMs;
  for (;;) {
    const hashes = await Promise.all(engines.map((one) => hashOf(one)));
    if (new Set(hashes).size === 1) return;
    if (Date.now() > lateMs) throw new Error(`not equal: ${hashes.join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface HubProcess {
  readonly url: string;
  readonly port: number;
  kill(): Promise<void>;
  /** In order, as Ctrl-C does; the code and the signal it ended with. */
  stop(): Promise<readonly [code: number | null, signal: string | null]>;
}

/** `tidetable serve` in a process of its own. */
export async function startHub(args: readonly string[]): Promise<HubProcess> {
  const child: ChildProcess = spawn(process.execPath, ['scripts/serve.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise<readonly [number | null, string | null]>((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });
  const port = await new Promise<number>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      const found = /^ready http:\/\/localhost:(\d+)$/m.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      child.kill('SIGINT');
      return await gone;
    },
  };
}
