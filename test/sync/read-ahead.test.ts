import { expect, test } from 'vitest';
import type { Chunk, Framed, Snapshot } from '../../src/replica/message.ts';
import { ReadAhead } from '../../src/sync/read-ahead.ts';

const wish = (after: number, number = 1): Snapshot => ({
  ...{ kind: 'snapshot', number, Epoch: 'e', Reach: 0, WithDeleted: false },
  ...{ Range: Uint8Array.of(1), After: after === 0 ? new Uint8Array() : Uint8Array.of(after) },
});
const none = new Uint8Array();
const chunk = (to: number): Chunk => ({
  ...{ kind: 'chunk', number: 0, IsHeld: true, Refusal: '', Items: none, Count: 0 },
  ...{ Sequence: 1, MarkSeq: 0, TotalItems: 9, TotalBytes: 9 },
  To: to === 0 ? none : Uint8Array.of(to),
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A hub whose range has so many chunks, one for each key from 1 on. */
function hub(chunks: number): { readonly asked: number[]; readonly ahead: ReadAhead } {
  const asked: number[] = [];
  const ahead = new ReadAhead(async ({ After }): Promise<Framed> => {
    const at = After[0] ?? 0;
    asked.push(at);
    return chunk(at + 1 < chunks ? at + 1 : 0);
  });
  return { asked, ahead };
}

test('asks for what follows when a chunk has come, as far as the limit', async () => {
  const { asked, ahead } = hub(9);
  expect(await ahead.answer(wish(0, 5))).toMatchObject({ number: 5, To: Uint8Array.of(1) });
  await settle();
  expect(asked).toEqual([0, 1, 2, 3]);
  expect(await ahead.answer(wish(1, 6))).toMatchObject({ number: 6, To: Uint8Array.of(2) });
  await settle();
  expect(asked).toEqual([0, 1, 2, 3, 4]);
});

test('asks for nothing behind the last one, and each once', async () => {
  const { asked, ahead } = hub(3);
  for (const after of [0, 1, 2]) await ahead.answer(wish(after));
  await settle();
  expect(asked).toEqual([0, 1, 2]);
});

test('forgets what is not wanted any more, and asks again', async () => {
  const { asked, ahead } = hub(9);
  await ahead.answer(wish(0));
  await settle();
  ahead.forget();
  await ahead.answer(wish(1));
  expect(asked.filter((at) => at === 1)).toHaveLength(2);
  await settle();
  await ahead.answer(wish(7));
  await settle();
  expect(asked.filter((at) => at === 7)).toHaveLength(1);
  expect(await ahead.answer(wish(8))).toMatchObject({ To: none });
});

test('a fault is told to who wants that chunk, and to nobody else', async () => {
  let count = 0;
  const ahead = new ReadAhead(async (): Promise<Framed> => {
    count += 1;
    if (count === 2) throw new Error('cut off');
    return chunk(count);
  });
  expect(await ahead.answer(wish(0))).toMatchObject({ To: Uint8Array.of(1) });
  await settle();
  await expect(ahead.answer(wish(1))).rejects.toThrow('cut off');
  expect(await ahead.answer(wish(1))).toMatchObject({ kind: 'chunk' });
});
