/** Expressions, updates and returned values over HTTP: reference/expressions.md. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
});
afterAll(() => db.close());

const N = (n: number | string): object => ({ N: String(n) });
const L = (...values: readonly (object | number)[]): object => ({
  L: values.map((value) => (typeof value === 'number' ? N(value) : value)),
});
const M = (members: Readonly<Record<string, object>>): object => ({ M: members });
const S = (text: string): object => ({ S: text });

const Key = { p: S('k') };
const item = {
  ...Key,
  a: L(2, 3, 4, 5, 6, 7),
  m: M({ x: N(1), y: M({ z: N(2) }) }),
  n: N(5),
  s: { SS: ['u', 'v'] },
  t: S('dog'),
};
const values: Readonly<Record<string, object>> = {
  ':17': N(17),
  ':8': N(8),
  ':7': N(7),
  ':1': N(1),
  ':0': N(0),
  ':2': N(2),
  ':3': N(3),
  ':4': N(4),
  ':5': N('5.0'),
  ':6': N(6),
  ':9': N(9),
  ':pre': L(0),
  ':v': S('v'),
  ':w': S('w'),
  ':ssw': { SS: ['w'] },
  ':ss': { SS: ['q'] },
  ':ssuv': { SS: ['u', 'v'] },
  ':ns': { NS: ['1'] },
  ':s': S('text'),
  ':do': S('do'),
  ':u': S('u'),
  ':SS': S('SS'),
  ':lo': N(1),
  ':same': M({ y: M({ z: N('2.0') }), x: N(1) }),
};

/** The members of a request with one expression: the values it uses, no others. */
function using(member: string, expression: string): object {
  const used = expression.match(/:\w+/g) ?? [];
  const entries = [...new Set(used)].flatMap((name) =>
    values[name] ? [[name, values[name]]] : [],
  );
  return {
    [member]: expression,
    ...(entries.length > 0 && { ExpressionAttributeValues: Object.fromEntries(entries) }),
  };
}

const update = (expression: string, more: object = {}): object => ({
  TableName: 'Tab',
  Key,
  ...using('UpdateExpression', expression),
  ...more,
});

beforeEach(() => db.call('PutItem', { TableName: 'Tab', Item: item }));

