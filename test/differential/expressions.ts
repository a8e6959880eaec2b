/**
 * Random expressions, each with the names and values it uses: mostly well formed, of any type.
 *
 * Faults are made on purpose, each rarely: a reserved word, a placeholder too few or too many, an
 * unknown function, text that does not parse.
 */
import type { Chance, Json } from './chance.ts';
import { attributes, type Key } from './tables.ts';
import { type KeyType, keyValue, value } from './values.ts';

export class Scope {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, Json>();
  readonly chance: Chance;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  name(attribute: string): string {
    if (this.chance.chance(0.002)) return this.chance.pick(['size', 'Name', '_a', '1a', 'a-b']);
    if (attribute.length === 1 && this.chance.chance(0.6)) return attribute;
    const placeholder = `#${attribute}`;
    if (!this.chance.chance(0.003)) this.#names.set(placeholder, attribute);
    return placeholder;
  }

  value(of: Json): string {
    const placeholder = `:v${this.#values.size}`;
    if (!this.chance.chance(0.003)) this.#values.set(placeholder, of);
    return placeholder;
  }

  /** ExpressionAttributeNames and -Values. */
  maps(): Json {
    if (this.chance.chance(0.004)) this.#values.set(':unused', { S: 'a' });
    if (this.chance.chance(0.004)) this.#names.set('#unused', 'a');
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(this.#names) }),
      ...(this.#values.size > 0 && { ExpressionAttributeValues: Object.fromEntries(this.#values) }),
    };
  }
}

export function path(scope: Scope, roots: readonly string[] = attributes): string {
  const { chance } = scope;
  const steps = chance.weigh<readonly string[]>([
    [8, () => []],
    [6, () => chance.times(1, 2, () => chance.pick(['.x', '.y', '.z', '[0]', '[1]', '[3]']))],
  ]);
  return scope.name(chance.pick(roots)) + steps.join('');
}

function operand(scope: Scope): string {
  const { chance } = scope;
  return chance.weigh([
    [8, () => path(scope)],
    [8, () => scope.value(value(chance))],
    [2, () => `size(${path(scope)})`],
    [1, () => scope.name(chance.pick(['p', 's', 'g', 'h']))],
  ]);
}

/** Mostly of a type that has an order: a literal that has none is refused. */
function orderedValue(scope: Scope): string {
  const { chance } = scope;
  const type = chance.pick<KeyType>(['S', 'N', 'N', 'B']);
  return scope.value(chance.chance(0.02) ? value(chance) : keyValue(chance, type));
}

function comparison(scope: Scope): string {
  const operator = scope.chance.pick(comparators);
  const right = operator === '=' || operator === '<>' ? operand(scope) : orderedValue(scope);
  return `${path(scope)} ${operator} ${right}`;
}

function between(scope: Scope): string {
  const lower = scope.chance.chance(0.7) ? path(scope) : orderedValue(scope);
  return `${path(scope)} BETWEEN ${lower} AND ${orderedValue(scope)}`;
}

function prefix(scope: Scope): string {
  const { chance } = scope;
  if (chance.chance(0.03)) return operand(scope);
  return scope.value(chance.pick<Json>([{ S: 'a' }, { S: '' }, { S: 'ab' }, { B: 'YQ==' }]));
}

const comparators = ['=', '<>', '<', '<=', '>', '>='];
const types = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'BOOL', 'NULL', 'L', 'M'];

export function condition(scope: Scope, depth = 0): string {
  const { chance } = scope;
  if (depth === 0 && chance.chance(0.01)) return brokenCondition(scope);
  const inner = (): string => condition(scope, depth + 1);
  const deeper = depth < 3 ? 2 : 0;
  return chance.weigh([
    [6, () => comparison(scope)],
    [2, () => `${operand(scope)} ${chance.pick(['=', '<>'])} ${operand(scope)}`],
    [2, () => between(scope)],
    [2, () => `${operand(scope)} IN (${chance.times(1, 3, () => operand(scope)).join(', ')})`],
    [2, () => `attribute_exists(${path(scope)})`],
    [2, () => `attribute_not_exists(${path(scope)})`],
    [1, () => `attribute_type(${path(scope)}, ${scope.value({ S: chance.pick(types) })})`],
    [2, () => `begins_with(${path(scope)}, ${prefix(scope)})`],
    [2, () => `contains(${path(scope)}, ${operand(scope)})`],
    [deeper, () => `${inner()} AND ${inner()}`],
    [deeper, () => `${inner()} OR ${inner()}`],
    [deeper, () => `NOT ${inner()}`],
    [deeper, () => `(${inner()} ${chance.pick(['AND', 'or'])} ${inner()})`],
  ]);
}

function brokenCondition(scope: Scope): string {
  const fine = condition(scope, 3);
  return scope.chance.pick([
    '',
    `${fine} AND`,
    `(${fine}`,
    `((${fine}))`,
    `${fine})`,
    `${fine} ${fine}`,
    'a == b',
    'a = = b',
    'unknown(a)',
    'size(a)',
    'attribute_exists(a, b)',
    'attribute_exists(a) = b',
    'a = a',
    'contains(a, a)',
    'a = if_not_exists(b, c)',
    'a.b. = c',
    'a[b] = c',
    'a IN ()',
    'a BETWEEN b',
    'a = :missing',
    '#missing = a',
    'status = a',
    '! a',
  ]);
}

