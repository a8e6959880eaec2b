import { expect, test } from 'vitest';
import { systemScheduler } from '../../src/host/ports.ts';
import { Alarm } from '../../src/sync/alarm.ts';

test('a wait ends by its time, or by a ring, also by one that came before it', async () => {
  const alarm = new Alarm(systemScheduler);
  await alarm.wait(1);
  const waiting = alarm.wait(Number.POSITIVE_INFINITY);
  alarm.ring();
  await waiting;
  alarm.ring();
  await alarm.wait(Number.POSITIVE_INFINITY);
  let isOver = false;
  const next = alarm.wait(1e9).then(() => {
    isOver = true;
  });
  await systemScheduler.delay(5);
  expect(isOver).toBe(false);
  alarm.ring();
  await next;
});
