/**
 * A key condition as terms: one attribute, one operator, its values.
 *
 * The grammar is that of conditions, of which only a conjunction of simple comparisons between an
 * attribute and values is allowed (reference/query-scan-indexes.md, section 1). What needs the
 * table's schema - which attribute is which key, of which type - is the operation's.
 */
import { assert } from '../base/assert.ts';
import { type DynamoError, validation } from '../base/errors.ts';
import type { Value } from '../value/value.ts';
import type { Comparator } from './ast.ts';
import type { BoundCondition, Operand } from './bind.ts';

export type KeyOperator = '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with';
/** What legacy KeyConditions may also say, and no Query can do. */
export type LegacyOnlyOperator = 'NE' | 'IN' | 'CONTAINS' | 'NOT_CONTAINS' | 'NULL' | 'NOT_NULL';

export interface KeyTerm {
  readonly name: string;
  readonly operator: KeyOperator | LegacyOnlyOperator;
  /** One; two for BETWEEN, in order. */
  readonly values: readonly Value[];
}

export interface KeyCondition {
  /** In the order written, no attribute twice. */
  readonly terms: readonly KeyTerm[];
  /** Whether it came as KeyConditions. */
  readonly legacy: boolean;
}

const mirrored: Readonly<Record<Exclude<Comparator, '<>'>, KeyOperator>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Throws on an operator that no key condition may have, wherever in it that stands. */
export function checkKeyOperators(bound: BoundCondition): void {
  switch (bound.type) {
    case 'and':
      for (const operand of bound.operands) checkKeyOperators(operand);
      break;
    case 'or':
    case 'not':
    case 'in':
      throw notAllowed(bound.type.toUpperCase());
    case 'attribute_exists':
    case 'attribute_not_exists':
    case 'attribute_type':
    case 'contains':
      throw notAllowed(bound.type);
    case 'compare':
      if (bound.operator === '<>') throw notAllowed('<>');
      break;
    default:
  }
}

/** Throws on anything that is not a condition on keys, whatever the keys are. */
export function keyConditionOf(bound: BoundCondition): KeyCondition {
  checkKeyOperators(bound);
  const terms = new Map<string, KeyTerm>();
  collect(bound, terms);
  return { terms: [...terms.values()], legacy: false };
}

function collect(bound: BoundCondition, terms: Map<string, KeyTerm>): void {
  switch (bound.type) {
    case 'and':
      for (const operand of bound.operands) collect(operand, terms);
      break;
    case 'compare': {
      assert(bound.operator !== '<>', 'a key condition with <>');
      const operands = [bound.left, bound.right];
      const { name, values, at } = parts(operands, undefined);
      put(terms, {
        name,
        operator: at === 0 ? bound.operator : mirrored[bound.operator],
        values,
      });
      break;
    }
    case 'between': {
      const { name, values } = parts([bound.operand, bound.lower, bound.upper], 'BETWEEN');
      put(terms, { name, operator: 'BETWEEN', values });
      break;
    }
    case 'begins_with': {
      const { name, values } = parts([bound.operand, bound.part], 'begins_with');
      put(terms, { name, operator: 'begins_with', values });
      break;
    }
    default:
      assert(false, `a key condition with ${bound.type}`);
  }
}

interface Parts {
  readonly name: string;
  readonly values: readonly Value[];
  /** Where among the operands the attribute stands. */
  readonly at: number;
}

/**
 * The operands in the order written, the first fault being the answer. `firstOf` is the operator
 * that wants the attribute as its first operand.
 */
function parts(operands: readonly Operand[], firstOf: string | undefined): Parts {
  let found: { readonly name: string; readonly at: number } | undefined;
  const values: Value[] = [];
  for (const [at, operand] of operands.entries()) {
    if (operand.type === 'literal') {
      if (at === 0 && firstOf !== undefined) {
        throw invalidTerm(`${firstOf} operator must have the key attribute as its first operand`);
      }
      values.push(operand.value);
    } else if (operand.type === 'path') {
      if (found !== undefined) throw invalidTerm('Multiple attribute names used in one condition');
      if (operand.path.length > 1) {
        throw validation('KeyConditionExpressions cannot have conditions on nested attributes');
      }
      found = { name: operand.path[0] as string, at };
    } else {
      throw validation('KeyConditionExpressions cannot contain nested operations');
    }
  }
  if (found === undefined) throw invalidTerm('No key attribute specified');
  return { ...found, values };
}

function put(terms: Map<string, KeyTerm>, term: KeyTerm): void {
  if (terms.has(term.name)) {
    throw validation('KeyConditionExpressions must only contain one condition per key');
  }
  terms.set(term.name, term);
}

function notAllowed(operator: string): DynamoError {
  return validation(`Invalid operator used in KeyConditionExpression: ${operator}`);
}

function invalidTerm(problem: string): DynamoError {
  return validation(`Invalid condition in KeyConditionExpression: ${problem}`);
}
