/**
 * ExpressionAttributeNames and ExpressionAttributeValues: their shape, and that each is used.
 *
 * Messages are reference/expressions.md, section 4, "Name and value maps".
 */
import { DynamoError, validation } from '../base/errors.ts';
import { placeholderBytesMax, substitutionBytesMax } from '../base/limits.ts';
import { checkName } from '../value/names.ts';
import { valueSize } from '../value/size.ts';
import { utf8Length } from '../value/text.ts';
import type { Value } from '../value/value.ts';
import type { Placeholders } from './ast.ts';
import type { Scope } from './scope.ts';

export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

const names = 'ExpressionAttributeNames';
const values = 'ExpressionAttributeValues';

/** Throws on an empty map, a bad key, a bad name or value. `readValue` throws on a bad value. */
export function readScope(input: PlaceholderInput, readValue: (raw: unknown) => Value): Scope {
  const scope = {
    names: readMap(names, '#', input.ExpressionAttributeNames, checkName),
    values: readMap(values, ':', input.ExpressionAttributeValues, readValue),
  };
  checkSize(scope);
  return scope;
}

/** Throws when a name, or else a value, stands in none of the expressions. */
export function checkUsed(scope: Scope, trees: readonly Placeholders[]): void {
  checkAllUsed(names, scope.names, (key) => trees.some((tree) => tree.names.has(key)));
  checkAllUsed(values, scope.values, (key) => trees.some((tree) => tree.values.has(key)));
}

/** DynamoDB documents the limit; the words are ours, after those for the size of an expression. */
function checkSize(scope: Scope): void {
  let size = 0;
  for (const [key, name] of scope.names) size += utf8Length(key) + utf8Length(name);
  for (const [key, value] of scope.values) size += utf8Length(key) + valueSize(value);
  if (size > substitutionBytesMax) {
    throw validation(
      'The substitution variables of the expressions have exceeded the maximum allowed size; ' +
        `size of names and values: ${size}`,
    );
  }
}

function readMap<T, R>(
  member: string,
  sigil: '#' | ':',
  raw: Readonly<Record<string, R>> | undefined | null,
  read: (raw: R) => T,
): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  if (raw === undefined || raw === null) return map;
  const keys = Object.keys(raw);
  if (keys.length === 0) throw validation(`${member} must not be empty`);
  for (const key of keys) {
    if (!isPlaceholder(key, sigil)) {
      throw validation(`${member} contains invalid key: Syntax error; key: "${key}"`);
    }
  }
  let key = '';
  try {
    for (key of keys) map.set(key, read(raw[key] as R));
  } catch (error) {
    throw ofMember(member, key, error);
  }
  return map;
}

function isPlaceholder(key: string, sigil: '#' | ':'): boolean {
  return key.startsWith(sigil) && key.length <= placeholderBytesMax && /^.[A-Za-z0-9_]+$/.test(key);
}

/** How the messages about a value end that are told as they are. */
const bareEnds: readonly string[] = [
  'Null attribute value types must have the value of true',
  ' set  may not be empty',
  'Binary sets should not be empty',
];

/** The fault of one name or value, in the words that tell where it is. */
function ofMember(member: string, key: string, error: unknown): unknown {
  const bare =
    !(error instanceof DynamoError) ||
    error.name !== 'ValidationException' ||
    error.message.startsWith('Nesting Levels have exceeded supported limits') ||
    bareEnds.some((end) => error.message.endsWith(end));
  if (bare) return error;
  return validation(`${member} contains invalid value: ${error.message} for key ${key}`);
}

function checkAllUsed(
  member: string,
  map: ReadonlyMap<string, unknown>,
  isUsed: (key: string) => boolean,
): void {
  if (map.size === 0) return;
  const unused = [...map.keys()].filter((key) => !isUsed(key));
  if (unused.length === 0) return;
  throw validation(
    `Value provided in ${member} unused in expressions: keys: {${unused.join(', ')}}`,
  );
}
