/** Random requests to random tables. */
import type { Chance, Json } from './chance.ts';
import {
  condition,
  keyCondition,
  mildCondition,
  path,
  projection,
  Scope,
  update,
} from './expressions.ts';
import { attributeUpdates, keyConditions, legacyConditions } from './legacy.ts';
import { statement } from './statements.ts';
import { attributes, type Index, itemOf, type Key, keyOf, type Table } from './tables.ts';

export interface Asked {
  readonly operation: string;
  readonly input: Json;
  /** Asked again with what it says comes next, until it ends; pages are told as one answer. */
  readonly follow: boolean;
  /** The order of items says nothing: scans, ties of an index, batches. */
  readonly unordered: boolean;
  /** Asked of each of so many segments, whose answers are told as one. */
  readonly segments?: number;
  /** Asked a second time, with the same token. */
  readonly twice?: boolean;
}

const writes = ['insert', 'change', 'remove'];

export function request(chance: Chance, tables: readonly Table[]): Asked {
  const of = chance.pick(tables);
  const once = (operation: string, input: Json, unordered = false): Asked => {
    return { operation, input, follow: false, unordered };
  };
  const metered = (input: Json): Json => ({ ...input, ...capacity(chance, ['INDEXES', 'NONE']) });
  return chance.weigh<Asked>([
    [200, () => once('PutItem', metered(putItem(chance, of)))],
    [240, () => once('UpdateItem', metered(updateItem(chance, of)))],
    [80, () => once('DeleteItem', metered(deleteItem(chance, of)))],
    [80, () => once('GetItem', { ...getItem(chance, of), ...capacity(chance) })],
    [160, () => query(chance, of)],
    [80, () => scan(chance, of)],
    [40, () => once('BatchWriteItem', batchWrite(chance, tables))],
    [40, () => once('BatchGetItem', batchGet(chance, tables), true)],
    [60, () => transaction('TransactWriteItems', transactWrite(chance, tables))],
    [30, () => once('TransactGetItems', transactGet(chance, tables))],
    [100, () => oneStatement(chance, of)],
    [20, () => once('BatchExecuteStatement', batchStatements(chance, tables))],
    [20, () => transaction('ExecuteTransaction', transactStatements(chance, tables))],
    [5, () => once('DescribeTable', table(chance, of))],
    [1, () => once('BatchWriteItem', heavyWrite(chance, of))],
  ]);

  function transaction(operation: string, input: Json): Asked {
    if (chance.chance(0.9)) return once(operation, input);
    const ClientRequestToken = `${of.name}-${chance.below(1_000_000)}`;
    return { ...once(operation, { ...input, ClientRequestToken }), twice: true };
  }
}

function capacity(chance: Chance, details = ['TOTAL', 'INDEXES', 'NONE']): Json {
  const asked = chance.pick(details);
  return {
    ...(chance.chance(0.12) && { ReturnConsumedCapacity: asked }),
    ...(chance.chance(0.01) && { ReturnItemCollectionMetrics: 'SIZE' }),
  };
}

/** What a table holds at first. */
export function filling(chance: Chance, tables: readonly Table[]): readonly Asked[] {
  const one = (of: Table): Asked => {
    const input = { TableName: of.name, Item: itemOf(chance, of) };
    return { operation: 'PutItem', input, follow: false, unordered: false };
  };
  return tables.flatMap((of) => chance.times(4, 6, () => one(of)));
}

/** Local counts deletes of several at once in a way of its own. */
function meteredPuts(chance: Chance, actions: readonly Json[]): Json {
  const isPut = (action: Json): boolean => 'Put' in action || 'PutRequest' in action;
  const asked = actions.every(isPut) && (actions.length === 1 || !('Put' in (actions[0] ?? {})));
  return asked && chance.chance(0.3) ? { ReturnConsumedCapacity: 'INDEXES' } : {};
}

