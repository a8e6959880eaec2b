import { expect, test } from 'vitest';
import { itemBytesMax, transactionBytesMax } from '../../src/base/limits.ts';
import {
  answerWaitMs,
  clockOffMsMax,
  outboxEntriesMax,
  pullBytesMax,
  pushBytesMax,
  pushEntriesMax,
} from '../../src/base/replica-limits.ts';

test('what one message holds is less than what may wait, and more than an item', () => {
  expect(pushEntriesMax).toBeLessThan(outboxEntriesMax);
  for (const bytes of [pushBytesMax, pullBytesMax]) {
    expect(bytes).toBeGreaterThan(itemBytesMax);
    // T3: a transaction that is larger goes alone, and whole.
    expect(bytes).toBeLessThan(transactionBytesMax);
  }
});

test('an answer is waited for longer than a clock may be off', () => {
  expect(answerWaitMs).toBeGreaterThan(clockOffMsMax);
});
