/**
 * Live queries for tests: a reader whose list is kept as a page keeps it, a table with indexes of
 * every kind, and inputs and changes by chance.
 */
import type { LiveChange, LiveReader } from '../../src/engine/live-types.ts';
import { canonicalText } from '../../src/base/canonical.ts';
import { prng, type Prng } from '../../src/base/prng.ts';
import { spliced } from '../../src/client/live.ts';
import { itemToPlain } from '../../src/value/plain.ts';
import { StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { ask, type Output, requestOf, type Rig } from './engine.ts';

export const gamesTable = {
  TableName: 'Games',
  AttributeDefinitions: ['p', 's', 'l', 'g'].map((name) => ({
    AttributeName: name,
    AttributeType: name === 'p' || name === 'g' ? 'S' : 'N',
  })),
  KeySchema: [
    { AttributeName: 'p', KeyType: 'HASH' },
    { AttributeName: 's', KeyType: 'RANGE' },
  ],
  LocalSecondaryIndexes: [
    { IndexName: 'localKeys', Projection: { ProjectionType: 'KEYS_ONLY' } },
    {
      IndexName: 'localSome',
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['v'] },
    },
  ].map((index) => ({
    ...index,
    KeySchema: [
      { AttributeName: 'p', KeyType: 'HASH' },
      { AttributeName: 'l', KeyType: 'RANGE' },
    ],
  })),
  GlobalSecondaryIndexes: [
    { IndexName: 'globalAll', Projection: { ProjectionType: 'ALL' } },
    { IndexName: 'globalKeys', Projection: { ProjectionType: 'KEYS_ONLY' } },
  ].map((index) => ({
    ...index,
    KeySchema: [
      { AttributeName: 'g', KeyType: 'HASH' },
      { AttributeName: 'l', KeyType: 'RANGE' },
    ],
  })),
  BillingMode: 'PAY_PER_REQUEST',
};

/** A live query with the list that its changes make. */
export class Followed {
  items: readonly object[] = [];
  count = 0;
  last: Item | undefined;
  told = 0;
  error: Error | undefined;
  isOver = false;
  readonly #reader: LiveReader;
  #wake: (() => void) | undefined;

  constructor({ engine }: Pick<Rig, 'engine'>, operation: string, input: object) {
    this.#reader = engine.live(requestOf(operation, input));
    void this.#follow();
  }

  /** Resolves when it was told so often. */
  async reached(told: number): Promise<this> {
    while (this.told < told && !this.isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this;
  }

  close(): void {
    this.#reader.close();
  }

  async #follow(): Promise<void> {
    try {
      for (let change = await this.#reader.next(); change; change = await this.#reader.next()) {
        this.#take(change);
      }
    } catch (error) {
      this.error = error as Error;
    }
    this.isOver = true;
    this.#wake?.();
  }

  #take({ splices, items, count, last, isCount }: LiveChange): void {
    if (!isCount) this.items = spliced(this.items, splices, items);
    this.count = count;
    this.last = last;
    this.told += 1;
    this.#wake?.();
  }
}

/** An item as text. */
export function textOf(item: object | undefined): string {
  const found = item instanceof StoredItem ? item.item() : (item as Item | undefined);
  return found === undefined ? 'none' : canonicalText(itemToPlain(found));
}

export function textsOf(items: readonly object[]): readonly string[] {
  return items.map(textOf);
}

/** What a live query of this input is to show now. */
export function isAsAsked(
  { items, count, last }: Followed,
  operation: string,
  now: Output,
): object {
  const items_ =
    operation === 'GetItem'
      ? [now['Item']].filter((item) => item !== undefined)
      : (now['Items'] as readonly object[] | undefined);
  const wanted = {
    items: items_ === undefined ? [] : textsOf(items_ as readonly object[]),
    count: (now['Count'] as number | undefined) ?? items_?.length,
    last: textOf(now['LastEvaluatedKey'] as object | undefined),
  };
  return { wanted, shown: { items: textsOf(items), count, last: textOf(last) } };
}

const letters = ['a', 'b', 'c'];

function pick<T>(random: Prng, list: readonly T[]): T {
  return list[random.u32() % list.length] as T;
}

function chance(random: Prng, of: number): boolean {
  return random.u32() % of === 0;
}

export function randomItem(random: Prng): Record<string, object> {
  const number = (): string => String(random.u32() % 40);
  return {
    p: { S: pick(random, letters) },
    s: { N: number() },
    ...(chance(random, 4) ? {} : { l: { N: number() } }),
    ...(chance(random, 4) ? {} : { g: { S: pick(random, letters) } }),
    ...(chance(random, 3) ? {} : { v: { N: number() } }),
    ...(chance(random, 3) ? {} : { w: { S: pick(random, letters) } }),
  };
}

