/**
 * Whether an item meets a condition.
 *
 * A bound condition becomes one closure, made once for a request and asked of each item. It never
 * refuses: what is missing or of another type makes a comparison false (reference/expressions.md,
 * section 5). Nesting is bounded by the parser.
 */
import { startsWithBytes } from '../base/bytes.ts';
import { filterPieceBytes } from '../base/limits.ts';
import { equalValues, orderValues } from '../value/compare.ts';
import { valueSize } from '../value/size.ts';
import type { Item, Value } from '../value/value.ts';
import type { Comparator } from './ast.ts';
import type { BoundCondition, Operand } from './bind.ts';
import { Contained, contains, elementsOf, scalarName } from './contained.ts';
import { valueAt } from './path-tree.ts';

export interface Condition {
  /** Of an item that is missing every path is missing. */
  holds(item: Item | undefined): boolean;
  /** Names of the top-level attributes it looks at. */
  readonly roots: ReadonlySet<string>;
  /** Those of them that it looks into (a.b, a[0]). */
  readonly nestedRoots: ReadonlySet<string>;
  /** Of one item: comparisons, and pieces of the values that it was given (base/limits.ts). */
  readonly cost?: number;
}

/** Of a condition that is being compiled. */
interface Roots {
  readonly all: Set<string>;
  readonly nested: Set<string>;
  cost: number;
  /** What values at a path are asked to contain. */
  readonly contained: Map<string, Contained>;
}

type Test = (item: Item) => boolean;
type Read = (item: Item) => Value | undefined;

const nothing: Item = new Map();

export function compileCondition(bound: BoundCondition): Condition {
  const roots: Roots = { all: new Set(), nested: new Set(), cost: 0, contained: new Map() };
  const test = compile(bound, roots);
  return {
    holds: (item) => test(item ?? nothing),
    roots: roots.all,
    nestedRoots: roots.nested,
    cost: roots.cost,
  };
}

function compile(bound: BoundCondition, roots: Roots): Test {
  roots.cost += 1;
  const test = compileAny(bound, roots);
  // What speaks of no item is asked once, and not of each.
  if (!isConstant(bound)) return test;
  const holds = test(nothing);
  return () => holds;
}

function isConstant(bound: BoundCondition): boolean {
  switch (bound.type) {
    case 'compare':
      return isLiteral(bound.left) && isLiteral(bound.right);
    case 'between':
      return isLiteral(bound.operand) && isLiteral(bound.lower) && isLiteral(bound.upper);
    case 'in':
      return isLiteral(bound.operand) && bound.candidates.every(isLiteral);
    case 'attribute_type':
      return isLiteral(bound.operand);
    case 'begins_with':
    case 'contains':
      return isLiteral(bound.operand) && isLiteral(bound.part);
    default:
      return false;
  }
}

function isLiteral(operand: Operand): boolean {
  return operand.type === 'literal' || (operand.type === 'size' && isLiteral(operand.of));
}

function compileAny(bound: BoundCondition, roots: Roots): Test {
  switch (bound.type) {
    case 'and': {
      const tests = bound.operands.map((operand) => compile(operand, roots));
      return (item) => tests.every((test) => test(item));
    }
    case 'or': {
      const tests = bound.operands.map((operand) => compile(operand, roots));
      return (item) => tests.some((test) => test(item));
    }
    case 'not': {
      const test = compile(bound.operand, roots);
      return (item) => !test(item);
    }
    case 'compare':
      return compileComparison(bound, roots);
    case 'between': {
      const operand = compileOperand(bound.operand, roots);
      const lower = compileOperand(bound.lower, roots);
      const upper = compileOperand(bound.upper, roots);
      return (item) => {
        const value = operand(item);
        return (
          orders(lower(item), value, (order) => order <= 0) &&
          orders(value, upper(item), (order) => order <= 0)
        );
      };
    }
    case 'in':
      return compileIn(bound.operand, bound.candidates, roots);
    default:
      return compileFunction(bound, roots);
  }
}

/**
 * Scalars among the candidates are looked up: a legacy IN may have a million of them, and is asked
 * of each item of a page.
 */
function compileIn(of: Operand, candidates: readonly Operand[], roots: Roots): Test {
  const operand = compileOperand(of, roots);
  const scalars = new Set<string>();
  const others: Read[] = [];
  for (const candidate of candidates) {
    const name = candidate.type === 'literal' ? scalarName(candidate.value) : undefined;
    if (name === undefined) others.push(compileOperand(candidate, roots));
    else scalars.add(name);
  }
  roots.cost += others.length;
  return (item) => {
    const value = operand(item);
    if (value === undefined) return false;
    const name = scalars.size > 0 ? scalarName(value) : undefined;
    if (name !== undefined && scalars.has(name)) return true;
    return others.some((candidate) => equals(value, candidate(item)));
  };
}

/** Of a collection that was given: it contains what is equal to one of these. */
function givenElements(operand: Operand): readonly Operand[] | undefined {
  if (operand.type !== 'literal' || !collections.has(operand.value.type)) return undefined;
  return elementsOf(operand.value).map((value) => ({ type: 'literal', value }));
}

