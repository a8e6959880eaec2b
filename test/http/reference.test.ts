/**
 * Rows of the reference that no other table of requests here holds; docs/reference-audit.md names
 * the test of each row.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const Key = { p: S('k'), s: N(1) };
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  const index = (IndexName: string, keys: readonly string[]) => ({
    IndexName,
    KeySchema: schemaOf(keys),
    Projection: { ProjectionType: 'ALL' },
  });
  await db.call(
    'CreateTable',
    tableOf(
      'Tab',
      ['p:S', 's:N'],
      {
        GlobalSecondaryIndexes: [index('gbi', ['b:B', 'r:S'])],
        LocalSecondaryIndexes: [index('lsi', ['p:S', 'l:S'])],
      },
      ['b:B', 'r:S', 'l:S'],
    ),
  );
  await db.call('CreateTable', tableOf('Txt', ['p:S', 's:S']));
});
afterAll(() => db.close());

const put = (more: object) => ({ TableName: 'Tab', Item: { ...Key, ...more } });
const query = (KeyConditionExpression: string, values: object, more: object = {}) => ({
  TableName: 'Tab',
  KeyConditionExpression,
  ExpressionAttributeValues: values,
  ...more,
});

describe('attribute values', () => {
  test('have unknown members and members that are null like none', async () => {
    const v = { S: 'a', N: null, X: [1], L: null };
    await db.call('PutItem', put({ v }));
    expect((await db.call('GetItem', { TableName: 'Tab', Key })).Item).toEqual({
      ...Key,
      v: S('a'),
    });
  });

  test.each([
    ['BOOL', true],
    ['NULL', true],
    ['L', []],
    ['M', {}],
    ['SS', ['a']],
    ['NS', ['1']],
    ['BS', ['YQ==']],
    ['B', 'YQ=='],
    ['N', '1'],
  ])('of type %s are no key of type S', async (type, value) => {
    const wrong = { ...Key, p: { [type]: value } };
    expect(await db.invalid('PutItem', { TableName: 'Tab', Item: wrong })).toBe(
      `${P}Type mismatch for key p expected: S actual: ${type}`,
    );
    expect(await db.invalid('PutItem', put({ l: { [type]: value } }))).toBe(
      `${P}Type mismatch for Index Key l Expected: S Actual: ${type} IndexName: lsi`,
    );
    const told = 'The provided key element does not match the schema';
    expect(await db.invalid('GetItem', { TableName: 'Tab', Key: wrong })).toBe(told);
    expect(await db.invalid('DeleteItem', { TableName: 'Tab', Key: wrong })).toBe(told);
  });
});

describe('keys of indexes', () => {
  const set = (name: string, value: object) => ({
    TableName: 'Tab',
    Key,
    UpdateExpression: `SET ${name} = :v`,
    ExpressionAttributeValues: { ':v': value },
  });
  test('that are binary have words of their own when they are empty', async () => {
    expect(await db.invalid('PutItem', put({ b: { B: '' } }))).toBe(
      'One or more parameter values are not valid. A value specified for a secondary index key ' +
        'is not supported. The AttributeValue for a key attribute cannot contain an empty binary ' +
        'value. IndexName: gbi, IndexKey: b',
    );
    expect(await db.invalid('UpdateItem', set('b', { B: '' }))).toBe(
      'One or more parameter values are not valid. The update expression attempted to update a ' +
        'secondary index key to a value that is not supported. The AttributeValue for a key ' +
        'attribute cannot contain an empty binary value.',
    );
  });

  test('that are ranges have at most 1024 bytes', async () => {
    const range = 'Aggregated size of all range keys has exceeded the size limit of 1024 bytes';
    await db.call('PutItem', put({ r: S('x'.repeat(1024)) }));
    expect(await db.invalid('PutItem', put({ r: S('x'.repeat(1025)) }))).toBe(P + range);
    expect(await db.invalid('PutItem', put({ l: S('x'.repeat(1025)) }))).toBe(P + range);
  });

  test('are free to be absent, to come and to go', async () => {
    await db.call('PutItem', put({}));
    await db.call('UpdateItem', set('r', S('x')));
    const names = { TableName: 'Tab', IndexName: 'gbi' };
    expect((await db.call('Scan', names)).Count).toBe(0);
    await db.call('UpdateItem', set('b', { B: 'YQ==' }));
    expect((await db.call('Scan', names)).Count).toBe(1);
    await db.call('UpdateItem', { TableName: 'Tab', Key, UpdateExpression: 'REMOVE b' });
    expect((await db.call('Scan', names)).Count).toBe(0);
  });
});

describe('key conditions', () => {
  const emptyKey = (name: string) =>
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot ' +
    `contain an empty string value. Key: ${name}`;
  test('of KeyConditions take no empty value, and begins_with no empty prefix', async () => {
    const on = (ComparisonOperator: string, value: object) => ({
      ComparisonOperator,
      AttributeValueList: [value],
    });
    const legacy = (KeyConditions: object) => ({ TableName: 'Txt', KeyConditions });
    expect(await db.invalid('Query', legacy({ p: on('EQ', S('')) }))).toBe(emptyKey('p'));
    const prefix = { p: on('EQ', S('a')), s: on('BEGINS_WITH', S('')) };
    expect(await db.invalid('Query', legacy(prefix))).toBe(emptyKey('s'));
    const values = { ':p': S('a'), ':s': S('') };
    const input = query('p = :p AND begins_with(s, :s)', values, { TableName: 'Txt' });
    expect(await db.invalid('Query', input)).toBe(emptyKey('s'));
  });

  test('with reversed operands are mirrored, whichever they are', async () => {
    for (const s of [1, 2, 3]) {
      await db.call('PutItem', { TableName: 'Tab', Item: { p: S('rev'), s: N(s) } });
    }
    const found = async (condition: string) => {
      const input = query(`${condition} AND p = :p`, { ':p': S('rev'), ':n': N(2) });
      const { Items } = await db.call('Query', input);
      return Items.map(({ s }: { s: { N: string } }) => s.N).join('');
    };
    expect(await found(':n = s')).toBe('2');
    expect(await found(':n < s')).toBe('3');
    expect(await found(':n <= s')).toBe('23');
    expect(await found(':n > s')).toBe('1');
    expect(await found(':n >= s')).toBe('12');
  });

  test('take no doubled parentheses', async () => {
    expect(await db.invalid('Query', query('((p = :p))', { ':p': S('a') }))).toBe(
      'Invalid KeyConditionExpression: The expression has redundant parentheses;',
    );
  });

  test('may be with names of placeholders, and reserved words need them', async () => {
    await db.call('CreateTable', tableOf('Res', ['name:S', 'status:S']));
    await db.call('PutItem', { TableName: 'Res', Item: { name: S('a'), status: S('b') } });
    const values = { ':a': S('a') };
    const at = { TableName: 'Res' };
    expect(await db.invalid('Query', query('name = :a', values, at))).toBe(
      'Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: ' +
        'name',
    );
    const ExpressionAttributeNames = { '#n': 'name' };
    const named = query('#n = :a', values, { ...at, ExpressionAttributeNames });
    expect((await db.call('Query', named)).Count).toBe(1);
    const AttributesToGet = ['status'];
    const legacy = { ...at, Key: { name: S('a'), status: S('b') }, AttributesToGet };
    expect(await db.call('GetItem', legacy)).toEqual({ Item: { status: S('b') } });
  });

  test('with a starting key of a local index want all its attributes', async () => {
    const Item = { p: S('loc'), s: N(1), l: S('m') };
    await db.call('PutItem', { TableName: 'Tab', Item });
    const on = (ExclusiveStartKey: object) =>
      query('p = :p', { ':p': S('loc') }, { IndexName: 'lsi', ExclusiveStartKey });
    const { s: _s, ...less } = Item;
    expect(await db.invalid('Query', on(less))).toBe('The provided starting key is invalid');
    expect((await db.call('Query', on({ ...Item, l: S('a') }))).Count).toBe(1);
    expect((await db.call('Query', on(Item))).Count).toBe(0);
  });
});

describe('of several faults of a key condition the first is told:', () => {
  const term = 'Invalid condition in KeyConditionExpression: ';
  const several = `${term}Multiple attribute names used in one condition`;
  const nested = 'KeyConditionExpressions cannot contain nested operations';
  const below = 'KeyConditionExpressions cannot have conditions on nested attributes';
  const first = (operator: string) =>
    `${term}${operator} operator must have the key attribute as its first operand`;
  test.each([
    [':p BETWEEN size(s) AND size(p) AND p > :p', first('BETWEEN')],
    ['begins_with(:p, s) AND p > :p', first('begins_with')],
    ['s > p.x AND p = :p', several],
    ['s BETWEEN c[1] AND d AND p = :p', several],
    ['p BETWEEN s AND size(p) AND p = :p', several],
    ['begins_with(p, s) AND p = :p', several],
    ['size(s) > p AND p.x > s AND s > :p', nested],
    ['p > size(s.d) AND s = :p', nested],
    ['p BETWEEN size(s) AND size(p) AND s = :p', nested],
    ['s.d > p AND c.d > e.f AND s = :p', below],
    ['s[0] > p AND s = :p', below],
  ])('%s', async (condition, message) => {
    const input = query(condition, { ':p': S('a') }, { TableName: 'nowhere' });
    expect(await db.invalid('Query', input)).toBe(message);
  });

  test('a starting key beyond the range, before one of another partition', async () => {
    const ask = (condition: string, start: object) =>
      db.invalid(
        'Query',
        query(
          `p = :p AND ${condition}`,
          { ':p': S('b'), ':s': N(5) },
          { ExclusiveStartKey: start },
        ),
      );
    const predicate = 'The provided starting key does not match the range key predicate';
    expect(await ask('s > :s', { p: S('a'), s: N(1) })).toBe(predicate);
    expect(await ask('s > :s', { p: S('b'), s: N(1) })).toBe(predicate);
    expect(await ask('s > :s', { p: S('a'), s: N(6) })).toBe(
      'The provided starting key is outside query boundaries based on provided conditions',
    );
  });

  test('mixing names KeyConditions only beside KeyConditionExpression', async () => {
    const KeyConditions = { p: { ComparisonOperator: 'EQ', AttributeValueList: [S('a')] } };
    const more = { TableName: 'Tab', KeyConditions, QueryFilter: {}, FilterExpression: 'a = b' };
    const mixed = (legacy: string, expressions: string) =>
      'Can not use both expression and non-expression parameters in the same request: ' +
      `Non-expression parameters: {${legacy}} Expression parameters: {${expressions}}`;
    expect(await db.invalid('Query', more)).toBe(mixed('QueryFilter', 'FilterExpression'));
    expect(await db.invalid('Query', { ...more, KeyConditionExpression: 'p = q' })).toBe(
      mixed('QueryFilter, KeyConditions', 'FilterExpression, KeyConditionExpression'),
    );
  });
});

describe('a filter of a Query', () => {
  test('on an index may speak of keys of the table that are not keys of the index', async () => {
    const input = query('p = :p', { ':p': S('a'), ':n': N(1) }, { IndexName: 'lsi' });
    await db.call('Query', { ...input, FilterExpression: 's = :n' });
    expect(await db.invalid('Query', { ...input, FilterExpression: 'l = :n' })).toBe(
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: l',
    );
    const condition = { ComparisonOperator: 'EQ', AttributeValueList: [S('a')] };
    const legacy = { TableName: 'Tab', IndexName: 'lsi', KeyConditions: { p: condition } };
    expect(await db.invalid('Query', { ...legacy, QueryFilter: { l: condition } })).toBe(
      'QueryFilter can only contain non-primary key attributes: Primary key attribute: l',
    );
  });
});

describe('expressions', () => {
  test('see the item as it was: a = b, b = a swaps, and nothing is seen of other actions', async () => {
    await db.call('PutItem', put({ a: N(1), c: N(2), q: { L: [N(1), N(2)] } }));
    const { Attributes } = await db.call('UpdateItem', {
      TableName: 'Tab',
      Key,
      UpdateExpression: 'SET a = c, c = a, d = q[0] REMOVE q[0]',
      ReturnValues: 'ALL_NEW',
    });
    expect(Attributes).toEqual({ ...Key, a: N(2), c: N(1), d: N(1), q: { L: [N(2)] } });
  });

  test('of the same value are updated attributes all the same', async () => {
    await db.call('PutItem', put({ a: N(1) }));
    for (const ReturnValues of ['UPDATED_OLD', 'UPDATED_NEW']) {
      const answer = await db.call('UpdateItem', {
        TableName: 'Tab',
        Key,
        UpdateExpression: 'SET a = :a',
        ExpressionAttributeValues: { ':a': N('1.0') },
        ReturnValues,
      });
      expect(answer).toEqual({ Attributes: { a: N(1) } });
    }
  });

  test('that are update-only are refused in conditions, and the reverse', async () => {
    const told = (UpdateExpression: string) =>
      db.invalid('UpdateItem', { TableName: 'Tab', Key, UpdateExpression });
    for (const name of ['attribute_exists', 'size']) {
      expect(await told(`SET a = ${name}(c)`)).toBe(
        'Invalid UpdateExpression: The function is not allowed in an update expression; ' +
          `function: ${name}`,
      );
    }
    expect(
      await db.invalid('Scan', {
        TableName: 'Tab',
        FilterExpression: 'a = list_append(c, c)',
      }),
    ).toBe(
      'Invalid FilterExpression: The function is not allowed in a condition expression; ' +
        'function: list_append',
    );
  });

  test('have at most 2 MB of names and values', async () => {
    const values = (bytes: number) =>
      Object.fromEntries(
        Array.from({ length: 6 }, (_, at) => [`:v${at}`, S('x'.repeat(bytes))] as const),
      );
    const input = (bytes: number) => ({
      TableName: 'Tab',
      FilterExpression: Object.keys(values(1))
        .map((name) => `a <> ${name}`)
        .join(' AND '),
      ExpressionAttributeValues: values(bytes),
    });
    await db.call('Scan', input(349_522));
    expect(await db.invalid('Scan', input(349_523))).toContain(
      'The substitution variables of the expressions have exceeded the maximum allowed size',
    );
  });
});

describe('a request', () => {
  test.each([
    ['PutItem', { Item: Key }],
    ['GetItem', { Key }],
    ['DeleteItem', { Key }],
    ['UpdateItem', { Key }],
    ['Query', { KeyConditionExpression: 'p = :p', ExpressionAttributeValues: { ':p': S('k') } }],
    ['Scan', {}],
  ])('%s takes an ARN for its table, and tells it in its capacity', async (operation, more) => {
    const { Table } = await db.call('DescribeTable', { TableName: 'Tab' });
    const ReturnConsumedCapacity = 'TOTAL';
    const input = { TableName: Table.TableArn, ...more, ReturnConsumedCapacity };
    const { ConsumedCapacity } = await db.call(operation, input);
    expect(ConsumedCapacity.TableName).toBe(Table.TableArn);
  });

  test.each([
    ['Query', { KeyConditionExpression: '#p = :p', ExpressionAttributeValues: { ':p': S('k') } }],
    ['Scan', {}],
  ])('%s of COUNT counts in pages, and has no Items', async (operation, more) => {
    await db.call('PutItem', put({}));
    const ExpressionAttributeNames = operation === 'Query' ? { '#p': 'p' } : undefined;
    const input = { TableName: 'Tab', ...more, ExpressionAttributeNames, Select: 'COUNT' };
    const answer = await db.call(operation, { ...input, Limit: 1 });
    expect(Object.keys(answer).sort()).toEqual(['Count', 'LastEvaluatedKey', 'ScannedCount']);
    expect([answer.Count, answer.ScannedCount]).toEqual([1, 1]);
  });

  test('of TransactGetItems has an Item where nothing of it is projected', async () => {
    await db.call('PutItem', put({}));
    const Get = { TableName: 'Tab', Key, ProjectionExpression: 'nothing' };
    const { Responses } = await db.call('TransactGetItems', { TransactItems: [{ Get }] });
    expect(Responses).toEqual([{ Item: {} }]);
  });

  test('of a transaction is judged by what was there before it', async () => {
    await db.call('PutItem', put({ n: N(1) }));
    const other = { p: S('k'), s: N(2) };
    const check = (Key: object, ConditionExpression: string) => ({
      TableName: 'Tab',
      Key,
      ConditionExpression,
      ExpressionAttributeValues: { ':n': N(1) },
    });
    await db.call('TransactWriteItems', {
      TransactItems: [
        { Update: { ...check(Key, 'n = :n'), UpdateExpression: 'SET n = n + :n' } },
        { ConditionCheck: check(other, 'attribute_not_exists(p) AND :n <> n') },
      ],
    });
    expect((await db.call('GetItem', { TableName: 'Tab', Key })).Item.n).toEqual(N(2));
  });

  test('with a NextToken that is too long or empty is refused by its shape', async () => {
    const Statement = 'SELECT * FROM Tab';
    const told = (NextToken: string) => db.invalid('ExecuteStatement', { Statement, NextToken });
    expect(await told('')).toBe(
      "1 validation error detected: Value '' at 'nextToken' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 1',
    );
    expect(await told('x'.repeat(32_769))).toContain(
      "at 'nextToken' failed to satisfy constraint: Member must have length less than or equal " +
        'to 32768',
    );
    expect(await told('x'.repeat(32_768))).toBe('Invalid NextToken');
    expect(await db.invalid('ExecuteStatement', { Statement, Limit: 0 })).toContain(
      "at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
  });
});

describe('words of the grammar', () => {
  const words = ['set', 'Remove', 'ADD', 'delete', 'and', 'OR', 'Not', 'between', 'In'];
  const update = (UpdateExpression: string) =>
    db.invalid('UpdateItem', { TableName: 'Tab', Key, UpdateExpression });
  const filter = (FilterExpression: string) =>
    db.invalid('Scan', { TableName: 'Tab', FilterExpression });
  const project = (ProjectionExpression: string) =>
    db.invalid('GetItem', { TableName: 'Tab', Key, ProjectionExpression });
  const tail = (word: string, near: string) => `Syntax error; token: "${word}", near: "${near}"`;

  test.each(words)('%s is no name in any expression, nor a step of a path', async (word) => {
    expect(await update(`SET a = ${word}`)).toBe(
      `Invalid UpdateExpression: ${tail(word, `= ${word}`)}`,
    );
    expect(await update(`SET a.${word} = b`)).toBe(
      `Invalid UpdateExpression: ${tail(word, `.${word} =`)}`,
    );
    expect(await filter(`a.${word} = b`)).toBe(
      `Invalid FilterExpression: ${tail(word, `.${word} =`)}`,
    );
    expect(await filter(`a = ${word}`)).toBe(
      `Invalid FilterExpression: ${tail(word, `= ${word}`)}`,
    );
    expect(await project(`a, ${word}`)).toBe(
      `Invalid ProjectionExpression: ${tail(word, `, ${word}`)}`,
    );
  });

  test('are names behind a placeholder', async () => {
    await db.call('PutItem', put({ set: N(1) }));
    const { Count } = await db.call('Scan', {
      TableName: 'Tab',
      FilterExpression: '#s = :n',
      ExpressionAttributeNames: { '#s': 'set' },
      ExpressionAttributeValues: { ':n': N(1) },
    });
    expect(Count).toBe(1);
  });
});

describe('functions of functions', () => {
  const filter = (FilterExpression: string) =>
    db.invalid('Scan', { TableName: 'Tab', FilterExpression });
  test.each(['size(size(a)) = b', 'size(size(size(a))) = b'])(
    '%s is of a wrong type',
    async (text) => {
      expect(await filter(text)).toBe(
        'Invalid FilterExpression: Incorrect operand type for operator or function; operator or ' +
          'function: size, operand type: N',
      );
    },
  );
  test('a test of an attribute has no size', async () => {
    expect(await filter('size(attribute_exists(a)) = b')).toBe(
      'Invalid FilterExpression: The function is not allowed to be used this way in an ' +
        'expression; function: attribute_exists',
    );
  });
});

describe('of the faults of an update that need its item the first action is told:', () => {
  const path = 'The document path provided in the update expression is invalid for update';
  const missing = 'The provided expression refers to an attribute that does not exist in the item';
  const type = 'An operand in the update expression has an incorrect data type';
  test.each([
    ['SET t[9] = t', 'its place before its source', path],
    ['SET t[9] = gone', 'its place before its source', path],
    ['SET t.x = t + :n', 'its place before its source', path],
    ['SET a = gone, t.x = :n', 'its source before the next place', missing],
    ['SET a = s + :n REMOVE gone.x', 'its source before the next place', type],
    ['REMOVE gone.x SET a = gone', 'its place before the next source', path],
  ])('%s: %s', async (UpdateExpression, _rule, message) => {
    await db.call('PutItem', { TableName: 'Txt', Item: { p: S('k'), s: S('k'), t: S('text') } });
    const ExpressionAttributeValues = UpdateExpression.includes(':n') ? { ':n': N(1) } : undefined;
    const told = await db.invalid('UpdateItem', {
      TableName: 'Txt',
      Key: { p: S('k'), s: S('k') },
      UpdateExpression,
      ExpressionAttributeValues,
    });
    expect(told).toBe(message);
  });
});
