/**
 * Inputs as the model reads them, each once: an operation is evaluated in many states.
 */
import {
  type ExpressionHost,
  type ParsedExpressions,
  parseExpressions,
} from '../../src/expression/request.ts';
import type { Item, Value } from '../../src/value/value.ts';
import { wireReader } from '../../src/value/wire.ts';
import type { Input } from './state.ts';

const parsed = new WeakMap<Input, ParsedExpressions>();
const items = new WeakMap<object, Item>();

export function readValue(raw: unknown): Value {
  return wireReader.value(raw);
}

export function parsedOf(host: ExpressionHost, input: Input): ParsedExpressions {
  const known = parsed.get(input);
  if (known !== undefined) return known;
  const made = parseExpressions(host, input, readValue);
  parsed.set(input, made);
  return made;
}

/** The item or key that a member of an input holds. */
export function itemIn(input: Input, member: string): Item {
  const raw = input[member] as object;
  const known = items.get(raw);
  if (known !== undefined) return known;
  const item = wireReader.item(raw);
  items.set(raw, item);
  return item;
}
