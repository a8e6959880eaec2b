/**
 * Sets: making them canonical, and joining and parting them for ADD and DELETE.
 *
 * A canonical set is sorted (strings by UTF-8 bytes, numbers by value, binaries by bytes), holds no
 * value twice and is never empty. Messages are reference/types-and-limits.md, section 1, blanks and
 * all.
 */
import { assert } from '../base/assert.ts';
import { encodeBase64 } from '../base/base64.ts';
import { compareBytes } from '../base/bytes.ts';
import { invalid, validation } from '../base/errors.ts';
import { quoted } from '../base/quoted.ts';
import { compareDecimals } from './decimal.ts';
import { compareText } from './text.ts';
import type { BinarySet, NumberSet, StringSet } from './value.ts';

export type SetValue = StringSet | NumberSet | BinarySet;
type Order<T> = (a: T, b: T) => number;

/** Throws DynamoDB's ValidationException when empty or when a text is there twice. */
export function stringSet(texts: readonly string[]): StringSet {
  if (texts.length === 0) throw invalid('An string set  may not be empty');
  const value = sorted(texts, compareText);
  if (hasTwins(value, compareText)) {
    throw invalid(`Input collection [${quoted(texts, String)}] contains duplicates.`);
  }
  return { type: 'SS', value };
}

/** Of canonical numbers (`parseDecimal`). */
export function numberSet(numbers: readonly string[]): NumberSet {
  if (numbers.length === 0) throw invalid('An number set  may not be empty');
  const value = sorted(numbers, compareDecimals);
  if (hasTwins(value, compareDecimals)) throw validation('Input collection contains duplicates');
  return { type: 'NS', value };
}

export function binarySet(binaries: readonly Uint8Array[]): BinarySet {
  if (binaries.length === 0) throw invalid('Binary sets should not be empty');
  const value = sorted(binaries, compareBytes);
  if (hasTwins(value, compareBytes)) {
    const texts = quoted(binaries, encodeBase64);
    throw invalid(`Input collection [${texts}]of type BS contains duplicates.`);
  }
  return { type: 'BS', value };
}

/** What is in either of two sets of one type. */
export function uniteSets<T extends SetValue>(a: T, b: T): T;
export function uniteSets(a: SetValue, b: SetValue): SetValue {
  if (a.type === 'SS' && b.type === 'SS') {
    return { type: 'SS', value: union(a.value, b.value, compareText) };
  }
  if (a.type === 'NS' && b.type === 'NS') {
    return { type: 'NS', value: union(a.value, b.value, compareDecimals) };
  }
  assert(a.type === 'BS' && b.type === 'BS', `a union of ${a.type} and ${b.type}`);
  return { type: 'BS', value: union(a.value, b.value, compareBytes) };
}

/** What is in `a` and not in `b`, of the same type; undefined when nothing is left. */
export function subtractSets<T extends SetValue>(a: T, b: T): T | undefined;
export function subtractSets(a: SetValue, b: SetValue): SetValue | undefined {
  const rest = difference(a, b);
  return rest.value.length === 0 ? undefined : rest;
}

function difference(a: SetValue, b: SetValue): SetValue {
  if (a.type === 'SS' && b.type === 'SS') {
    return { type: 'SS', value: without(a.value, b.value, compareText) };
  }
  if (a.type === 'NS' && b.type === 'NS') {
    return { type: 'NS', value: without(a.value, b.value, compareDecimals) };
  }
  assert(a.type === 'BS' && b.type === 'BS', `a difference of ${a.type} and ${b.type}`);
  return { type: 'BS', value: without(a.value, b.value, compareBytes) };
}

function sorted<T>(values: readonly T[], order: Order<T>): readonly T[] {
  for (let at = 1; at < values.length; at += 1) {
    if (order(values[at - 1] as T, values[at] as T) > 0) return [...values].sort(order);
  }
  return values;
}

function hasTwins<T>(values: readonly T[], order: Order<T>): boolean {
  for (let at = 1; at < values.length; at += 1) {
    if (order(values[at - 1] as T, values[at] as T) === 0) return true;
  }
  return false;
}

function union<T>(a: readonly T[], b: readonly T[], order: Order<T>): readonly T[] {
  const all: T[] = [];
  let next = 0;
  for (const value of a) {
    while (next < b.length && order(b[next] as T, value) < 0) all.push(b[next++] as T);
    if (next < b.length && order(b[next] as T, value) === 0) next += 1;
    all.push(value);
  }
  while (next < b.length) all.push(b[next++] as T);
  return all;
}

function without<T>(a: readonly T[], b: readonly T[], order: Order<T>): readonly T[] {
  let next = 0;
  return a.filter((value) => {
    while (next < b.length && order(b[next] as T, value) < 0) next += 1;
    return next === b.length || order(b[next] as T, value) !== 0;
  });
}
