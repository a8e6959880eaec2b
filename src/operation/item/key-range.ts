/**
 * A key condition as one range of key bytes.
 *
 * All hash attributes must be equal to something; of the range attributes, a run from the left may
 * be, and the next may have one condition of another kind (reference/query-scan-indexes.md,
 * sections 1 and 5). Parts of a key are never prefixes of one another, so a condition is a range.
 */
import { concatBytes, prefixEnd } from '../../base/bytes.ts';
import { invalid, validation } from '../../base/errors.ts';
import { assert, must } from '../../base/assert.ts';
import type { KeyCondition, KeyTerm } from '../../expression/key-condition.ts';
import { checkKeyValue } from '../../table/keys.ts';
import type { KeyPart, KeySchema } from '../../table/state.ts';
import type { KeyRange } from '../../tree/reader.ts';
import { beginsWithRange, hashPrefix, keyPart } from '../../value/key.ts';
import type { KeyValue } from '../../value/value.ts';

export interface QueryRange {
  /** What all keys of the partition start with. */
  readonly partition: Uint8Array;
  readonly range: KeyRange;
  /** All key attributes have a value: a table has at most one such item. */
  readonly isWhole: boolean;
}

/** Throws DynamoDB's refusals, in its order: number, missing keys, operators, types, values. */
export function keyRange(keys: KeySchema, condition: KeyCondition): QueryRange {
  const { terms, legacy } = condition;
  checkTerms(keys, terms);
  const hash = keys.hash.map((part) => must(termOf(terms, part), 'a hash without a condition'));
  const range = rangeTerms(keys.range, terms);
  checkOperators(hash, range, legacy);
  for (const part of [...keys.hash, ...keys.range]) {
    for (const value of termOf(terms, part)?.values ?? []) {
      if (value.type !== part.type) {
        throw invalid('Condition parameter type does not match schema type');
      }
    }
  }
  for (const { name, values } of hash) {
    for (const value of values) checkKeyValue(name, value as KeyValue, 'hash');
  }
  for (const { name, values } of range) {
    for (const value of values) checkKeyValue(name, value as KeyValue, 'range');
  }
  const partition = hashPrefix(hash.map((term) => first(term)));
  const equals = range.filter(({ operator }) => operator === '=');
  const prefix = concatBytes(partition, ...equals.map((term) => keyPart(first(term))));
  const last = range.find(({ operator }) => operator !== '=');
  return {
    partition,
    range: last === undefined ? within(prefix) : rangeOf(prefix, last),
    isWhole: equals.length === keys.range.length,
  };
}

function checkTerms({ hash, range }: KeySchema, terms: readonly KeyTerm[]): void {
  const parts = [...hash, ...range];
  if (terms.length > parts.length) {
    throw validation(
      `The number of query conditions (${terms.length}) exceeds the number of key attributes ` +
        `defined in the schema (${parts.length})`,
    );
  }
  for (const part of hash) {
    if (termOf(terms, part) !== undefined) continue;
    throw hash.length > 1 ? unequal(hash, terms) : missed(part);
  }
  // A condition on something else stands where one on a range attribute should.
  if (terms.every(({ name }) => parts.some((part) => part.name === name))) return;
  for (const part of range) if (termOf(terms, part) === undefined) throw missed(part);
}

/** The terms on range attributes, in the schema's order and without a gap. */
function rangeTerms(parts: readonly KeyPart[], terms: readonly KeyTerm[]): readonly KeyTerm[] {
  const found: KeyTerm[] = [];
  let open: KeyPart | undefined;
  for (const part of parts) {
    const term = termOf(terms, part);
    if (term !== undefined && open !== undefined) {
      throw validation(
        `RANGE key attributes ${open.name} must have equality conditions specified in the query ` +
          `because a condition is present on key attribute ${part.name}`,
      );
    }
    if (term !== undefined) found.push(term);
    if (term?.operator !== '=') open ??= part;
  }
  return found;
}

function checkOperators(
  hash: readonly KeyTerm[],
  range: readonly KeyTerm[],
  isLegacy: boolean,
): void {
  if (hash.some(({ operator }) => operator !== '=')) {
    throw hash.length > 1 ? unequal(hash, hash) : validation('Query key condition not supported');
  }
  for (const { operator } of isLegacy ? range : []) {
    if (rangeOperators.has(operator)) continue;
    throw validation('Attempted conditional constraint is not an indexable operation');
  }
}

const rangeOperators: ReadonlySet<string> = new Set([
  '=',
  '<',
  '<=',
  '>',
  '>=',
  'BETWEEN',
  'begins_with',
]);

function rangeOf(prefix: Uint8Array, { operator, values }: KeyTerm): KeyRange {
  const low = values[0] as KeyValue;
  if (operator === 'begins_with') {
    assert(low.type !== 'N', 'begins_with of a number');
    return within(concatBytes(prefix, beginsWithRange(low)));
  }
  const at = concatBytes(prefix, keyPart(low));
  const end = prefixEnd(prefix);
  switch (operator) {
    case '<':
      return { from: prefix, to: at };
    case '<=':
      return { from: prefix, to: prefixEnd(at) };
    case '>':
      return { from: prefixEnd(at), to: end };
    case '>=':
      return { from: at, to: end };
    case 'BETWEEN':
      return { from: at, to: prefixEnd(concatBytes(prefix, keyPart(values[1] as KeyValue))) };
    default:
      assert(false, `a key condition with ${operator}`);
  }
}

function within(prefix: Uint8Array): KeyRange {
  return { from: prefix, to: prefixEnd(prefix) };
}

function first({ values }: KeyTerm): KeyValue {
  return values[0] as KeyValue;
}

function termOf(terms: readonly KeyTerm[], part: KeyPart): KeyTerm | undefined {
  return terms.find(({ name }) => name === part.name);
}

/** Of a hash key of several attributes: those without an equality. */
function unequal(hash: readonly { readonly name: string }[], terms: readonly KeyTerm[]): Error {
  const equal = terms.filter(({ operator }) => operator === '=').map(({ name }) => name);
  const open = hash.map(({ name }) => name).filter((name) => !equal.includes(name));
  return validation(
    `HASH key attributes ${open.join(', ')} must have equality conditions specified in the query`,
  );
}

function missed({ name }: KeyPart): Error {
  return validation(`Query condition missed key schema element: ${name}`);
}
