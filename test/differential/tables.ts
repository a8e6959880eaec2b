/** Random tables: keys of every type, local and global indexes with every projection. */
import type { Chance, Json } from './chance.ts';
import { type KeyType, keyValue, likely, value } from './values.ts';

export interface Key {
  readonly name: string;
  readonly type: KeyType;
}

export interface Index {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly global: boolean;
}

export interface Table {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly indexes: readonly Index[];
  /** CreateTable's input. */
  readonly input: Json;
}

/** Attributes that no key uses; they are what most expressions speak of. */
export const attributes = ['a', 'b', 'c', 'd', 'e'] as const;

export function table(chance: Chance, name: string): Table {
  const type = (): KeyType => chance.pick<KeyType>(['S', 'S', 'N', 'N', 'B']);
  const keys: Key[] = [{ name: 'p', type: type() }];
  if (chance.chance(0.7)) keys.push({ name: 's', type: type() });
  const others: Key[] = ['g', 'h', 'i'].map((key) => ({ name: key, type: type() }));
  const indexes: Index[] = [];
  if (keys.length === 2 && chance.chance(0.5)) {
    indexes.push({ name: 'local', keys: [keys[0] as Key, others[0] as Key], global: false });
  }
  const globals = chance.below(3);
  for (let at = 0; at < globals; at += 1) {
    const hash = chance.pick([...others, keys.at(-1) as Key]);
    const ranges = [...others, ...keys].filter((key) => key.name !== hash.name);
    const own = chance.chance(0.6) ? [hash, chance.pick(ranges)] : [hash];
    indexes.push({ name: `global${at}`, keys: own, global: true });
  }
  const described = { name, keys, indexes };
  return { ...described, input: createInput(chance, described) };
}

function createInput(chance: Chance, { name, keys, indexes }: Omit<Table, 'input'>): Json {
  const used = new Map(
    [...keys, ...indexes.flatMap((index) => index.keys)].map((key) => [key.name, key]),
  );
  const local = indexes.filter((index) => !index.global).map((index) => indexInput(chance, index));
  const global = indexes.filter((index) => index.global).map((index) => indexInput(chance, index));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...used.values()].map((key) => definition(key)),
    KeySchema: schema(keys),
    ...(local.length > 0 && { LocalSecondaryIndexes: local }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
  };
}

/** UpdateTable's input that makes or drops a global index, and the table after it. */
export function indexChange(chance: Chance, of: Table): { input: Json; after: Table } {
  const { name, indexes } = of;
  const globals = indexes.filter((index) => index.global);
  const change = (update: Json, after: readonly Index[], more: Json = {}) => {
    const input = { TableName: name, GlobalSecondaryIndexUpdates: [update], ...more };
    return { input, after: { ...of, indexes: after } };
  };
  if (globals.length > 0 && chance.chance(0.5)) {
    const gone = chance.pick(globals);
    const left = indexes.filter((index) => index !== gone);
    return change({ Delete: { IndexName: gone.name } }, left);
  }
  // Keys that are in use already: DynamoDB Local fills an index with values of any type.
  const used = new Map(
    [...of.keys, ...indexes.flatMap(({ keys }) => keys)].map((key) => [key.name, key]),
  );
  const hash = chance.pick([...used.values()]);
  const ranges = [...used.values()].filter((key) => key.name !== hash.name);
  const keys = ranges.length > 0 && chance.chance(0.5) ? [hash, chance.pick(ranges)] : [hash];
  const made = { name: `later${chance.below(1000)}`, keys, global: true };
  return change({ Create: indexInput(chance, made) }, [...indexes, made], {
    AttributeDefinitions: keys.map((key) => definition(key)),
  });
}

function definition(key: Key): Json {
  return { AttributeName: key.name, AttributeType: key.type };
}

function schema(keys: readonly Key[]): readonly Json[] {
  return keys.map((key, at) => ({ AttributeName: key.name, KeyType: at === 0 ? 'HASH' : 'RANGE' }));
}

function indexInput(chance: Chance, index: Index): Json {
  const Projection = chance.pick<Json>([
    { ProjectionType: 'ALL' },
    { ProjectionType: 'KEYS_ONLY' },
    { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a', 'c'] },
  ]);
  return { IndexName: index.name, KeySchema: schema(index.keys), Projection };
}

/** A key of the table; now and then one that it cannot have. */
export function keyOf(chance: Chance, of: Table): Json {
  const entries = of.keys.map((key): [string, Json] => [key.name, keyValue(chance, key.type)]);
  if (chance.chance(0.01)) entries.pop();
  if (chance.chance(0.01)) entries.push(['extra', { S: 'a' }]);
  if (chance.chance(0.01)) entries[0] = ['p', value(chance)];
  return Object.fromEntries(entries);
}

export function itemOf(chance: Chance, of: Table): Json {
  const made = new Map<string, Json>();
  for (const key of of.indexes.flatMap((index) => index.keys)) {
    if (chance.chance(0.02)) made.set(key.name, value(chance));
    else if (chance.chance(0.7)) made.set(key.name, keyValue(chance, key.type));
  }
  for (const key of of.keys) made.set(key.name, keyValue(chance, key.type));
  for (const name of attributes) if (chance.chance(0.5)) made.set(name, likely(chance, name));
  if (chance.chance(0.01)) made.delete('p');
  if (chance.chance(0.01)) made.set('p', value(chance));
  if (chance.chance(0.003))
    made.set('e', { S: 'x'.repeat(chance.pick([409_000, 409_590, 410_000])) });
  return Object.fromEntries(made);
}
