/**
 * A WHERE clause taken apart by the keys it fixes: the reads that a SELECT is made of, and the one
 * item that a write is about.
 *
 * When every way to meet the condition has an equality on the partition key, it is a list of
 * branches, each with a value of that key, terms on the sort key, and the rest as a filter. An OR
 * is only taken apart if it speaks of keys; IN on a key is an OR of equalities. Any other condition
 * is a scan.
 */
import { validation } from '../base/errors.ts';
import { statementReadsMax } from '../base/limits.ts';
import type { BoundCondition, Operand } from '../expression/bind.ts';
import { type KeyTerm, keyConditionOf } from '../expression/key-condition.ts';
import { equalValues } from '../value/compare.ts';
import type { Item, Value } from '../value/value.ts';

/** Names of the partition key and, if there is one, of the sort key. */
export type KeyNames = readonly [hash: string, range?: string | undefined];

export interface Branch {
  readonly hash: Value;
  /** All of them hold. */
  readonly range: readonly KeyTerm[];
  /** What else must hold. */
  readonly rest: readonly BoundCondition[];
  /** Some of the rest excludes sort keys (`<>`, NOT): such a branch may overlap another. */
  readonly excludes: boolean;
  /** All of the branch as one condition. */
  readonly whole: BoundCondition;
}

/** Undefined where nothing but a scan finds the items; no branch at all when there can be none. */
export function branchesOf(where: BoundCondition, keys: KeyNames): readonly Branch[] | undefined {
  if (!fixesHash(where, keys[0])) return undefined;
  const found: Branch[] = [];
  for (const atoms of takeApart(where, keys)) {
    const branch = branchOf(atoms, keys);
    if (branch !== undefined) found.push(branch);
  }
  return found;
}

/** The whole key, where it is given by equalities (an IN is none) and nothing else is asked. */
export function onlyKeyOf(where: BoundCondition, keys: KeyNames): Item | undefined {
  if (conjuncts(where).some(({ type }) => type !== 'compare')) return undefined;
  const [branch] = branchesOf(where, keys) ?? [];
  if (branch === undefined || branch.rest.length > 0) return undefined;
  const key = new Map([[keys[0], branch.hash]]);
  if (keys[1] === undefined) return key;
  const [term, ...others] = branch.range;
  if (term?.operator !== '=' || others.length > 0) return undefined;
  return key.set(keys[1], term.values[0] as Value);
}

/** The key that a write's condition names, perhaps in part, and what it asks besides. */
export interface WrittenKey {
  readonly key: Item;
  readonly rest: readonly BoundCondition[];
  /** The name of a key attribute that is to have two values at once. */
  readonly conflict: string | undefined;
}

export function writtenKeyOf(where: BoundCondition | undefined, keys: KeyNames): WrittenKey {
  const key = new Map<string, Value>();
  const rest: BoundCondition[] = [];
  let conflict: string | undefined;
  for (const atom of where === undefined ? [] : conjuncts(where)) {
    const term = keyTerm(atom, keys);
    const before = term && key.get(term.name);
    if (term?.operator !== '=') rest.push(atom);
    else if (before === undefined) key.set(term.name, term.values[0] as Value);
    else if (!equalValues(before, term.values[0] as Value)) {
      conflict ??= term.name;
      rest.push(atom);
    }
  }
  return { key, rest, conflict };
}

/** `conditions` as one; undefined when there is none. */
export function allOf(conditions: readonly BoundCondition[]): BoundCondition | undefined {
  return conditions.length <= 1 ? conditions[0] : { type: 'and', operands: conditions };
}

function conjuncts(condition: BoundCondition): readonly BoundCondition[] {
  return condition.type === 'and' ? condition.operands.flatMap(conjuncts) : [condition];
}

function fixesHash(condition: BoundCondition, hash: string): boolean {
  switch (condition.type) {
    case 'and':
      return condition.operands.some((operand) => fixesHash(operand, hash));
    case 'or':
      return condition.operands.every((operand) => fixesHash(operand, hash));
    case 'in':
      return isKeyIn(condition, [hash]);
    default:
      return keyTerm(condition, [hash])?.operator === '=';
  }
}

