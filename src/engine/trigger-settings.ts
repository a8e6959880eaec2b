/**
 * The options of a trigger as programs write them, with Lambda's bounds and defaults.
 */
import {
  recordAgeMaxMs,
  triggerBatchMax,
  triggerLanesMax,
  triggerRetriesMax,
  triggerTimeoutMs,
  triggerWindowMaxMs,
} from '../base/trigger-limits.ts';
import { type TriggerPlace, triggerPlaces, type TriggerRules } from '../stream/trigger-rules.ts';

/** As programs write them: seconds, and Lambda's defaults where nothing is said. */
export interface TriggerRulesInput {
  readonly batchSize?: number | undefined;
  readonly window?: number | undefined;
  readonly retries?: number | undefined;
  readonly bisect?: boolean | undefined;
  readonly maximumRecordAge?: number | undefined;
  readonly parallel?: number | undefined;
  readonly timeout?: number | undefined;
}

/** Throws a RangeError that names the option. */
export function placeOf(on: TriggerPlace = 'origin'): TriggerPlace {
  if (triggerPlaces.includes(on)) return on;
  throw new RangeError("on must be 'origin', 'hub' or 'every'");
}

/** Throws a RangeError that names the option. */
export function rulesOf(input: TriggerRulesInput): TriggerRules {
  const { batchSize = 100, window = 0, retries = -1, maximumRecordAge = -1 } = input;
  const { parallel = 1, timeout = triggerTimeoutMs / 1000, bisect = false } = input;
  whole('batchSize', batchSize, 1, triggerBatchMax);
  within('window', window, 0, triggerWindowMaxMs / 1000);
  whole('retries', retries, -1, triggerRetriesMax);
  whole('parallel', parallel, 1, triggerLanesMax);
  if (maximumRecordAge !== -1)
    within('maximumRecordAge', maximumRecordAge, 0, recordAgeMaxMs / 1000);
  within('timeout', timeout, 0.001, triggerTimeoutMs / 1000);
  return {
    batchSize,
    windowMs: window * 1000,
    retries,
    bisect,
    maximumAgeMs: maximumRecordAge === -1 ? -1 : maximumRecordAge * 1000,
    parallel,
    timeoutMs: timeout * 1000,
  };
}

function whole(name: string, value: number, least: number, most: number): void {
  within(name, value, least, most);
  if (!Number.isInteger(value)) throw new RangeError(`${name} must be a whole number`);
}

function within(name: string, value: number, least: number, most: number): void {
  if (typeof value === 'number' && value >= least && value <= most) return;
  throw new RangeError(`${name} must be from ${least} to ${most}`);
}
