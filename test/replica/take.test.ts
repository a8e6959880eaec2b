import { describe, expect, test } from 'vitest';
import { decodeEntry, encodeEntry, type Entry } from '../../src/replica/entry.ts';
import { encodeItem } from '../../src/value/codec.ts';
import type { Item, Value } from '../../src/value/value.ts';
import { ask, type Rig } from '../support/engine.ts';
import { Stored } from '../support/replica.ts';
import { internal, Pair, putText, textAt, transact } from '../support/replica-pair.ts';

async function taken(change: (entry: Entry) => Entry): Promise<{ answer: object; hub: Rig }> {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'one');
  const { ReplicaId } = await internal(a, 'ReadLink');
  const [bytes = new Uint8Array()] = await pair.prepared(a);
  const altered = encodeEntry(change(decodeEntry(bytes)));
  const answer = await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry: altered });
  return { answer, hub: pair.hub };
}

const other = encodeItem(new Map([['p', { type: 'S', value: 'other' } as const]]));
const withImage = (image: Uint8Array | undefined) => (entry: Entry) => ({
  ...entry,
  mutations: entry.mutations.map((one) => ({ ...one, image })),
});
const withItem = (more: readonly (readonly [string, Value])[], size?: number) => {
  const item: Item = new Map<string, Value>([['p', { type: 'S', value: 'k' }], ...more]);
  return withImage(encodeItem(item, { size }));
};
/** A list so many levels deep. */
function nested(depth: number): Value {
  return { type: 'L', value: depth === 1 ? [] : [nested(depth - 1)] };
}
const deletionOf = (key: Uint8Array) => (entry: Entry) => ({
  ...entry,
  mutations: entry.mutations.map((one) => ({ ...one, key, isDeleted: true, image: undefined })),
});
const long = 'x'.repeat(2 * 1024 * 1024);