const collections: ReadonlySet<string> = new Set(['L', 'SS', 'NS', 'BS']);

type BoundFunction = Extract<
  BoundCondition,
  {
    type:
      | 'attribute_exists'
      | 'attribute_not_exists'
      | 'attribute_type'
      | 'begins_with'
      | 'contains';
  }
>;

function compileFunction(bound: BoundFunction, roots: Roots): Test {
  switch (bound.type) {
    case 'attribute_exists':
    case 'attribute_not_exists': {
      const read = compileOperand({ type: 'path', path: bound.path }, roots);
      return bound.type === 'attribute_exists'
        ? (item) => read(item) !== undefined
        : (item) => read(item) === undefined;
    }
    case 'attribute_type': {
      const operand = compileOperand(bound.operand, roots);
      const { expected } = bound;
      return (item) => operand(item)?.type === expected;
    }
    default: {
      const elements = bound.type === 'contains' ? givenElements(bound.operand) : undefined;
      if (elements !== undefined) return compileIn(bound.part, elements, roots);
      const operand = compileOperand(bound.operand, roots);
      const part = compileOperand(bound.part, roots);
      const asked = bound.type === 'contains' ? askOf(bound, roots) : undefined;
      if (asked !== undefined) {
        return (item) => {
          const value = operand(item);
          return value !== undefined && asked(value);
        };
      }
      const test = bound.type === 'contains' ? contains : beginsWith;
      return (item) => {
        const value = operand(item);
        const other = part(item);
        return value !== undefined && other !== undefined && test(value, other);
      };
    }
  }
}

/** A value that is given and asked of a path is looked for together with others of that path. */
function askOf(
  { operand, part }: { readonly operand: Operand; readonly part: Operand },
  { contained }: Roots,
): ((value: Value) => boolean) | undefined {
  if (operand.type !== 'path' || part.type !== 'literal') return undefined;
  const name = JSON.stringify(operand.path);
  const others = contained.get(name) ?? new Contained();
  contained.set(name, others);
  return others.ask(part.value);
}

function compileOperand(operand: Operand, roots: Roots): Read {
  if (operand.type === 'literal') {
    const { value } = operand;
    roots.cost += Math.floor(valueSize(value) / filterPieceBytes);
    return () => value;
  }
  if (operand.type === 'size') {
    const read = compileOperand(operand.of, roots);
    return (item) => sizeOf(read(item));
  }
  if (operand.type === 'test') {
    const test = compile(operand.condition, roots);
    return (item) => ({ type: 'BOOL', value: test(item) });
  }
  const { path } = operand;
  const root = path[0] as string;
  roots.all.add(root);
  if (path.length > 1) roots.nested.add(root);
  return path.length === 1 ? (item) => item.get(root) : (item) => valueAt(item, path);
}

type BoundComparison = Extract<BoundCondition, { type: 'compare' }>;

/** What is missing is unlike anything; what has no size compares with nothing. */
function compileComparison({ operator, ...bound }: BoundComparison, roots: Roots): Test {
  const left = compileOperand(bound.left, roots);
  const right = compileOperand(bound.right, roots);
  const test = comparison(operator, left, right);
  const isLeftSize = bound.left.type === 'size';
  const isRightSize = bound.right.type === 'size';
  if (operator !== '<>' || !(isLeftSize || isRightSize)) return test;
  return (item) => {
    if (isLeftSize && left(item) === undefined) return false;
    return !(isRightSize && right(item) === undefined) && test(item);
  };
}

function comparison(operator: Comparator, left: Read, right: Read): Test {
  const order = (holds: (order: number) => boolean): Test => {
    return (item) => orders(left(item), right(item), holds);
  };
  switch (operator) {
    case '=':
      return (item) => equals(left(item), right(item));
    case '<>':
      return (item) => !equals(left(item), right(item));
    case '<':
      return order((sign) => sign < 0);
    case '<=':
      return order((sign) => sign <= 0);
    case '>':
      return order((sign) => sign > 0);
    case '>=':
      return order((sign) => sign >= 0);
  }
}

function equals(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && equalValues(a, b);
}

function orders(
  a: Value | undefined,
  b: Value | undefined,
  holds: (order: number) => boolean,
): boolean {
  if (a === undefined || b === undefined) return false;
  const order = orderValues(a, b);
  return order !== undefined && holds(order);
}

/** A string counts UTF-16 units, as a live table was seen to do; the documentation does not say. */
function sizeOf(value: Value | undefined): Value | undefined {
  switch (value?.type) {
    case 'S':
    case 'B':
    case 'SS':
    case 'NS':
    case 'BS':
    case 'L':
      return { type: 'N', value: String(value.value.length) };
    case 'M':
      return { type: 'N', value: String(value.value.size) };
    default:
      return undefined;
  }
}

function beginsWith(value: Value, prefix: Value): boolean {
  if (value.type === 'S') return prefix.type === 'S' && value.value.startsWith(prefix.value);
  return value.type === 'B' && prefix.type === 'B' && startsWithBytes(value.value, prefix.value);
}
