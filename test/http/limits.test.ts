/**
 * Where names, expressions, requests and pages end, over HTTP: reference/types-and-limits.md,
 * sections 4, 6 to 9; protocol.md, sections 5 and 6.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
  await db.call('CreateTable', tableOf('Bin', ['p:B', 's:B']));
  await db.call('CreateTable', tableOf('Num', ['p:S', 's:N']));
});
afterAll(() => db.close());

const Key = { p: S('k') };

describe('an expression', () => {
  const hosts: readonly (readonly [string, string, object])[] = [
    ['ConditionExpression', 'PutItem', { Item: Key }],
    ['FilterExpression', 'Scan', {}],
    ['KeyConditionExpression', 'Query', {}],
    ['UpdateExpression', 'UpdateItem', { Key }],
    ['ProjectionExpression', 'GetItem', { Key }],
  ];
  test.each(hosts)('%s is neither empty nor over 4096 bytes', async (member, operation, more) => {
    const told = (text: string) =>
      db.invalid(operation, { TableName: 'nowhere', ...more, [member]: text });
    const tail = `Invalid ${member}: `;
    expect(await told('')).toBe(`${tail}The expression can not be empty;`);
    // Bytes, and before any of it is read.
    expect(await told('é'.repeat(2049))).toBe(
      `${tail}Expression size has exceeded the maximum allowed size; expression size: 4098`,
    );
    expect(await told('é'.repeat(2048))).toContain(`${tail}Syntax error; `);
  });

  test.each([
    [300, true],
    [301, false],
  ])('of a condition has %i operators: %s', async (count, accepted) => {
    // Every comparison has a joint before it but the first, which has NOT or none; parentheses and
    // functions do not count.
    const terms = Array.from({ length: 149 }, () => 'OR(size(n)<:n)');
    const last = count === 301 ? 'OR NOT attribute_exists(zz)' : 'OR attribute_exists(zz)';
    const answer = await db.post(
      'PutItem',
      JSON.stringify({
        TableName: 'Tab',
        Item: Key,
        ConditionExpression: `attribute_exists(p) OR p = :k ${terms.slice(1).join('')} ${last} OR ${'attribute_not_exists(p)'}`,
        ExpressionAttributeValues: { ':n': N(1), ':k': S('k') },
      }),
    );
    if (accepted) expect(answer.status, answer.text).toBe(200);
    else {
      expect(answer.text).toContain(
        'Invalid ConditionExpression: The expression contains too many operators; operator ' +
          'count: 301',
      );
    }
  });

  test.each(['a[:v]', 'a[-1]', 'a[#i]', 'a[b]', 'a[]', 'a.', '.a', 'a..b', '1a', '_a', 'a-b'])(
    'has no path %s',
    async (path) => {
      expect(
        await db.invalid('GetItem', { TableName: 'Tab', Key, ProjectionExpression: path }),
      ).toContain('Invalid ProjectionExpression: Syntax error; ');
    },
  );

  test.each([
    ['SET q = f(n) + f(n)', 'Invalid function name; function: f'],
    ['SET q = if_not_exists(n, :n + :n)', 'Syntax error; token: "+"'],
    ['SET q = n + n - n', 'Syntax error; token: "-"'],
    ['SET q = if_not_exists(n, :n) + if_not_exists(z, :n)', undefined],
    ['SET q = if_not_exists(n, if_not_exists(z, :n)) REMOVE r ADD s :n DELETE t :t', undefined],
    ['DELETE t :t ADD s :n REMOVE r SET q = :n', undefined],
    ['ReMoVe r sEt q = :n', undefined],
  ])('%s', async (text, tail) => {
    const values = { ':n': N(1), ':t': { SS: ['x'] } };
    const used = Object.entries(values).filter(([name]) => text.includes(name));
    const input = {
      TableName: 'Tab',
      Key,
      UpdateExpression: text,
      ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
    };
    if (tail === undefined) await db.call('UpdateItem', input);
    else expect(await db.invalid('UpdateItem', input)).toContain(`UpdateExpression: ${tail}`);
  });

  test.each(['((p = :k) AND p = :k)', '(((p = :k) OR p = :k) AND p = :k)', 'NOT (NOT (p = :k))'])(
    '%s has no redundant parentheses',
    async (text) => {
      const { Count } = await db.call('Scan', {
        TableName: 'Tab',
        FilterExpression: text,
        ExpressionAttributeValues: { ':k': S('k') },
      });
      expect(Count).toBe(1);
    },
  );

  test('takes a name of a path whole, whatever is in it', async () => {
    const Item = { ...Key, 'a.b[0]': N(1), a: { M: { b: { L: [N(2)] } } } };
    await db.call('PutItem', { TableName: 'Tab', Item });
    const get = (ProjectionExpression: string, names: object) =>
      db.call('GetItem', {
        TableName: 'Tab',
        Key,
        ProjectionExpression,
        ExpressionAttributeNames: names,
      });
    expect(await get('#x', { '#x': 'a.b[0]' })).toEqual({ Item: { 'a.b[0]': N(1) } });
    expect(await get('#x.#y[0]', { '#x': 'a', '#y': 'b' })).toEqual({
      Item: { a: { M: { b: { L: [N(2)] } } } },
    });
  });
});

describe('a placeholder', () => {
  test.each([
    [255, true],
    [256, false],
  ])('of %i bytes is accepted: %s', async (length, accepted) => {
    for (const [sigil, member] of [
      ['#', 'ExpressionAttributeNames'],
      [':', 'ExpressionAttributeValues'],
    ] as const) {
      const name = sigil + 'x'.repeat(length - 1);
      const text = sigil === '#' ? `attribute_not_exists(${name})` : `n <> ${name}`;
      const input = {
        TableName: 'Tab',
        FilterExpression: text,
        [member]: { [name]: sigil === '#' ? 'q' : N(1) },
      };
      const { status } = await db.post('Scan', JSON.stringify(input));
      expect([member, status]).toEqual([member, accepted ? 200 : 400]);
    }
  });
});

describe('empty values', () => {
  test('are kept where there is no key', async () => {
    const empty = {
      s: S(''),
      b: { B: '' },
      l: { L: [S(''), { B: '' }, { L: [] }, { M: {} }] },
      m: { M: { s: S(''), b: { B: '' }, m: { M: {} }, l: { L: [] } } },
      ss: { SS: [''] },
      bs: { BS: [''] },
    };
    const Item = { ...Key, ...empty };
    await db.call('PutItem', { TableName: 'Tab', Item });
    expect(await db.call('GetItem', { TableName: 'Tab', Key })).toEqual({ Item });
  });

  const binary =
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
    'contain an empty binary value. Key: s';
  test('are refused in binary keys, in words of their own', async () => {
    const key = { p: { B: 'AA==' }, s: { B: '' } };
    const at = { TableName: 'Bin' };
    expect(await db.invalid('PutItem', { ...at, Item: key })).toBe(binary);
    expect(await db.invalid('GetItem', { ...at, Key: key })).toBe(binary);
    expect(await db.invalid('UpdateItem', { ...at, Key: key })).toBe(binary);
    expect(await db.invalid('DeleteItem', { ...at, Key: key })).toBe(binary);
    expect(await db.invalid('BatchGetItem', { RequestItems: { Bin: { Keys: [key] } } })).toBe(
      binary,
    );
    expect(
      await db.invalid('Query', {
        ...at,
        KeyConditionExpression: 'p = :p AND s = :s',
        ExpressionAttributeValues: { ':p': key.p, ':s': key.s },
      }),
    ).toBe(binary);
    expect(
      await db.invalid('Query', {
        ...at,
        KeyConditions: {
          p: { ComparisonOperator: 'EQ', AttributeValueList: [key.p] },
          s: { ComparisonOperator: 'EQ', AttributeValueList: [key.s] },
        },
      }),
    ).toBe(binary);
  });

  test('ill-formed text becomes U+FFFD', async () => {
    const body = `{"TableName":"Tab","Item":{"p":{"S":"k"},"v":{"S":"a\\ud800b"}}}`;
    expect((await db.post('PutItem', body)).status).toBe(200);
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key });
    expect(Item.v).toEqual(S('a\ufffdb'));
  });
});

describe('binary and number keys', () => {
  const bytes = (length: number) => ({ B: Buffer.alloc(length, 1).toString('base64') });
  test.each([
    ['p', 2048, `${P}Size of hashkey has exceeded the maximum size limit of2048 bytes`],
    ['s', 1024, `${P}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`],
  ])('%s has at most %i raw bytes', async (name, most, message) => {
    const key = (length: number) => ({ p: bytes(1), s: bytes(1), [name]: bytes(length) });
    await db.call('PutItem', { TableName: 'Bin', Item: key(most) });
    const Item = key(most + 1);
    expect(await db.invalid('PutItem', { TableName: 'Bin', Item })).toBe(message);
    expect(await db.invalid('UpdateItem', { TableName: 'Bin', Key: Item })).toBe(message);
    expect(await db.invalid('DeleteItem', { TableName: 'Bin', Key: Item })).toBe(message);
  });

  test('are the longest of numbers, too', async () => {
    const Item = { ...Key, s: N(`-${'9'.repeat(38)}e87`) };
    await db.call('PutItem', { TableName: 'Num', Item });
    const same = { ...Key, s: N(`-0.${'9'.repeat(38)}e125`) };
    expect((await db.call('GetItem', { TableName: 'Num', Key: same })).Item).toEqual({
      ...Key,
      s: N(`-${'9'.repeat(38)}${'0'.repeat(87)}`),
    });
  });
});

describe('an update at the limit of an item', () => {
  // item - key + 3 + 19 for each SET and ADD + 2 for each REMOVE and DELETE, at most 409,600.
  const key = { p: S('u') };
  const cases: readonly (readonly [string, object, number])[] = [
    ['SET v = :v', {}, 3 + 19],
    ['SET v = :v, w = :n', { ':n': N(1) }, 3 + 2 * 19 + 3],
    ['SET v = :v ADD w :n', { ':n': N(1) }, 3 + 2 * 19 + 3],
    ['SET v = :v REMOVE w', {}, 3 + 19 + 2],
    ['SET v = :v REMOVE w, x DELETE y :s', { ':s': { SS: ['a'] } }, 3 + 19 + 3 * 2],
  ];
  test.each(cases)('%s', async (UpdateExpression, values, besides) => {
    await db.call('PutItem', { TableName: 'Tab', Item: key });
    const most = 409_600 - besides - 'v'.length;
    const update = (length: number) => ({
      TableName: 'Tab',
      Key: key,
      UpdateExpression,
      ExpressionAttributeValues: { ':v': S('x'.repeat(length)), ...values },
    });
    await db.call('UpdateItem', update(most));
    expect(await db.invalid('UpdateItem', update(most + 1))).toBe(
      'Item size to update has exceeded the maximum allowed size',
    );
  });

  test('of numbers ends below the smallest, too', async () => {
    await db.call('PutItem', { TableName: 'Tab', Item: { ...key, n: N('1.1e-130') } });
    expect(
      await db.invalid('UpdateItem', {
        TableName: 'Tab',
        Key: key,
        UpdateExpression: 'SET n = n - :n',
        ExpressionAttributeValues: { ':n': N('1e-130') },
      }),
    ).toBe(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  });

  test('of sets of numbers goes by value', async () => {
    const Item = { ...key, ns: { NS: ['1', '2', '3'] } };
    await db.call('PutItem', { TableName: 'Tab', Item });
    const change = async (text: string, NS: readonly string[]) =>
      (
        await db.call('UpdateItem', {
          TableName: 'Tab',
          Key: key,
          UpdateExpression: text,
          ExpressionAttributeValues: { ':s': { NS } },
          ReturnValues: 'ALL_NEW',
        })
      ).Attributes.ns.NS.sort();
    expect(await change('ADD ns :s', ['1.0', '4e0'])).toEqual(['1', '2', '3', '4']);
    expect(await change('DELETE ns :s', ['2.00', '30e-1'])).toEqual(['1', '4']);
  });
});

describe('requests', () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => ({ p: S(`${at}`) }));
  test('of TransactGetItems get 100 items at most', async () => {
    const gets = (count: number) => ({
      TransactItems: many(count).map((key) => ({ Get: { TableName: 'Tab', Key: key } })),
    });
    expect((await db.call('TransactGetItems', gets(100))).Responses).toHaveLength(100);
    expect(await db.invalid('TransactGetItems', gets(101))).toContain(
      "at 'transactItems' failed to satisfy constraint: Member must have length less than or " +
        'equal to 100',
    );
    expect(await db.invalid('TransactGetItems', gets(0))).toContain(
      'Member must have length greater than or equal to 1',
    );
    expect(await db.invalid('TransactGetItems', {})).toBe(
      "1 validation error detected: Value null at 'transactItems' failed to satisfy " +
        'constraint: Member must not be null',
    );
  });

  test('have a Limit without an upper bound, and floor it', async () => {
    const { Count } = await db.call('Scan', { TableName: 'Tab', Limit: 2_147_483_647 });
    expect((await db.call('Scan', { TableName: 'Tab', Limit: 1.9 })).Count).toBe(
      Math.min(Count, 1),
    );
  });

  test('tell at most ten violations', async () => {
    const definitions = Array.from({ length: 12 }, () => ({ AttributeType: 'X' }));
    const told = await db.invalid('CreateTable', {
      ...tableOf('New', ['p:S']),
      AttributeDefinitions: definitions,
    });
    expect(told.startsWith('10 validation errors detected: ')).toBe(true);
    expect(told.split(' failed to satisfy constraint: ')).toHaveLength(11);
  });

  const enumOf = (value: string, at: string, set: string) =>
    `1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ` +
    `Member must satisfy enum value set: [${set}]`;
  const gsi = (more: object) => ({
    GlobalSecondaryIndexes: [
      {
        IndexName: 'gsi',
        KeySchema: schemaOf(['p:S']),
        Projection: { ProjectionType: 'ALL' },
        ...more,
      },
    ],
  });
  const table = (more: object) => ({ ...tableOf('New', ['p:S']), ...more });
  test.each<[string, object, string]>([
    [
      'CreateTable',
      table({ KeySchema: [{ AttributeName: 'p', KeyType: 'x' }] }),
      enumOf('x', 'keySchema.1.member.keyType', 'HASH, RANGE'),
    ],
    [
      'CreateTable',
      table(gsi({ Projection: { ProjectionType: 'x' } })),
      enumOf(
        'x',
        'globalSecondaryIndexes.1.member.projection.projectionType',
        'ALL, INCLUDE, KEYS_ONLY',
      ),
    ],
    [
      'CreateTable',
      table({ TableClass: 'x' }),
      enumOf('x', 'tableClass', 'STANDARD, STANDARD_INFREQUENT_ACCESS'),
    ],
    [
      'CreateTable',
      table({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'x' } }),
      enumOf(
        'x',
        'streamSpecification.streamViewType',
        'NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY',
      ),
    ],
    [
      'PutItem',
      { TableName: 'Tab', Item: Key, ConditionalOperator: 'x' },
      enumOf('x', 'conditionalOperator', 'OR, AND'),
    ],
    [
      'UpdateItem',
      { TableName: 'Tab', Key, ReturnValues: 'x' },
      enumOf('x', 'returnValues', 'ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW'),
    ],
    [
      'CreateTable',
      table(gsi({ IndexName: 'ab' })),
      "1 validation error detected: Value 'ab' at 'globalSecondaryIndexes.1.member.indexName' " +
        'failed to satisfy constraint: Member must have length greater than or equal to 3',
    ],
    [
      'CreateTable',
      table({
        ...gsi({ Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [] } }),
      }),
      "1 validation error detected: Value '[]' at " +
        "'globalSecondaryIndexes.1.member.projection.nonKeyAttributes' failed to satisfy " +
        'constraint: Member must have length greater than or equal to 1',
    ],
    [
      'TransactWriteItems',
      { TransactItems: [{ Put: { TableName: 'Tab', Item: Key } }], ClientRequestToken: '' },
      "1 validation error detected: Value '' at 'clientRequestToken' failed to satisfy " +
        'constraint: Member must have length greater than or equal to 1',
    ],
    [
      'Query',
      { TableName: 'Tab', IndexName: 'a b', KeyConditions: {} },
      "1 validation error detected: Value 'a b' at 'indexName' failed to satisfy constraint: " +
        'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+',
    ],
  ])('%s %#', async (operation, input, message) => {
    expect(await db.invalid(operation, input)).toBe(message);
  });

  test('with a member twice count the last, and those unknown not at all', async () => {
    const body =
      '{"TableName":"nowhere","TableName":"Tab","Unknown":{"x":[1]},"Item":{"p":{"S":"twice"},' +
      '"v":{"S":"first"},"v":{"S":"last"}}}';
    expect((await db.post('PutItem', body)).status).toBe(200);
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key: { p: S('twice') } });
    expect(Item.v).toEqual(S('last'));
  });
});

describe('a page of a Scan', () => {
  test('ends at 1 MB of what it reads, whatever is returned of it', async () => {
    await db.call('CreateTable', tableOf('Big', ['p:S', 's:N']));
    for (let s = 1; s <= 5; s += 1) {
      // "p" + "p" + "s" + the number + "v": four are 1 MB to the byte.
      const Item = { p: S('p'), s: N(s), v: S('v'.repeat(262_144 - 6)) };
      await db.call('PutItem', { TableName: 'Big', Item });
    }
    const scan = { TableName: 'Big', ReturnConsumedCapacity: 'TOTAL' };
    const page = await db.call('Scan', { ...scan, ProjectionExpression: 's' });
    expect([page.Count, page.LastEvaluatedKey.s.N]).toEqual([4, '4']);
    expect(page.ConsumedCapacity.CapacityUnits).toBe(128);
    const filtered = await db.call('Scan', {
      ...scan,
      FilterExpression: 'attribute_exists(zz)',
      ConsistentRead: true,
    });
    expect([filtered.Count, filtered.ScannedCount]).toEqual([0, 4]);
    expect(filtered.LastEvaluatedKey).toEqual({ p: S('p'), s: N(4) });
    expect(filtered.ConsumedCapacity.CapacityUnits).toBe(256);
    const rest = await db.call('Scan', { ...scan, ExclusiveStartKey: page.LastEvaluatedKey });
    expect([rest.Count, rest.LastEvaluatedKey]).toEqual([1, undefined]);
  });
});
