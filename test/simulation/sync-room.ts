/**
 * Disks of a simulated world that are full for a while, in every third world: most writes of a
 * device, or of the hub, are refused until there is room again. What a call is told was not written
 * is nowhere; all else goes on when there is room.
 */
import { DynamoError } from '../../src/base/errors.ts';
import { prng } from '../../src/base/prng.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { Station } from './sync-station.ts';

export const roomFaults: readonly string[] = [
  'disk of a device full',
  'disk of the hub full',
  'call refused by a full disk',
];

const roomSite = siteOf('room');

/** Drawn by itself. */
export function fillsIn(seed: number): boolean {
  return prng(seed * 59 + 5).chance(0.35);
}

/** Until all is to go well. */
export async function fillUp(
  scheduler: SeededScheduler,
  station: Station,
  isActive: () => boolean,
): Promise<void> {
  const { random } = scheduler;
  while (isActive()) {
    await scheduler.wait(roomSite, 500 + random.below(15_000));
    station.isFull = isActive();
    await scheduler.wait(roomSite, 100 + random.below(3000));
    station.isFull = false;
  }
}

/** It says that the disk had no room, and that nothing was written. */
export function isOfFullDisk(error: unknown): boolean {
  if (!(error instanceof DynamoError)) return false;
  return error.members['reason'] === 'full' && error.members['mayHaveBeenApplied'] === false;
}