describe('what a hub is sent is not believed', () => {
  const rows: readonly (readonly [string, (entry: Entry) => Entry])[] = [
    ['an image of another key', withImage(other)],
    ['no image of an item that is there', withImage(undefined)],
    ['bytes that are no item', withImage(Uint8Array.of(1, 2, 3, 4, 5))],
    ['an item that is too large', withItem([['v', { type: 'S', value: long }]])],
    ['one whose header says that it is small', withItem([['v', { type: 'S', value: long }]], 5)],
    ['a header that says more than there is', withItem([], 7)],
    ['a number that is none', withItem([['n', { type: 'N', value: 'not a number' }]])],
    ['a set of nothing', withItem([['s', { type: 'SS', value: [] }]])],
    ['a set of the same twice', withItem([['s', { type: 'SS', value: ['a', 'a'] }]])],
    ['an attribute without a name', withItem([['', { type: 'NULL', value: true }]])],
    ['33 levels of lists', withItem([['l', nested(33)]])],
    ['34 levels of lists', withItem([['l', nested(34)]])],
    ['a deletion under a key of no bytes', deletionOf(new Uint8Array(0))],
    ['a deletion under 20 bytes of garbage', deletionOf(new Uint8Array(20).fill(7))],
    ['a deletion under a key of 5,000 bytes', deletionOf(new Uint8Array(5000).fill(7))],
    [
      'the same key twice',
      (entry) => ({ ...entry, mutations: [...entry.mutations, ...entry.mutations] }),
    ],
    [
      'a table that nobody has',
      (entry) => ({
        ...entry,
        mutations: entry.mutations.map((one) => ({ ...one, table: 'none' })),
      }),
    ],
    [
      'a stamp of another replica',
      (entry) => ({
        ...entry,
        stamp: { ...entry.stamp, replica: new Uint8Array(16).fill(1) },
      }),
    ],
  ];
  test.each(rows)('%s is refused', async (name, change) => {
    const { answer, hub } = await taken(change);
    const Code = name === 'a table that nobody has' ? 'TableGone' : 'Malformed';
    expect(answer).toMatchObject({ Kind: 'refused', Code });
    expect(await textAt(hub, 'k')).toBeUndefined();
    const stored = await Stored.of(hub.store.disk);
    expect([stored.versions(), stored.feed()]).toEqual([[], []]);
  });

  test('what a device has stored is taken, whatever made it', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    const put = (p: string, more: object) =>
      ask(a, 'PutItem', { TableName: 'Things', Item: { p: { S: p }, ...more } });
    const update = (p: string, UpdateExpression: string, values: object, names?: object) =>
      ask(a, 'UpdateItem', {
        ...{ TableName: 'Things', Key: { p: { S: p } }, UpdateExpression },
        ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
        ...(names && { ExpressionAttributeNames: names }),
      });
    const state = (Statement: string, form: 'wire' | 'plain' = 'wire') =>
      ask(a, 'ExecuteStatement', { Statement }, { form });
    await put('empty', { s: { S: '' }, b: { B: new Uint8Array(0) }, l: { L: [] }, m: { M: {} } });
    await put('sets', { s: { SS: ['b', '', 'a'] }, n: { NS: ['10', '-1', '1e-5', '9'] } });
    await put('sets of bytes', { b: { BS: [new Uint8Array(2), new Uint8Array(0)] } });
    await put('numbers', { a: { N: '-0.0' }, b: { N: '1e125' }, c: { N: '+4503599627370496' } });
    await put('names', {
      '\ud800': { NULL: true },
      '\uffff': { BOOL: false },
      '😀': { S: '\udc00' },
    });
    await update('sets', 'ADD s :s, n :n', { ':s': { SS: ['c', 'a'] }, ':n': { NS: ['2', '1'] } });
    await update('sets', 'DELETE s :s', { ':s': { SS: ['b', ''] } });
    await update('numbers', 'SET d = a - :n, e = b + :n', { ':n': { N: '0' } });
    await update('numbers', 'ADD c :n', { ':n': { N: '-1' } });
    await update(
      'names',
      'SET #a = :v, #b = :v',
      { ':v': { S: 'é' } },
      { '#a': '\udfff', '#b': 'é' },
    );
    await update('made', 'SET l = list_append(:l, :l), m = :m', {
      ...{ ':l': { L: [{ N: '1' }] }, ':m': { M: { z: { S: '' }, a: { L: [] } } } },
    });
    await update('made', 'SET m.b[0] = :v REMOVE l[1]', { ':v': { NULL: true } }).catch(() => 0);
    await update('names', 'REMOVE #b', {}, { '#b': 'é' });
    await state("INSERT INTO Things VALUE {'p': 'sql', 's': <<2, 1>>, 'l': [{'b': 1, 'a': ''}]}");
    await state(`UPDATE Things SET "\ud800" = 1.50 SET "\uffff" = 'x' SET "b" = 0 WHERE p = 'sql'`);
    await state(`UPDATE Things SET "\ud800" = 1 SET "\ufffd" = 2 WHERE p = 'sql'`).catch(() => 0);
    await state("UPDATE Things SET s = set_add(s, <<3>>) WHERE p = 'sql'");
    await ask(a, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'names' } } });
    await transact(a, ['t', 'u'], 'both');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const entries = await pair.prepared(a);
    expect(entries.length).toBeGreaterThan(15);
    for (const Entry of entries) {
      const { mutations } = decodeEntry(Entry);
      const said = await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry });
      expect([said, mutations]).toMatchObject([{ Kind: 'applied', Code: '' }, mutations]);
    }
  });

  test.each([31, 32])('%i levels of lists are taken', async (depth) => {
    expect((await taken(withItem([['l', nested(depth)]]))).answer).toMatchObject({
      Kind: 'applied',
    });
  });

  test('a stamp of the far future is replaced', async () => {
    const ahead = 600_000;
    const { answer, hub } = await taken((entry) => ({
      ...entry,
      stamp: { ...entry.stamp, ms: entry.stamp.ms + ahead },
    }));
    expect(answer).toMatchObject({ Kind: 'applied', Ms: hub.time.wallMs });
  });

  test('an edit that loses to one that its own device has forgotten is in the log', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(a, 'k', 'of a clock ahead');
    const { ReplicaId } = await internal(a, 'ReadLink');
    const [bytes = new Uint8Array()] = await pair.prepared(a);
    const entry = decodeEntry(bytes);
    await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry: bytes });
    const earlier = { ...entry.stamp, ms: entry.stamp.ms - 5000 };
    const mutations = entry.mutations.map((one) => {
      return { ...one, base: { kind: 'on', seq: 1, isRead: false } as const };
    });
    const again = { ...entry, seq: 2, id: new Uint8Array(16).fill(7), stamp: earlier, mutations };
    const Entry = encodeEntry(again);
    expect(await internal(pair.hub, 'TakeEntry', { ReplicaId, Entry })).toMatchObject({
      Kind: 'superseded',
    });
    const conflicts = (await Stored.of(pair.hub.store.disk)).conflicts();
    expect(conflicts).toMatchObject([{ lost: { p: 'k' } }]);
  });

  test('bytes that are no entry are an error, and the hub goes on', async () => {
    const pair = await Pair.open();
    const call = internal(pair.hub, 'TakeEntry', { ReplicaId: '00'.repeat(16), Entry: '01' });
    await expect(call).rejects.toThrow();
    await putText(pair.hub, 'k', 'still there');
    expect(await textAt(pair.hub, 'k')).toBe('still there');
  });
});
