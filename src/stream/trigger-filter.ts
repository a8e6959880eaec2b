/**
 * FilterCriteria of a Lambda event source: which records of a stream a trigger wants.
 *
 * A pattern is JSON text in the form of the record; its leaves are lists of rules, of which one
 * must hold (Lambda's guide, "Filter rule syntax", and EventBridge's comparison operators, which it
 * names). All members of an object must hold, one of several patterns. A number in an attribute is
 * text in DynamoDB's JSON, so `numeric` also reads the text of an `N`.
 */
import { filterPatternBytesMax, filterPatternsMax } from '../base/trigger-limits.ts';
import { validation } from '../base/errors.ts';

export type Filter = (record: object) => boolean;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
/** Of the values at a leaf's path: an array's elements, or the one that is there, or none. */
type Rule = (values: readonly unknown[], name: string) => boolean;
type Node = (value: unknown) => boolean;
type Comparison = (a: number, b: number) => boolean;

const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ['=', (a, b) => a === b],
  ['!=', (a, b) => a !== b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

/** Throws ValidationException on a pattern that is none. Without patterns every record passes. */
export function compileFilter(patterns: readonly string[]): Filter {
  if (patterns.length > filterPatternsMax) {
    throw bad(`there are ${patterns.length} filters, of at most ${filterPatternsMax}`);
  }
  if (patterns.length === 0) return () => true;
  const nodes = patterns.map(compilePattern);
  return (record) => nodes.some((node) => node(record));
}

function compilePattern(text: string): Node {
  if (typeof text !== 'string') throw bad('a Pattern is not a text');
  if (text.length > filterPatternBytesMax) {
    throw bad(`a Pattern has more than ${filterPatternBytesMax} characters`);
  }
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    throw bad(`it is not JSON: ${text}`);
  }
  if (!isObject(json)) throw bad('a Pattern is not an object');
  return objectNode(json, '');
}

function objectNode(pattern: { readonly [name: string]: Json }, path: string): Node {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw bad(`${path || 'the Pattern'} is empty`);
  const nodes = entries.map(([name, value]) => memberNode(name, value, path));
  return (value) => nodes.every((node) => node(value));
}

function memberNode(name: string, value: Json, above: string): Node {
  const path = above === '' ? name : `${above}.${name}`;
  if (name === '$or') return orNode(value, above);
  if (Array.isArray(value)) {
    if (value.length === 0) throw bad(`${path} is an empty list`);
    const rules = value.map((rule: Json) => compileRule(rule, path));
    return (parent) => {
      const values = valuesOf(memberOf(parent, name));
      return rules.some((rule) => rule(values, name));
    };
  }
  if (!isObject(value)) throw bad(`${path} is neither an object nor a list of rules`);
  const node = objectNode(value, path);
  return (parent) => {
    const child = memberOf(parent, name);
    // In a list of objects, one of them.
    return Array.isArray(child) ? child.some(node) : node(child);
  };
}

function orNode(value: Json, path: string): Node {
  if (!Array.isArray(value) || value.length < 2)
    throw bad('$or is a list of at least two patterns');
  const nodes = value.map((one: Json) => {
    if (!isObject(one)) throw bad('$or holds something that is no pattern');
    return objectNode(one, path);
  });
  return (parent) => nodes.some((node) => node(parent));
}

function compileRule(rule: Json, path: string): Rule {
  if (!isObject(rule)) {
    if (Array.isArray(rule)) throw bad(`${path} has a list in its list`);
    return (values) => values.some((value) => value === rule);
  }
  const entries = Object.entries(rule);
  const [name, operand] = entries[0] ?? [];
  if (entries.length !== 1 || name === undefined || operand === undefined) {
    throw bad(`${path} has a rule with ${entries.length} operators`);
  }
  if (name === 'exists') {
    if (typeof operand !== 'boolean') throw bad(`exists in ${path} is true or false`);
    return (values) => values.length > 0 === operand;
  }
  if (name === 'numeric') return numericRule(operand, path);
  if (name === 'anything-but') return anythingBut(operand, path);
  const matches = textRule(name, operand, path);
  return (values) => values.some(matches);
}

