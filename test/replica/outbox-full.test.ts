import { expect, test, vi } from 'vitest';

vi.mock('../../src/base/replica-limits.ts', async (original) => ({
  ...(await original<object>()),
  outboxEntriesMax: 3,
}));

const { refusal } = await import('../support/engine.ts');
const { Pair, putText, textAt } = await import('../support/replica-pair.ts');

test('L16: a full outbox refuses what comes next, and drops nothing', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await pair.sync(a);
  for (const p of ['x', 'y', 'z']) await putText(a, p, 'waits');
  expect(await refusal(putText(a, 'more', 'refused'))).toMatch(/^LimitExceededException 3 writes/);
  expect(await textAt(a, 'more')).toBeUndefined();
  await pair.sync(a);
  for (const p of ['x', 'y', 'z']) expect(await textAt(pair.hub, p)).toBe('waits');
  await putText(a, 'more', 'taken');
  await pair.sync(a);
  expect(await textAt(pair.hub, 'more')).toBe('taken');
});
