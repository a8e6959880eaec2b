import { expect, test } from 'vitest';
import { entriesFrom, findEntry, removeEntry, withImages } from '../../src/replica/outbox.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { put } from '../support/engine.ts';
import { openReplica, Stored } from '../support/replica.ts';
import { remove } from '../support/replica-pair.ts';

test('entries are read in their order, with their images, and taken out with them', async () => {
  const rig = await openReplica('device');
  for (const p of ['a', 'b']) await put(rig, p);
  await remove(rig, 'a');
  const { reader, self } = await Stored.of(rig.store.disk);
  const seqs = [...entriesFrom(reader, self.book, 2)].map(({ entry }) => entry.seq);
  expect(seqs).toEqual([2, 3]);
  expect(findEntry(reader, self.book, 9)).toBeUndefined();
  const whole = [1, 3].map((seq) => {
    const kept = findEntry(reader, self.book, seq);
    return kept && withImages(reader, self.book, kept.entry).mutations[0]?.image;
  });
  expect(decodeItem(whole[0] ?? new Uint8Array()).get('p')?.value).toBe('a');
  expect(whole[1]).toBeUndefined();
  const counts = [1, 3].map((seq) => {
    const kept = findEntry(reader, self.book, seq);
    return kept && removeEntry(reader, self.book, kept).length;
  });
  expect(counts).toEqual([2, 1]);
});