describe('updates', () => {
  test.each([
    ['REMOVE a[1] SET a[3] = :17', { a: L(2, 4, 17, 6, 7) }],
    ['SET a[3] = :17 REMOVE a[1]', { a: L(2, 4, 17, 6, 7) }],
    ['SET a[50] = :8, a[40] = :7', { a: L(2, 3, 4, 5, 6, 7, 7, 8) }],
    ['REMOVE a[0], a[2]', { a: L(3, 5, 6, 7) }],
    ['REMOVE a[99]', {}],
    ['SET n = n + :1, q = n', { n: N(6), q: N(5) }],
    ['SET n = :1 - n', { n: N(-4) }],
    ['SET n = n + n', { n: N(10) }],
    ['SET q = if_not_exists(q, :0) + :1', { q: N(1) }],
    ['SET a = list_append(:pre, a)', { a: L(0, 2, 3, 4, 5, 6, 7) }],
    ['SET m.x = :v, m.y.w = :w', { m: M({ x: S('v'), y: M({ z: N(2), w: S('w') }) }) }],
    ['SET m = :v', { m: S('v') }],
    ['ADD n :2, s :ssw', { n: N(7), s: { SS: ['u', 'v', 'w'] } }],
    ['ADD q :ss', { q: { SS: ['q'] } }],
    ['ADD m.x :2', { m: M({ x: N(3), y: M({ z: N(2) }) }) }],
    ['REMOVE m.x, m.y', { m: M({}) }],
    ['REMOVE m.q', {}],
    ['SET n = t, t = n', { n: S('dog'), t: N(5) }],
    ['set n = :v remove q', { n: S('v') }],
    ['SET n = (:1)', { n: N(1) }],
    ['SET q = if_not_exists(b, if_not_exists(c, :1))', { q: N(1) }],
    ['SET q = list_append(if_not_exists(q, :pre), :pre)', { q: L(0, 0) }],
  ])('%s', async (expression, changed) => {
    const { Attributes } = await db.call(
      'UpdateItem',
      update(expression, { ReturnValues: 'ALL_NEW' }),
    );
    expect(Attributes).toEqual({ ...item, ...changed });
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key, ConsistentRead: true });
    expect(Item).toEqual(Attributes);
  });

  test('a set that loses its last member is an attribute that is gone', async () => {
    const { Attributes } = await db.call(
      'UpdateItem',
      update('DELETE s :ssuv', { ReturnValues: 'ALL_NEW' }),
    );
    expect(Attributes).toEqual(Object.fromEntries(Object.entries(item).filter(([n]) => n !== 's')));
  });

  const path = 'The document path provided in the update expression is invalid for update';
  const type = 'An operand in the update expression has an incorrect data type';
  const missing = 'The provided expression refers to an attribute that does not exist in the item';
  const tail = 'Invalid UpdateExpression: ';
  const overlap =
    `${tail}Two document paths overlap with each other; must remove or rewrite one ` +
    `of these paths; `;
  const wrongType = `${tail}Incorrect operand type for operator or function; `;
  test.each([
    ['SET m.q.r = :v', path],
    ['SET t.x = :v', path],
    ['SET n[0] = :v', path],
    ['REMOVE zz.x', path],
    ['SET q = zz', missing],
    ['SET q = zz + :1', missing],
    ['SET q = t + :1', type],
    ['SET q = list_append(t, :pre)', type],
    ['SET q = t + zz', type],
    ['SET q = zz + t', missing],
    ['SET q = list_append(t, zz)', type],
    ['ADD t :1', type],
    ['ADD s :ns', type],
    ['DELETE s :ns', type],
    ['SET p = :v', `${P}Cannot update attribute p. This attribute is part of the key`],
    ['REMOVE p', `${P}Cannot update attribute p. This attribute is part of the key`],
    ['SET m = :v, m.x = :w', `${overlap}path one: [m], path two: [m, x]`],
    ['SET m.x = :v REMOVE m', `${overlap}path one: [m, x], path two: [m]`],
    ['SET a[0] = :v, a[0] = :w', `${overlap}path one: [a, [0]], path two: [a, [0]]`],
    [
      'SET m.x = :v, m[0] = :w',
      `${tail}Two document paths conflict with each other; must remove or rewrite one of these ` +
        'paths; path one: [m, x], path two: [m, [0]]',
    ],
    [
      'SET n = :v SET q = :w',
      `${tail}The "SET" section can only be used once in an update expression;`,
    ],
    [
      'SET q = :undefined',
      `${tail}An expression attribute value used in expression is not defined; attribute value: ` +
        `:undefined`,
    ],
    [
      'SET #q = :v',
      `${tail}An expression attribute name used in the document path is not defined; attribute ` +
        `name: #q`,
    ],
    ['SET q = foo(:v)', `${tail}Invalid function name; function: foo`],
    [
      'SET q = size(a)',
      `${tail}The function is not allowed in an update expression; function: size`,
    ],
    [
      'SET q = list_append(:pre)',
      `${tail}Incorrect number of operands for operator or function; operator or function: ` +
        `list_append, number of operands: 1`,
    ],
    [
      'SET q = list_append(list_append(a, :pre), :pre)',
      `${tail}The function is not allowed to be used this way in an expression; function: ` +
        'list_append',
    ],
    [
      'SET q = list_append(:v, a)',
      `${wrongType}operator or function: list_append, operand type: S`,
    ],
    ['SET q = n + :v', `${wrongType}operator or function: +, operand type: S`],
    [
      'SET q = if_not_exists(:v, :w)',
      `${tail}Operator or function requires a document path; operator or function: if_not_exists`,
    ],
    ['ADD q :v', `${wrongType}operator: ADD, operand type: STRING`],
    ['SET q = n + :v ADD z :v', `${wrongType}operator: ADD, operand type: STRING`],
    [
      'SET q = list_append(:v, a) DELETE z :1',
      `${wrongType}operator: DELETE, operand type: NUMBER`,
    ],
    ['ADD q :pre', `${wrongType}operator: ADD, operand type: LIST`],
    ['DELETE q :1', `${wrongType}operator: DELETE, operand type: NUMBER`],
    ['SET value = :v', `${tail}Attribute name is a reserved keyword; reserved keyword: value`],
    ['SET q = Name', `${tail}Attribute name is a reserved keyword; reserved keyword: Name`],
    ['INVALID SYNTAX', `${tail}Syntax error; token: "INVALID", near: "INVALID SYNTAX"`],
    ['SET q = :1 + :2 + :3', `${tail}Syntax error; token: "+", near: ":2 + :3"`],
    [
      'SET a[2147483648] = :v',
      `${tail}List index is not within the allowable range; index: [2147483648]`,
    ],
    [' ', `${tail}The expression can not be empty;`],
    [
      `SET q = ${'n'.repeat(4089)}`,
      `${tail}Expression size has exceeded the maximum allowed size; expression size: 4097`,
    ],
  ])('%s is refused', async (expression, message) => {
    expect(await db.invalid('UpdateItem', update(expression))).toBe(message);
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key });
    expect(Item).toEqual(item);
  });

  test('4096 bytes of expression are not too many', async () => {
    await expect(db.invalid('UpdateItem', update(`SET q = ${'n'.repeat(4088)}`))).resolves.toBe(
      missing,
    );
  });

  test.each([
    [300, undefined],
    [301, `${tail}The expression contains too many operators; operator count: 301`],
  ])('%i operators: %s', async (count, refusal) => {
    const sets = Array.from({ length: count }, (_, at) => `q${at}=n+:1`).join(',');
    const answer = await db.post('UpdateItem', JSON.stringify(update(`SET ${sets}`)));
    expect(answer.status).toBe(refusal === undefined ? 200 : 400);
    if (refusal !== undefined) expect(JSON.parse(answer.text).message).toBe(refusal);
  });

  test.each([
    ['REMOVE q', undefined],
    ['REMOVE m.x', undefined],
    ['DELETE q :ss', undefined],
    ['SET q = :v', { p: S('new'), q: S('v') }],
    ['ADD q :1', { p: S('new'), q: N(1) }],
  ])('%s on an item that is not there makes %j', async (expression, made) => {
    const other = { p: S('new') };
    await db.call('UpdateItem', { ...update(expression), Key: other });
    const { Item } = await db.call('GetItem', { TableName: 'Tab', Key: other });
    await db.call('DeleteItem', { TableName: 'Tab', Key: other });
    expect(Item).toEqual(made);
  });

  test('without an expression make an item of its key alone', async () => {
    const other = { p: S('bare') };
    const made = await db.call('UpdateItem', {
      TableName: 'Tab',
      Key: other,
      ReturnValues: 'ALL_NEW',
    });
    expect(made).toEqual({ Attributes: other });
    await db.call('DeleteItem', { TableName: 'Tab', Key: other });
  });
});

