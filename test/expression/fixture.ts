/**
 * How the tests of this folder say things: values and items as plain JavaScript, requests as their
 * input, refusals as their message.
 */
import { DynamoError } from '../../src/base/errors.ts';
import type { Condition } from '../../src/expression/condition.ts';
import {
  type ExpressionHost,
  type ExpressionInput,
  type ParsedExpressions,
  parseExpressions,
} from '../../src/expression/request.ts';
import type { Update } from '../../src/expression/update.ts';
import { itemToPlain, type PlainValue, plainReader } from '../../src/value/plain.ts';
import type { Item, Value } from '../../src/value/value.ts';

export type Plain = Record<string, unknown>;

/** The item of reference/expressions.md, section 10. */
export const worked: Item = plainReader.item({
  p: 'k',
  a: [2, 3, 4, 5, 6, 7],
  m: { x: 1, y: { z: 2 } },
  n: 5,
  s: new Set(['u', 'v']),
  t: 'dog',
});
export const workedKey: Item = plainReader.item({ p: 'k' });

export function item(plain: Plain): Item {
  return plainReader.item(plain);
}

export function value(plain: unknown): Value {
  return plainReader.value(plain);
}

export function plainOf(of: Item | undefined): Record<string, PlainValue> | undefined {
  return of && itemToPlain(of);
}

export function parse(
  host: ExpressionHost,
  input: ExpressionInput,
  between?: () => void,
): ParsedExpressions {
  return parseExpressions(host, input, plainReader.value, between);
}

/** Only the placeholders that the texts use: the others would be refused. */
function used(sigil: string, all: Plain, text: string): Plain | undefined {
  const entries = Object.entries(all).filter(([name]) =>
    new RegExp(`${sigil}${name}(?![A-Za-z0-9_])`).test(text),
  );
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, one]) => [sigil + name, one]));
}

/** Values and names are given without sigils; those that the text does not use are left out. */
export function placeholders(text: string, values: Plain = {}, names: Plain = {}): ExpressionInput {
  return {
    ExpressionAttributeValues: used(':', values, text),
    ExpressionAttributeNames: used('#', names, text) as Record<string, string> | undefined,
  };
}

export function condition(text: string, values: Plain = {}, names: Plain = {}): Condition {
  const input = { ConditionExpression: text, ...placeholders(text, values, names) };
  return parse('PutItem', input).condition as Condition;
}

export function update(text: string, values: Plain = {}, names: Plain = {}): Update {
  const input = { UpdateExpression: text, ...placeholders(text, values, names) };
  return parse('UpdateItem', input).update as Update;
}

/** The message of the DynamoError that `run` throws; any other error goes through. */
export function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DynamoError) return error.message;
    throw error;
  }
  return 'no refusal';
}
