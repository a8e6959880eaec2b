import { expect, test } from 'vitest';
import { edit, internal, Pair, putText, remove } from '../../support/replica-pair.ts';

test('what was refused is listed with what was made on it, until it is discarded', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'refused');
  await edit(a, 'k', 'made on it');
  await remove(a, 'k');
  pair.refusals = () => 'AccessDenied';
  await pair.sync(a);
  const { Writes } = (await internal(a, 'ListQuarantine')) as { Writes: readonly object[] };
  const item = (v: string): object => ({ table: 'Things', item: { p: 'k', v }, isDeleted: false });
  expect(Writes).toMatchObject([
    { seq: 1, code: 'AccessDenied', items: [item('refused')] },
    { seq: 2, code: 'DependsOnRefused', items: [item('made on it')] },
    { seq: 3, items: [{ table: 'Things', isDeleted: true, item: { p: 'k' } }] },
  ]);
  expect(await internal(a, 'DiscardQuarantine', { Seqs: [1, 2, 9] })).toEqual({ Discarded: 2 });
  const left = (await internal(a, 'ListQuarantine'))['Writes'];
  expect(left).toMatchObject([{ seq: 3 }]);
  await expect(internal(pair.hub, 'ListQuarantine')).rejects.toThrow('no device');
});