describe('conditions', () => {
  test.each([
    ['n < :s', false],
    ['absent <> :v', true],
    ['NOT absent = :v', true],
    ['n IN (:1, :5)', true],
    ['n BETWEEN :lo AND t', false],
    ['contains(t, :do)', true],
    ['contains(a, :4)', true],
    ['contains(s, :u)', true],
    ['contains(s, :ssuv)', false],
    ['size(a) = :6', true],
    ['size(n) = :1', false],
    ['size(n) <> :1', false],
    ['size(absent) <> :1', false],
    ['NOT size(absent) <> :1', true],
    ['size(a) > size(t)', true],
    ['attribute_type(s, :SS)', true],
    ['a[1] = :3', true],
    ['attribute_exists(m.y.z) AND attribute_not_exists(m.y.q)', true],
    ['attribute_exists(t.x)', false],
    ['m = :same', true],
    ['n = :5', true],
    ['NOT n < :1', true],
    ['NOT absent < :1', true],
    ['n = :1 OR n = :5 AND t = :v', false],
    ['(n = :5 OR n = :1) AND NOT NOT begins_with(t, :do)', true],
    [':1 < :2', true],
    ['p = :v', false],
    ['m . y . z = :2 AND a [ 0 ] = :2', true],
  ])('%s is %s', async (condition, holds) => {
    const request = { TableName: 'Tab', Item: item, ...using('ConditionExpression', condition) };
    const answer = await db.post('PutItem', JSON.stringify(request));
    expect(answer.status, answer.text).toBe(holds ? 200 : 400);
    if (!holds) expect(answer.text).toContain('ConditionalCheckFailedException');
  });

  const tail = 'Invalid ConditionExpression: ';
  const wrong = `${tail}Incorrect operand type for operator or function; `;
  const distinct =
    `${tail}The first operand must be distinct from the remaining operands for this operator or ` +
    'function; ';
  const misused = `${tail}The function is not allowed to be used this way in an expression; `;
  const bounds = `${tail}The BETWEEN operator requires `;
  test.each([
    ['begins_with(t, :1)', `${wrong}operator or function: begins_with, operand type: N`],
    ['n < :ss', `${wrong}operator or function: <, operand type: SS`],
    ['size(:1) = :1', `${wrong}operator or function: size, operand type: N`],
    ['contains(:1, n)', `${wrong}operator or function: contains, operand type: N`],
    ['attribute_type(n, :1)', `${wrong}operator or function: attribute_type, operand type: N`],
    [
      'attribute_type(n, t)',
      `${wrong}operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}`,
    ],
    [
      'attribute_type(n, :v)',
      `${tail}Invalid attribute type name found; type: v, valid types: ` +
        `{B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
    ],
    [
      'attribute_exists(:v)',
      `${tail}Operator or function requires a document path; operator or function: ` +
        `attribute_exists`,
    ],
    ['a = a', `${distinct}operator: =, first operand: [a]`],
    ['m.b[1] = m.b[1]', `${distinct}operator: =, first operand: [m, b, [1]]`],
    ['contains(a, a)', `${distinct}operator: contains, first operand: [a]`],
    [':v = :v', `${distinct}operator: =, first operand: AttributeValue: {S:v}`],
    [
      'n BETWEEN :1 AND :v',
      `${bounds}same data type for lower and upper bounds; lower bound operand: AttributeValue: ` +
        '{N:1}, upper bound operand: AttributeValue: {S:v}',
    ],
    [
      'n BETWEEN :2 AND :1',
      `${bounds}upper bound to be greater than or equal to lower bound; lower bound operand: ` +
        'AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}',
    ],
    ['size(a)', `${misused}function: size`],
    ['attribute_exists(a) = :1', `${misused}function: attribute_exists`],
    ['n = attribute_exists(a)', `${misused}function: attribute_exists`],
    [
      'n = if_not_exists(a, :1)',
      `${tail}The function is not allowed in a condition expression; function: if_not_exists`,
    ],
    ['Contains(a, :1)', `${tail}Invalid function name; function: Contains`],
    ['((n = :1))', `${tail}The expression has redundant parentheses;`],
    ['', `${tail}The expression can not be empty;`],
    ['n = ', `${tail}Syntax error; token: "<EOF>", near: "= "`],
    ['n = :1 AND', `${tail}Syntax error; token: "<EOF>", near: "AND"`],
    ['_n = :1', `${tail}Syntax error; token: "_", near: "_n"`],
    ['m.1a = :1', `${tail}Syntax error; token: "1", near: ".1a"`],
    ['l[1a] = :1', `${tail}Syntax error; token: "a", near: "1a]"`],
    [
      'contains(a)',
      `${tail}Incorrect number of operands for operator or function; operator or function: ` +
        `contains, number of operands: 1`,
    ],
    ['status = :1', `${tail}Attribute name is a reserved keyword; reserved keyword: status`],
    ['m.Status = :1', `${tail}Attribute name is a reserved keyword; reserved keyword: Status`],
    [
      Array.from({ length: 33 }, () => 'x')
        .join('.')
        .concat(' = :1'),
      `${tail}The document path has too many nesting levels; nesting levels: 33`,
    ],
  ])('%s is refused', async (condition, message) => {
    const request = { TableName: 'Tab', Item: item, ...using('ConditionExpression', condition) };
    expect(await db.invalid('PutItem', request)).toBe(message);
    // Before a table is looked for.
    expect(await db.invalid('PutItem', { ...request, TableName: 'nowhere' })).toBe(message);
  });

  test('100 operands of IN are accepted, 101 are not', async () => {
    const names = Array.from({ length: 101 }, (_, at) => `:i${at}`);
    const request = (count: number) => ({
      TableName: 'Tab',
      Item: item,
      ConditionExpression: `n IN (${names.slice(0, count).join(', ')})`,
      ExpressionAttributeValues: Object.fromEntries(
        names.slice(0, count).map((name, at) => [name, N(at)]),
      ),
    });
    await db.call('PutItem', request(100));
    expect(await db.invalid('PutItem', request(101))).toBe(
      `${tail}Incorrect number of operands for operator or function; operator or function: IN, ` +
        'number of operands: 102',
    );
  });

  test('that fail come before what the update could not do', async () => {
    const told = await db.refuse('UpdateItem', {
      ...update('SET t.x = :v'),
      ConditionExpression: 'attribute_not_exists(p)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect(told.body).toEqual({
      __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
      message: 'The conditional request failed',
      Item: item,
    });
  });
});

describe('returned values', () => {
  test.each([
    ['UPDATED_OLD', 'SET m.x = :9', { m: M({ x: N(1) }) }],
    ['UPDATED_NEW', 'SET m.x = :9, a[1] = :8', { m: M({ x: N(9) }), a: L(8) }],
    ['UPDATED_OLD', 'REMOVE a[1], a[9]', { a: L(3) }],
    ['UPDATED_NEW', 'REMOVE a[1]', { a: L(4) }],
    ['UPDATED_NEW', 'SET a[100] = :8', undefined],
    ['UPDATED_OLD', 'SET fresh = :v', undefined],
    ['UPDATED_NEW', 'REMOVE n', undefined],
    ['UPDATED_NEW', 'SET n = :5', { n: N(5) }],
    ['ALL_OLD', 'SET n = :9', item],
    ['NONE', 'SET n = :9', undefined],
  ])('%s of %s', async (ReturnValues, expression, attributes) => {
    const answer = await db.call('UpdateItem', update(expression, { ReturnValues }));
    expect(answer).toEqual(attributes === undefined ? {} : { Attributes: attributes });
  });

  test('of Put and Delete are the old item, or nothing', async () => {
    const TableName = 'Tab';
    const ReturnValues = 'ALL_OLD';
    const Other = { p: S('other') };
    expect(await db.call('PutItem', { TableName, Item: Other, ReturnValues })).toEqual({});
    expect(await db.call('PutItem', { TableName, Item: Other, ReturnValues })).toEqual({
      Attributes: Other,
    });
    expect(await db.call('DeleteItem', { TableName, Key: Other, ReturnValues })).toEqual({
      Attributes: Other,
    });
    expect(await db.call('DeleteItem', { TableName, Key: Other, ReturnValues })).toEqual({});
    const only = 'ReturnValues can only be ALL_OLD or NONE';
    for (const wish of ['ALL_NEW', 'UPDATED_NEW', 'UPDATED_OLD']) {
      const ReturnValues = wish;
      expect(await db.invalid('PutItem', { TableName, Item: Other, ReturnValues })).toBe(only);
      expect(await db.invalid('DeleteItem', { TableName, Key: Other, ReturnValues })).toBe(only);
    }
  });
});

describe('projections', () => {
  const get = (ProjectionExpression: string) => ({ TableName: 'Tab', Key, ProjectionExpression });
  test.each([
    ['m.y.z, a[1], a[4]', { m: M({ y: M({ z: N(2) }) }), a: L(3, 6) }],
    ['a[4], a[1]', { a: L(3, 6) }],
    ['a[77]', {}],
    ['nothing', {}],
    ['t.x, n', { n: N(5) }],
  ])('%s', async (projection, projected) => {
    expect(await db.call('GetItem', get(projection))).toEqual({ Item: projected });
    const batch = await db.call('BatchGetItem', {
      RequestItems: { Tab: { Keys: [Key], ProjectionExpression: projection } },
    });
    expect(batch.Responses.Tab).toEqual([projected]);
  });

  const tail = 'Invalid ProjectionExpression: ';
  test.each([
    [
      'm, m.x',
      `${tail}Two document paths overlap with each other; must remove or rewrite one of these ` +
        'paths; path one: [m], path two: [m, x]',
    ],
    ['!!', `${tail}Syntax error; token: "!", near: "!!"`],
    ['a, name', `${tail}Attribute name is a reserved keyword; reserved keyword: name`],
    ['', `${tail}The expression can not be empty;`],
    [
      Array.from({ length: 33 }, () => 'x').join('.'),
      `${tail}The document path has too many nesting levels; nesting levels: 33`,
    ],
  ])('%s is refused', async (projection, message) => {
    expect(await db.invalid('GetItem', get(projection))).toBe(message);
    expect(await db.invalid('Scan', { TableName: 'Tab', ProjectionExpression: projection })).toBe(
      message,
    );
  });

  test('of an item that is not there are no Item', async () => {
    expect(await db.call('GetItem', { ...get('n'), Key: { p: S('gone') } })).toEqual({});
  });
});

describe('names and values', () => {
  const names = { '#a': 'a' };
  const put = { TableName: 'Tab', Item: item };
  const exists = { ConditionExpression: 'attribute_exists(n)' };
  const alone = 'can only be specified when using expressions';
  test.each<[string, object, string]>([
    ['PutItem', { ...put, ExpressionAttributeNames: names }, `ExpressionAttributeNames ${alone}`],
    [
      'PutItem',
      { ...put, ExpressionAttributeValues: { ':v': N(1) } },
      `ExpressionAttributeValues ${alone}: ConditionExpression is null`,
    ],
    [
      'DeleteItem',
      { TableName: 'Tab', Key, ExpressionAttributeValues: { ':v': N(1) } },
      `ExpressionAttributeValues ${alone}: ConditionExpression is null`,
    ],
    [
      'UpdateItem',
      { TableName: 'Tab', Key, ExpressionAttributeValues: { ':v': N(1) } },
      `ExpressionAttributeValues ${alone}: UpdateExpression and ConditionExpression are null`,
    ],
    [
      'Scan',
      { TableName: 'Tab', ExpressionAttributeValues: { ':v': N(1) } },
      `ExpressionAttributeValues ${alone}: FilterExpression is null`,
    ],
    [
      'Query',
      { TableName: 'Tab', KeyConditions: {}, ExpressionAttributeValues: { ':v': N(1) } },
      `ExpressionAttributeValues ${alone}: FilterExpression and KeyConditionExpression are null`,
    ],
    [
      'PutItem',
      { ...put, ...exists, ExpressionAttributeNames: {} },
      'ExpressionAttributeNames must not be empty',
    ],
    [
      'PutItem',
      { ...put, ...exists, ExpressionAttributeValues: {} },
      'ExpressionAttributeValues must not be empty',
    ],
    [
      'PutItem',
      { ...put, ...exists, ExpressionAttributeNames: { a: 'b' } },
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
    ],
    [
      'PutItem',
      { ...put, ...exists, ExpressionAttributeValues: { v: N(1) } },
      'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"',
    ],
    [
      'PutItem',
      { ...put, ...exists, ExpressionAttributeNames: { '#a': 'a', '#b': 'b' } },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}',
    ],
    [
      'PutItem',
      { ...put, ...exists, ExpressionAttributeValues: { ':a': N(1) } },
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}',
    ],
    [
      'PutItem',
      { ...put, ...exists, Expected: {} },
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    ],
    [
      'UpdateItem',
      { ...update('SET n = :1'), AttributeUpdates: {}, Expected: {}, ...exists },
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {AttributeUpdates, Expected} ' +
        'Expression parameters: {UpdateExpression, ConditionExpression}',
    ],
    [
      'Scan',
      { TableName: 'Tab', AttributesToGet: ['a'], ScanFilter: {}, FilterExpression: 'n = :1' },
      'Can not use both expression and non-expression parameters in the same request: ' +
        'Non-expression parameters: {AttributesToGet, ScanFilter} ' +
        'Expression parameters: {FilterExpression}',
    ],
  ])('%s with %j is refused', async (operation, input, message) => {
    expect(await db.invalid(operation, input)).toBe(message);
    expect(await db.invalid(operation, { ...input, TableName: 'nowhere' })).toBe(message);
  });

  test('null is absent', async () => {
    await db.call('PutItem', {
      ...put,
      ConditionExpression: null,
      ExpressionAttributeNames: null,
      Expected: null,
    });
  });
});
