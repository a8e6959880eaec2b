/**
 * A condition with names and values in place, and the refusals that need them.
 *
 * Literal operands are judged here, in the order of evaluation: names and values that are not
 * defined, the number of operands, identical operands, operand types, bounds (reference/
 * expressions.md, section 4). Stored operands are judged by condition.ts, which never refuses.
 */
import { inOperandsMax } from '../base/limits.ts';
import { equalValues, orderValues } from '../value/compare.ts';
import type { Value, ValueType } from '../value/value.ts';
import type { CallNode, Comparator, ConditionNode, ExpressionKind, OperandNode } from './ast.ts';
import {
  type Path,
  pathRequired,
  printPath,
  printValue,
  refusal,
  wrongCount,
  wrongType,
} from './refusals.ts';
import { resolvePath, resolveValue, type Scope } from './scope.ts';

export interface PathOperand {
  readonly type: 'path';
  readonly path: Path;
}
export interface LiteralOperand {
  readonly type: 'literal';
  readonly value: Value;
}
export interface SizeOperand {
  readonly type: 'size';
  readonly of: PathOperand | LiteralOperand;
}
/** A condition as a value (PartiQL). */
export interface TestOperand {
  readonly type: 'test';
  readonly condition: BoundCondition;
}
export type Operand = PathOperand | LiteralOperand | SizeOperand | TestOperand;

