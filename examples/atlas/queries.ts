/** The atlas's questions, each a Query or a GetItem, and its edits, each with a condition. */
import {
  DeleteCommand,
  GetCommand,
  type NativeAttributeValue,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { type City, type CityKey, type ListedCity, nameKeysOf } from './city.ts';
import { initialOf } from './fold.ts';
import { cellAndNeighbours, distanceKm } from './geohash.ts';
import type { RequestLabel, Store } from './store.ts';
import { byCell, byName, byPopulation, citiesTable } from './tables.ts';

export const pageSize = 15;
/** A page of a cell is 1 MB, some 5,000 cities: none has as many. */
const cellPagesMax = 8;

export type StartKey = Readonly<Record<string, NativeAttributeValue>> | undefined;

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: StartKey;
}

/** Answers one page of a list, from a start key on. */
export type PageQuery = (start: StartKey, signal: AbortSignal) => Promise<Page<ListedCity>>;

/** Cities whose folded name begins with `prefix`, which is folded and not empty; by name. */
export function namesBeginning(store: Store, prefix: string): PageQuery {
  const initial = initialOf(prefix);
  const input: QueryCommandInput = {
    TableName: citiesTable,
    IndexName: byName,
    KeyConditionExpression: '#initial = :initial AND begins_with(#nameKey, :prefix)',
    ExpressionAttributeNames: { '#initial': 'initial', '#nameKey': 'nameKey' },
    ExpressionAttributeValues: { ':initial': initial, ':prefix': prefix },
    Limit: pageSize,
  };
  const detail = `initial = ${initial} AND begins_with(nameKey, ${prefix})`;
  return (start, signal) => listed(store, input, detail, start, signal);
}

/** The cities of a country, most populous first. */
export function citiesOf(store: Store, country: string): PageQuery {
  const input: QueryCommandInput = {
    TableName: citiesTable,
    IndexName: byPopulation,
    KeyConditionExpression: '#country = :country',
    ExpressionAttributeNames: { '#country': 'country' },
    ExpressionAttributeValues: { ':country': country },
    ScanIndexForward: false,
    Limit: pageSize,
  };
  const detail = `country = ${country}, descending`;
  return (start, signal) => listed(store, input, detail, start, signal);
}

async function listed<T>(
  { client, measured }: Store,
  input: QueryCommandInput,
  detail: string,
  start: StartKey,
  abortSignal: AbortSignal,
): Promise<Page<T>> {
  const paged = start === undefined ? {} : { ExclusiveStartKey: start };
  const command = new QueryCommand({ ...input, ...paged, ReturnConsumedCapacity: 'TOTAL' });
  const from = start === undefined ? detail : `${detail}, next page`;
  const { Items, LastEvaluatedKey } = await measured(
    label('Query', detail === from ? detail : from, input.IndexName),
    () => client.send(command, { abortSignal }),
  );
  return { items: (Items ?? []) as T[], next: LastEvaluatedKey };
}

/** What the index of cells carries. */
export type PlacedCity = ListedCity & Pick<City, 'lat' | 'lon' | 'cell' | 'geohash'>;

export interface NearCity extends PlacedCity {
  readonly km: number;
}

/** Cities of the city's cell and those around it, nearest first, without the city itself. */
export async function citiesNear(
  store: Store,
  city: City,
  signal: AbortSignal,
): Promise<readonly NearCity[]> {
  const cells = cellAndNeighbours(city.cell);
  const found = await Promise.all(cells.map((cell) => citiesIn(store, cell, signal)));
  return found
    .flat()
    .filter(({ id }) => id !== city.id)
    .map((other) => ({ ...other, km: distanceKm(city, other) }))
    .sort((a, b) => a.km - b.km);
}