/** An operation and its input. */
export function randomRead(random: Prng): readonly [operation: string, input: object] {
  const kind = random.u32() % 8;
  const p = { S: pick(random, letters) };
  if (kind === 0) {
    const Key = { p, s: { N: String(random.u32() % 40) } };
    return ['GetItem', { TableName: 'Games', Key, ...randomProjection(random) }];
  }
  if (kind === 1) return ['ExecuteStatement', randomStatement(random)];
  const local = pick(random, ['localKeys', 'localSome', undefined]);
  const global = pick(random, ['globalAll', 'globalKeys', undefined]);
  const IndexName = kind < 5 ? local : global;
  const shared = {
    TableName: 'Games',
    ...(IndexName === undefined ? {} : { IndexName }),
    ...(chance(random, 2) ? {} : { Limit: 1 + (random.u32() % 6) }),
  };
  const isGlobal = IndexName?.startsWith('global') === true;
  const hash = isGlobal ? 'g' : 'p';
  const range = IndexName === undefined ? 's' : 'l';
  const filter = randomFilter(random, IndexName);
  const shown = randomShown(random, IndexName);
  if (chance(random, 4)) {
    const part = chance(random, 3) ? { Segment: random.u32() % 2, TotalSegments: 2 } : {};
    return ['Scan', { ...shared, ...part, ...joined({}, filter, shown) }];
  }
  const low = random.u32() % 40;
  const [text, values] = pick(random, [
    ['', {}],
    [` AND ${range} > :x`, { ':x': { N: String(low) } }],
    [
      ` AND ${range} BETWEEN :x AND :y`,
      { ':x': { N: String(low) }, ':y': { N: String(low + 12) } },
    ],
  ] as const);
  const key = { ExpressionAttributeValues: { ':h': p, ...values } };
  return [
    'Query',
    {
      ...shared,
      KeyConditionExpression: `${hash} = :h${text}`,
      ScanIndexForward: chance(random, 2),
      ...joined(key, filter, shown),
    },
  ];
}

function joined(...inputs: readonly Record<string, unknown>[]): object {
  const values = Object.assign(
    {},
    ...inputs.map(({ ExpressionAttributeValues: given }) => given ?? {}),
  ) as object;
  return {
    ...Object.assign({}, ...inputs),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}

function randomFilter(random: Prng, index: string | undefined): Record<string, unknown> {
  if (index === 'globalKeys' || chance(random, 2)) return {};
  return pick(random, [
    { FilterExpression: 'v > :v', ExpressionAttributeValues: { ':v': { N: '5' } } },
    { FilterExpression: 'attribute_exists(w)' },
    {
      FilterExpression: 'w = :w OR v = :v',
      ExpressionAttributeValues: { ':v': { N: '3' }, ':w': { S: 'a' } },
    },
  ]);
}

function randomProjection(random: Prng): Record<string, unknown> {
  return chance(random, 2) ? {} : { ProjectionExpression: pick(random, ['p, v', 'w', 's, l, g']) };
}

function randomShown(random: Prng, index: string | undefined): Record<string, unknown> {
  if (chance(random, 6)) return { Select: 'COUNT' };
  if (index === 'globalKeys') return chance(random, 2) ? {} : { ProjectionExpression: 'p, l' };
  if (index?.startsWith('local') === true && chance(random, 3)) return { Select: 'ALL_ATTRIBUTES' };
  return randomProjection(random);
}

function randomStatement(random: Prng): object {
  const Limit = chance(random, 2) ? {} : { Limit: 1 + (random.u32() % 5) };
  return pick(random, [
    { Statement: `SELECT * FROM Games WHERE p = 'a'`, ...Limit },
    { Statement: `SELECT p, v FROM Games WHERE p IN ['a', 'c'] AND s > 3`, ...Limit },
    {
      Statement: `SELECT * FROM Games.globalAll WHERE g = 'b' AND v > 4 ORDER BY l DESC`,
      ...Limit,
    },
    { Statement: `SELECT w FROM Games.localSome WHERE p = 'b'`, ...Limit },
    { Statement: `SELECT * FROM Games WHERE v = 5`, ...Limit },
  ]);
}

/** Changes of a few items, made at once; now and then half a partition goes. */
export async function randomChange(rig: Rig, random: Prng): Promise<void> {
  if (chance(random, 8)) {
    const p = { S: pick(random, letters) };
    const from = random.u32() % 20;
    const gone = Array.from({ length: 20 }, (_, at) => ({ p, s: { N: String(from + at) } }));
    await Promise.all(gone.map((Key) => ask(rig, 'DeleteItem', { TableName: 'Games', Key })));
    return;
  }
  const changes = Array.from({ length: 1 + (random.u32() % 6) }, () => {
    const item = randomItem(random);
    const { p, s } = item;
    const kind = random.u32() % 10;
    if (kind < 8) return ask(rig, 'PutItem', { TableName: 'Games', Item: item });
    if (kind < 9) return ask(rig, 'DeleteItem', { TableName: 'Games', Key: { p, s } });
    return ask(rig, 'UpdateItem', {
      TableName: 'Games',
      Key: { p, s },
      UpdateExpression: 'SET w = :w',
      ExpressionAttributeValues: { ':w': { S: pick(random, letters) } },
    });
  });
  await Promise.all(changes);
}

export function randomOf(seed: number): Prng {
  return prng(seed);
}
