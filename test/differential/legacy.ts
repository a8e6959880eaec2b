/** The parameters from before expressions: Expected, AttributeUpdates, conditions, filters. */
import type { Chance, Json } from './chance.ts';
import { attributes, type Key } from './tables.ts';
import { keyValue, likely, value } from './values.ts';

const comparisons = [
  ...['EQ', 'NE', 'LE', 'LT', 'GE', 'GT', 'BETWEEN', 'IN', 'BEGINS_WITH', 'CONTAINS'],
  ...['NOT_CONTAINS', 'NULL', 'NOT_NULL'],
];

function condition(chance: Chance, attribute: string): Json {
  const ComparisonOperator = chance.pick(comparisons);
  const count = ComparisonOperator === 'BETWEEN' ? 2 : ComparisonOperator.endsWith('NULL') ? 0 : 1;
  const first = likely(chance, attribute);
  // The same type again, so that some lists are accepted.
  const list = Array.from({ length: chance.chance(0.05) ? chance.below(3) : count }, () => first);
  return { ComparisonOperator, ...(list.length > 0 && { AttributeValueList: list }) };
}

function conditions(chance: Chance, make: (attribute: string) => Json): Json {
  const names = chance.times(1, 2, () => chance.pick(attributes));
  return Object.fromEntries(names.map((name) => [name, make(name)]));
}

/** `member` is Expected, QueryFilter or ScanFilter. */
export function legacyConditions(chance: Chance, member: string): Json {
  const made = conditions(chance, (name) => {
    if (member !== 'Expected' || chance.chance(0.6)) return condition(chance, name);
    return chance.pick<Json>([
      { Value: likely(chance, name) },
      { Value: likely(chance, name), Exists: true },
      { Exists: false },
      { Exists: true },
      { Exists: false, Value: value(chance) },
    ]);
  });
  const ConditionalOperator = chance.pick(['AND', 'OR']);
  const joined = Object.keys(made).length > 1 || chance.chance(0.02);
  return { [member]: made, ...(joined && { ConditionalOperator }) };
}

export function attributeUpdates(chance: Chance): Json {
  const made = conditions(chance, (name) => {
    const Action = chance.pick(['PUT', 'PUT', 'ADD', 'DELETE']);
    if (Action === 'DELETE' && chance.chance(name === 'c' ? 0.3 : 0.8)) return { Action };
    return { Action, Value: likely(chance, name) };
  });
  // Only what it returns tells whether an update that only removes has made its item.
  const makes = Object.values(made).some((update) => (update as Json)['Action'] !== 'DELETE');
  return { AttributeUpdates: made, ...(!makes && { ReturnValues: 'ALL_NEW' }) };
}

export function keyConditions(chance: Chance, keys: readonly Key[]): Json {
  const [hash, range] = keys as [Key, Key | undefined];
  const KeyConditions: Record<string, Json> = {
    [hash.name]: { ComparisonOperator: 'EQ', AttributeValueList: [keyValue(chance, hash.type)] },
  };
  if (range !== undefined && chance.chance(0.6)) {
    const ComparisonOperator = chance.pick([
      'EQ',
      'LE',
      'LT',
      'GE',
      'GT',
      'BETWEEN',
      'BEGINS_WITH',
      'NE',
    ]);
    const count = ComparisonOperator === 'BETWEEN' ? 2 : 1;
    const AttributeValueList = Array.from({ length: count }, () => keyValue(chance, range.type));
    KeyConditions[range.name] = { ComparisonOperator, AttributeValueList };
  }
  return { KeyConditions };
}
