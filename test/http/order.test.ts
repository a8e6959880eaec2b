/**
 * Which of several faults is told, over HTTP: reference/protocol.md, section 4; expressions.md,
 * section 4; query-scan-indexes.md, section 1. Each request has two faults or more, in the order in
 * which they are judged; taking the first away shows the second.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  const gsi = {
    IndexName: 'gsi',
    KeySchema: schemaOf(['g:S']),
    Projection: { ProjectionType: 'KEYS_ONLY' },
  };
  await db.call(
    'CreateTable',
    tableOf('Tab', ['p:S', 's:N'], { GlobalSecondaryIndexes: [gsi] }, ['g:S']),
  );
  await db.call('PutItem', { TableName: 'Tab', Item: { p: S('a'), s: N(1), n: N(5), t: S('x') } });
});
afterAll(() => db.close());

const Key = { p: S('a'), s: N(1) };

describe('an expression is judged', () => {
  const values: Readonly<Record<string, object>> = {
    ':n': N(1),
    ':m': N(0),
    ':v': S('v'),
    ':l': { L: [] },
  };
  const valuesOf = (...texts: readonly string[]) => {
    const used = texts.flatMap((text) => text.match(/:\w+/g) ?? []);
    const found = used.flatMap((name) => (values[name] ? [[name, values[name]]] : []));
    return found.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(found) };
  };

  // The reference's order: size, empty, syntax, redundant parentheses, unknown function, misused
  // function, reserved word; then as it is evaluated: name, value, count, distinct, type.
  const conditions: readonly (readonly [string, string])[] = [
    [
      `((n = :n)) AND foo(n) AND !${' '.repeat(4096)}`,
      'Expression size has exceeded the maximum allowed size; expression size: ',
    ],
    ['((n = :n)) AND foo(n) AND !', 'Syntax error; token: "!"'],
    ['((n = :n)) AND foo(n)', 'The expression has redundant parentheses;'],
    ['foo(n) AND size(n)', 'Invalid function name; function: foo'],
    [
      'size(n) AND status = :n',
      'The function is not allowed to be used this way in an expression; function: size',
    ],
    ['status = :n AND #x = :n', 'Attribute name is a reserved keyword; reserved keyword: status'],
    [
      '#x = :undefined',
      'An expression attribute name used in the document path is not defined; attribute name: #x',
    ],
    [
      'n = :undefined AND contains(n)',
      'An expression attribute value used in expression is not defined; attribute value: ' +
        ':undefined',
    ],
    [
      'contains(n) AND n = n',
      'Incorrect number of operands for operator or function; operator or function: contains, ' +
        'number of operands: 1',
    ],
    [
      'n = n AND begins_with(t, :n)',
      'The first operand must be distinct from the remaining operands for this operator or ' +
        'function; operator: =, first operand: [n]',
    ],
    [
      'begins_with(t, :n)',
      'Incorrect operand type for operator or function; operator or function: begins_with, ' +
        'operand type: N',
    ],
  ];
  test.each(conditions)('condition %#: %s', async (text, tail) => {
    const input = { TableName: 'nowhere', Item: Key, ConditionExpression: text };
    const told = await db.invalid('PutItem', { ...input, ...valuesOf(text) });
    expect(told).toContain(`Invalid ConditionExpression: ${tail}`);
  });

  test.each(conditions)('filter %#: %s', async (text, tail) => {
    const input = { TableName: 'nowhere', FilterExpression: text };
    const told = await db.invalid('Scan', { ...input, ...valuesOf(text) });
    expect(told).toContain(`Invalid FilterExpression: ${tail}`);
  });

  // Syntax, reserved word, unknown function, repeated section, name, value, overlap, conflict,
  // operand type, use of a function.
  test.each([
    ['SET status = foo(:v) SET !', 'Syntax error; token: "!"'],
    [
      'SET status = foo(:v) SET a = :v',
      'Attribute name is a reserved keyword; reserved keyword: status',
    ],
    ['SET a = foo(:v) SET b = :v', 'Invalid function name; function: foo'],
    [
      'SET #x = :undefined SET b = :v',
      'The "SET" section can only be used once in an update expression;',
    ],
    [
      'SET #x = :undefined, a = :v, a = :v',
      'An expression attribute name used in the document path is not defined; attribute name: #x',
    ],
    [
      'SET a = :undefined, a = :v',
      'An expression attribute value used in expression is not defined; attribute value: ' +
        ':undefined',
    ],
    [
      'SET a = :v, a = :v, b.c = :v, b[0] = :v ADD q :v',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; ' +
        'path one: [a], path two: [a]',
    ],
    [
      'SET b.c = :v, b[0] = :v ADD q :v',
      'Two document paths conflict with each other; must remove or rewrite one of these paths; ' +
        'path one: [b, c], path two: [b, [0]]',
    ],
  ])('update %s', async (text, tail) => {
    const input = { TableName: 'nowhere', Key, UpdateExpression: text, ...valuesOf(text) };
    expect(await db.invalid('UpdateItem', input)).toContain(`Invalid UpdateExpression: ${tail}`);
  });

  const mixing = 'Can not use both expression and non-expression parameters in the same request: ';
  const unused = 'unused in expressions: keys: {';
  // Mixing, a map without expressions, the shape of maps, each expression, names, values.
  const badUpdate = { UpdateExpression: 'SET' };
  const badCondition = { ConditionExpression: '!' };
  test.each<[string, object, string]>([
    [
      'mixing',
      { ...badUpdate, AttributeUpdates: {}, ExpressionAttributeNames: {} },
      `${mixing}Non-expression parameters: {AttributeUpdates} Expression parameters: ` +
        '{UpdateExpression}',
    ],
    [
      'names before values',
      { ExpressionAttributeNames: { '#a': 'a' }, ExpressionAttributeValues: { ':v': {} } },
      'ExpressionAttributeNames can only be specified when using expressions',
    ],
    [
      'the shape of names',
      { ...badUpdate, ...badCondition, ExpressionAttributeNames: { a: 'b' } },
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
    ],
    [
      'the shape of values',
      { ...badUpdate, ExpressionAttributeValues: { ':v': {} } },
      'ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must ' +
        'contain exactly one of the supported datatypes for key :v',
    ],
    [
      'the update before the condition',
      { ...badUpdate, ...badCondition },
      'Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "SET"',
    ],
    [
      'the condition before what is unused',
      { UpdateExpression: 'REMOVE a', ...badCondition, ExpressionAttributeNames: { '#a': 'b' } },
      'Invalid ConditionExpression: Syntax error; token: "!", near: "!"',
    ],
    [
      'unused names',
      {
        UpdateExpression: 'REMOVE a',
        ExpressionAttributeNames: { '#a': 'b' },
        ExpressionAttributeValues: { ':a': N(1) },
      },
      `Value provided in ExpressionAttributeNames ${unused}#a}`,
    ],
    [
      'unused values',
      { UpdateExpression: 'REMOVE a', ExpressionAttributeValues: { ':a': N(1) } },
      `Value provided in ExpressionAttributeValues ${unused}:a}`,
    ],
  ])('with its request: %s', async (_name, more, message) => {
    expect(await db.invalid('UpdateItem', { TableName: 'nowhere', Key, ...more })).toBe(message);
  });
});

describe('a request is judged', () => {
  const put = { TableName: 'Tab', Item: { ...Key, v: S('x'.repeat(409_600)) } };
  const only = 'ReturnValues can only be ALL_OLD or NONE';
  const badValue =
    'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes';
  const duplicates = `${P}Duplicate value in attribute name: a`;
  const none = '1 validation error detected: ';
  test.each<[string, string, object, string]>([
    [
      'by the type of a member before what is required',
      'PutItem',
      { Item: 3 },
      'Unexpected field type',
    ],
    [
      'by what is required before its values',
      'PutItem',
      { Item: { p: {} } },
      `${none}Value null at 'tableName' failed to satisfy constraint: Member must not be null`,
    ],
    [
      'by mixing before values',
      'PutItem',
      { ...put, Item: { p: {} }, Expected: {}, ConditionExpression: '' },
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    ],
    [
      'by values of an item before ReturnValues',
      'PutItem',
      { ...put, Item: { p: {} }, ReturnValues: 'ALL_NEW' },
      badValue,
    ],
    [
      'by ReturnValues before the size of an item',
      'PutItem',
      { ...put, ReturnValues: 'ALL_NEW' },
      only,
    ],
    [
      'by the size of an item before Expected',
      'PutItem',
      { ...put, Expected: { a: {} } },
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'by the size of an item before its condition',
      'PutItem',
      { ...put, ConditionExpression: '!' },
      'Item size has exceeded the maximum allowed size',
    ],
    [
      'by the values of a key before ReturnValues',
      'DeleteItem',
      { TableName: 'Tab', Key: { p: {} }, ReturnValues: 'ALL_NEW' },
      badValue,
    ],
    [
      'by ReturnValues before a condition',
      'DeleteItem',
      { TableName: 'Tab', Key, ReturnValues: 'ALL_NEW', ConditionExpression: '!' },
      only,
    ],
    [
      'by the values of a key before AttributeUpdates',
      'UpdateItem',
      { TableName: 'Tab', Key: { p: {} }, AttributeUpdates: { a: {} } },
      badValue,
    ],
    [
      'by AttributeUpdates before Expected',
      'UpdateItem',
      { TableName: 'Tab', Key, AttributeUpdates: { a: {} }, Expected: { b: {} } },
      `${P}Only DELETE action is allowed when no attribute value is specified`,
    ],
    [
      'by the values of a key before names asked twice',
      'GetItem',
      { TableName: 'Tab', Key: { p: {} }, AttributesToGet: ['a', 'a'] },
      badValue,
    ],
    [
      'by names asked twice before segments',
      'Scan',
      { TableName: 'Tab', AttributesToGet: ['a', 'a'], Segment: 0 },
      duplicates,
    ],
    [
      'by a filter before a starting key',
      'Scan',
      {
        TableName: 'Tab',
        ScanFilter: { a: { ComparisonOperator: 'EQ' } },
        ExclusiveStartKey: { p: {} },
      },
      `${P}Invalid number of argument(s) for the EQ ComparisonOperator`,
    ],
    [
      'by a starting key before segments',
      'Scan',
      { TableName: 'Tab', ExclusiveStartKey: { p: {} }, Segment: 0 },
      `The provided starting key is invalid: ${badValue}`,
    ],
    [
      'by segments before a filter',
      'Scan',
      { TableName: 'Tab', Segment: 0, FilterExpression: '!' },
      'The TotalSegments parameter is required but was not present in the request when Segment ' +
        'parameter is present',
    ],
    [
      'by a filter before Select',
      'Scan',
      { TableName: 'Tab', FilterExpression: '!', Select: 'SPECIFIC_ATTRIBUTES' },
      'Invalid FilterExpression: Syntax error; token: "!", near: "!"',
    ],
    [
      'by a starting key before the want of a condition',
      'Query',
      { TableName: 'Tab', ExclusiveStartKey: { p: {} } },
      `The provided starting key is invalid: ${badValue}`,
    ],
    [
      'by the numbers of a starting key before those of expressions',
      'Query',
      {
        TableName: 'Tab',
        KeyConditionExpression: 'p = :p',
        ExpressionAttributeValues: { ':p': { N: '1x' } },
        ExclusiveStartKey: { p: { N: '--1' } },
      },
      'The parameter cannot be converted to a numeric value: --1',
    ],
    [
      'by the key condition before the filter before the projection',
      'Query',
      {
        TableName: 'Tab',
        ProjectionExpression: '$',
        FilterExpression: '!',
        KeyConditionExpression: '%',
      },
      'Invalid KeyConditionExpression: Syntax error; token: "%", near: "%"',
    ],
    [
      'by the filter before the projection',
      'Scan',
      { TableName: 'Tab', FilterExpression: '!', ProjectionExpression: '%' },
      'Invalid FilterExpression: Syntax error; token: "!", near: "!"',
    ],
  ])('%s', async (_name, operation, input, message) => {
    const told = await db.refuse(operation, input);
    expect(told.message).toBe(message);
    // All of this needs no table.
    const elsewhere = 'TableName' in input ? { ...input, TableName: 'nowhere' } : input;
    expect((await db.refuse(operation, elsewhere)).message).toBe(message);
  });

  const values = { ':a': S('a'), ':n': N(1) };
  const query = (KeyConditionExpression: string, more: object = {}) => ({
    TableName: 'Tab',
    KeyConditionExpression,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).filter(([name]) => KeyConditionExpression.includes(name)),
    ),
    ...more,
  });
  // Operators, unused, table, index, number of conditions, missing key, operator, type, starting
  // key, filter on keys, projection.
  const start = { ExclusiveStartKey: { p: S('b'), s: N(1) } };
  test.each<[object, string]>([
    [
      query('p = :a OR s = :n', { ExpressionAttributeNames: { '#x': 'x' } }),
      'Invalid operator used in KeyConditionExpression: OR',
    ],
    [
      query('p = :a', { TableName: 'nowhere', ExpressionAttributeNames: { '#x': 'x' } }),
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}',
    ],
    [query('s = :n', { TableName: 'nowhere', IndexName: 'nope' }), 'Requested resource not found'],
    [query('s = :n', { IndexName: 'nope' }), 'The table does not have the specified index: nope'],
    [
      query('q = :a AND r = :n AND z = :n'),
      'The number of query conditions (3) exceeds the number of key attributes defined in the ' +
        'schema (2)',
    ],
    [query('q > :n AND r = :n'), 'Query condition missed key schema element: p'],
    [query('p > :n'), 'Query key condition not supported'],
    [query('p = :n', start), `${P}Condition parameter type does not match schema type`],
    [
      query('p = :a', { ...start, FilterExpression: 'attribute_exists(s)' }),
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      query('g = :a', {
        IndexName: 'gsi',
        FilterExpression: 'attribute_exists(g)',
        ProjectionExpression: 'n',
      }),
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: g',
    ],
    [
      query('g = :a', { IndexName: 'gsi', ProjectionExpression: 'n' }),
      `${P}Global secondary index gsi does not project [n]`,
    ],
  ])('as a Query: %j', async (input, message) => {
    expect((await db.refuse('Query', input)).message).toBe(message);
  });

  test('by its condition before what the update would do', async () => {
    const update = (ConditionExpression: string) => ({
      TableName: 'Tab',
      Key,
      UpdateExpression: 'SET n = t + :n',
      ConditionExpression,
      ExpressionAttributeValues: { ':n': N(1) },
    });
    expect((await db.refuse('UpdateItem', update('attribute_exists(zz)'))).name).toBe(
      'ConditionalCheckFailedException',
    );
    expect(await db.invalid('UpdateItem', update('attribute_exists(p)'))).toBe(
      'An operand in the update expression has an incorrect data type',
    );
  });

  test('by its key before its condition', async () => {
    const remove = { TableName: 'Tab', Key: { p: S('a') }, ConditionExpression: 'n = n' };
    expect(await db.invalid('DeleteItem', remove)).toContain('first operand must be distinct');
    const later = { ...remove, ConditionExpression: 'attribute_exists(zz)' };
    expect(await db.invalid('DeleteItem', later)).toBe(
      'The provided key element does not match the schema',
    );
  });
});

describe('a wrong target and a wrong body', () => {
  test.each([
    ['Nothing', 'not json', 'SerializationException'],
    ['Nothing', '{}', 'UnknownOperationException'],
    ['Nothing', '[]', 'UnknownOperationException'],
    ['GetItem', '[]', 'SerializationException'],
  ])('%s with %s is %s', async (target, body, name) => {
    const { text } = await db.post(target, body);
    expect(text).toContain(`#${name}`);
  });
});
