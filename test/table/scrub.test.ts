import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { backfillSliceItems } from '../../src/base/limits.ts';
import { Layer } from '../../src/log/tail.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { counterMutations, scrubEntries, scrubItems } from '../../src/table/scrub.ts';
import type { IndexState, TableState } from '../../src/table/state.ts';
import { World } from '../support/run.ts';
import { attribute, globalIndex, hash, simpleTable } from '../support/table-inputs.ts';

function filled(count: number): { world: World; table: TableState; index: IndexState } {
  const world = new World();
  const input = simpleTable({
    AttributeDefinitions: [attribute('a'), attribute('g')],
    GlobalSecondaryIndexes: [globalIndex('byG', [hash('g')])],
  });
  world.run('CreateTable', input);
  for (let id = 0; id < count; id += 1) {
    world.run('PutItem', { TableName: 'Simple', Item: { a: { S: `k${id}` }, g: { S: 'g' } } });
  }
  const table = createCatalog(world.reader).table('Simple');
  return { world, table, index: table.indexes[0] as IndexState };
}

function firstEntry({ world, index }: ReturnType<typeof filled>) {
  const cursor = world.reader.range(index.tree, {});
  cursor.next();
  return { tree: index.tree, key: cursor.key.slice(), value: cursor.value.slice() };
}

describe('a slice of a scrub', () => {
  test('of what is sound finds nothing, and goes on where it ended', () => {
    const { world, table, index } = filled(backfillSliceItems + 50);
    for (const look of [
      scrubItems,
      (r: typeof world.reader, t: TableState, after?: Uint8Array) =>
        scrubEntries(r, t, index, after),
    ]) {
      const first = look(world.reader, table, undefined);
      expect(first).toMatchObject({ mutations: [], checked: backfillSliceItems });
      const rest = look(world.reader, table, first.last);
      expect(rest).toEqual({ mutations: [], checked: 50, last: undefined });
    }
  });

  test('puts back an entry that is missing, and one that is not what it should be', () => {
    const all = filled(5);
    const { world, table } = all;
    const { tree, key, value } = firstEntry(all);
    const sizes = { sizeBefore: undefined, sizeAfter: 1 };
    world.reader.apply([{ tree, key, value: undefined, ...sizes }]);
    const { mutations } = scrubItems(world.reader, table, undefined);
    expect(mutations).toMatchObject([{ tree, key, value, sizeBefore: undefined }]);
    world.reader.apply(mutations);
    expect(scrubItems(world.reader, table, undefined).mutations).toEqual([]);
    const other = filled(1);
    world.reader.apply([{ tree, key, value: firstEntry(other).value.slice(0, -1), ...sizes }]);
    expect(scrubItems(world.reader, table, undefined).mutations).toHaveLength(1);
  });

  test('removes an entry without an item', () => {
    const all = filled(5);
    const { world, table, index } = all;
    const { tree, key } = firstEntry(all);
    const items = world.reader.range(table.tree, {});
    items.next();
    const gone = { tree: table.tree, key: items.key.slice(), value: undefined };
    world.reader.apply([{ ...gone, sizeBefore: 1, sizeAfter: undefined }]);
    const { mutations } = scrubEntries(world.reader, table, index, undefined);
    expect(mutations).toMatchObject([{ tree, value: undefined, sizeAfter: undefined }]);
    expect(key.length).toBeGreaterThan(0);
    world.reader.apply(mutations);
    expect(scrubEntries(world.reader, table, index, undefined)).toMatchObject({
      mutations: [],
      checked: 4,
    });
  });
});

describe('mutations that correct counters', () => {
  test.each([
    [3, 100],
    [-4, -7],
    [0, 12],
    [2, -9],
    [0, 0],
  ])('move them by %i and %i and nothing else', (entries, bytes) => {
    const layer = new Layer();
    const commit = {
      sequence: 1,
      stamp: { ms: 1, counter: 0, replica: new Uint8Array(16) },
      transaction: 0,
      transactionEnd: true,
      caller: 'engine',
      units: 0,
      table: 0,
      mutations: counterMutations(200, entries, bytes),
    } as const;
    layer.apply(commit, 1);
    expect(layer.counters(200)).toMatchObject({ entries, bytes });
    expect(layer.get(200, utf8('k'))).toBeUndefined();
  });
});
