/** The README's live query, run as it stands. */
import { expect, test, vi } from 'vitest';

test('the live query tells the best two, and what becomes of them', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/live-query/main.ts');
  const printed = log.mock.calls.map(([value]) => value);
  log.mockRestore();
  expect(printed).toEqual(['ann', 'bob, ann', 'cid, bob']);
});