/** Ways to meet the condition, each a list of conditions that hold together. */
function takeApart(condition: BoundCondition, keys: KeyNames): readonly BoundCondition[][] {
  switch (condition.type) {
    case 'or':
      if (!speaksOfKeys(condition, keys)) return [[condition]];
      return bounded(condition.operands.flatMap((operand) => takeApart(operand, keys)));
    case 'and': {
      let ways: readonly BoundCondition[][] = [[]];
      for (const operand of condition.operands) {
        const more = takeApart(operand, keys);
        bounded({ length: ways.length * more.length });
        ways = ways.flatMap((way) => more.map((other) => [...way, ...other]));
      }
      return ways;
    }
    case 'in':
      if (!isKeyIn(condition, keys)) return [[condition]];
      return bounded(
        condition.candidates.map((right) => [
          { type: 'compare', operator: '=', left: condition.operand, right },
        ]),
      );
    default:
      return [[condition]];
  }
}

function bounded<T extends { readonly length: number }>(ways: T): T {
  if (ways.length <= statementReadsMax) return ways;
  throw validation('Too many decomposed read operations for a given query.');
}

/** Undefined when two values of the partition key exclude each other. */
function branchOf(atoms: readonly BoundCondition[], keys: KeyNames): Branch | undefined {
  let hash: Value | undefined;
  let excludes = false;
  const range: KeyTerm[] = [];
  const rest: BoundCondition[] = [];
  for (const atom of atoms) {
    const term = keyTerm(atom, keys);
    if (term === undefined) {
      rest.push(atom);
      excludes ||= keys[1] !== undefined && excludesKey(atom, keys[1]);
    } else if (term.name !== keys[0]) {
      if (!range.some((other) => isSameTerm(other, term))) range.push(term);
    } else if (term.operator !== '=') {
      rest.push(atom);
    } else {
      const value = term.values[0] as Value;
      if (hash !== undefined && !equalValues(hash, value)) return undefined;
      hash = value;
    }
  }
  return hash && { hash, range, rest, excludes, whole: { type: 'and', operands: atoms } };
}

function isSameTerm(a: KeyTerm, b: KeyTerm): boolean {
  return (
    a.operator === b.operator &&
    a.values.every((value, at) => equalValues(value, b.values[at] as Value))
  );
}

/** A comparison of a key attribute with literals, as a Query could have it. */
function keyTerm(atom: BoundCondition, keys: KeyNames): KeyTerm | undefined {
  let operands: readonly Operand[];
  if (atom.type === 'compare') operands = [atom.left, atom.right];
  else if (atom.type === 'between') operands = [atom.operand, atom.lower, atom.upper];
  else if (atom.type === 'begins_with') operands = [atom.operand, atom.part];
  else return undefined;
  if (atom.type === 'compare' && atom.operator === '<>') return undefined;
  const paths = operands.filter((operand) => operand.type !== 'literal');
  const isPlace = atom.type === 'compare' || operands[0] === paths[0];
  if (paths.length !== 1 || !isPlace || !isKey(paths[0], keys)) return undefined;
  return keyConditionOf(atom).terms[0];
}

function isKeyIn(condition: BoundCondition, keys: KeyNames): boolean {
  return (
    condition.type === 'in' &&
    isKey(condition.operand, keys) &&
    condition.candidates.every(({ type }) => type === 'literal')
  );
}

function isKey(operand: Operand | undefined, keys: KeyNames): boolean {
  if (operand?.type !== 'path' || operand.path.length !== 1) return false;
  return keys.includes(operand.path[0] as string);
}

function speaksOfKeys(condition: BoundCondition, keys: KeyNames): boolean {
  if (condition.type === 'and' || condition.type === 'or') {
    return condition.operands.some((operand) => speaksOfKeys(operand, keys));
  }
  return isKeyIn(condition, keys) || keyTerm(condition, keys) !== undefined;
}

function excludesKey(atom: BoundCondition, name: string): boolean {
  if (atom.type === 'not') return speaksOfKeys(atom.operand, [name]);
  return (
    atom.type === 'compare' &&
    atom.operator === '<>' &&
    (isKey(atom.left, [name]) || isKey(atom.right, [name]))
  );
}
