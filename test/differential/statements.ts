/** PartiQL statements over a table, with literals and parameters. */
import type { Chance, Json } from './chance.ts';
import { attributes, type Key, type Table } from './tables.ts';
import { keyValue, likely, unlikeKeys, value } from './values.ts';

class Words {
  readonly parameters: Json[] = [];
  /** Whether a SELECT may read an index. */
  indexes = true;
  readonly chance: Chance;

  constructor(chance: Chance) {
    this.chance = chance;
  }

  value(of: Json): string {
    const text = this.chance.chance(0.5) ? literal(of) : undefined;
    if (text !== undefined) return text;
    this.parameters.push(of);
    return '?';
  }

  key(key: Key): string {
    return `${key.name} = ${this.value(keyValue(this.chance, key.type))}`;
  }
}

/** Some values can be written out; the others are parameters. */
function literal(of: Json): string | undefined {
  if (typeof of['S'] === 'string') return `'${of['S']}'`;
  if (typeof of['N'] === 'string' && /^-?\d+(\.\d+)?$/.test(of['N'])) return of['N'];
  if (typeof of['BOOL'] === 'boolean') return String(of['BOOL']);
  if (of['NULL'] === true) return 'null';
  if (Array.isArray(of['SS'])) return `<<${of['SS'].map((text) => `'${text}'`).join(', ')}>>`;
  if (typeof of['M'] === 'object' && of['M'] !== null) {
    const entries = Object.entries(of['M']).map(([name, member]) => [
      name,
      literal(member as Json),
    ]);
    if (entries.some(([, member]) => member === undefined)) return undefined;
    return `{${entries.map(([name, member]) => `'${name}': ${member}`).join(', ')}}`;
  }
  if (Array.isArray(of['L'])) {
    const inner = of['L'].map((element: Json) => literal(element));
    return inner.includes(undefined) ? undefined : `[${inner.join(', ')}]`;
  }
  return undefined;
}

function condition(words: Words): string {
  const { chance } = words;
  const name = chance.pick(attributes);
  const of = (): string => words.value(value(chance, 2));
  return chance.weigh([
    [4, () => `${name} ${chance.pick(['=', '<>', '<', '<=', '>', '>='])} ${of()}`],
    [1, () => `${name} BETWEEN ${of()} AND ${of()}`],
    [1, () => `${name} IN [${of()}, ${of()}]`],
    [1, () => `${name} IS ${chance.pick(['MISSING', 'NOT MISSING', 'NULL', 'NOT NULL'])}`],
    [1, () => `begins_with(${name}, ${words.value({ S: 'a' })})`],
    [1, () => `contains(${name}, ${words.value({ S: 'a' })})`],
    [1, () => `${name}.x = ${of()}`],
    [1, () => `${name}[0] = ${of()}`],
    [1, () => `size(${name}) ${chance.pick(['=', '>', '<='])} ${words.value({ N: '2' })}`],
    [1, () => `attribute_type(${name}, '${chance.pick(['S', 'N', 'L', 'M', 'SS'])}')`],
    [2, () => `${name} = ${words.value(likely(chance, name))}`],
    [1, () => `NOT ${name} = ${of()}`],
    [1, () => `(${name} = ${of()} OR ${name} = ${of()})`],
  ]);
}

function where(words: Words, of: Table, whole: boolean): string {
  const { chance } = words;
  const keys = whole || chance.chance(0.6) ? of.keys : of.keys.slice(0, 1);
  const more = !whole && chance.chance(0.3);
  const terms = more ? [...otherKeys(words, of)] : keys.map((key) => words.key(key));
  if (chance.chance(0.3)) terms.push(condition(words));
  return `WHERE ${terms.join(' AND ')}`;
}

/** Conditions on keys that are more than equalities. */
function otherKeys(words: Words, of: Table): readonly string[] {
  const { chance } = words;
  const [hash, range] = of.keys as [Key, Key | undefined];
  const value = (key: Key): string => words.value(keyValue(chance, key.type));
  // One key twice in a list is refused here and by the service, and not by DynamoDB Local.
  const either = ({ name, type }: Key): string => {
    const [one, two] = unlikeKeys(chance, type);
    if (chance.chance(0.2)) return `${name} IN [${words.value(one)}]`;
    return `${name} IN [${words.value(one)}, ${words.value(two)}]`;
  };
  if (range === undefined || chance.chance(0.3)) return [either(hash)];
  const { name } = range;
  const first = words.key(hash);
  const second = chance.weigh([
    [3, () => `${name} ${chance.pick(['<', '<=', '>', '>='])} ${value(range)}`],
    [1, () => `${name} BETWEEN ${value(range)} AND ${value(range)}`],
    [range.type === 'N' ? 0 : 1, () => `begins_with(${name}, ${value(range)})`],
    [1, () => either(range)],
    [1, () => `${name} <> ${words.value(unlikeKeys(chance, range.type)[0])}`],
  ]);
  return [first, second];
}

