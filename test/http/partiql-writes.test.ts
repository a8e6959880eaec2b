/** INSERT, UPDATE, DELETE, batches and transactions of PartiQL over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const stored = {
  p: S('a'),
  n: N(1),
  l: { L: [N(1), N(2), N(3)] },
  m: { M: { x: N(1), y: S('y') } },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2'] },
};
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
  await db.call('CreateTable', tableOf('Two', ['p:S', 's:N']));
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.call('PutItem', { TableName: 'Tab', Item: stored });
  for (const p of ['b', 'c', 'zz'])
    await db.call('DeleteItem', { TableName: 'Tab', Key: { p: S(p) } });
  await db.call('DeleteItem', { TableName: 'Two', Key: { p: S('a'), s: N(1) } });
});

const run = (Statement: string, more: object = {}) =>
  db.call('ExecuteStatement', { Statement, ...more });
const refused = (Statement: string, more: object = {}) =>
  db.invalid('ExecuteStatement', { Statement, ...more });
const itemOf = async (p: string, TableName = 'Tab') =>
  (await db.call('GetItem', { TableName, Key: { p: S(p) } })).Item;

describe('INSERT', () => {
  test.each<[string, object, readonly object[] | undefined]>([
    ["{'p': 'b'}", {}, undefined],
    [
      "{'p': 'b', 'n': 1E3, 'x': -1.5e-3, 'y': 2.50, 'z': -0}",
      { n: N(1000), x: N('-0.0015'), y: N('2.5'), z: N(0) },
      undefined,
    ],
    ["{'p': 'b', 'q': 'it''s', 'é': ''}", { q: S("it's"), é: S('') }, undefined],
    [
      "{'p': 'b', 't': true, 'f': FALSE, 'u': null}",
      { t: { BOOL: true }, f: { BOOL: false }, u: { NULL: true } },
      undefined,
    ],
    [
      "{'p': 'b', 'l': [], 'm': {}, 'k': [1, [2, {'a': <<'x'>>}]]}",
      { l: { L: [] }, m: { M: {} }, k: { L: [N(1), { L: [N(2), { M: { a: { SS: ['x'] } } }] }] } },
      undefined,
    ],
    [
      "{'p': 'b', 'ns': <<2, 1.0>>, 'ss': <<'y', 'x'>>}",
      { ns: { NS: ['1', '2'] }, ss: { SS: ['x', 'y'] } },
      undefined,
    ],
    ["{'p': 'b', 'gone': MISSING, 'n': 1}", { n: N(1) }, undefined],
    ["{'p': ?, 'n': ?, 'v': ?}", { n: N(7), v: { B: 'AQI=' } }, [S('b'), N('7.0'), { B: 'AQI=' }]],
    ['?', { n: N(7) }, [{ M: { p: S('b'), n: N(7) } }]],
    [
      "{'p': 'b', '__proto__': 1, 'constructor': 2}",
      JSON.parse('{"__proto__":{"N":"1"},"constructor":{"N":"2"}}'),
      undefined,
    ],
  ])('VALUE %s', async (item, rest, Parameters) => {
    const Statement = `INSERT INTO "Tab" VALUE ${item}`;
    expect(await db.call('ExecuteStatement', { Statement, Parameters })).toEqual({ Items: [] });
    expect(await itemOf('b')).toEqual(Object.assign(Object.create(null), rest, { p: S('b') }));
  });

  test('never overwrites', async () => {
    await run("INSERT INTO \"Tab\" VALUE {'p':'b','n':1}");
    const Statement = "INSERT INTO Tab value {'p':'b','n':2}";
    expect(await db.refuse('ExecuteStatement', { Statement })).toMatchObject({
      name: 'DuplicateItemException',
      message: 'Duplicate primary key exists in table',
    });
    expect(await itemOf('b')).toEqual({ p: S('b'), n: N(1) });
  });

  const under = (item: string): string => `INSERT INTO Tab VALUE {'p': 'b', ${item}}`;
  const overflow =
    'Number overflow. Attempting to store a number with magnitude larger than supported range';
  test.each<[string, string]>([
    ["INSERT INTO Tab VALUE {'n': 1}", `${P}Missing the key p in the item`],
    ["INSERT INTO Tab VALUE {'p': 1}", `${P}Type mismatch for key p expected: S actual: N`],
    [under("'n': 1e126"), `${overflow} under root`],
    [under("'m': {'x': 1e126}"), `${overflow} under root.x`],
    [under("'l': [1, 1e126]"), `${overflow} under root[1]`],
    [
      under(`'n': ${'1'.repeat(39)}`),
      'Attempting to store more than 38 significant digits in a Number under root',
    ],
    [under("'s': <<>>"), 'Empty bags are not supported'],
    [
      under("'s': <<1, 'a'>>"),
      'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags',
    ],
    [under("'s': <<'a', 'a'>>"), `${P}Input collection [a, a] contains duplicates.`],
    [under("'s': <<2, 2.0>>"), `${P}Input collection [2, 2.0] contains duplicates! under root`],
    [under("'': 1"), 'Empty attribute name'],
    [under("'n': 1, 'n': 2"), 'Duplicate keys in tuple. Key: n under root at 1:42:3'],
    [under("'m': {'n': 1, 'n': 2}"), 'Duplicate keys in tuple. Key: n under root at 1:39:1'],
    [
      under(`'d': ${"{'a':".repeat(32)}1${'}'.repeat(32)}`),
      `Nesting Levels have exceeded supported limits under root${'.a'.repeat(32)}`,
    ],
    [
      under(`'d': ${'['.repeat(32)}1${']'.repeat(32)}`),
      `Nesting Levels have exceeded supported limits under root${'[0]'.repeat(32)}`,
    ],
  ])('%s', async (statement, message) => {
    expect(await refused(statement)).toBe(message);
    expect(await itemOf('b')).toBeUndefined();
  });

  test('takes no parameter inside a list or map', async () => {
    const Statement = under("'m': {'k': ?}");
    const at = Statement.indexOf('?') + 1;
    expect(await refused(Statement, { Parameters: [S('v')] })).toBe(
      `Unsupported data type: Parameter under key root.k at 1:${at}:1`,
    );
  });

  test('keeps a literal as deep as an item may be', async () => {
    await run(under(`'d': ${'['.repeat(31)}1${']'.repeat(31)}`));
    expect(await itemOf('b')).toBeDefined();
  });

  test('refuses an item that is too large', async () => {
    const Parameters = [{ M: { p: S('b'), v: S('x'.repeat(409_600)) } }];
    expect(await refused('INSERT INTO Tab VALUE ?', { Parameters })).toBe(
      'Item size has exceeded the maximum allowed size',
    );
  });
});

describe('UPDATE', () => {
  const where = "WHERE p = 'a'";
  test.each<[string, object]>([
    ['SET n = 5', { n: N(5) }],
    ["SET n = n + 1, q = n SET r = 'x'", { n: N(2), q: N(1), r: S('x') }],
    ['SET n=n-1', { n: N(0) }],
    ['SET n = n - - 2', { n: N(3) }],
    ['SET n = 10 - n', { n: N(9) }],
    [
      'SET n = null SET m.z = [1]',
      { n: { NULL: true }, m: { M: { x: N(1), y: S('y'), z: { L: [N(1)] } } } },
    ],
    ['SET l[1] = 9, l[7] = 8', { l: { L: [N(1), N(9), N(3), N(8)] } }],
    ['SET "m"."x" = m.y REMOVE m.y', { m: { M: { x: S('y') } } }],
    ['REMOVE l[0] REMOVE n', { l: { L: [N(2), N(3)] }, n: undefined }],
    ['SET l = list_append(l, [4])', { l: { L: [N(1), N(2), N(3), N(4)] } }],
    ['SET l = LIST_APPEND([0], l)', { l: { L: [N(0), N(1), N(2), N(3)] } }],
    ["SET ss = set_add(ss, <<'c'>>)", { ss: { SS: ['a', 'b', 'c'] } }],
    ['SET ns = SET_DELETE(ns, <<2, 3>>)', { ns: { NS: ['1'] } }],
    ["SET fresh = set_add(fresh, <<'c'>>)", { fresh: { SS: ['c'] } }],
    ["SET ss = set_delete(ss, <<'a', 'b'>>)", { ss: undefined }],
    ['REMOVE nothing', {}],
  ])('%s', async (changes, rest) => {
    expect(await run(`UPDATE "Tab" ${changes} ${where}`)).toEqual({ Items: [] });
    const expected = { ...stored, ...rest };
    expect(await itemOf('a')).toEqual(JSON.parse(JSON.stringify(expected)));
    await db.call('PutItem', { TableName: 'Tab', Item: stored });
    await run(`FROM "Tab" ${where} ${changes}`);
    expect(await itemOf('a')).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  test.each<[string, string, readonly object[]]>([
    ['SET n = 2', 'ALL OLD', [stored]],
    ['SET n = 2', 'ALL NEW', [{ ...stored, n: N(2) }]],
    ['SET n = n + 1', 'MODIFIED OLD', [{ n: N(1) }]],
    ['SET n = n + 1', 'MODIFIED NEW', [{ n: N(2) }]],
    ['SET m.x = 2', 'MODIFIED NEW', [{ m: { M: { x: N(2) } } }]],
    ['SET l[2] = 9, l[0] = 8', 'MODIFIED NEW', [{ l: { L: [N(8), N(9)] } }]],
    ['SET l[2] = 9, l[0] = 8', 'MODIFIED OLD', [{ l: { L: [N(1), N(3)] } }]],
    ['SET l[9] = 9', 'MODIFIED NEW', []],
    ['REMOVE l[1]', 'MODIFIED NEW', [{ l: { L: [N(3)] } }]],
    ['REMOVE n', 'MODIFIED OLD', [{ n: N(1) }]],
    ['REMOVE n', 'MODIFIED NEW', []],
    ['SET q = 1', 'MODIFIED OLD', []],
  ])('%s RETURNING %s *', async (changes, returning, Items) => {
    expect(await run(`UPDATE Tab ${changes} ${where} RETURNING ${returning} *`)).toEqual({ Items });
  });

  test('takes parameters in the order of the text', async () => {
    const Parameters = [N(5), { L: [N(4)] }, { SS: ['z'] }, S('a'), N(1)];
    await run(
      'UPDATE Tab SET n = ?, l = list_append(l, ?) SET ss = set_add(ss, ?) WHERE p = ? AND n = ?',
      { Parameters },
    );
    expect(await itemOf('a')).toMatchObject({ n: N(5), ss: { SS: ['a', 'b', 'z'] } });
  });

  test('never makes an item', async () => {
    const Statement = "UPDATE Tab SET n=5 WHERE p='zz'";
    expect(await db.refuse('ExecuteStatement', { Statement })).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    });
    expect(await itemOf('zz')).toBeUndefined();
  });

  test('asks what else WHERE says, and shows the item if it does not hold', async () => {
    const Statement = "UPDATE Tab SET n = 5 WHERE (p = 'a' AND n = 2) AND m.x = 1";
    const plain = await db.refuse('ExecuteStatement', { Statement });
    expect(plain.name).toBe('ConditionalCheckFailedException');
    expect(plain.body).not.toHaveProperty('Item');
    const ReturnValuesOnConditionCheckFailure = 'ALL_OLD';
    const input = { Statement, ReturnValuesOnConditionCheckFailure };
    expect((await db.refuse('ExecuteStatement', input)).body).toHaveProperty('Item', stored);
    expect(await itemOf('a')).toEqual(stored);
  });

  const prefix = 'UPDATE "Tab" SET ';
  test.each<[string, string]>([
    [
      `${prefix}p = 'x' ${where}`,
      `${P}Cannot update attribute p. This attribute is part of the key`,
    ],
    [
      `${prefix}x.y = 1 ${where}`,
      'The document path provided in the update expression is invalid for update',
    ],
    [
      `${prefix}n = gone + 1 ${where}`,
      'The provided expression refers to an attribute that does not exist in the item',
    ],
    [
      `${prefix}n = m + 1 ${where}`,
      'An operand in the update expression has an incorrect data type',
    ],
    [
      `${prefix}n = 'a' + 1 ${where} AND gone = 1`,
      'Incorrect operand type for operator or function; operator or function: +, operand type: S',
    ],
    [
      `${prefix}n = n - null ${where}`,
      'Incorrect operand type for operator or function; operator or function: -, operand type: NULL',
    ],
    [
      `${prefix}l = list_append(l, 1) ${where}`,
      'Incorrect operand type for operator or function; operator or function: list_append, operand type: N',
    ],
    [
      `${prefix}ss = set_add(ss, <<1>>) ${where}`,
      'An operand in the update expression has an incorrect data type',
    ],
    [
      `${prefix}other = set_add(ss, <<'x'>>) ${where}`,
      `The first argument to SET_ADD must equal the assignment value at 1:${prefix.length + 9}:7`,
    ],
    [
      `UPDATE "Tab"\nSET ss = set_add(ss, 'x')\n${where}`,
      'The second argument to SET_ADD must be a value with type SET at 2:18:2',
    ],
    [
      `${prefix}ss = set_delete("ss", ['x']) ${where}`,
      `The second argument to SET_DELETE must be a value with type SET at 1:${prefix.length + 17}:4`,
    ],
    [
      `${prefix}n = 1e-131 ${where}`,
      'Number underflow. Attempting to store a number with magnitude smaller than supported range under root',
    ],
    [
      `${prefix}n = 1, n = 2 ${where}`,
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [n], path two: [n]',
    ],
    [`${prefix}n = size(l) ${where}`, 'Invalid function name; function: size'],
  ])('%s', async (statement, message) => {
    expect(await refused(statement)).toBe(message);
    expect(await itemOf('a')).toEqual(stored);
  });

  test('weighs the item alone, without what it costs to say the update', async () => {
    const Parameters = [S('x'.repeat(409_600 - 3))];
    await run("INSERT INTO Tab VALUE {'p': 'b'}");
    await run("UPDATE Tab SET v = ? WHERE p = 'b'", { Parameters: [S('x'.repeat(409_597))] });
    expect(await refused("UPDATE Tab SET vv = ? WHERE p = 'b'", { Parameters })).toBe(
      'Item size to update has exceeded the maximum allowed size',
    );
  });
});

describe('DELETE', () => {
  test.each<[string, readonly object[]]>([
    ['DELETE FROM "Tab" WHERE p=\'a\'', []],
    ["DELETE FROM Tab WHERE p='a' AND n = 1 RETURNING ALL OLD *", [stored]],
    ["delete from Tab where p='zz' returning all old *", []],
    ['DELETE FROM "Tab" WHERE p=\'zz\'', []],
    ["DELETE FROM Tab WHERE p='zz' AND n = 99", []],
  ])('%s', async (statement, Items) => {
    expect(await run(statement)).toEqual({ Items });
    const isGone = statement.includes("'a'");
    expect(await itemOf('a')).toEqual(isGone ? undefined : stored);
  });

  test('asks what else WHERE says', async () => {
    const Statement = "DELETE FROM Tab WHERE p='a' AND n=99";
    const { name } = await db.refuse('ExecuteStatement', { Statement });
    expect(name).toBe('ConditionalCheckFailedException');
    expect(await itemOf('a')).toEqual(stored);
  });

  test.each(['MODIFIED OLD', 'ALL NEW', 'MODIFIED NEW'])(
    'is refused RETURNING %s *',
    async (what) => {
      expect(await refused(`DELETE FROM Tab WHERE p = 'a' RETURNING ${what} *`)).toBe(
        `Invalid returning clause: RETURNING ${what} *. Only RETURNING ALL OLD * is allowed in ` +
          'DELETE statements.',
      );
      expect(await itemOf('a')).toEqual(stored);
    },
  );
});

test('a write is metered as the native one', async () => {
  const more = { ReturnConsumedCapacity: 'TOTAL' };
  const { ConsumedCapacity } = await run("UPDATE Tab SET v = 1 WHERE p = 'a'", more);
  expect(ConsumedCapacity).toEqual({ TableName: 'Tab', CapacityUnits: 1 });
});
