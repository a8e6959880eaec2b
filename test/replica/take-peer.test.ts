import { describe, expect, test } from 'vitest';
import { stampBytes } from '../../src/base/hlc.ts';
import { takePeerChanges } from '../../src/replica/take-peer.ts';
import { openReplica, Stored } from '../support/replica.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { joinKey } from '../../src/value/key.ts';
import type { Value } from '../../src/value/value.ts';
import { putText } from '../support/replica-pair.ts';

const stampAt = (ms: number) => ({ ms, counter: 0, replica: new Uint8Array(16).fill(9) });

describe('a page of another hub', () => {
  test('changes what is older here, and nothing that is equal or newer', async () => {
    const rig = await openReplica('hub');
    await putText(rig, 'x', 'mine');
    const { reader, table } = await Stored.of(rig.store.disk);
    const replica = table.replica;
    const [version] = (await Stored.of(rig.store.disk)).versions();
    if (replica === undefined || version === undefined) throw new Error('no replica');
    const cursor = reader.range(table.tree, {});
    cursor.next();
    const key = cursor.key.slice();
    const image = reader.get(table.tree, key);
    const tables = new Map([['theirs', { ...table, replica }]]);
    const change = (stamp: typeof version.stamp) => ({ table: 'theirs', key, stamp, image });
    const taken = (stamp: typeof version.stamp): number =>
      takePeerChanges(reader, tables, [change(stamp)], []).length;
    expect(taken(version.stamp)).toBe(0);
    expect(taken({ ...version.stamp, ms: version.stamp.ms - 1 })).toBe(0);
    expect(taken({ ...version.stamp, ms: version.stamp.ms + 1 })).toBe(1);
    expect(takePeerChanges(reader, new Map(), [change(stampAt(9e12))], [])).toEqual([]);
    const stamp = stampAt(9e12);
    const deletion = { table: 'theirs', key, stamp, image: undefined };
    const [gone] = takePeerChanges(reader, tables, [deletion], []);
    expect(gone?.after).toBeUndefined();
    expect(stampBytes(gone?.taken.stamp ?? stampAt(0))).toEqual(stampBytes(stampAt(9e12)));
    expect(gone?.taken.members).toEqual([]);
    // Of the others that it was written with, those whose tables are here.
    const other = { table: 'theirs', key: joinKey([{ type: 'S', value: 'other' }], []) };
    const none = { table: 'theirs', key: Uint8Array.of(1) };
    const members = [{ table: 'theirs', key }, other, none, { table: 'unknown', key }];
    const [joined] = takePeerChanges(reader, tables, [deletion], [{ stamp, members }]);
    const { tree } = table;
    expect(joined?.taken.members).toEqual([
      { tree, key },
      { tree, key: other.key },
    ]);
  });

  test('brings nothing that no put could have stored, and the rest of it', async () => {
    const rig = await openReplica('hub');
    const { reader, table } = await Stored.of(rig.store.disk);
    if (table.replica === undefined) throw new Error('no replica');
    const tables = new Map([['theirs', { ...table, replica: table.replica }]]);
    const imageOf = (p: string, n: string, size?: number): Uint8Array => {
      const item = new Map<string, Value>([
        ['p', { type: 'S', value: p }],
        ['n', { type: 'N', value: n }],
      ]);
      return encodeItem(item, { size });
    };
    const keyOf = (p: string): Uint8Array => joinKey([{ type: 'S', value: p }], []);
    const change = (key: Uint8Array, image?: Uint8Array, ms = 1) => {
      return { table: 'theirs', key, stamp: stampAt(ms), image };
    };
    const page = [
      change(keyOf('a'), imageOf('a', 'no number')),
      change(keyOf('a'), imageOf('b', '1')),
      change(keyOf('a'), imageOf('a', '1', 2)),
      change(new Uint8Array(0)),
      change(new Uint8Array(5000).fill(7)),
      change(keyOf('b'), imageOf('b', '1')),
      change(keyOf('b'), imageOf('b', '2'), 2),
      change(keyOf('c')),
    ];
    const items = takePeerChanges(reader, tables, page, []);
    expect(items.map(({ key }) => key)).toEqual([keyOf('b'), keyOf('c')]);
    expect(items[0]?.after?.item().get('n')?.value).toBe('1');
  });
});
