/**
 * Conditions of a policy: operators, keys and values, read and judged.
 *
 * A value that is not known - a Scan may meet every partition key, an item that is answered whole
 * may have every attribute, a token lacks a claim - is judged against the caller: what allows does
 * not hold, what denies does. Reads fail closed by that, where IAM leaves it to the author to think
 * of Select (docs/adr, access).
 */
import { policyValuesMax } from '../base/access-limits.ts';
import { type ConditionKey, findConditionKey, sortKeyName } from './condition-keys.ts';
import { listOf, membersOf, PolicyFault, templateOf } from './policy-members.ts';
import { beginnings, fits, hasWildcard, type Template, type Variables } from './template.ts';

type Compare = 'text' | 'folded' | 'number' | 'bool' | 'null';

interface Operator {
  readonly compare: Compare;
  readonly hasWildcards: boolean;
  readonly isNegated: boolean;
  /** Of numbers: whether `value` stands so to `bound`. */
  readonly holds?: (value: number, bound: number) => boolean;
}

export interface Condition {
  readonly operator: Operator;
  /** ForAllValues, ForAnyValue, or neither. */
  readonly set: 'all' | 'any' | undefined;
  readonly ifExists: boolean;
  readonly key: ConditionKey;
  /** One of them suits. */
  readonly values: readonly Template[];
}

/** Any value there may be: nobody knows beforehand. */
export const anyValue: unique symbol = Symbol('any value');
export type Known = readonly string[] | typeof anyValue | Beginning;

/** Any value that begins so. */
export interface Beginning {
  readonly beginsWith: string;
}

/** What is known of a call, by the names of condition keys. */
export type Facts = ReadonlyMap<string, Known>;

const text = (isNegated: boolean, more: Partial<Operator> = {}): Operator => {
  return { compare: 'text', hasWildcards: false, isNegated, ...more };
};
const number = (holds: (value: number, bound: number) => boolean, isNegated = false): Operator => {
  return { compare: 'number', hasWildcards: false, isNegated, holds };
};

const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', text(false)],
  ['StringNotEquals', text(true)],
  ['StringEqualsIgnoreCase', text(false, { compare: 'folded' })],
  ['StringNotEqualsIgnoreCase', text(true, { compare: 'folded' })],
  ['StringLike', text(false, { hasWildcards: true })],
  ['StringNotLike', text(true, { hasWildcards: true })],
  ['ArnEquals', text(false, { hasWildcards: true })],
  ['ArnNotEquals', text(true, { hasWildcards: true })],
  ['ArnLike', text(false, { hasWildcards: true })],
  ['ArnNotLike', text(true, { hasWildcards: true })],
  ['NumericEquals', number((value, bound) => value === bound)],
  ['NumericNotEquals', number((value, bound) => value === bound, true)],
  ['NumericLessThan', number((value, bound) => value < bound)],
  ['NumericLessThanEquals', number((value, bound) => value <= bound)],
  ['NumericGreaterThan', number((value, bound) => value > bound)],
  ['NumericGreaterThanEquals', number((value, bound) => value >= bound)],
  ['Bool', text(false, { compare: 'bool' })],
  ['Null', text(false, { compare: 'null' })],
]);

/** The Condition member of a statement. Throws PolicyFault. */
export function readConditions(json: unknown, where: string): readonly Condition[] {
  if (json === undefined) return [];
  return [...membersOf(json, where)].flatMap(([written, keys]) => {
    const at = `${where}.${written}`;
    const [, setName, name = '', exists] =
      /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(written) ?? [];
    const operator = operators.get(name);
    if (operator === undefined || (operator.compare === 'null' && exists !== undefined)) {
      const names = [...operators.keys()].join(', ');
      throw new PolicyFault(
        at,
        `is no operator known here; there are ${names}, each after ForAllValues: or ForAnyValue:, ` +
          'and all but Null with IfExists behind it',
      );
    }
    const set = setName && (setName === 'ForAllValues' ? 'all' : 'any');
    return [...membersOf(keys, at)].map(([keyName, values]): Condition => {
      const key = findConditionKey(keyName);
      const place = `${at}.${keyName}`;
      if (key === undefined) throw new PolicyFault(place, 'is no condition key known here');
      if (key.isList && set === undefined && operator.compare !== 'null') {
        throw new PolicyFault(place, 'has several values: it takes ForAllValues: or ForAnyValue:');
      }
      const templates = readValues(values, operator, place);
      const ifExists = exists !== undefined;
      if (key.name === sortKeyName) checkBeginnings(written, templates, place);
      return { operator, set: set || undefined, ifExists, key, values: templates };
    });
  });
}