/** Items of one partition that are more than a page together. */
function heavyWrite(chance: Chance, of: Table): Json {
  const [hash, ...range] = of.keys;
  const start = keyOf(chance, of)[(hash as Key).name];
  const others = chance.times(3, 4, () => keyOf(chance, of));
  const keys = new Map(
    others.map((key) => [JSON.stringify(range.map(({ name }) => key[name])), key]),
  );
  const requests = [...keys.values()].map((key) => {
    const e = { S: 'x'.repeat(chance.pick([262_100, 300_000, 349_000])) };
    const Item = { ...key, ...(range.length > 0 && { [(hash as Key).name]: start }), e };
    return { PutRequest: { Item } };
  });
  return { RequestItems: { [of.name]: requests } };
}

function oneStatement(chance: Chance, of: Table): Asked {
  const told = statement(chance, of, ['select', 'select', 'select', ...writes]);
  // After a page of one key of a list DynamoDB Local forgets the others.
  const limited = chance.chance(0.15) && !String(told['Statement']).includes(' IN [');
  const input: Json = {
    ...told,
    ...(limited && { Limit: limit(chance) }),
    ...(chance.chance(0.2) && { ConsistentRead: true }),
    ...(chance.chance(0.1) && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
  };
  // In pages DynamoDB Local passes over DESC, of which the grammar of statements speaks.
  const order = input['Limit'] === undefined ? /ORDER BY/ : /ORDER BY (?!.* DESC)/;
  const unordered = !order.test(String(input['Statement']));
  return { operation: 'ExecuteStatement', input, follow: true, unordered };
}

function table(chance: Chance, of: Table): Json {
  return { TableName: chance.chance(0.003) ? 'missing-table' : of.name };
}

/** A condition as an expression, rarely in the old form, often none. */
function checked(chance: Chance, scope: Scope): Json {
  const ReturnValuesOnConditionCheckFailure = chance.pick(['ALL_OLD', 'NONE']);
  return chance.weigh<Json>([
    [8, () => ({})],
    [3, () => ({ ConditionExpression: condition(scope) })],
    [3, () => ({ ConditionExpression: mildCondition(scope) })],
    [2, () => ({ ConditionExpression: condition(scope), ReturnValuesOnConditionCheckFailure })],
  ]);
}

function putItem(chance: Chance, of: Table): Json {
  const scope = new Scope(chance);
  const base = {
    ...table(chance, of),
    Item: itemOf(chance, of),
    ...(chance.chance(0.3) && { ReturnValues: old(chance) }),
  };
  if (chance.chance(0.08)) return { ...base, ...legacyConditions(chance, 'Expected') };
  return { ...base, ...checked(chance, scope), ...scope.maps() };
}

function old(chance: Chance): string {
  return chance.chance(0.01) ? 'ALL_NEW' : chance.pick(['ALL_OLD', 'NONE']);
}

function updateItem(chance: Chance, of: Table): Json {
  const scope = new Scope(chance);
  const returned = ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW'];
  const base = {
    ...table(chance, of),
    Key: keyOf(chance, of),
    ...(chance.chance(0.7) && { ReturnValues: chance.pick(returned) }),
  };
  if (chance.chance(0.1)) {
    const expected = chance.chance(0.3) ? legacyConditions(chance, 'Expected') : {};
    return { ...base, ...attributeUpdates(chance), ...expected };
  }
  if (chance.chance(0.02)) return base;
  const UpdateExpression = update(scope);
  // Only what it returns tells whether an update that only removes has made its item.
  const removes = !/\b(SET|ADD)\b/.test(UpdateExpression);
  const shown = removes ? { ReturnValues: 'ALL_NEW' } : {};
  return { ...base, ...shown, UpdateExpression, ...checked(chance, scope), ...scope.maps() };
}

function deleteItem(chance: Chance, of: Table): Json {
  const scope = new Scope(chance);
  const base = {
    ...table(chance, of),
    Key: keyOf(chance, of),
    ...(chance.chance(0.5) && { ReturnValues: old(chance) }),
  };
  if (chance.chance(0.08)) return { ...base, ...legacyConditions(chance, 'Expected') };
  return { ...base, ...checked(chance, scope), ...scope.maps() };
}

function projected(chance: Chance, scope: Scope): Json {
  return chance.weigh<Json>([
    [5, () => ({})],
    [4, () => ({ ProjectionExpression: projection(scope) })],
    [
      1,
      () => ({ AttributesToGet: [...new Set(chance.times(1, 3, () => chance.pick(attributes)))] }),
    ],
  ]);
}

function getItem(chance: Chance, of: Table): Json {
  const scope = new Scope(chance);
  const base = { ...table(chance, of), Key: keyOf(chance, of), ConsistentRead: chance.chance(0.5) };
  return { ...base, ...projected(chance, scope), ...scope.maps() };
}

function filtered(chance: Chance, scope: Scope): Json {
  return chance.chance(0.4) ? { FilterExpression: condition(scope) } : {};
}

function chosen(
  chance: Chance,
  of: Table,
): { readonly index: Index | undefined; readonly input: Json } {
  const index = of.indexes.length > 0 && chance.chance(0.5) ? chance.pick(of.indexes) : undefined;
  const IndexName = chance.chance(0.003) ? 'missing-index' : index?.name;
  const consistent = index?.global === true ? chance.chance(0.02) : chance.chance(0.4);
  return {
    index,
    input: { ...(IndexName && { IndexName }), ...(consistent && { ConsistentRead: true }) },
  };
}

const selects = ['ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT'];

function limit(chance: Chance): number {
  return chance.chance(0.01) ? 0 : chance.pick([1, 2, 3, 5, 100]);
}

function query(chance: Chance, of: Table): Asked {
  const scope = new Scope(chance);
  const { index, input: on } = chosen(chance, of);
  const keys = index?.keys ?? of.keys;
  const base = {
    ...table(chance, of),
    ...on,
    ...(chance.chance(0.4) && { ScanIndexForward: chance.chance(0.5) }),
    ...(chance.chance(0.4) && { Limit: limit(chance) }),
    ...(chance.chance(0.15) && { Select: chance.pick(selects) }),
  };
  const input = chance.chance(0.1)
    ? { ...base, ...keyConditions(chance, keys), ...legacyFilter(chance, 'QueryFilter') }
    : withMaps(scope, {
        ...base,
        KeyConditionExpression: keyCondition(scope, keys),
        ...filtered(chance, scope),
        ...projected(chance, scope),
      });
  if (index === undefined && chance.chance(0.06)) {
    return {
      operation: 'Query',
      input: resumed(chance, of, input),
      follow: false,
      unordered: false,
    };
  }
  // Items that tie in an index come in an order of the service's own.
  const ties = index !== undefined;
  const follow = ties || chance.chance(0.3);
  const asked = follow ? input : { ...input, ...capacity(chance) };
  return { operation: 'Query', input: asked, follow, unordered: ties };
}

/** A query that starts at a key, mostly one in the partition that it asks for. */
function resumed(chance: Chance, of: Table, input: Json): Json {
  const values = input['ExpressionAttributeValues'] as Json | undefined;
  const start: Record<string, unknown> = { ...keyOf(chance, of) };
  const first = values?.[':v0'];
  if (first !== undefined && chance.chance(0.9)) start[(of.keys[0] as Key).name] = first;
  return { ...input, ExclusiveStartKey: start };
}

function withMaps(scope: Scope, input: Json): Json {
  return { ...input, ...scope.maps() };
}

function legacyFilter(chance: Chance, member: string): Json {
  return chance.chance(0.4) ? legacyConditions(chance, member) : {};
}

function scan(chance: Chance, of: Table): Asked {
  const scope = new Scope(chance);
  const { input: on } = chosen(chance, of);
  const base = {
    ...table(chance, of),
    ...on,
    ...(chance.chance(0.4) && { Limit: limit(chance) }),
    ...(chance.chance(0.1) && { Select: chance.pick(selects) }),
  };
  const input = chance.chance(0.1)
    ? { ...base, ...legacyFilter(chance, 'ScanFilter') }
    : withMaps(scope, { ...base, ...filtered(chance, scope), ...projected(chance, scope) });
  const asked = { operation: 'Scan', input, follow: true, unordered: true };
  if (chance.chance(0.15)) return { ...asked, segments: chance.pick([1, 2, 3, 7]) };
  const faults = [{ Segment: 0 }, { TotalSegments: 2 }, { Segment: 2, TotalSegments: 2 }];
  return chance.chance(0.01) ? { ...asked, input: { ...input, ...chance.pick(faults) } } : asked;
}

function grouped(
  chance: Chance,
  tables: readonly Table[],
  most: number,
  make: (of: Table) => Json,
): Map<string, Json[]> {
  const made = new Map<string, Json[]>();
  for (const of of chance.times(1, most, () => chance.pick(tables))) {
    made.set(of.name, [...(made.get(of.name) ?? []), make(of)]);
  }
  return made;
}

function batchWrite(chance: Chance, tables: readonly Table[]): Json {
  const made = grouped(chance, tables, 6, (of) => {
    if (chance.chance(0.7)) return { PutRequest: { Item: itemOf(chance, of) } };
    return { DeleteRequest: { Key: keyOf(chance, of) } };
  });
  const requests = [...made.values()].flat();
  return { RequestItems: Object.fromEntries(made), ...meteredPuts(chance, requests) };
}

function batchGet(chance: Chance, tables: readonly Table[]): Json {
  const made = grouped(chance, tables, 6, (of) => keyOf(chance, of));
  const entries = [...made].map(([name, Keys]) => {
    const scope = new Scope(chance);
    const ConsistentRead = chance.chance(0.5);
    return [name, withMaps(scope, { Keys, ConsistentRead, ...projected(chance, scope) })];
  });
  return { RequestItems: Object.fromEntries(entries) };
}

function transactWrite(chance: Chance, tables: readonly Table[]): Json {
  const TransactItems = chance.times(1, 4, (): Json => {
    const of = chance.pick(tables);
    const scope = new Scope(chance);
    const TableName = table(chance, of)['TableName'];
    return chance.weigh<Json>([
      [
        4,
        () => ({
          Put: withMaps(scope, { TableName, Item: itemOf(chance, of), ...checked(chance, scope) }),
        }),
      ],
      [4, () => ({ Update: transactUpdate(chance, scope, { TableName, Key: keyOf(chance, of) }) })],
      [
        2,
        () => ({
          Delete: withMaps(scope, { TableName, Key: keyOf(chance, of), ...checked(chance, scope) }),
        }),
      ],
      [2, () => ({ ConditionCheck: conditionCheck(scope, { TableName, Key: keyOf(chance, of) }) })],
    ]);
  });
  return { TransactItems, ...meteredPuts(chance, TransactItems) };
}

function transactUpdate(chance: Chance, scope: Scope, on: Json): Json {
  const fully = update(scope);
  // See updateItem: a transaction returns nothing that would tell.
  const sets = /\b(SET|ADD)\b/.test(fully);
  const UpdateExpression = sets ? fully : `SET a = ${scope.value({ N: '1' })}`;
  return withMaps(scope, { ...on, UpdateExpression, ...checked(chance, scope) });
}

function conditionCheck(scope: Scope, on: Json): Json {
  const test = scope.chance.chance(0.5) ? `attribute_not_exists(${path(scope)})` : condition(scope);
  return withMaps(scope, { ...on, ConditionExpression: test });
}

function transactGet(chance: Chance, tables: readonly Table[]): Json {
  const TransactItems = chance.times(1, 4, () => {
    const of = chance.pick(tables);
    const scope = new Scope(chance);
    const shown = chance.chance(0.4) ? { ProjectionExpression: projection(scope) } : {};
    return { Get: withMaps(scope, { ...table(chance, of), Key: keyOf(chance, of), ...shown }) };
  });
  return { TransactItems, ...(chance.chance(0.1) && { ReturnConsumedCapacity: 'TOTAL' }) };
}

function batchStatements(chance: Chance, tables: readonly Table[]): Json {
  const kinds = chance.chance(0.5) ? ['select'] : writes;
  return { Statements: chance.times(1, 4, () => statement(chance, chance.pick(tables), kinds)) };
}

function transactStatements(chance: Chance, tables: readonly Table[]): Json {
  const kinds = chance.chance(0.4) ? ['select'] : [...writes, 'exists'];
  return {
    TransactStatements: chance.times(1, 3, () => statement(chance, chance.pick(tables), kinds)),
  };
}
