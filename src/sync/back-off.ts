/**
 * How long to wait before the hub is tried again: twice as long after each failure, within a bound,
 * and half of it left to chance, so that devices that lost their hub together come back apart.
 */
import { syncRetryMs, syncRetryMsMax } from '../base/replica-limits.ts';
import type { Random } from '../port/random.ts';
import type { SyncTrouble } from './fault.ts';

/** `failures`: in a row, 1 for the first. What needs somebody to act is tried seldom. */
export function backOffMs(failures: number, why: SyncTrouble, random: Random): number {
  const doublings = Math.min(failures - 1, 16);
  const whole =
    why === 'offline' || why === 'needs-auth'
      ? Math.min(syncRetryMsMax, syncRetryMs * 2 ** doublings)
      : syncRetryMsMax;
  const [low = 0, high = 0] = random.bytes(2);
  return Math.round(whole / 2 + (whole / 2) * ((low + high * 0x100) / 0x10000));
}
