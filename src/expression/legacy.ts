/**
 * The parameters from before expressions, as bound conditions and key terms: one evaluator.
 *
 * Attribute names are literal top-level names, dots included. The checks and their order are those
 * of reference/expressions.md, section 8; enumerations were checked by the input's shape.
 */
import { type DynamoError, invalid, validation } from '../base/errors.ts';
import { orderValues } from '../value/compare.ts';
import { checkName } from '../value/names.ts';
import type { Value, ValueType } from '../value/value.ts';
import type { Comparator } from './ast.ts';
import type { BoundCondition, Operand } from './bind.ts';
import type { KeyCondition, KeyTerm } from './key-condition.ts';

export type LegacyOperator =
  | 'EQ'
  | 'NE'
  | 'LE'
  | 'LT'
  | 'GE'
  | 'GT'
  | 'BETWEEN'
  | 'IN'
  | 'BEGINS_WITH'
  | 'CONTAINS'
  | 'NOT_CONTAINS'
  | 'NULL'
  | 'NOT_NULL';

/** An element of QueryFilter, ScanFilter and KeyConditions. */
export interface LegacyCondition {
  readonly ComparisonOperator: LegacyOperator;
  readonly AttributeValueList?: readonly unknown[] | undefined;
}
/** An element of Expected. */
export interface ExpectedAttribute {
  readonly Value?: unknown;
  readonly Exists?: boolean | undefined;
  readonly ComparisonOperator?: LegacyOperator | undefined;
  readonly AttributeValueList?: readonly unknown[] | undefined;
}

export type Read = (raw: unknown) => Value;
type Named<T> = Readonly<Record<string, T>>;

interface Rule {
  readonly counts: readonly [number, number];
  readonly types: ReadonlySet<ValueType> | undefined;
}

const scalars: ReadonlySet<ValueType> = new Set(['S', 'N', 'B']);
const texts: ReadonlySet<ValueType> = new Set(['S', 'B']);
const ordering: Rule = { counts: [1, 1], types: scalars };
const equality: Rule = { counts: [1, 1], types: undefined };
const existence: Rule = { counts: [0, 0], types: undefined };

const rules: Readonly<Record<LegacyOperator, Rule>> = {
  EQ: equality,
  NE: equality,
  LE: ordering,
  LT: ordering,
  GE: ordering,
  GT: ordering,
  BETWEEN: { counts: [2, 2], types: scalars },
  IN: { counts: [1, Number.POSITIVE_INFINITY], types: scalars },
  BEGINS_WITH: { counts: [1, 1], types: texts },
  CONTAINS: ordering,
  NOT_CONTAINS: ordering,
  NULL: existence,
  NOT_NULL: existence,
};

const comparators: ReadonlyMap<LegacyOperator, Comparator> = new Map([
  ['EQ', '='],
  ['NE', '<>'],
  ['LE', '<='],
  ['LT', '<'],
  ['GE', '>='],
  ['GT', '>'],
]);

/** QueryFilter and ScanFilter; undefined when there is no condition in it. */
export function bindLegacyFilter(
  filter: Named<LegacyCondition>,
  conditionalOperator: string | undefined,
  read: Read,
): BoundCondition | undefined {
  const conditions = Object.keys(filter).map((name) => {
    const { ComparisonOperator: operator, AttributeValueList: list } = get(filter, name);
    return conditionOn(name, operator, checkedValues(operator, (list ?? []).map(read)));
  });
  return join(conditions, conditionalOperator);
}

/** Expected; undefined when nothing is. */
export function bindExpected(
  expected: Named<ExpectedAttribute>,
  conditionalOperator: string | undefined,
  read: Read,
): BoundCondition | undefined {
  const conditions = Object.keys(expected).map((name) =>
    bindExpectedAttribute(name, get(expected, name), read),
  );
  return join(conditions, conditionalOperator);
}

export function bindKeyConditions(conditions: Named<LegacyCondition>, read: Read): KeyCondition {
  const terms = Object.keys(conditions).map((name): KeyTerm => {
    const { ComparisonOperator: operator, AttributeValueList: list } = get(conditions, name);
    const values = checkedValues(operator, (list ?? []).map(read));
    return { name, operator: keyOperator(operator), values };
  });
  return { terms, legacy: true };
}

/** The names of AttributesToGet. Throws when one is asked for twice. */
export function attributesAsked(names: readonly string[]): ReadonlySet<string> {
  const asked = new Set<string>();
  for (const name of names) {
    checkName(name);
    if (asked.has(name)) throw invalid(`Duplicate value in attribute name: ${name}`);
    asked.add(name);
  }
  return asked;
}