/** Rules about one text. */
function textRule(name: string, operand: Json, path: string): (value: unknown) => boolean {
  if ((name === 'prefix' || name === 'suffix') && isObject(operand)) {
    const folded = operand['equals-ignore-case'];
    if (typeof folded !== 'string') throw bad(`${name} in ${path} is not a text`);
    const wanted = folded.toLowerCase();
    return (value) => typeof value === 'string' && hasEnd(name, value.toLowerCase(), wanted);
  }
  if (typeof operand !== 'string') throw bad(`${name} in ${path} is not a text`);
  switch (name) {
    case 'prefix':
    case 'suffix':
      if (operand === '') throw bad(`${name} in ${path} is empty`);
      return (value) => typeof value === 'string' && hasEnd(name, value, operand);
    case 'equals-ignore-case': {
      const wanted = operand.toLowerCase();
      return (value) => typeof value === 'string' && value.toLowerCase() === wanted;
    }
    case 'wildcard':
      return wildcard(operand, path);
    default:
      throw bad(`${path} has the unknown operator ${name}`);
  }
}

function hasEnd(name: 'prefix' | 'suffix', value: string, wanted: string): boolean {
  return name === 'prefix' ? value.startsWith(wanted) : value.endsWith(wanted);
}

/** `*` is any text; `\*` and `\\` are themselves. */
function wildcard(text: string, path: string): (value: unknown) => boolean {
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] as string;
    if (letter === '*') {
      if (text[at + 1] === '*') throw bad(`wildcard in ${path} has ** in it`);
      parts.push(part);
      part = '';
      continue;
    }
    if (letter === '\\') at += 1;
    const itself = text[at] ?? '';
    if (letter === '\\' && itself !== '*' && itself !== '\\') {
      throw bad(`wildcard in ${path} has a \\ before neither * nor \\`);
    }
    part += itself;
  }
  parts.push(part);
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return (value) => value === first;
  return (value) => {
    if (typeof value !== 'string' || !value.startsWith(first) || !value.endsWith(last))
      return false;
    let at = first.length;
    for (const part of rest) {
      const found = value.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= value.length - last.length;
  };
}

/** Holds when there is a value, and none is what is excluded. */
function anythingBut(operand: Json, path: string): Rule {
  if (isObject(operand)) {
    const [name, inner] = Object.entries(operand)[0] ?? [];
    if (name === undefined || inner === undefined || Object.keys(operand).length !== 1) {
      throw bad(`anything-but in ${path} has not one operator`);
    }
    if (
      name === 'equals-ignore-case' ||
      name === 'prefix' ||
      name === 'suffix' ||
      name === 'wildcard'
    ) {
      const texts = Array.isArray(inner) ? (inner as readonly Json[]) : [inner];
      const rules = texts.map((text) => textRule(name, text, path));
      return (values) =>
        values.length > 0 && !values.some((value) => rules.some((matches) => matches(value)));
    }
    throw bad(`anything-but in ${path} has the unknown operator ${name}`);
  }
  const excluded: readonly Json[] = Array.isArray(operand) ? operand : [operand];
  const fits = (one: Json): boolean => typeof one === 'string' || typeof one === 'number';
  if (excluded.length === 0 || !excluded.every(fits)) {
    throw bad(`anything-but in ${path} is neither a text, a number nor a list of them`);
  }
  return (values) =>
    values.length > 0 && !values.some((value) => excluded.some((one) => one === value));
}

function numericRule(operand: Json, path: string): Rule {
  const what = `numeric in ${path}`;
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw bad(`${what} is not one or two comparisons, as [">", 0, "<=", 5]`);
  }
  const tests: [Comparison, number][] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const compare = comparisons.get(String(operand[at]));
    const bound = operand[at + 1] as Json;
    if (compare === undefined) throw bad(`${what} has the unknown comparison ${operand[at]}`);
    if (typeof bound !== 'number') throw bad(`${what} compares with something that is no number`);
    tests.push([compare, bound]);
  }
  return (values, name) =>
    values.some((value) => {
      const number = typeof value === 'string' && name === 'N' ? Number(value) : value;
      if (typeof number !== 'number' || Number.isNaN(number)) return false;
      return tests.every(([compare, bound]) => compare(number, bound));
    });
}

/** Absent, or an object: no value at a leaf. */
function valuesOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.filter((one) => !isObject(one));
  return isObject(value) ? [] : [value];
}

function memberOf(parent: unknown, name: string): unknown {
  return isObject(parent) && Object.hasOwn(parent, name) ? parent[name] : undefined;
}

function isObject<T>(value: T): value is T & { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(why: string): ReturnType<typeof validation> {
  return validation(`Invalid filter pattern: ${why}`);
}
