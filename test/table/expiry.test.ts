import { describe, expect, test } from 'vitest';
import { expiryPastSeconds } from '../../src/base/limits.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import {
  dueEntries,
  expiryAttribute,
  expiryIndex,
  hiderOf,
  isExpired,
  nextExpiryMs,
  shownItem,
} from '../../src/table/expiry.ts';
import type { IndexState, TableState } from '../../src/table/state.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { wireReader } from '../../src/value/wire.ts';
import { ItemWorld } from '../support/item-world.ts';

const nowMs = 1_700_000_000_999;
const now = 1_700_000_000;

function worldWith(): { readonly world: ItemWorld; readonly table: TableState } {
  const world = new ItemWorld();
  world.nowMs = nowMs;
  world.table('Tab', ['p:S'], { global: { byG: { keys: ['g:S'], project: 'KEYS_ONLY' } } });
  world.run('UpdateTimeToLive', {
    TableName: 'Tab',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
  });
  return { world, table: createCatalog(world.reader).table('Tab') };
}

function put(world: ItemWorld, p: string, ttl: object | undefined): void {
  const Item = { p: { S: p }, g: { S: 'g' }, ...(ttl && { ttl }) };
  world.run('PutItem', { TableName: 'Tab', Item });
}

/** [attribute, whether its time is over]: section 3 of the reference. */
const rows: readonly (readonly [object | undefined, boolean])[] = [
  [{ N: String(now - 1) }, true],
  [{ N: String(now) }, false],
  [{ N: String(now + 1) }, false],
  // Fractions and exponents are truncated.
  [{ N: `${now - 1}.999` }, true],
  [{ N: `${now}.001` }, false],
  [{ N: '1.699999999E9' }, true],
  [{ N: '1.7e9' }, false],
  [{ N: '16999999990000000000000000e-16' }, true],
  // Five years back, and more.
  [{ N: String(now - expiryPastSeconds) }, true],
  [{ N: String(now - expiryPastSeconds - 1) }, false],
  [{ N: `${now - expiryPastSeconds - 1}.5` }, false],
  [{ N: '0' }, false],
  [{ N: '-1' }, false],
  [{ N: String(-now) }, false],
  [{ N: '1e125' }, false],
  [{ N: '-1e125' }, false],
  [{ N: '1e-130' }, false],
  // Milliseconds lie in the far future.
  [{ N: String(now * 1000) }, false],
  // Only a number of the top level counts.
  [{ S: String(now - 1) }, false],
  [{ SS: [String(now - 1)] }, false],
  [{ BOOL: true }, false],
  [{ NULL: true }, false],
  [{ NS: [String(now - 1)] }, false],
  [{ L: [{ N: String(now - 1) }] }, false],
  [{ M: { ttl: { N: String(now - 1) } } }, false],
  [undefined, false],
];

describe("an item's time", () => {
  test.each(rows)('of %j is over: %s', (ttl, over) => {
    const { world, table } = worldWith();
    put(world, 'x', ttl);
    const item = wireReader.item({ p: { S: 'x' }, ...(ttl && { ttl }) });
    expect(isExpired(table, item, nowMs)).toBe(over);
    const index = expiryIndex(table) as IndexState;
    expect(dueEntries(world.reader, index, nowMs, undefined)).toHaveLength(over ? 1 : 0);
  });

  test('is never over in a table without time to live', () => {
    const world = new ItemWorld();
    world.table('Tab', ['p:S']);
    const table = createCatalog(world.reader).table('Tab');
    const item: Item = new Map([['ttl', { type: 'N', value: '1699999999' }]]);
    expect(isExpired(table, item, nowMs)).toBe(false);
    expect(expiryAttribute(table)).toBeUndefined();
    expect(nextExpiryMs(world.reader, table, nowMs)).toBe(Number.POSITIVE_INFINITY);
    const stored = new StoredItem(encodeItem(item));
    expect(shownItem(table, stored, nowMs)).toBe(stored);
    expect(hiderOf(world.reader, table, undefined, nowMs)).toBeUndefined();
  });
});

describe('the tree of expiry times', () => {
  test('has its entries in the order of time, and pages of them', () => {
    const { world, table } = worldWith();
    for (const [p, time] of [
      ['late', now - 1],
      ['early', now - 50],
      ['soon', now + 5],
      ['middle', now - 20],
    ] as const) {
      put(world, p, { N: String(time) });
    }
    const index = expiryIndex(table) as IndexState;
    const due = dueEntries(world.reader, index, nowMs, undefined);
    const names = due.map(({ entry }) => entry.item().get('p')?.value);
    expect(names).toEqual(['early', 'middle', 'late']);
    expect(dueEntries(world.reader, index, nowMs, due[0]?.key)).toHaveLength(2);
  });

  test('follows what becomes of the attribute', () => {
    const { world, table } = worldWith();
    const { tree } = expiryIndex(table) as IndexState;
    const entries = (): number => world.reader.counters(tree).entries;
    put(world, 'x', { N: '5' });
    expect(entries()).toBe(1);
    put(world, 'x', { N: '6' });
    expect(entries()).toBe(1);
    put(world, 'x', { S: '6' });
    expect(entries()).toBe(0);
    put(world, 'x', { N: '7' });
    put(world, 'x', undefined);
    expect(entries()).toBe(0);
    put(world, 'x', { N: '7' });
    world.run('DeleteItem', { TableName: 'Tab', Key: { p: { S: 'x' } } });
    expect(entries()).toBe(0);
  });

  test('says when the next time is over', () => {
    const { world, table } = worldWith();
    put(world, 'never', { N: '3' });
    put(world, 'broken', { N: `${now + 7}.25` });
    expect(nextExpiryMs(world.reader, table, nowMs)).toBe((now + 8) * 1000);
    put(world, 'over', { N: String(now - 3) });
    expect(nextExpiryMs(world.reader, table, nowMs)).toBe((now - 2) * 1000);
    // What was swept is passed by.
    expect(nextExpiryMs(world.reader, table, nowMs, nowMs)).toBe((now + 8) * 1000);
  });
});

describe('reads that hide', () => {
  test('look the item up where an index does not have the attribute', () => {
    const { world, table } = worldWith();
    put(world, 'over', { N: String(now - 1) });
    put(world, 'there', { N: String(now + 1) });
    const index = table.indexes.find(({ name }) => name === 'byG') as IndexState;
    const hides = hiderOf(world.reader, table, index, nowMs);
    const entryOf = (p: string): StoredItem => {
      return new StoredItem(encodeItem(wireReader.item({ p: { S: p }, g: { S: 'g' } })));
    };
    expect(hides?.(entryOf('over'))).toBe(true);
    expect(hides?.(entryOf('there'))).toBe(false);
    expect(hiderOf(world.reader, table, index, undefined)).toBeUndefined();
  });
});
