/**
 * Decimal numbers of up to 38 digits, as canonical text.
 *
 * DynamoDB's numbers are exact decimals (reference/types-and-limits.md, section 2), which a
 * JavaScript number cannot hold. Canonical text has no exponent, no plus, no needless zero, and
 * zero is '0', so equal numbers have equal texts.
 *
 * Between texts a number is taken apart: value = ±0.DIGITS × 10^exponent, DIGITS without zeros at
 * either end. So its exponent is the place of its first digit: 1 for 1 to 9, -129 to 126 at all.
 */
import { assert } from '../base/assert.ts';
import { type DynamoError, validation } from '../base/errors.ts';
import { numberDigitsMax, numberExponentMax, numberExponentMin } from '../base/limits.ts';

interface Parts {
  readonly negative: boolean;
  /** Empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const zero = 48;
const nine = 57;
const minus = 45;
const point = 46;
/** What a number takes at most: two digits a byte, and class, exponent and end. */
export const decimalBytesMax: number = numberDigitsMax / 2 + 3;
/** Doubles hold every decimal of 15 digits; sums of two of them are safe integers. */
const fastDigitsMax = 15;

/** The canonical text of what a caller wrote; throws section 2's ValidationException. */
export function parseDecimal(text: string): string {
  return isPlainCanonical(text) ? text : textOfParts(checkRange(readParts(text)));
}

/** Negative, 0 or positive, as the canonical `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: string, b: string): number {
  if (a === b) return 0;
  if (a.length <= fastDigitsMax && b.length <= fastDigitsMax) return Number(a) < Number(b) ? -1 : 1;
  const x = partsOf(a);
  const y = partsOf(b);
  const signs = sign(x) - sign(y);
  if (signs !== 0) return signs < 0 ? -1 : 1;
  const larger = x.exponent - y.exponent || (x.digits < y.digits ? -1 : 1);
  return larger < 0 === x.negative ? 1 : -1;
}

/** The exact sum of canonical texts; overflow also where that needs more than 38 digits. */
export function addDecimals(a: string, b: string): string {
  if (isShortInteger(a) && isShortInteger(b)) return String(Number(a) + Number(b));
  return addParts(partsOf(a), partsOf(b));
}

export function subtractDecimals(a: string, b: string): string {
  if (isShortInteger(a) && isShortInteger(b)) return String(Number(a) - Number(b));
  const y = partsOf(b);
  return addParts(partsOf(a), { ...y, negative: !y.negative });
}

/** Bytes that canonical `text` counts in an item's size (section 6). */
export function decimalSize(text: string): number {
  if (text === '0') return 1;
  const start = text.charCodeAt(0) === minus ? 1 : 0;
  const dot = text.indexOf('.');
  if (dot < 0) {
    let end = text.length;
    while (text.charCodeAt(end - 1) === zero) end -= 1;
    return 1 + start + ((end - start + 1) >>> 1);
  }
  let fraction = dot + 1;
  const whole = text.charCodeAt(start) === zero ? 0 : dot - start;
  if (whole === 0) while (text.charCodeAt(fraction) === zero) fraction += 1;
  return 1 + start + ((whole + 1) >>> 1) + ((text.length - fraction + 1) >>> 1);
}

/**
 * Bytes in the order of the numbers, none a prefix of another (docs/formats/key.md): class, biased
 * exponent, two digits a byte, end; all but the class complemented for a negative number. Into
 * `into`, from `at` on, where there is room for decimalBytesMax; answers where it ends.
 */
export function putDecimal(text: string, into: Uint8Array, at: number): number {
  if (text === '0') {
    into[at] = 2;
    return at + 1;
  }
  const negative = text.charCodeAt(0) === minus;
  const mask = negative ? 0xff : 0;
  let from = negative ? 1 : 0;
  const dot = text.indexOf('.');
  let exponent = (dot < 0 ? text.length : dot) - from;
  for (; from === dot || text.charCodeAt(from) === zero; from += 1) {
    if (from !== dot) exponent -= 1;
  }
  let to = text.length;
  while (to > from && text.charCodeAt(to - 1) === zero) to -= 1;
  assert(to > from, `not a canonical number: ${text}`);
  into[at] = negative ? 1 : 3;
  into[at + 1] = (exponent - numberExponentMin - 1) ^ mask;
  let end = at + 2;
  let tens = -1;
  for (let index = from; index < to; index += 1) {
    if (index === dot) continue;
    const digit = text.charCodeAt(index) - zero;
    if (tens < 0) {
      tens = digit;
      continue;
    }
    into[end++] = (tens * 10 + digit + 1) ^ mask;
    tens = -1;
  }
  if (tens >= 0) into[end++] = (tens * 10 + 1) ^ mask;
  into[end] = mask;
  return end + 1;
}

/** What `putDecimal` wrote at `from`, and where its bytes end. */
export function decodeDecimal(
  bytes: Uint8Array,
  from: number,
): { readonly text: string; readonly end: number } {
  const kind = bytes[from];
  if (kind === 2) return { text: '0', end: from + 1 };
  assert(kind === 1 || kind === 3, 'not an encoded number');
  const mask = kind === 1 ? 0xff : 0;
  const exponent = ((bytes[from + 1] as number) ^ mask) + numberExponentMin + 1;
  let digits = '';
  let at = from + 2;
  for (; at < bytes.length && bytes[at] !== mask; at += 1) {
    const pair = ((bytes[at] as number) ^ mask) - 1;
    assert(pair >= 0 && pair < 100, 'not two digits of an encoded number');
    digits += String(pair).padStart(2, '0');
  }
  assert(at < bytes.length && digits !== '', 'an encoded number without an end');
  if (digits.endsWith('0')) digits = digits.slice(0, -1);
  return { text: textOfParts({ negative: kind === 1, digits, exponent }), end: at + 1 };
}

/** The canonical text of the shortest decimal that reads as `n`; NaN and infinities are refused. */
export function decimalOfNumber(n: number): string {
  if (Number.isSafeInteger(n)) return String(n === 0 ? 0 : n);
  if (!Number.isFinite(n)) {
    throw validation(`The parameter cannot be converted to a numeric value: ${n}`);
  }
  return parseDecimal(String(n));
}

/** Whether short `text` is canonical already: most numbers are, and need no more work. */
function isPlainCanonical(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > numberDigitsMax) return false;
  let at = text.charCodeAt(0) === minus ? 1 : 0;
  const first = text.charCodeAt(at);
  if (length === at || first < zero || first > nine) return false;
  if (first === zero && text.charCodeAt(at + 1) !== point) return length === 1;
  for (at += 1; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === point) return isPlainFraction(text, at + 1);
    if (code < zero || code > nine) return false;
  }
  return true;
}