async function citiesIn(
  store: Store,
  cell: string,
  signal: AbortSignal,
): Promise<readonly PlacedCity[]> {
  const input: QueryCommandInput = {
    TableName: citiesTable,
    IndexName: byCell,
    KeyConditionExpression: '#cell = :cell',
    ExpressionAttributeNames: { '#cell': 'cell' },
    ExpressionAttributeValues: { ':cell': cell },
  };
  const items: PlacedCity[] = [];
  let start: StartKey;
  for (let page = 0; page < cellPagesMax; page += 1) {
    const answer = await listed<PlacedCity>(store, input, `cell = ${cell}`, start, signal);
    items.push(...answer.items);
    start = answer.next;
    if (start === undefined) break;
  }
  return items;
}

/** Strongly consistent, so that afterwards this tab's indexes have what other tabs wrote before. */
export async function cityAt(store: Store, key: CityKey): Promise<City | undefined> {
  const { country, id } = key;
  const command = new GetCommand({
    TableName: citiesTable,
    Key: { country, id },
    ConsistentRead: true,
    ReturnConsumedCapacity: 'TOTAL',
  });
  const { Item } = await store.measured(label('GetItem', keyDetail(key)), () =>
    store.client.send(command),
  );
  return Item as City | undefined;
}

/** What of a city can be edited. */
export type CityChange = Pick<City, 'name' | 'population'>;

/** Refused with ConditionalCheckFailedException when the city is no longer as `before` says. */
export async function changeCity(store: Store, before: City, to: CityChange): Promise<City> {
  const { country, id } = before;
  const { initial, nameKey } = nameKeysOf(to.name, id);
  const command = new UpdateCommand({
    TableName: citiesTable,
    Key: { country, id },
    UpdateExpression:
      'SET #name = :name, #initial = :initial, #nameKey = :nameKey, #population = :population',
    ConditionExpression: '#name = :nameBefore AND #population = :populationBefore',
    ExpressionAttributeNames: {
      '#name': 'name',
      '#initial': 'initial',
      '#nameKey': 'nameKey',
      '#population': 'population',
    },
    ExpressionAttributeValues: {
      ':name': to.name,
      ':initial': initial,
      ':nameKey': nameKey,
      ':population': to.population,
      ':nameBefore': before.name,
      ':populationBefore': before.population,
    },
    ReturnValues: 'ALL_NEW',
    ReturnConsumedCapacity: 'TOTAL',
  });
  const { Attributes } = await store.measured(label('UpdateItem', keyDetail(before)), () =>
    store.client.send(command),
  );
  return Attributes as City;
}

/** Refused with ConditionalCheckFailedException when the city is no longer as `before` says. */
export async function deleteCity(store: Store, before: City): Promise<void> {
  const { country, id, name, population } = before;
  const command = new DeleteCommand({
    TableName: citiesTable,
    Key: { country, id },
    ConditionExpression: '#name = :name AND #population = :population',
    ExpressionAttributeNames: { '#name': 'name', '#population': 'population' },
    ExpressionAttributeValues: { ':name': name, ':population': population },
    ReturnValues: 'ALL_OLD',
    ReturnConsumedCapacity: 'TOTAL',
  });
  await store.measured(label('DeleteItem', keyDetail(before)), () => store.client.send(command));
}

/** Refused with ConditionalCheckFailedException when there is a city of this key. */
export async function restoreCity(store: Store, city: City): Promise<void> {
  const command = new PutCommand({
    TableName: citiesTable,
    Item: city,
    ConditionExpression: 'attribute_not_exists(#id)',
    ExpressionAttributeNames: { '#id': 'id' },
    ReturnConsumedCapacity: 'TOTAL',
  });
  await store.measured(label('PutItem', keyDetail(city)), () => store.client.send(command));
}

function keyDetail({ country, id }: CityKey): string {
  return `country = ${country} AND id = ${id}`;
}

function label(operation: string, detail: string, index?: string): RequestLabel {
  const on = index === undefined ? citiesTable : `${citiesTable} / ${index}`;
  return { operation, on, detail };
}
