/**
 * Select with every kind of index, and where an ExclusiveStartKey may not begin, over HTTP:
 * reference/query-scan-indexes.md, sections 2, 3 and 5; types-and-limits.md, section 1.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const N = (n: number): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const P = 'One or more parameter values were invalid: ';
let db: Endpoint;

const key = { p: S('x'), s: N(1) };
const item = { ...key, c: S('c'), g: S('g'), w: N(1), v: S('v') };

beforeAll(async () => {
  db = await openEndpoint();
  const index = (IndexName: string, keys: readonly string[], names?: readonly string[]) => ({
    IndexName,
    KeySchema: schemaOf(keys, IndexName === 'mul' ? 2 : 1),
    Projection:
      names === undefined
        ? { ProjectionType: 'ALL' }
        : names.length === 0
          ? { ProjectionType: 'KEYS_ONLY' }
          : { ProjectionType: 'INCLUDE', NonKeyAttributes: names },
  });
  const indexes = {
    LocalSecondaryIndexes: [
      index('lal', ['p:S', 'c:S']),
      index('lin', ['p:S', 'c:S'], ['w']),
      index('lko', ['p:S', 'c:S'], []),
    ],
    GlobalSecondaryIndexes: [
      index('gal', ['g:S', 's:N']),
      index('gin', ['g:S'], ['w']),
      index('gko', ['g:S'], []),
      index('mul', ['g:S', 'c:S', 's:N']),
    ],
  };
  await db.call('CreateTable', tableOf('Tab', ['p:S', 's:N'], indexes, ['c:S', 'g:S']));
  await db.call('PutItem', { TableName: 'Tab', Item: item });
});
afterAll(() => db.close());

const byP = {
  TableName: 'Tab',
  KeyConditionExpression: 'p = :x',
  ExpressionAttributeValues: { ':x': S('x') },
};
const byG = {
  TableName: 'Tab',
  KeyConditionExpression: 'g = :g',
  ExpressionAttributeValues: { ':g': S('g') },
};
const requestOn = (IndexName: string | undefined): object =>
  IndexName?.startsWith('g') ? { ...byG, IndexName } : { ...byP, IndexName };

describe('what is answered', () => {
  const whole = 'c g p s v w';
  const rows: readonly (readonly [string | undefined, object, string])[] = [
    [undefined, {}, whole],
    [undefined, { Select: 'ALL_ATTRIBUTES' }, whole],
    ['lal', {}, whole],
    ['lin', {}, 'c p s w'],
    ['lko', {}, 'c p s'],
    ['lko', { Select: 'ALL_PROJECTED_ATTRIBUTES' }, 'c p s'],
    ['lko', { Select: 'ALL_ATTRIBUTES' }, whole],
    ['lin', { Select: 'SPECIFIC_ATTRIBUTES', ProjectionExpression: 'v, w' }, 'v w'],
    ['lin', { ProjectionExpression: 'w' }, 'w'],
    ['gal', {}, whole],
    ['gal', { Select: 'ALL_ATTRIBUTES' }, whole],
    ['gin', {}, 'g p s w'],
    ['gin', { Select: 'ALL_PROJECTED_ATTRIBUTES' }, 'g p s w'],
    ['gin', { ProjectionExpression: 'w.a, s' }, 's'],
    ['gko', {}, 'g p s'],
  ];
  test.each(rows)('from %s with %j is %s', async (index, more, names) => {
    const { Items } = await db.call('Query', { ...requestOn(index), ...more });
    expect(Object.keys(Items[0]).sort().join(' ')).toBe(names);
    const scanned = await db.call('Scan', { TableName: 'Tab', IndexName: index, ...more });
    expect(scanned.Items).toEqual(Items);
  });

  test.each([undefined, 'lal', 'lin', 'lko', 'gal', 'gin', 'gko'])(
    'of %s is counted',
    async (on) => {
      const counted = { Count: 1, ScannedCount: 1 };
      expect(await db.call('Query', { ...requestOn(on), Select: 'COUNT' })).toEqual(counted);
      expect(await db.call('Scan', { TableName: 'Tab', IndexName: on, Select: 'COUNT' })).toEqual(
        counted,
      );
    },
  );

  test('by a filter on a global index is what the index holds', async () => {
    const FilterExpression = 'attribute_exists(v)';
    const found = await db.call('Query', { ...byG, IndexName: 'gin', FilterExpression });
    expect([found.Count, found.ScannedCount]).toEqual([0, 1]);
    const keys = await db.call('Query', {
      ...byG,
      IndexName: 'gin',
      FilterExpression: 'attribute_exists(p)',
    });
    expect(keys.Count).toBe(1);
  });
});

describe('what is refused', () => {
  const choose = (what: string, mode: string) =>
    `Cannot specify the ${what} when choosing to get ${mode}`;
  const rows: readonly (readonly [string | undefined, object, string])[] = [
    ...(['ProjectionExpression', 'AttributesToGet'] as const).flatMap((member) => {
      const names = member === 'AttributesToGet' ? ['w'] : 'w';
      return (
        [
          ['COUNT', 'only the Count'],
          ['ALL_ATTRIBUTES', 'ALL_ATTRIBUTES'],
          ['ALL_PROJECTED_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'],
        ] as const
      ).map(
        ([Select, mode]) => ['lko', { Select, [member]: names }, choose(member, mode)] as const,
      );
    }),
    [
      'gin',
      { Select: 'ALL_ATTRIBUTES' },
      `${P}Select type ALL_ATTRIBUTES is not supported for global secondary index gin because ` +
        'its projection type is not ALL',
    ],
    [
      'gin',
      { ProjectionExpression: 'v, zz, w.a' },
      `${P}Global secondary index gin does not project [v, zz]`,
    ],
  ];
  test.each(rows)('on %s, %j', async (IndexName, more, message) => {
    expect(await db.invalid('Scan', { TableName: 'Tab', IndexName, ...more })).toBe(message);
  });

  test('ALL_PROJECTED_ATTRIBUTES without an index, in words of its own', async () => {
    expect(await db.invalid('Scan', { TableName: 'Tab', Select: 'ALL_PROJECTED_ATTRIBUTES' })).toBe(
      'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    );
  });
});

describe('an ExclusiveStartKey', () => {
  const starting = 'The provided starting key is invalid: ';
  const mismatch = 'The provided key element does not match the schema';
  const long = 'x'.repeat(2049);
  const empty =
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
    'contain an empty string value. Key: ';
  test.each<[object, string]>([
    [
      { ...key, s: {} },
      `${starting}Supplied AttributeValue is empty, must contain exactly one of the supported ` +
        'datatypes',
    ],
    [
      { ...key, s: { N: '1', S: 'a' } },
      `${starting}Supplied AttributeValue has more than one datatypes set, must contain exactly ` +
        'one of the supported datatypes',
    ],
    [
      { ...key, s: { NULL: false } },
      `${starting}${P}Null attribute value types must have the value of true`,
    ],
    [{ ...key, s: { SS: [] } }, `${starting}${P}An string set  may not be empty`],
    [{ ...key, s: { N: 'x' } }, 'The parameter cannot be converted to a numeric value: x'],
    [{ ...key, s: { NS: [] } }, `${P}An number set  may not be empty`],
    [{ ...key, s: { NULL: true } }, `${starting}${mismatch}`],
    [{ ...key, p: N(1) }, `${starting}${mismatch}`],
    [
      { ...key, p: S(long) },
      `${starting}${P}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    ],
  ])('%# is refused alike by Query and Scan', async (ExclusiveStartKey, message) => {
    expect(await db.invalid('Query', { ...byP, ExclusiveStartKey })).toBe(message);
    expect(await db.invalid('Scan', { TableName: 'Tab', ExclusiveStartKey })).toBe(message);
  });

  test.each<[object, string]>([
    [{ ...key, g: S('') }, `${starting}${empty}g`],
    [
      { ...key, g: S(long) },
      `${starting}${P}Size of hashkey has exceeded the maximum size limit of2048 bytes`,
    ],
    [{ ...key, g: N(1) }, `${starting}${mismatch}`],
  ])('of an index, %#, too', async (ExclusiveStartKey, message) => {
    const on = { IndexName: 'gal', ExclusiveStartKey };
    expect(await db.invalid('Query', { ...byG, ...on })).toBe(message);
  });

  test('of an index with several hash attributes is in the same partition in all', async () => {
    const ask = {
      TableName: 'Tab',
      IndexName: 'mul',
      KeyConditionExpression: 'g = :g AND c = :c',
      ExpressionAttributeValues: { ':g': S('g'), ':c': S('c') },
    };
    const start = (c: string) => ({ ...key, g: S('g'), c: S(c) });
    expect((await db.call('Query', { ...ask, ExclusiveStartKey: start('c') })).Count).toBe(0);
    expect(await db.invalid('Query', { ...ask, ExclusiveStartKey: start('d') })).toBe(
      'The provided starting key is outside query boundaries based on provided conditions',
    );
  });
});
