/**
 * What an operation costs in requests to the store and in pages, counted in Node: the engine over
 * a memory store that counts, with few items and with ten times as many. These figures depend on
 * no machine.
 */
import { checkpointSpan } from '../../../src/base/limits.ts';
import { openEngine } from '../../../src/engine/engine.ts';
import type { Engine } from '../../../src/engine/engine-types.ts';
import { systemClock, systemRandom, systemScheduler } from '../../../src/host/ports.ts';
import { owner } from '../../../src/operation/request.ts';
import { decodeMeta, decodeRoot } from '../../../src/pager/meta.ts';
import { assemble, pageRange } from '../../../src/pager/versions.ts';
import { metaKey, type ScanRange, type Store } from '../../../src/port/store.ts';
import { createMemory, type MemoryDisk, openMemory } from '../../../src/storage/memory.ts';
import { StoredItem } from '../../../src/value/codec.ts';
import { itemToPlain } from '../../../src/value/plain.ts';
import type { Item } from '../../../src/value/value.ts';
import { cities, cityOf, itemOf, partitionOf, perPartition, shuffled } from '../items.ts';
import { keyOf } from '../measure.ts';
import { tableOf } from '../tidetable.ts';

export interface Counts {
  readonly items: number;
  /** Of the table's tree and of the index's: 1 is a single leaf. */
  readonly heights: readonly number[];
  readonly operations: readonly OperationCounts[];
}

/** The mean over many operations of one kind. */
export interface OperationCounts extends Readonly<Counter> {
  readonly operation: string;
}

interface Counter {
  /** To the store, of any kind. */
  requests: number;
  /** Pages asked of the store, and the records that they came in: an image, and deltas. */
  pagesRead: number;
  recordsRead: number;
  /** Images and deltas. */
  recordsWritten: number;
}

const TableName = 'Bench';
const batchItems = 25;
const batchesInFlight = 8;
const reads = 2000;
/**
 * As many puts to a leaf, however many leaves there are: what a checkpoint merges is alike. Those
 * of a million items fit into one tail, so that it is one checkpoint that merges them.
 */
const itemsPerPut = 100;
/**
 * Of a cache, for each item: it holds the inner pages and little else, so that nearly every leaf is
 * read from the store. One of a fixed size would hold those of fewer items alone.
 */
const cacheBytesPerItem = 5.5;
const cacheBytesMin = 512 * 1024;

/** `ofCity`: how many items of a city a query of the index asks for; each city must have them. */
export async function count(items: number, ofCity: number): Promise<Counts> {
  const disk = createMemory();
  await fillDisk(disk, items);
  const counter = newCounter();
  const cacheBytes = Math.max(cacheBytesMin, items * cacheBytesPerItem);
  const engine = await openOver(countingStore(disk, counter), cacheBytes);
  const found: OperationCounts[] = [];
  for (const work of worksOf(items, ofCity)) found.push(await countOne(engine, counter, work));
  await engine.close();
  return { items, heights: heightsOf(disk), operations: found };
}

interface Work {
  readonly operation: string;
  readonly name: string;
  readonly times: number;
  input(at: number): object;
  isRight(output: Answered, at: number): boolean;
  readonly thenCheckpoint?: boolean;
}

/** A range ends where its items do, so that what is read ahead of it is of it. */
function worksOf(items: number, ofCity: number): readonly Work[] {
  const order = shuffled(items, 2);
  const indexAt = (at: number): number => order[at % items] as number;
  return [
    {
      operation: 'GetItem of a random item',
      name: 'GetItem',
      times: reads,
      input(at) {
        const [pk, sk] = keyOf(indexAt(at));
        return { TableName, Key: { pk, sk } };
      },
      isRight: ({ Item }, at) => noteOf(Item) === itemOf(indexAt(at)).note,
    },
    {
      operation: 'Query of 100 of the table',
      name: 'Query',
      times: reads,
      input: (at) => ({
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': partitionOf((at * 37) % (items / perPartition)) },
      }),
      isRight: ({ Items }) => Items?.length === perPartition,
    },
    {
      operation: `Query of ${ofCity} of the index`,
      name: 'Query',
      times: reads,
      input: (at) => ({
        TableName,
        IndexName: 'byCity',
        KeyConditionExpression: 'city = :city AND #at < :end',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':city': cityOf(at * 3), ':end': itemOf(ofCity * cities).at },
      }),
      isRight: ({ Items }) => Items?.length === ofCity,
    },
    {
      operation: 'PutItem over a random item, checkpoint included',
      name: 'PutItem',
      times: items / itemsPerPut,
      input: (at) => ({ TableName, Item: itemOf(indexAt(at * 7), 1) }),
      isRight: () => true,
      thenCheckpoint: true,
    },
  ];
}

