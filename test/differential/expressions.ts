/**
 * Random expressions, each with the names and values it uses: mostly well formed, of any type.
 *
 * Faults are made on purpose, each rarely: a reserved word, a placeholder too few or too many, an
 * unknown function, text that does not parse.
 */
import type { Chance, Json } from './chance.ts';
import { attributes, type Key } from './tables.ts';
import { type KeyType, keyValue, likely, value } from './values.ts';

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

/** Steps into what an attribute of this name mostly holds. */
const likelySteps: Readonly<Record<string, readonly string[]>> = {
  d: ['[0]', '[1]', '[9]', '[0].x'],
  e: ['.x', '.y', '.y[0]', '.y[1]', '.z', '.z.x', '.w', '.y[7]'],
};

export function path(scope: Scope, roots: readonly string[] = attributes): string {
  const { chance } = scope;
  const root = chance.pick(roots);
  const known = likelySteps[root];
  if (known !== undefined && chance.chance(0.4)) return scope.name(root) + chance.pick(known);
  const steps = chance.weigh<readonly string[]>([
    [8, () => []],
    [6, () => chance.times(1, 2, () => chance.pick(['.x', '.y', '.z', '[0]', '[1]', '[3]']))],
  ]);
  return scope.name(root) + steps.join('');
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

/** An attribute with a value of the type that it mostly has. */
function likelyComparison(scope: Scope): string {
  const { chance } = scope;
  const [name, operator] = [chance.pick(attributes), chance.pick(comparators)];
  const simple = name === 'a' || name === 'b';
  const one = scope.value(likely(chance, name));
  return `${scope.name(name)} ${simple ? operator : chance.pick(['=', '<>'])} ${one}`;
}

function comparison(scope: Scope): string {
  if (scope.chance.chance(0.4)) return likelyComparison(scope);
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
    if (root === undefined) return undefined;
    if (chance.chance(0.03)) return path(scope, [chance.pick(['p', 'g', 'h'])]);
    // Few items hold anything below these three.
    const flat = root < 'd' && chance.chance(0.85);
    return flat ? scope.name(root) : path(scope, [root]);
  };
  const often = chance.chance(0.3) ? 0.4 : 0.12;
  const sections = ['SET', 'SET', 'SET', 'REMOVE', 'ADD', 'DELETE'].filter(() =>
    chance.chance(often),
  );
  const made = new Map<string, string[]>();
  for (const section of sections.length > 0 ? sections : ['SET']) {
    const target = fitting(scope, section, roots) ?? next() ?? path(scope);
    made.set(section, [...(made.get(section) ?? []), action(scope, section, target)]);
  }
  return [...made].map(([section, actions]) => `${section} ${actions.join(', ')}`).join(' ');
}

/** Often what a section can work on: a number or a set, as ADD and DELETE want. */
function fitting(scope: Scope, section: string, roots: string[]): string | undefined {
  const wanted = section === 'ADD' ? ['a', 'c'] : section === 'DELETE' ? ['c'] : [];
  const at = roots.findIndex((root) => wanted.includes(root));
  if (at < 0 || scope.chance.chance(0.3)) return undefined;
  return scope.name(roots.splice(at, 1)[0] as string);
}

function action(scope: Scope, section: string, target: string): string {
  const { chance } = scope;
  if (section === 'REMOVE') return target;
  const number = (): Json =>
    chance.chance(0.9) ? { N: chance.pick(['1', '-1', '0.5', '1e20']) } : value(chance);
  const set = (): Json =>
    chance.pick<Json>([{ SS: ['a'] }, { NS: ['1', '2'] }, { BS: ['YQ=='] }, { SS: ['b', 'é'] }]);
  const isSet = chance.chance(rootOf(target) === 'c' ? 0.9 : 0.3);
  if (section === 'ADD') return `${target} ${scope.value(isSet ? set() : number())}`;
  if (section === 'DELETE')
    return `${target} ${scope.value(chance.chance(0.9) ? set() : value(chance))}`;
  return `${target} = ${assigned(scope, target, number)}`;
}

/** The attribute that a target is of, without its placeholder's sign. */
function rootOf(target: string): string {
  return /^#?(\w+)/.exec(target)?.[1] ?? '';
}

function listAppend(scope: Scope, target: string): string {
  const more = scope.value({ L: [value(scope.chance, 2)] });
  return `list_append(${scope.chance.chance(0.5) ? `${target}, ${more}` : `${more}, ${target}`})`;
}

function assigned(scope: Scope, target: string, number: () => Json): string {
  const { chance } = scope;
  const term = (): string => {
    return chance.weigh([
      [4, () => scope.value(number())],
      [3, () => target],
      [1, () => path(scope)],
      [2, () => `if_not_exists(${path(scope)}, ${scope.value(number())})`],
    ]);
  };
  const root = rootOf(target);
  const plain = target.endsWith(root);
  return chance.weigh([
    [10, () => scope.value(plain ? likely(chance, root) : value(chance, 1))],
    [
      plain && root === 'a' ? 9 : 0,
      () => `${target} ${chance.pick(['+', '-'])} ${scope.value(number())}`,
    ],
    [plain && root === 'd' ? 9 : 0, () => listAppend(scope, target)],
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

/** What often holds, so that writes under a condition are carried out too. */
export function mildCondition(scope: Scope): string {
  const { chance } = scope;
  const name = chance.pick(attributes);
  return chance.weigh([
    [2, () => `${scope.name(name)} <> ${scope.value(value(chance))}`],
    [2, () => `attribute_not_exists(${scope.name('w')})`],
    [1, () => `attribute_exists(${scope.name('p')})`],
    [1, () => `NOT ${likelyComparison(scope)}`],
    [
      1,
      () => `size(${scope.name('p')}) > ${scope.value({ N: '0' })} OR ${likelyComparison(scope)}`,
    ],
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
