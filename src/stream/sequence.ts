/**
 * Sequence numbers: a change's place as DynamoDB writes it, 21 to 40 decimal digits that compare
 * like the places do, as numbers and, for ours are equally long, as texts.
 *
 *   1 | milliseconds, 14 digits | sequence number of the commit, 16 digits
 */
import { must } from '../base/assert.ts';
import type { ChangePlace } from '../log/change.ts';

const msDigits = 14;
const sequenceDigits = 16;
const lead = 10n ** BigInt(msDigits + sequenceDigits);
const scale = 10n ** BigInt(sequenceDigits);
/** After every change that there can be. */
const last: ChangePlace = { ms: 2 ** 48 - 1, sequence: Number.MAX_SAFE_INTEGER };

export function sequenceNumber({ ms, sequence }: ChangePlace): string {
  const time = String(ms).padStart(msDigits, '0');
  return `1${time}${String(sequence).padStart(sequenceDigits, '0')}`;
}

/**
 * The place of a number that a caller names, which need not be one of ours: then the first place
 * that is not less. Undefined for a text that is no number.
 */
export function placeOfNumber(text: string): ChangePlace | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const number = BigInt(text) - lead;
  if (number <= 0n) return { ms: 0, sequence: 0 };
  const ms = Number(number / scale);
  if (ms > last.ms) return last;
  return { ms, sequence: Math.min(Number(number % scale), Number.MAX_SAFE_INTEGER) };
}

/** The time of a number that a stream has given out, in ms since 1970. */
export function timeOfNumber(text: string): number {
  return must(placeOfNumber(text), `a sequence number, not ${text}`).ms;
}