async function countOne(engine: Engine, counter: Counter, work: Work): Promise<OperationCounts> {
  Object.assign(counter, newCounter());
  for (let at = 0; at < work.times; at += 1) {
    const output = await call(engine, work.name, work.input(at));
    if (!work.isRight(output, at)) throw new Error(`${work.operation}: a wrong answer`);
  }
  if (work.thenCheckpoint === true) await engine.checkpoint();
  return {
    operation: work.operation,
    requests: counter.requests / work.times,
    pagesRead: counter.pagesRead / work.times,
    recordsRead: counter.recordsRead / work.times,
    recordsWritten: counter.recordsWritten / work.times,
  };
}

function newCounter(): Counter {
  return { requests: 0, pagesRead: 0, recordsRead: 0, recordsWritten: 0 };
}

interface Answered {
  readonly Item?: Item | StoredItem;
  readonly Items?: readonly unknown[];
}

function noteOf(item: Item | StoredItem | undefined): unknown {
  if (item === undefined) return undefined;
  return itemToPlain(item instanceof StoredItem ? item.item() : item)['note'];
}

function call(engine: Engine, operation: string, input: object): Promise<Answered> {
  return engine.call({ operation, input, form: 'plain', caller: owner });
}

function openOver(store: Store, cacheBytes?: number): Promise<Engine> {
  return openEngine({
    store,
    clock: systemClock,
    random: systemRandom,
    scheduler: systemScheduler,
    cacheBytes,
  });
}

/** In random order, as data comes. */
async function fillDisk(disk: MemoryDisk, items: number): Promise<void> {
  const engine = await openOver(openMemory(disk));
  await call(engine, 'CreateTable', tableOf(1));
  const order = shuffled(items, 1);
  const batches = Math.ceil(items / batchItems);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < batches) {
      const from = next * batchItems;
      next += 1;
      const requests = order.slice(from, from + batchItems).map((index) => {
        return { PutRequest: { Item: itemOf(index) } };
      });
      await call(engine, 'BatchWriteItem', { RequestItems: { [TableName]: requests } });
    }
  };
  await Promise.all(Array.from({ length: batchesInFlight }, lane));
  await engine.idle();
  await engine.checkpoint();
  await engine.close();
}

function countingStore(disk: MemoryDisk, counter: Counter): Store {
  const store = openMemory(disk);
  return {
    exclusive: store.exclusive,
    get(space, key) {
      counter.requests += 1;
      return store.get(space, key);
    },
    async scan(ranges: readonly ScanRange[]) {
      counter.requests += 1;
      const found = await store.scan(ranges);
      ranges.forEach(({ space }, at) => {
        if (space !== 'page') return;
        const keys = (found[at] ?? []).map(({ key }) => Math.floor(key / checkpointSpan));
        counter.recordsRead += keys.length;
        counter.pagesRead += new Set(keys).size;
      });
      return found;
    },
    write(batch) {
      counter.requests += 1;
      const records = [...(batch.put ?? []), ...(batch.add ?? [])];
      counter.recordsWritten += records.filter(({ space }) => space === 'page').length;
      return store.write(batch);
    },
    close: () => store.close(),
  };
}

/** The heights of the two largest trees: the table's and its index's. */
function heightsOf(disk: MemoryDisk): readonly number[] {
  const stored = disk.spaces.meta.get(metaKey);
  if (stored === undefined) throw new Error('there is no meta record');
  const { checkpoint, roots } = decodeMeta(stored);
  if (roots === undefined || roots.height !== 1) throw new Error('the tree of roots is no leaf');
  const records = disk.spaces.page.scan({ space: 'page', ...pageRange(roots.page, checkpoint) });
  const page = assemble(roots.page, records, checkpoint, new Set());
  if (page === undefined) throw new Error('the tree of roots has no page');
  return Array.from({ length: page.count }, (_, at) => decodeRoot(page.value(at)))
    .sort((a, b) => b.entries - a.entries)
    .slice(0, 2)
    .map(({ height }) => height);
}

/** Each operation beside itself over more items, and what it may at most have grown by. */
export function printCounts(all: readonly Counts[]): boolean {
  const [few, many] = all as [Counts, Counts];
  const growth = Math.max(...many.heights.map((height, at) => height / (few.heights[at] ?? 1)));
  console.log(`\nfor an operation, ${few.items} items -> ${many.items} items`);
  console.log(`heights ${few.heights.join(', ')} -> ${many.heights.join(', ')}`);
  let holds = true;
  many.operations.forEach((counts, at) => {
    const before = few.operations[at] as OperationCounts;
    const show = (name: keyof Counter): string => {
      return `${before[name].toFixed(2)} -> ${counts[name].toFixed(2)}`;
    };
    // A tenth of one is a cache that holds a larger part of fewer items.
    const grew = (name: keyof Counter): boolean => counts[name] > before[name] * growth + 0.1;
    if (grew('requests') || grew('pagesRead')) holds = false;
    console.log(
      `${counts.operation.padEnd(48)} requests ${show('requests')}, ` +
        `pages read ${show('pagesRead')}, in records ${show('recordsRead')}, ` +
        `records written ${show('recordsWritten')}`,
    );
  });
  console.log(`grown no faster than the height (${growth.toFixed(2)}): ${holds ? 'yes' : 'NO'}`);
  return holds;
}
