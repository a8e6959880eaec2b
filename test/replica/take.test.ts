import { describe, expect, test } from 'vitest';
import { decodeEntry, encodeEntry, type Entry } from '../../src/replica/entry.ts';
import { encodeItem } from '../../src/value/codec.ts';
import type { Rig } from '../support/engine.ts';
import { Stored } from '../support/replica.ts';
import { internal, Pair, putText, textAt } from '../support/replica-pair.ts';

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

describe('what a hub is sent is not believed', () => {
  const rows: readonly (readonly [string, (entry: Entry) => Entry])[] = [
    ['an image of another key', withImage(other)],
    ['no image of an item that is there', withImage(undefined)],
    ['bytes that are no item', withImage(Uint8Array.of(1, 2, 3, 4, 5))],
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
  test.each(rows)('%s is refused', async (_, change) => {
    const { answer, hub } = await taken(change);
    expect(answer).toMatchObject({ Kind: 'refused' });
    expect(await textAt(hub, 'k')).toBeUndefined();
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
