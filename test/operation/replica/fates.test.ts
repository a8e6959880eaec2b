import { expect, test } from 'vitest';
import { internal } from '../../support/replica-pair.ts';
import { sell, stocked } from '../../support/sales.ts';

test('an entry waits, then is what the hub has made of it', async () => {
  const { pair, a, b } = await stocked(1);
  await sell(a);
  await sell(b);
  expect(await internal(a, 'EntryFates', { Seqs: [1] })).toEqual({ Fates: ['pending'] });
  await pair.sync(a);
  await pair.sync(b);
  expect(await internal(a, 'EntryFates', { Seqs: [1] })).toEqual({ Fates: ['applied'] });
  expect(await internal(b, 'EntryFates', { Seqs: [1] })).toEqual({ Fates: ['refused'] });
  await expect(internal(pair.hub, 'EntryFates', { Seqs: [1] })).rejects.toThrow('no device');
});