function isPlainFraction(text: string, from: number): boolean {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < zero || code > nine) return false;
  }
  return from < text.length && text.charCodeAt(text.length - 1) !== zero;
}

function isShortInteger(text: string): boolean {
  return text.length <= fastDigitsMax && !text.includes('.');
}

const grammar = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d+))?$/;

function readParts(text: string): Parts {
  const match = grammar.exec(text);
  if (match === null) {
    const cause = 'The parameter cannot be converted to a numeric value';
    throw validation(text === '' ? cause : `${cause}: ${text}`);
  }
  const whole = match[2] ?? '';
  const fraction = match[3] ?? match[4] ?? '';
  const power = Number(match[5] ?? 0);
  const digits = whole + fraction;
  let from = 0;
  while (from < digits.length && digits.charCodeAt(from) === zero) from += 1;
  if (from === digits.length) {
    // Zero has a magnitude too, the place of its last digit: section 2's quirk.
    checkMagnitude(power - fraction.length);
    return { negative: false, digits: '', exponent: 0 };
  }
  let to = digits.length;
  while (digits.charCodeAt(to - 1) === zero) to -= 1;
  const exponent = whole.length - from + power;
  return { negative: match[1] === '-', digits: digits.slice(from, to), exponent };
}

function checkMagnitude(magnitude: number): void {
  if (magnitude > numberExponentMax) throw overflow();
  if (magnitude < numberExponentMin) {
    throw validation(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
}

function overflow(): DynamoError {
  return validation(
    'Number overflow. Attempting to store a number with magnitude larger than supported range',
  );
}

function checkRange(parts: Parts): Parts {
  if (parts.digits === '') return parts;
  checkMagnitude(parts.exponent - 1);
  if (parts.digits.length > numberDigitsMax) {
    throw validation('Attempting to store more than 38 significant digits in a Number');
  }
  return parts;
}

/** Takes a canonical text apart. */
function partsOf(text: string): Parts {
  if (text === '0') return { negative: false, digits: '', exponent: 0 };
  const negative = text.charCodeAt(0) === minus;
  const start = negative ? 1 : 0;
  const dot = text.indexOf('.');
  let exponent = (dot < 0 ? text.length : dot) - start;
  let digits = dot < 0 ? text.slice(start) : text.slice(start, dot) + text.slice(dot + 1);
  let from = 0;
  while (digits.charCodeAt(from) === zero) from += 1;
  let to = digits.length;
  while (to > from && digits.charCodeAt(to - 1) === zero) to -= 1;
  assert(to > from, `not a canonical number: ${text}`);
  exponent -= from;
  digits = digits.slice(from, to);
  return { negative, digits, exponent };
}

function textOfParts({ negative, digits, exponent }: Parts): string {
  if (digits === '') return '0';
  const mark = negative ? '-' : '';
  if (exponent <= 0) return `${mark}0.${'0'.repeat(-exponent)}${digits}`;
  if (exponent >= digits.length) return mark + digits.padEnd(exponent, '0');
  return `${mark}${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

function sign({ negative, digits }: Parts): number {
  if (digits === '') return 0;
  return negative ? -1 : 1;
}

function addParts(a: Parts, b: Parts): string {
  if (a.digits === '') return textOfParts(b);
  if (b.digits === '') return textOfParts(a);
  // Both as integers of the same unit; no unit is further than 293 places from a first digit.
  const unit = Math.min(a.exponent - a.digits.length, b.exponent - b.digits.length);
  const sum = integerOf(a, unit) + integerOf(b, unit);
  if (sum === 0n) return '0';
  const negative = sum < 0n;
  const text = (negative ? -sum : sum).toString();
  let to = text.length;
  while (text.charCodeAt(to - 1) === zero) to -= 1;
  const exponent = text.length + unit;
  checkMagnitude(exponent - 1);
  if (to > numberDigitsMax) throw overflow();
  return textOfParts({ negative, digits: text.slice(0, to), exponent });
}

function integerOf({ negative, digits, exponent }: Parts, unit: number): bigint {
  const integer = BigInt(digits.padEnd(exponent - unit, '0'));
  return negative ? -integer : integer;
}
