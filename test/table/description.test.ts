import { describe, expect, test } from 'vitest';
import { encodeItem } from '../../src/value/codec.ts';
import { decodeTable, encodeTable, tableItem } from '../../src/table/description.ts';
import type { Value } from '../../src/value/value.ts';
import { indexState, tableState } from '../support/table-states.ts';

describe("a table's description", () => {
  test('survives being stored, with every member', () => {
    const table = tableState({
      keys: { hash: [{ name: 'pk', type: 'S' }], range: [{ name: '__proto__', type: 'N' }] },
      indexes: [
        indexState({ name: '__proto__', projection: { type: 'INCLUDE', names: ['a', 'b'] } }),
        indexState({
          name: 'multi',
          tree: 102,
          status: 'CREATING',
          backfilling: true,
          keys: {
            hash: [
              { name: 'a', type: 'S' },
              { name: 'b', type: 'N' },
            ],
            range: [{ name: 'c', type: 'B' }],
          },
          throughput: { read: 1, write: 1_000_000_000_000, lastIncrease: 1.5, lastDecrease: 2 },
        }),
        indexState({ name: 'local', kind: 'local', projection: { type: 'KEYS_ONLY', names: [] } }),
      ],
      billing: 'PROVISIONED',
      throughput: { read: 5, write: 6, lastIncrease: 1_700_000_000.001 },
      payPerRequestSince: 1_700_000_000,
      deletionProtection: true,
      tableClass: 'STANDARD_INFREQUENT_ACCESS',
      tags: new Map([
        ['__proto__', ''],
        ['team', 'blue'],
      ]),
      settings: { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } },
      durability: 'strict',
    });
    expect(decodeTable(encodeTable(table))).toEqual(table);
  });

  test('survives with nothing that may be left out', () => {
    const table = tableState();
    const read = decodeTable(encodeTable(table));
    expect(read).toEqual(table);
    expect(read.payPerRequestSince).toBeUndefined();
    expect(read.tableClass).toBeUndefined();
  });

  test('of a later format is not read', () => {
    const later = new Map<string, Value>(tableItem(tableState()));
    later.set('format', { type: 'N', value: '2' });
    expect(() => decodeTable(encodeItem(later))).toThrow("a table's description of format 2");
  });
});
