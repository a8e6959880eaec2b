/** A table with local indexes in a world, and whether its item collections are counted right. */
import { expect } from 'vitest';
import { mapKey } from '../../src/base/bytes.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { collectionKey, readCounter } from '../../src/table/collections.ts';
import { wrongCounters } from '../../src/table/count-collections.ts';
import { sizeWithLocalEntries } from '../../src/table/indexes.ts';
import type { TableState } from '../../src/table/state.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { ItemWorld } from './item-world.ts';

/** Table `Loc` with two local indexes and a global one; `Pla` without local ones. */
export function localWorld(): ItemWorld {
  const world = new ItemWorld();
  world.table('Loc', ['p:S', 's:N'], {
    local: {
      all: { keys: ['p:S', 'c:S'] },
      few: { keys: ['p:S', 'd:S'], project: ['v'] },
    },
    global: { gsi: { keys: ['c:S'] } },
  });
  world.table('Pla', ['p:S', 's:N'], { global: { gsi: { keys: ['c:S'] } } });
  return world;
}

export function stateOf(world: ItemWorld, name = 'Loc'): TableState {
  return createCatalog(world.reader).table(name);
}

/** Bytes by collection, as the items say, and as the counters do. */
export function compareCollections(world: ItemWorld): void {
  const table = stateOf(world);
  const said = new Map<string, number>();
  for (const cursor = world.reader.range(table.tree, {}); cursor.next(); ) {
    const stored = new StoredItem(cursor.value);
    const name = mapKey(collectionKey(table, stored.item()));
    const size = sizeWithLocalEntries(table, stored.size, stored.item());
    said.set(name, (said.get(name) ?? 0) + size);
  }
  const { tree, counting } = table.collections ?? { tree: 0, counting: true };
  expect(counting).toBe(false);
  const counted = new Map<string, number>();
  for (const cursor = world.reader.range(tree, {}); cursor.next(); ) {
    counted.set(mapKey(cursor.key), readCounter(world.reader, tree, cursor.key));
  }
  expect(counted).toEqual(said);
  expect(wrongCounters(world.reader, table, undefined)).toBe(0);
}
