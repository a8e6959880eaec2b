import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { decodeTable, encodeTable, tableItem } from '../../src/table/description.ts';
import type { Value } from '../../src/value/value.ts';
import { indexState, tableState } from '../support/table-states.ts';

/** tableState() in stored form: a change of these bytes is a change of the format. */
const golden = [
  '01008b020e0661726e032f61726e3a6177733a64796e616d6f64623a6c6f63616c3a303030303030',
  '3030303030303a7461626c652f4e6f7465730e62696c6c696e67030f5041595f5045525f52455155',
  '45535412637265617465644174060e313730303030303030302e3132332464656c6574696f6e5072',
  '6f74656374696f6e010c666f726d61740502046964032430313233343536372d383961622d346364',
  '652d386630312d3233343536373839616263640e696e64657865730800086b657973090208686173',
  '68080108020302706b0301530a72616e67650800086e616d6503054e6f7465731073657474696e67',
  '7303027b7d0c737461747573030641435449564508746167730900147468726f7567687075740902',
  '087265616405000a77726974650500087472656505c801',
].join('');

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
      collections: { tree: 104, counting: true },
      stream: {
        label: '2026-01-01T00:00:00.000',
        view: 'OLD_IMAGE',
        shards: [
          { from: 0, tree: 103 },
          { from: 2 ** 31, tree: 104 },
        ],
      },
    });
    expect(decodeTable(encodeTable(table))).toEqual(table);
    const counted = { ...table, collections: { tree: 104, counting: false } };
    expect(decodeTable(encodeTable(counted))).toEqual(counted);
  });

  test('survives with nothing that may be left out', () => {
    const table = tableState();
    const read = decodeTable(encodeTable(table));
    expect(read).toEqual(table);
    expect(read.payPerRequestSince).toBeUndefined();
    expect(read.tableClass).toBeUndefined();
  });

  test('has the attributes that docs/formats/catalog.md says', () => {
    const item = tableItem(
      tableState({
        indexes: [indexState({ throughput: { read: 1, write: 2, lastIncrease: 3 } })],
        payPerRequestSince: 1_700_000_000.123,
        tableClass: 'STANDARD',
        durability: 'relaxed',
        collections: { tree: 104, counting: true },
        stream: { label: 'x', view: 'KEYS_ONLY', shards: [{ from: 0, tree: 103 }] },
        replica: { role: 'hub', versions: 104, global: 'x' },
        settings: { LatestStreamLabel: 'x' },
      }),
    );
    expect([...item.keys()].sort()).toEqual([
      'arn',
      'billing',
      'collections',
      'counting',
      'createdAt',
      'deletionProtection',
      'durability',
      'format',
      'id',
      'indexes',
      'keys',
      'name',
      'payPerRequestSince',
      'replica',
      'settings',
      'status',
      'stream',
      'tableClass',
      'tags',
      'throughput',
      'tree',
    ]);
    expect(item.get('createdAt')).toEqual({ type: 'N', value: '1700000000.123' });
    expect(item.get('settings')).toEqual({ type: 'S', value: '{"LatestStreamLabel":"x"}' });
  });

  test('keeps its bytes', () => {
    expect(hexOf(encodeTable(tableState()))).toBe(golden);
  });

  test('of a later format is not read', () => {
    const later = new Map<string, Value>(tableItem(tableState()));
    later.set('format', { type: 'N', value: '2' });
    expect(() => decodeTable(encodeItem(later))).toThrow("a table's description of format 2");
  });
});
