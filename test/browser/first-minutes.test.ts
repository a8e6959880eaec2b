/** The README's program, run as it stands. */
import { expect, test, vi } from 'vitest';

test('the first program puts and queries, with the SDK and without it', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../../examples/first-minutes/main.ts');
  const hi = { owner: 'ada', id: '1', text: 'hi' };
  const printed = log.mock.calls.map(([value]) => value);
  log.mockRestore();
  expect(printed).toEqual([[hi], [hi, { owner: 'ada', id: '2', text: 'ho' }]]);
});
