/**
 * Engines over a memory disk, for tests: a store that can be watched, held up and made to fail,
 * time that passes only when somebody waits for it, and requests by name.
 */
import { setImmediate as task } from 'node:timers/promises';
import { prng } from '../../src/base/prng.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine, EngineOptions } from '../../src/engine/engine-types.ts';
import { openState } from '../../src/engine/recover.ts';
import type { EngineState } from '../../src/engine/state.ts';
import { replicaOperations } from '../../src/operation/replica/rows.ts';
import { owner, type Request } from '../../src/operation/request.ts';
import { decodeMeta, type Meta } from '../../src/pager/meta.ts';
import {
  metaKey,
  type ScanRange,
  type Space,
  type Store,
  type StoreRecord,
  type WriteBatch,
  type WriteResult,
} from '../../src/port/store.ts';
import { createMemory, type MemoryDisk, openMemory } from '../../src/storage/memory.ts';
import { StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';

/** Called before, and after, a request to the store takes effect. */
export interface Hooks {
  /** Throwing fails the read. */
  read?: (spaces: readonly Space[]) => Promise<void> | void;
  readDone?: () => Promise<void> | void;
  /** An answer stands for the write, which is then not carried out. */
  write?: (batch: WriteBatch) => Promise<WriteResult | undefined> | WriteResult | undefined;
  /** An answer replaces that of a write that was carried out. */
  written?: (
    batch: WriteBatch,
    result: WriteResult,
  ) => Promise<WriteResult | undefined> | WriteResult | undefined;
}

/** A memory store whose requests a test can count, hold up and answer itself. */
export class TestStore implements Store {
  readonly exclusive: boolean;
  readonly disk: MemoryDisk;
  readonly hooks: Hooks = {};
  reads = 0;
  /** Batches that were carried out. */
  readonly batches: WriteBatch[] = [];
  readonly #inner: Store;

  constructor(disk: MemoryDisk, exclusive = false) {
    this.disk = disk;
    this.exclusive = exclusive;
    this.#inner = openMemory(disk, { exclusive });
  }

  async get(space: Space, key: number): Promise<Uint8Array | undefined> {
    await this.#reading([space]);
    const value = await this.#inner.get(space, key);
    await this.hooks.readDone?.();
    return value;
  }

  async scan(ranges: readonly ScanRange[]): Promise<readonly (readonly StoreRecord[])[]> {
    await this.#reading(ranges.map(({ space }) => space));
    const records = await this.#inner.scan(ranges);
    await this.hooks.readDone?.();
    return records;
  }

  async write(batch: WriteBatch): Promise<WriteResult> {
    const instead = await this.hooks.write?.(batch);
    if (instead !== undefined) return instead;
    const result = await this.#inner.write(batch);
    if (result.kind === 'done') this.batches.push(batch);
    return (await this.hooks.written?.(batch, result)) ?? result;
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #reading(spaces: readonly Space[]): Promise<void> {
    this.reads += 1;
    await this.hooks.read?.(spaces);
  }
}

/** Time of a test: a delay moves it on and ends in a task of its own. */
export class TestTime {
  wallMs = Date.UTC(2026, 0, 1);
  monoMs = 1000;

  readonly clock = { wallMs: () => this.wallMs, monoMs: () => this.monoMs };
  readonly scheduler = {
    delay: async (delayMs: number) => {
      this.pass(delayMs);
      await task();
    },
    breathe: () => task(),
  };

  pass(delayMs: number): void {
    this.wallMs += delayMs;
    this.monoMs += delayMs;
  }
}

export interface Rig {
  readonly engine: Engine;
  readonly store: TestStore;
  readonly time: TestTime;
}

export interface RigOptions extends Partial<EngineOptions> {
  readonly disk?: MemoryDisk;
  readonly time?: TestTime;
  readonly exclusive?: boolean;
  readonly seed?: number;
  /** Of its store, from the start. */
  readonly storeHooks?: Hooks;
}

let seeds = 0;

function optionsOf(more: RigOptions): { options: EngineOptions; store: TestStore; time: TestTime } {
  const { disk = createMemory(), time = new TestTime(), exclusive = false, ...others } = more;
  const { seed, storeHooks, ...rest } = others;
  seeds += 1;
  const store = new TestStore(disk, exclusive);
  Object.assign(store.hooks, storeHooks);
  const random = prng(seed ?? seeds);
  const ports = { store, random, clock: time.clock, scheduler: time.scheduler };
  const operations = replicaOperations;
  const usual = { background: false, scrub: false as const, operations };
  return { options: { ...ports, ...usual, ...rest }, store, time };
}

/** An engine over a disk, its own unless one is given; nothing happens in the background. */
export async function openRig(more: RigOptions = {}): Promise<Rig> {
  const { options, store, time } = optionsOf(more);
  return { engine: await openEngine(options), store, time };
}

/** The bare state of an engine, for tests of what stands below it. */
export async function openTestState(
  more: RigOptions = {},
): Promise<{ state: EngineState; store: TestStore; time: TestTime }> {
  const { options, store, time } = optionsOf(more);
  return { state: await openState(options), store, time };
}

export type Output = Readonly<Record<string, unknown>>;

export function requestOf(operation: string, input: object, more: Partial<Request> = {}): Request {
  return { operation, input, form: 'wire', caller: owner, ...more };
}

export async function ask(
  { engine }: { readonly engine: Engine },
  operation: string,
  input: object = {},
  more: Partial<Request> = {},
): Promise<Output> {
  return (await engine.call(requestOf(operation, input, more))) as Output;
}

/** `<name> <message>` of the error a call is answered with; undefined when it succeeds. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return `${(error as Error).name} ${(error as Error).message}`;
  }
}

export const tableInput = {
  TableName: 'Things',
  AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};

/** With a local index, so that item collections are counted. */
export const localInput = {
  TableName: 'Things',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['p', 's', 'l'].map((AttributeName) => {
    return { AttributeName, AttributeType: 'S' };
  }),
  KeySchema: [
    { AttributeName: 'p', KeyType: 'HASH' },
    { AttributeName: 's', KeyType: 'RANGE' },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'byL',
      KeySchema: [
        { AttributeName: 'p', KeyType: 'HASH' },
        { AttributeName: 'l', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
};

export const indexInput = {
  TableName: 'Things',
  AttributeDefinitions: [
    { AttributeName: 'p', AttributeType: 'S' },
    { AttributeName: 'g', AttributeType: 'S' },
  ],
  GlobalSecondaryIndexUpdates: [
    {
      Create: {
        IndexName: 'byG',
        KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    },
  ],
};

export function makeTable(rig: Rig): Promise<Output> {
  return ask(rig, 'CreateTable', tableInput);
}

export function put(rig: Rig, p: string, more: object = {}, request: Partial<Request> = {}) {
  return ask(rig, 'PutItem', { TableName: 'Things', Item: { p: { S: p }, ...more } }, request);
}

/** Writes `count` items of about `bytes` each, in turns of many. */
export async function fill(rig: Rig, count: number, bytes = 100, from = 0): Promise<void> {
  const filler = 'x'.repeat(bytes);
  const ids = Array.from({ length: count }, (_, index) => from + index);
  await Promise.all(ids.map((id) => put(rig, `k${id}`, { v: { S: filler } })));
}

/** The attribute `n` or `v` of an item as a strongly consistent read finds it. */
export async function find(rig: Rig, p: string): Promise<Item | undefined> {
  const input = { TableName: 'Things', Key: { p: { S: p } }, ConsistentRead: true };
  const { Item: item } = await ask(rig, 'GetItem', input);
  return item instanceof StoredItem ? item.item() : (item as Item | undefined);
}

/** How many items, or entries of an index, a scan finds. */
export async function countOf(rig: Rig, index?: string): Promise<number> {
  let count = 0;
  let ExclusiveStartKey: unknown;
  for (let page = 0; page < 1000; page += 1) {
    const answer = await ask(rig, 'Scan', {
      TableName: 'Things',
      Select: 'COUNT',
      ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
    });
    count += Number(answer['Count']);
    const last = answer['LastEvaluatedKey'];
    if (last === undefined) return count;
    ExclusiveStartKey = wireKey(last as Item);
  }
  throw new Error('a scan without end');
}

function wireKey(item: Item): object {
  const plain = item instanceof StoredItem ? item.item() : item;
  return Object.fromEntries([...plain].map(([name, { type, value }]) => [name, { [type]: value }]));
}

export function metaOf(disk: MemoryDisk): Meta {
  const bytes = disk.spaces.meta.get(metaKey);
  if (bytes === undefined) throw new Error('no meta record');
  return decodeMeta(bytes);
}

/** Keys of all records of a space. */
export function keysOf(disk: MemoryDisk, space: Space): readonly number[] {
  return disk.spaces[space].keys(0, Number.MAX_SAFE_INTEGER);
}

/** Changes one byte of a stored record in place. */
export function damage(disk: MemoryDisk, space: Space, key: number, at = -1): void {
  const value = disk.spaces[space].get(key)?.slice();
  if (value === undefined) throw new Error(`no record ${key}`);
  const index = at < 0 ? value.length + at : at;
  value[index] = (value[index] ?? 0) ^ 0x55;
  disk.spaces[space].put(key, value);
}

/** A promise that a test resolves. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Writes of pages wait until the gate is opened. */
export function holdPages({ store }: Rig): ReturnType<typeof gate> {
  const held = gate();
  store.hooks.write = ({ put: puts = [] }) => {
    return puts.some(({ space }) => space === 'page')
      ? held.opened.then(() => undefined)
      : undefined;
  };
  return held;
}

/** Lets everything that is due happen. */
export async function quiet(rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await task();
}