export type BoundCondition =
  | { readonly type: 'and' | 'or'; readonly operands: readonly BoundCondition[] }
  | { readonly type: 'not'; readonly operand: BoundCondition }
  | {
      readonly type: 'compare';
      readonly operator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | {
      readonly type: 'between';
      readonly operand: Operand;
      readonly lower: Operand;
      readonly upper: Operand;
    }
  | { readonly type: 'in'; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly type: 'attribute_exists' | 'attribute_not_exists'; readonly path: Path }
  | { readonly type: 'attribute_type'; readonly operand: Operand; readonly expected: ValueType }
  | {
      readonly type: 'begins_with' | 'contains';
      readonly operand: Operand;
      readonly part: Operand;
    };

const ordered: ReadonlySet<ValueType> = new Set(['S', 'N', 'B']);
const prefixed: ReadonlySet<ValueType> = new Set(['S', 'B']);
const containing: ReadonlySet<ValueType> = new Set(['S', 'B', 'SS', 'NS', 'BS', 'L']);
const sized: ReadonlySet<ValueType> = new Set(['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']);
const typeNames = ['B', 'NULL', 'SS', 'BOOL', 'L', 'BS', 'N', 'NS', 'S', 'M'] as const;
/** The same in the order that PartiQL prints them. */
const statementTypes = ['N', 'BS', 'L', 'B', 'NULL', 'M', 'S', 'SS', 'NS', 'BOOL'] as const;

/** Throws DynamoDB's refusal of a condition that can never be right. */
export function bindCondition(
  kind: ExpressionKind,
  node: ConditionNode,
  scope: Scope,
): BoundCondition {
  const operand = (inner: OperandNode): Operand => bindOperand(kind, inner, scope);
  switch (node.type) {
    case 'and':
    case 'or':
      return {
        type: node.type,
        operands: node.operands.map((inner) => bindCondition(kind, inner, scope)),
      };
    case 'not':
      return { type: 'not', operand: bindCondition(kind, node.operand, scope) };
    case 'compare': {
      const { operator } = node;
      const left = operand(node.left);
      const right = operand(node.right);
      checkDistinct(kind, operator, left, [right]);
      if (operator !== '=' && operator !== '<>') {
        checkTypes(kind, operator, [left, right], ordered);
      }
      return { type: 'compare', operator, left, right };
    }
    case 'between': {
      const first = operand(node.operand);
      const lower = operand(node.lower);
      const upper = operand(node.upper);
      checkDistinct(kind, 'BETWEEN', first, [lower, upper]);
      checkTypes(kind, 'BETWEEN', [first, lower, upper], ordered);
      checkBounds(kind, lower, upper);
      return { type: 'between', operand: first, lower, upper };
    }
    case 'in': {
      const first = operand(node.operand);
      const candidates = node.candidates.map(operand);
      if (candidates.length > inOperandsMax) {
        throw wrongCount(kind, 'IN', candidates.length + 1);
      }
      checkDistinct(kind, 'IN', first, candidates);
      return { type: 'in', operand: first, candidates };
    }
    case 'call':
      return bindCall(kind, node, scope);
  }
}

function bindCall(kind: ExpressionKind, node: CallNode, scope: Scope): BoundCondition {
  const { name } = node;
  const operands = node.args.map((inner) => bindOperand(kind, inner, scope));
  const [first, second] = operands as [Operand, Operand];
  if (name === 'attribute_exists' || name === 'attribute_not_exists') {
    if (operands.length !== 1) throw wrongCount(kind, name, operands.length);
    if (first.type !== 'path') throw pathRequired(kind, name);
    return { type: name, path: first.path };
  }
  if (operands.length !== 2) throw wrongCount(kind, name, operands.length);
  checkDistinct(kind, name, first, [second]);
  if (name === 'attribute_type') {
    return { type: name, operand: first, expected: typeNamed(kind, second) };
  }
  if (name === 'begins_with') {
    checkTypes(kind, name, operands, prefixed);
    return { type: name, operand: first, part: second };
  }
  checkTypes(kind, 'contains', [first], containing);
  return { type: 'contains', operand: first, part: second };
}

function bindOperand(kind: ExpressionKind, node: OperandNode, scope: Scope): Operand {
  if (node.type === 'path') return { type: 'path', path: resolvePath(kind, node, scope) };
  if (node.type === 'value') {
    return { type: 'literal', value: resolveValue(kind, node, scope) };
  }
  if (node.type === 'test') {
    return { type: 'test', condition: bindCondition(kind, node.condition, scope) };
  }
  // The parser lets through no other call but size, and no sum.
  const args = node.type === 'call' ? node.args : [];
  const operands = args.map((inner) => bindOperand(kind, inner, scope));
  const [of] = operands;
  if (of === undefined || operands.length !== 1) {
    throw wrongCount(kind, 'size', operands.length);
  }
  checkTypes(kind, 'size', [of], sized);
  if (of.type === 'test') throw wrongType(kind, 'size', 'BOOL');
  if (of.type === 'size') throw wrongType(kind, 'size', 'N');
  return { type: 'size', of };
}

function typeNamed(kind: ExpressionKind, operand: Operand): ValueType {
  if (operand.type === 'path') {
    throw wrongType(kind, 'attribute_type', '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
  }
  if (operand.type === 'size') throw wrongType(kind, 'attribute_type', 'N');
  if (operand.type === 'test') throw wrongType(kind, 'attribute_type', 'BOOL');
  if (operand.value.type !== 'S') throw wrongType(kind, 'attribute_type', operand.value.type);
  const name = operand.value.value;
  const type = typeNames.find((known) => known === name);
  if (type !== undefined) return type;
  const valid = (kind === 'Statement' ? statementTypes : typeNames).join(',');
  throw refusal(kind, `Invalid attribute type name found; type: ${name}, valid types: {${valid}}`);
}

function checkTypes(
  kind: ExpressionKind,
  operator: string,
  operands: readonly Operand[],
  allowed: ReadonlySet<ValueType>,
): void {
  for (const operand of operands) {
    const type = knownType(operand);
    if (type !== undefined && !allowed.has(type)) throw wrongType(kind, operator, type);
  }
}

/** What an operand is before any item is seen. */
function knownType(operand: Operand): ValueType | undefined {
  switch (operand.type) {
    case 'literal':
      return operand.value.type;
    case 'size':
      return 'N';
    case 'test':
      return 'BOOL';
    default:
      return undefined;
  }
}

function checkDistinct(
  kind: ExpressionKind,
  operator: string,
  first: Operand,
  others: readonly Operand[],
): void {
  if (first.type === 'size' || first.type === 'test') return;
  if (!others.some((other) => isSame(first, other))) return;
  throw refusal(
    kind,
    'The first operand must be distinct from the remaining operands ' +
      `for this operator or function; operator: ${operator}, first operand: ${printOperand(first)}`,
  );
}

function isSame(a: Operand, b: Operand): boolean {
  if (a.type === 'literal') return b.type === 'literal' && equalValues(a.value, b.value);
  if (a.type !== 'path' || b.type !== 'path' || a.path.length !== b.path.length) return false;
  return a.path.every((step, at) => step === b.path[at]);
}

function checkBounds(kind: ExpressionKind, lower: Operand, upper: Operand): void {
  if (lower.type !== 'literal' || upper.type !== 'literal') return;
  const order = orderValues(lower.value, upper.value);
  if (order !== undefined && order <= 0) return;
  const rule =
    order === undefined
      ? 'same data type for lower and upper bounds'
      : 'upper bound to be greater than or equal to lower bound';
  throw refusal(
    kind,
    `The BETWEEN operator requires ${rule}; ` +
      `lower bound operand: ${printOperand(lower)}, upper bound operand: ${printOperand(upper)}`,
  );
}

function printOperand(operand: PathOperand | LiteralOperand): string {
  return operand.type === 'path' ? printPath(operand.path) : printValue(operand.value);
}