function bindExpectedAttribute(
  name: string,
  expected: ExpectedAttribute,
  read: Read,
): BoundCondition {
  const { Value: raw, Exists: exists, ComparisonOperator: operator } = expected;
  const list = expected.AttributeValueList;
  const has = (member: unknown): boolean => member !== undefined && member !== null;
  // The shape took JSON's null out: one that is left is a caller's own, and means NULL.
  const hasValue = raw !== undefined;
  const on = (text: string): DynamoError => invalid(`${text} for Attribute: ${name}`);
  if (hasValue && has(list)) throw on('Value and AttributeValueList cannot be used together');
  const values = hasValue ? [read(raw)] : (list ?? []).map(read);
  if (operator !== undefined && operator !== null) {
    if (has(exists)) throw on('Exists and ComparisonOperator cannot be used together');
    if (operator !== 'NULL' && operator !== 'NOT_NULL' && !hasValue && !has(list)) {
      throw on(`Value or AttributeValueList must be used with ComparisonOperator: ${operator}`);
    }
    return conditionOn(name, operator, checkedValues(operator, values));
  }
  if (has(list)) throw on('AttributeValueList can only be used with a ComparisonOperator');
  if (exists === false) {
    if (hasValue) throw on('Value cannot be used when Exists is false');
    return { type: 'attribute_not_exists', path: [name] };
  }
  if (!hasValue) throw on(`Value must be provided when Exists is ${exists ?? null}`);
  return conditionOn(name, 'EQ', values);
}

/** The values again, if the operator may have them. */
function checkedValues(operator: LegacyOperator, values: readonly Value[]): readonly Value[] {
  const { counts, types } = rules[operator];
  if (values.length < counts[0] || values.length > counts[1]) {
    throw invalid(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
  }
  const type = values[0]?.type;
  if (values.some((value) => value.type !== type)) {
    throw invalid('AttributeValues inside AttributeValueList must be of same type');
  }
  if (type !== undefined && types !== undefined && !types.has(type)) {
    throw invalid(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`);
  }
  const [lower, upper] = values;
  if (operator === 'BETWEEN' && lower !== undefined && upper !== undefined) {
    if ((orderValues(lower, upper) ?? 0) > 0) {
      throw validation(
        'The BETWEEN condition was provided a range where the lower bound is greater ' +
          'than the upper bound',
      );
    }
  }
  return values;
}

function conditionOn(
  name: string,
  operator: LegacyOperator,
  values: readonly Value[],
): BoundCondition {
  const path = [name];
  const operand: Operand = { type: 'path', path };
  const [first, second] = values.map((value): Operand => ({ type: 'literal', value })) as [
    Operand,
    Operand,
  ];
  switch (operator) {
    case 'NULL':
      return { type: 'attribute_not_exists', path };
    case 'NOT_NULL':
      return { type: 'attribute_exists', path };
    case 'BETWEEN':
      return { type: 'between', operand, lower: first, upper: second };
    case 'IN':
      return {
        type: 'in',
        operand,
        candidates: values.map((value) => ({ type: 'literal', value })),
      };
    case 'BEGINS_WITH':
      return { type: 'begins_with', operand, part: first };
    case 'CONTAINS':
      return { type: 'contains', operand, part: first };
    case 'NOT_CONTAINS':
      // False, not true, when the attribute is missing.
      return {
        type: 'and',
        operands: [
          { type: 'attribute_exists', path },
          { type: 'not', operand: { type: 'contains', operand, part: first } },
        ],
      };
    default: {
      const comparator = comparators.get(operator) ?? '=';
      return { type: 'compare', operator: comparator, left: operand, right: first };
    }
  }
}

function join(
  conditions: readonly BoundCondition[],
  conditionalOperator: string | undefined,
): BoundCondition | undefined {
  const [first] = conditions;
  if (first === undefined) return undefined;
  if (conditions.length === 1) return first;
  return { type: conditionalOperator === 'OR' ? 'or' : 'and', operands: conditions };
}

function keyOperator(operator: LegacyOperator): KeyTerm['operator'] {
  switch (operator) {
    case 'EQ':
      return '=';
    case 'LE':
      return '<=';
    case 'LT':
      return '<';
    case 'GE':
      return '>=';
    case 'GT':
      return '>';
    case 'BEGINS_WITH':
      return 'begins_with';
    default:
      return operator;
  }
}

function get<T>(named: Named<T>, name: string): T {
  return named[name] as T;
}
