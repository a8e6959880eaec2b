/**
 * Provisioned units and billing: their bounds, which mode wants them, and how they change.
 *
 * Messages: reference/types-and-limits.md, sections 10 to 12.
 */
import { invalid, validation } from '../../base/errors.ts';
import { dayOf } from '../../base/iso.ts';
import { capacityUnitsMax } from '../../base/limits.ts';
import type { Throughput } from '../../table/state.ts';
import type { Decreases } from './settings.ts';
import type { BillingMode, ThroughputInput } from './shapes.ts';

export const noThroughput: Throughput = { read: 0, write: 0 };

/** Rows 3 and UpdateTable's: on demand, no units are given. */
export function checkNoUnits(billing: BillingMode | undefined, given: unknown): void {
  if (billing === 'PAY_PER_REQUEST' && given !== undefined) {
    throw invalid(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is ' +
        'PAY_PER_REQUEST',
    );
  }
}

/** Row 5; of an index when it is named. */
export function checkBounds(input: ThroughputInput | undefined, index?: string): void {
  if (input === undefined) return;
  for (const member of ['ReadCapacityUnits', 'WriteCapacityUnits'] as const) {
    if (input[member] <= capacityUnitsMax) continue;
    const where = index === undefined ? '' : ` for index ${index}`;
    throw validation(`Given value ${input[member]} for ${member} is out of bounds${where}`);
  }
}

/** Rows 26 and 27: whether an index is given units as its table's billing wants it. */
export function checkIndexUnits(
  index: string,
  given: ThroughputInput | undefined,
  billing: BillingMode,
): void {
  if (billing === 'PROVISIONED' && given === undefined) {
    throw invalid(`ProvisionedThroughput is not specified for index: ${index}`);
  }
  if (billing === 'PAY_PER_REQUEST' && given !== undefined) {
    throw invalid(
      `ProvisionedThroughput should not be specified for index: ${index} when BillingMode is ` +
        'PAY_PER_REQUEST',
    );
  }
  checkBounds(given, index);
}

export function throughputOf(input: ThroughputInput | undefined): Throughput {
  if (input === undefined) return noThroughput;
  return { read: input.ReadCapacityUnits, write: input.WriteCapacityUnits };
}

/** Refuses a request for the units there are. `what` is `table` or `index <name>`. */
export function checkChanges(
  current: Throughput,
  input: ThroughputInput,
  what: string,
  ofWhat: string,
): void {
  const { read, write } = current;
  if (read !== input.ReadCapacityUnits || write !== input.WriteCapacityUnits) return;
  throw validation(
    `The provisioned throughput for the ${what} will not change. The requested value equals the ` +
      `current value. Current ReadCapacityUnits provisioned for the ${ofWhat}: ${read}. ` +
      `Requested ReadCapacityUnits: ${read}. Current WriteCapacityUnits provisioned for the ` +
      `${ofWhat}: ${write}. Requested WriteCapacityUnits: ${write}. Refer to the Amazon ` +
      'DynamoDB Developer Guide for current limits and how to request higher limits.',
  );
}

/** The units after a change, with the time of the last one up and down. */
export function changedThroughput(
  current: Throughput,
  input: ThroughputInput,
  nowMs: number,
): Throughput {
  const next = throughputOf(input);
  const now = nowMs / 1000;
  const isUp = next.read > current.read || next.write > current.write;
  return {
    ...next,
    lastIncrease: isUp ? now : current.lastIncrease,
    lastDecrease: isDecrease(current, next) ? now : current.lastDecrease,
  };
}

export function isDecrease(current: Throughput, next: Throughput): boolean {
  return next.read < current.read || next.write < current.write;
}

/** How often the units of one index, or of the table under an empty name, went down today. */
export function decreasesToday(
  decreases: readonly Decreases[] | undefined,
  name: string,
  nowMs: number,
): number {
  const found = decreases?.find(({ IndexName }) => IndexName === name);
  return found?.Day === dayOf(nowMs) ? found.Count : 0;
}

/** With one more decrease of `name` today, where `next` is one. */
export function countedDecrease(
  decreases: readonly Decreases[] | undefined,
  name: string,
  current: Throughput,
  next: Throughput,
  nowMs: number,
): readonly Decreases[] | undefined {
  if (!isDecrease(current, next)) return decreases;
  const others = decreases?.filter(({ IndexName }) => IndexName !== name) ?? [];
  const Count = decreasesToday(decreases, name, nowMs) + 1;
  return [...others, { IndexName: name, Day: dayOf(nowMs), Count }];
}
