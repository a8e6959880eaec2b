import { expect, test } from 'vitest';
import { Watermark } from '../../src/engine/watermark.ts';

test('a watermark rises and never falls', () => {
  const mark = new Watermark();
  for (const to of [3, 2, 7, 5]) mark.raise(to);
  expect(mark.value).toBe(7);
});

test('who waits is told when it is reached, not before', async () => {
  const mark = new Watermark();
  const reached: number[] = [];
  const waits = [5, 2, 0].map((at) => mark.reached(at).then(() => reached.push(at)));
  await waits[2];
  mark.raise(3);
  await waits[1];
  expect(reached).toEqual([0, 2]);
  mark.raise(5);
  await Promise.all(waits);
  expect(reached).toEqual([0, 2, 5]);
});

test('who waits above the end is told why, who waits below it is not', async () => {
  const mark = new Watermark();
  const waits = [mark.reached(4), mark.reached(9)];
  mark.raise(4);
  mark.end(new Error('closed'));
  mark.end(new Error('again'));
  await expect(waits[0]).resolves.toBeUndefined();
  await expect(waits[1]).rejects.toThrow('closed');
  await expect(mark.reached(9)).rejects.toThrow('closed');
  await expect(mark.reached(4)).resolves.toBeUndefined();
});