export function select(words: Words, of: Table): string {
  const { chance } = words;
  const shown = chance.weigh([
    [4, () => '*'],
    [2, () => chance.times(1, 2, () => chance.pick(attributes)).join(', ')],
    [1, () => `${chance.pick(attributes)}.x`],
  ]);
  const from =
    of.indexes.length > 0 && words.indexes && chance.chance(0.2)
      ? chance.pick(of.indexes)
      : undefined;
  const table = from === undefined ? `"${of.name}"` : `"${of.name}"."${from.name}"`;
  if (from !== undefined) return `SELECT * FROM ${table} WHERE ${words.key(from.keys[0] as Key)}`;
  if (chance.chance(0.15)) return `SELECT ${shown} FROM ${table} WHERE ${condition(words)}`;
  const order = of.keys[1] !== undefined && chance.chance(0.15);
  const text = `SELECT ${shown} FROM ${table} ${where(words, of, false)}`;
  // Several partitions in the order of one sort key are refused here, but not by DynamoDB Local.
  return order && !/ p IN /.test(text)
    ? `${text} ORDER BY s${chance.pick([' DESC', ' ASC', ''])}`
    : text;
}

/** A condition check of a transaction. */
export function exists(words: Words, of: Table): string {
  const keys = of.keys.map((key) => words.key(key));
  return `EXISTS(SELECT * FROM "${of.name}" WHERE ${[...keys, condition(words)].join(' AND ')})`;
}

function insert(words: Words, of: Table): string {
  const { chance } = words;
  const members = of.keys.map((key) => `'${key.name}': ${words.value(keyValue(chance, key.type))}`);
  for (const name of attributes) {
    if (chance.chance(0.4)) members.push(`'${name}': ${words.value(likely(chance, name))}`);
  }
  return `INSERT INTO "${of.name}" VALUE {${members.join(', ')}}`;
}

function change(words: Words, of: Table): string {
  const { chance } = words;
  const [first, second] = [chance.pick(attributes), chance.pick(attributes)];
  const clause = chance.weigh([
    [4, () => `SET ${first} = ${words.value(likely(chance, first))}`],
    [1, () => `SET ${first} = ${first} + ${words.value({ N: '1' })}`],
    [1, () => `SET a = a ${chance.pick(['+', '-'])} ${words.value({ N: '1.5' })}`],
    [1, () => `SET e.x = ${words.value({ N: '1' })} REMOVE ${chance.pick(['a', 'b', 'd[0]'])}`],
    [1, () => `SET d = list_append(d, ${words.value({ L: [{ S: 'a' }] })}) SET b = 'z'`],
    [1, () => `SET c = ${chance.pick(['set_add', 'set_delete'])}(c, <<'a', 'b'>>)`],
    [1, () => `SET ${first} = ${second}`],
    [1, () => `SET ${first}.x = ${words.value(value(chance, 2))}`],
    [1, () => `REMOVE ${first}`],
    [1, () => `REMOVE ${first}[0]`],
    [1, () => `SET ${first} = list_append(${first}, ${words.value({ L: [{ N: '1' }] })})`],
    [1, () => `SET ${first} = set_add(${first}, ${words.value({ SS: ['a', 'b'] })})`],
    [1, () => `SET ${first} = set_delete(${first}, ${words.value({ SS: ['a'] })})`],
  ]);
  const returning = chance.chance(0.4)
    ? ` RETURNING ${chance.pick(['ALL', 'MODIFIED'])} ${chance.pick(['OLD', 'NEW'])} *`
    : '';
  return `UPDATE "${of.name}" ${clause} ${where(words, of, chance.chance(0.95))}${returning}`;
}

function remove(words: Words, of: Table): string {
  const returning = words.chance.chance(0.4) ? ' RETURNING ALL OLD *' : '';
  return `DELETE FROM "${of.name}" ${where(words, of, words.chance.chance(0.95))}${returning}`;
}

export function statement(chance: Chance, of: Table, kinds: readonly string[]): Json {
  const words = new Words(chance);
  words.indexes = kinds.length !== 1;
  const rows: Readonly<Record<string, (words: Words, of: Table) => string>> = {
    select,
    insert,
    change,
    remove,
    exists,
  };
  const Statement = rows[chance.pick(kinds)]?.(words, of) ?? '';
  const { parameters } = words;
  if (chance.chance(0.004)) parameters.push({ S: 'a' });
  return { Statement, ...(parameters.length > 0 && { Parameters: parameters }) };
}