function readValues(json: unknown, operator: Operator, where: string): readonly Template[] {
  return listOf(json, where, policyValuesMax).map((value) => {
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') {
      throw new PolicyFault(where, 'must be texts');
    }
    const written = String(value);
    const isTruth = operator.compare === 'bool' || operator.compare === 'null';
    if (isTruth && written !== 'true' && written !== 'false') {
      throw new PolicyFault(where, 'must be "true" or "false"');
    }
    if (operator.compare === 'number' && !written.includes('${') && !isNumber(written)) {
      throw new PolicyFault(where, `must be numbers, not ${JSON.stringify(written)}`);
    }
    return templateOf(written, where, operator.hasWildcards);
  });
}

/** A condition on sort keys is a range of them: other words would be none. */
function checkBeginnings(written: string, values: readonly Template[], where: string): void {
  const isRange = (template: Template): boolean => {
    const { segments } = template;
    return (
      segments.at(-1)?.type === 'any' &&
      !hasWildcard({ ...template, segments: segments.slice(0, -1) })
    );
  };
  if (written === 'StringLike' && values.every(isRange)) return;
  throw new PolicyFault(where, 'takes StringLike, and texts with one * at their end');
}

/** Whether a condition holds; what is in doubt is judged against the caller. */
export function holds(
  condition: Condition,
  facts: Facts,
  variables: Variables,
  effect: 'Allow' | 'Deny',
): boolean {
  const { operator, key, set, values } = condition;
  const given = facts.get(key.name) ?? variables.get(key.name);
  const known = isList(given) && given.length === 0 ? undefined : given;
  if (operator.compare === 'null') {
    return values.some(({ source }) => (source === 'true') === (known === undefined));
  }
  if (known === anyValue) return values.some(letsAll(operator)) || effect === 'Deny';
  if (known === undefined) {
    if (condition.ifExists) return true;
    return set === undefined ? operator.isNegated : set === 'all';
  }
  if (!isList(known)) return meets(values, known, variables, effect);
  const test = (value: string): boolean => suits(condition, value, variables, effect);
  if (set === 'all') return known.every(test);
  if (set === 'any') return known.some(test);
  return operator.isNegated ? known.every(test) : known.some(test);
}

function isList(known: Known | undefined): known is readonly string[] {
  return Array.isArray(known);
}

/** An Allow has all values that begin so, a Deny some; in doubt a Deny holds. */
function meets(
  values: readonly Template[],
  { beginsWith }: Beginning,
  variables: Variables,
  effect: 'Allow' | 'Deny',
): boolean {
  return values.some((template) => {
    const texts = beginnings(template, variables);
    if (texts === undefined) return effect === 'Deny';
    const isWithin = texts.some((text) => beginsWith.startsWith(text));
    return isWithin || (effect === 'Deny' && texts.some((text) => text.startsWith(beginsWith)));
  });
}

/** `StringLike` of `*` says that every value will do. */
function letsAll({ hasWildcards, isNegated }: Operator): (value: Template) => boolean {
  return ({ isAll }) => hasWildcards && !isNegated && isAll;
}

function suits(
  { operator, values }: Condition,
  value: string,
  variables: Variables,
  effect: 'Allow' | 'Deny',
): boolean {
  // In doubt a statement that allows finds no equal, and none that differs either.
  const inDoubt = (effect === 'Deny') !== operator.isNegated;
  const isOne = values.some((template) => {
    const fit = fitOf(operator, template, value, variables);
    return fit === 'unknown' ? inDoubt : fit === 'fits';
  });
  return isOne !== operator.isNegated;
}

function fitOf(
  { compare, holds: stands }: Operator,
  template: Template,
  value: string,
  variables: Variables,
): ReturnType<typeof fits> {
  if (compare !== 'number') {
    return fits(template, value, variables, compare === 'folded' || compare === 'bool');
  }
  const bounds = template.segments.some(({ type }) => type === 'variable')
    ? boundsOf(template, variables)
    : [template.source];
  if (bounds === undefined || !bounds.every(isNumber)) return 'unknown';
  if (!isNumber(value)) return 'unknown';
  return bounds.some((bound) => stands?.(Number(value), Number(bound))) ? 'fits' : 'differs';
}

/** A number that a variable brings stands alone: it is not put together of parts. */
function boundsOf({ segments }: Template, variables: Variables): readonly string[] | undefined {
  const [segment, ...more] = segments;
  if (segment?.type !== 'variable' || more.length > 0) return undefined;
  return variables.get(segment.name) ?? (segment.otherwise ? [segment.otherwise] : undefined);
}

function isNumber(written: string): boolean {
  return /^-?(\d+(\.\d*)?|\.\d+)(e[-+]?\d{1,3})?$/i.test(written);
}
