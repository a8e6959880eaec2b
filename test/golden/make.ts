/**
 * A store of the present format that holds every kind of record, made the same way each time, and
 * its form as a file: each record a line, `space key base64`, compressed.
 *
 * With UPDATE_GOLDEN set, the test writes the file of the present format when it is missing. One
 * that was released is never written again: later releases must open it.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { createMemory, type MemoryDisk } from '../../src/storage/memory.ts';
import { ask, indexInput, makeTable, openRig, put, type Rig } from '../support/engine.ts';
import { schemaOf, tableOf } from '../support/endpoint.ts';

const spaces = ['log', 'page', 'meta'] as const;
const count = 240;

/** What the store holds, for the test of it. */
export const held = {
  items: count - 10 + 2,
  changed: 'second',
  large: 70_000,
  /** Changes since the stream was turned on, from format 3 on. */
  recorded: 6,
};

/** From format 2 on: a table with a local index, and with counters of its item collections. */
export const collections = { table: 'Local', items: 7, bytes: 98 };

/** From format 4 on: a replicated table of a device, with entries that no hub has seen. */
export const shared = { table: 'Shared', entries: 3 };

const localTable = tableOf(
  collections.table,
  ['p:S', 's:N'],
  {
    LocalSecondaryIndexes: [
      {
        IndexName: 'lsi',
        KeySchema: schemaOf(['p:S', 'c:S']),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
  ['c:S'],
);

/**
 * Leaves, inner and overflow pages, deltas, lists, an index, a mark, a turn of many records, a
 * stream with records in pages and in the log.
 */
export async function makeGolden(): Promise<MemoryDisk> {
  const disk = createMemory();
  const rig: Rig = await openRig({ disk, seed: 1 });
  await makeTable(rig);
  for (let id = 0; id < count; id += 1) {
    const v = { S: `${id}-`.repeat(80) };
    await put(rig, `k${id}`, { v, g: { S: `g${id % 5}` } });
  }
  await put(rig, 'large', { v: { S: 'y'.repeat(held.large) } });
  await rig.engine.checkpoint();
  await ask(rig, 'UpdateTable', indexInput);
  await ask(rig, 'CreateTable', localTable);
  for (let id = 0; id < collections.items; id += 1) {
    const Item = { p: { S: 'a' }, s: { N: String(id + 1) }, c: { S: 'c' } };
    await ask(rig, 'PutItem', { TableName: collections.table, Item });
  }
  await rig.engine.idle();
  for (let id = 0; id < 10; id += 1) {
    await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: `k${id}` } } });
  }
  await makeShared(rig);
  const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
  await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification });
  await put(rig, 'k20', { v: { S: held.changed }, g: { S: 'g0' } });
  await rig.engine.checkpoint();
  await put(rig, 'k21', { v: { S: held.changed }, g: { S: 'g1' } });
  await rig.engine.checkpoint();
  await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'k10' } } });
  await put(rig, 'k10', { v: { S: '10-'.repeat(80) }, g: { S: 'g0' } });
  await rig.engine.barrier();
  // A turn of several records, which no checkpoint holds.
  await put(rig, 'long', { v: { S: 'z'.repeat(100_000) } });
  await put(rig, 'k22', { v: { S: held.changed }, n: { N: '1.5' }, b: { BOOL: true } });
  return disk;
}

async function makeShared(rig: Rig): Promise<void> {
  const { table: TableName } = shared;
  const caller = { kind: 'engine', principal: 'engine' } as const;
  await ask(rig, 'CreateTable', tableOf(TableName, ['p:S']));
  await ask(rig, 'OpenReplica', { Role: 'device' }, { caller });
  await ask(rig, 'ReplicateTable', { TableName, Global: 'shared' }, { caller });
  const puts = ['a', 'b'].map((p) => ({ Put: { TableName, Item: { p: { S: p } } } }));
  await ask(rig, 'TransactWriteItems', { TransactItems: puts });
  await ask(rig, 'PutItem', { TableName, Item: { p: { S: 'a' }, n: { N: '1' } } });
  await ask(rig, 'DeleteItem', { TableName, Key: { p: { S: 'b' } } });
}

export function packed(disk: MemoryDisk): Uint8Array {
  const lines = spaces.flatMap((space) =>
    disk.spaces[space].keys(0, Number.MAX_SAFE_INTEGER).map((key) => {
      const bytes = disk.spaces[space].get(key) ?? new Uint8Array();
      return `${space} ${key} ${Buffer.from(bytes).toString('base64')}`;
    }),
  );
  return gzipSync(lines.join('\n'), { level: 9 });
}

export function unpacked(file: Uint8Array): MemoryDisk {
  const disk = createMemory();
  for (const line of gunzipSync(file).toString().split('\n')) {
    const [space = '', key = '', value = ''] = line.split(' ');
    const name = spaces.find((one) => one === space);
    if (name === undefined) throw new Error(`a golden line of space ${space}`);
    disk.spaces[name].put(Number(key), new Uint8Array(Buffer.from(value, 'base64')));
  }
  return disk;
}