export function projection(scope: Scope, key = 'p'): string {
  const { chance } = scope;
  if (chance.chance(0.02))
    return chance.pick(['', 'a,', ',a', 'a, a', 'a, a.x', 'a.x, a[0]', 'a b', '!!', 'year']);
  const roots = [...attributes, key];
  return [...new Set(chance.times(1, 3, () => path(scope, roots)))].join(', ');
}

export function update(scope: Scope): string {
  const { chance } = scope;
  if (chance.chance(0.01)) return brokenUpdate(chance);
  const roots = attributes.filter(() => chance.chance(0.7));
  const next = (): string | undefined => {
    const root = roots.pop();
    return root === undefined
      ? undefined
      : path(scope, [chance.chance(0.03) ? chance.pick(['p', 'g', 'h']) : root]);
  };
  const sections = ['SET', 'SET', 'SET', 'REMOVE', 'ADD', 'DELETE'].filter(() =>
    chance.chance(0.4),
  );
  const made = new Map<string, string[]>();
  for (const section of sections.length > 0 ? sections : ['SET']) {
    const target = next() ?? path(scope);
    made.set(section, [...(made.get(section) ?? []), action(scope, section, target)]);
  }
  return [...made].map(([section, actions]) => `${section} ${actions.join(', ')}`).join(' ');
}

function action(scope: Scope, section: string, target: string): string {
  const { chance } = scope;
  if (section === 'REMOVE') return target;
  const number = (): Json =>
    chance.chance(0.9) ? { N: chance.pick(['1', '-1', '0.5', '1e20']) } : value(chance);
  const set = (): Json =>
    chance.pick<Json>([{ SS: ['a'] }, { NS: ['1', '2'] }, { BS: ['YQ=='] }, { SS: ['b', 'é'] }]);
  if (section === 'ADD') return `${target} ${scope.value(chance.chance(0.5) ? number() : set())}`;
  if (section === 'DELETE')
    return `${target} ${scope.value(chance.chance(0.9) ? set() : value(chance))}`;
  return `${target} = ${assigned(scope, target, number)}`;
}

function assigned(scope: Scope, target: string, number: () => Json): string {
  const { chance } = scope;
  const term = (): string => {
    return chance.weigh([
      [4, () => scope.value(number())],
      [3, () => target],
      [2, () => path(scope)],
      [2, () => `if_not_exists(${path(scope)}, ${scope.value(number())})`],
    ]);
  };
  return chance.weigh([
    [10, () => scope.value(value(chance))],
    [2, () => path(scope)],
    [4, () => `${term()} ${chance.pick(['+', '-'])} ${term()}`],
    [3, () => `if_not_exists(${path(scope)}, ${scope.value(value(chance))})`],
    [3, () => `list_append(${term()}, ${scope.value({ L: [value(chance, 2)] })})`],
  ]);
}

function brokenUpdate(chance: Chance): string {
  return chance.pick([
    '',
    'SET',
    'SET a',
    'SET a = ',
    'a = :missing',
    'INVALID SYNTAX',
    'SET a = b SET c = d',
    'SET a = b + c + d',
    'SET a = b, a = c',
    'SET a.x = b, a = c',
    'SET a.x = b, a[0] = c',
    'SET a = b REMOVE a',
    'SET a = unknown(b)',
    'SET a = attribute_exists(b)',
    'SET a = size(b)',
    'SET a = list_append(b)',
    'SET a = if_not_exists(b)',
    'ADD a b',
    'REMOVE a b',
    'DELETE a',
    'SET p.x = b',
    'SET a = #missing',
    'SET a[99999999999] = b',
    'SET data = a',
  ]);
}

/** A key condition on `keys`: on the first alone, or on both. */
export function keyCondition(scope: Scope, keys: readonly Key[]): string {
  const { chance } = scope;
  const [hash, range] = keys as [Key, Key | undefined];
  const of = (key: Key): string => {
    const fits = !chance.chance(0.01);
    return scope.value(fits ? keyValue(chance, key.type) : value(chance));
  };
  if (chance.chance(0.02)) return brokenKeyCondition(scope, hash);
  const first = `${scope.name(hash.name)} = ${of(hash)}`;
  if (range === undefined || chance.chance(0.4)) return first;
  const name = scope.name(range.name);
  const second = chance.weigh([
    [4, () => `${name} ${chance.pick(['=', '<', '<=', '>', '>='])} ${of(range)}`],
    [1, () => `${of(range)} ${chance.pick(['<', '>'])} ${name}`],
    [2, () => `${name} BETWEEN ${of(range)} AND ${of(range)}`],
    [range.type === 'N' ? 0 : 2, () => `begins_with(${name}, ${of(range)})`],
  ]);
  return chance.chance(0.8) ? `${first} AND ${second}` : `${second} AND (${first})`;
}

function brokenKeyCondition(scope: Scope, hash: Key): string {
  const { chance } = scope;
  const one = scope.value(keyValue(chance, hash.type));
  const name = hash.name;
  return chance.pick([
    `${name} > ${one}`,
    `${name} <> ${one}`,
    `a = ${one}`,
    `${name} = ${one} AND a = ${one}`,
    `${name} = ${one} AND ${name} = ${one}`,
    `${name} = ${one} OR a = ${one}`,
    `NOT ${name} = ${one}`,
    `${name} IN (${one})`,
    `${name}.x = ${one}`,
    `attribute_exists(${name})`,
    `${name} = ${one} AND contains(a, ${one})`,
    `size(${name}) = ${one}`,
    `${name} = a`,
    `${one} = ${one}`,
    '',
  ]);
}
