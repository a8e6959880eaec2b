/** PartiQL over HTTP: reference/transactions-batch-partiql.md, sections 7 to 12. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const bad = "Statement wasn't well formed, can't be processed: ";
const over = `${bad}Unexpected token after expression`;
const mandatory = 'Where clause does not contain a mandatory equality on all key attributes';
const emptyIn =
  'IN operator must have a left hand argument of type Variable Reference and right hand argument ' +
  'of type Seq with at least one member';
const overlapping = 'Overlapping conditions with range keys are not supported in where clause';
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const stored = {
  p: S('a'),
  n: N(1),
  t: S("it's"),
  q: S('x'),
  yes: { BOOL: true },
  nul: { NULL: true },
  l: { L: [N(1), S('two'), { L: [N(3)] }] },
  m: { M: { x: N(1), 'y.z': { M: { w: S('deep') } } } },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2'] },
};
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  const index = (name: string, keys: readonly string[], projection: string, hashes = 1) => ({
    IndexName: name,
    KeySchema: schemaOf(keys, hashes),
    Projection:
      projection === 'w'
        ? { ProjectionType: 'INCLUDE', NonKeyAttributes: ['w'] }
        : { ProjectionType: projection },
  });
  await db.call('CreateTable', tableOf('Tab-1', ['p:S']));
  await db.call('CreateTable', tableOf('Num', ['p:N']));
  await db.call(
    'CreateTable',
    tableOf(
      'Ten',
      ['p:S', 's:N'],
      {
        GlobalSecondaryIndexes: [
          index('gsi', ['c:S'], 'ALL'),
          index('gko', ['c:S'], 'KEYS_ONLY'),
          index('two', ['c:S', 'd:S'], 'ALL', 2),
        ],
        LocalSecondaryIndexes: [index('lko', ['p:S', 'c:S'], 'KEYS_ONLY')],
      },
      ['c:S', 'd:S'],
    ),
  );
  for (const p of ['x', 'y']) {
    for (let s = 1; s <= 5; s += 1) {
      const c = s % 2 === 0 ? { c: S('r') } : {};
      const Item = { p: S(p), s: N(s), v: S('v'.repeat(1000)), w: N(s * 10), ...c };
      await db.call('PutItem', { TableName: 'Ten', Item });
    }
  }
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.call('PutItem', { TableName: 'Tab-1', Item: stored });
  await db.call('DeleteItem', { TableName: 'Tab-1', Key: { p: S('zz') } });
});

const run = (Statement: string, more: object = {}) =>
  db.call('ExecuteStatement', { Statement, ...more });
const refused = (Statement: string, more: object = {}) =>
  db.invalid('ExecuteStatement', { Statement, ...more });
const T = '"Tab-1"';
const a = `FROM ${T} WHERE p = 'a'`;

describe('SELECT', () => {
  test.each<[string, object | undefined]>([
    [`SELECT * ${a}`, stored],
    [`select p, n from ${T} where "p"='a'`, { p: S('a'), n: N(1) }],
    [`SELECT n FROM ${T} WHERE 'a' = p;`, { n: N(1) }],
    [`SELECT m.x ${a}`, { x: N(1) }],
    [`SELECT m."y.z".w ${a}`, { w: S('deep') }],
    [`SELECT m['y.z'] ${a}`, { 'y.z': { M: { w: S('deep') } } }],
    [`SELECT l[1] ${a}`, { 'l[1]': S('two') }],
    [`SELECT l[2][0], l[-0], l[9] ${a}`, { 'l[2][0]': N(3), 'l[0]': N(1) }],
    [`SELECT nothing, n.x ${a}`, {}],
    [`SELECT * FROM ${T} WHERE p = 'b'`, undefined],
    [`SELECT n /* a note */ ${a} -- and another`, { n: N(1) }],
    [`-- first\nSELECT n\n${a}`, { n: N(1) }],
    [`SELECT n ${a} AND t = 'it''s'`, { n: N(1) }],
    [`SELECT n FROM ${T} WHERE n = 1`, { n: N(1) }],
    [`SELECT n FROM ${T}`, { n: N(1) }],
  ])('%s', async (statement, item) => {
    const Items = item === undefined ? [] : [item];
    expect(await run(statement)).toEqual({ Items });
  });

  const isThere = { n: N(1) };
  // Conditions on the stored item, and whether they hold.
  test.each<[string, boolean]>([
    ['n = 1.0', true],
    ['n = 10e-1', true],
    ['n = .1e1', true],
    ['n > -1', true],
    ['n = - - 1', true],
    ['n != 1', false],
    ['n <> 2', true],
    ['gone <> 2', true],
    ['gone = 2', false],
    ['n < 2 AND n <= 1 AND n >= 1 AND n > 0', true],
    ['n BETWEEN 0 AND +5', true],
    ['n NOT BETWEEN 0 AND 5', false],
    ['n IN [1, 2]', true],
    ["n IN (2, 'a')", false],
    ['n NOT IN (2, 3)', true],
    ['NOT n = 2', true],
    ['NOT NOT n = 1', true],
    ['n = 2 OR (n = 1 AND NOT n = 3)', true],
    ['((n = 1))', true],
    ['nul IS NULL', true],
    ['n IS NULL', false],
    ['gone IS NULL', false],
    ['gone IS NOT NULL', true],
    ['gone IS MISSING', true],
    ['n IS NOT MISSING', true],
    ['n IS NUMERIC AND t IS STRING AND l IS LIST AND m IS STRUCT AND yes IS BOOLEAN', true],
    ["begins_with(t, 'it')", true],
    ['BEGINS_WITH("t", \'at\')', false],
    ["contains(t, 't''')", true],
    ["contains(ss, 'a') AND contains(l, 'two')", true],
    ['size(l) = 3', true],
    ["attribute_type(ss, 'SS')", true],
    ['attribute_exists(m.x) AND attribute_not_exists(m.q)', true],
    ["l[1] = 'two' AND m.x < 2", true],
    ['yes = true', true],
    ['nul = null', true],
    ["l = [1, 'two', [3]]", true],
    ["m = {'y.z': {'w': 'deep'}, 'x': 1}", true],
    ["ss = <<'b', 'a'>>", true],
    ['ns = <<2, 1.0>>', true],
    ['n < q', false],
    // A condition is a value: true or false.
    ['(n = 1) = true', true],
    ['(n = 1) = false', false],
    ['(n = 2) <> true', true],
    ['true = (n = 1)', true],
    ["begins_with(t, 'it') = true", true],
    ['attribute_exists(n) = false', false],
    ['NOT (n = 1) = true', false],
    ['(n = 1) = yes', true],
    ['(n = 1) = gone', false],
    ['(n = 1) <> gone', true],
    ['(n = 1) IN (true)', true],
    ['n IN ((n = 1))', false],
    ['yes IN [n = 2, n = 1]', true],
    ['(n = 1) = (n = 1)', true],
    ['((n = 1) = true) = true', true],
    ['(n = 1) = 1', false],
    ['(n IS MISSING) = false', true],
    ['n = 1 = true', true],
    ['n < 2 = yes', true],
    ["attribute_type((n = 1), 'BOOL')", true],
    ['contains(yes, n = 1)', false],
  ])('WHERE %s', async (condition, holds) => {
    const Items = holds ? [isThere] : [];
    expect(await run(`SELECT n ${a} AND ${condition}`)).toEqual({ Items });
  });

  test.each<[string, readonly object[], boolean]>([
    ['p = ?', [S('a')], true],
    ["p = 'a' AND n BETWEEN ? AND ?", [N(0), N(2)], true],
    ["p = 'a' AND n IN [?, ?]", [N(0), N('1.0')], true],
    ["p = 'a' AND contains(t, ?)", [S('t')], true],
    ["p = 'a' AND ss = ?", [{ SS: ['b', 'a'] }], true],
    ["p = 'a' AND m = ?", [{ M: {} }], false],
    ['p IN (?)', [S('a')], true],
  ])('WHERE %s with parameters', async (where, Parameters, holds) => {
    const { Items } = await run(`SELECT n FROM ${T} WHERE ${where}`, { Parameters });
    expect(Items).toEqual(holds ? [isThere] : []);
  });
});

describe('a SELECT runs as', () => {
  const select = (where: string, more: object = {}) =>
    run(`SELECT p, s FROM "Ten" ${where}`, { ReturnConsumedCapacity: 'INDEXES', ...more });
  const rows = ({ Items }: { Items: { p: { S: string }; s: { N: string } }[] }) =>
    Items.map(({ p, s }) => p.S + s.N).join(' ');
  // Ten items of 1 KB in all: a scan costs 1.5 units, a partition 1, one item 0.5.
  test.each<[string, string, string, number]>([
    ['get', "WHERE p = 'x' AND s = 2", 'x2', 0.5],
    ['get, strongly', "WHERE s = 2 AND p = 'x'", 'x2', 1],
    ['query', "WHERE p = 'x'", 'x1 x2 x3 x4 x5', 1],
    ['query of a range', "WHERE p = 'x' AND s > 3", 'x4 x5', 0.5],
    ['query of a range between', "WHERE p = 'x' AND s BETWEEN 2 AND 3", 'x2 x3', 0.5],
    ['query of two bounds', "WHERE p = 'x' AND s > 1 AND s < 4", 'x2 x3', 0.5],
    ['query with a filter', "WHERE p = 'x' AND w = 50", 'x5', 1],
    ['query with a filter on the key', "WHERE p = 'x' AND s <> 1", 'x2 x3 x4 x5', 1],
    ['two gets', "WHERE p = 'x' AND s IN [1, 5]", 'x1 x5', 1],
    ['four gets', "WHERE p IN ('y', 'x') AND s IN [1, 5]", 'y1 y5 x1 x5', 2],
    ['two queries', "WHERE p IN ['x', 'y'] AND s > 4", 'x5 y5', 1],
    ['two queries by OR', "WHERE (p = 'x' AND s < 2) OR (p = 'y' AND w = 20)", 'x1 y2', 1.5],
    ['two ranges', "WHERE p = 'x' AND (s < 2 OR s > 4)", 'x1 x5', 1],
    ['nothing', "WHERE p = 'x' AND p = 'y'", '', 0],
    ['query backward', "WHERE p = 'x' ORDER BY s DESC", 'x5 x4 x3 x2 x1', 1],
    ['query forward', "WHERE p = 'x' ORDER BY s ASC", 'x1 x2 x3 x4 x5', 1],
    ['query ordered by its one key', "WHERE p = 'x' ORDER BY p", 'x5 x4 x3 x2 x1', 1],
    ['queries in order', "WHERE p IN ['x', 'y'] AND s > 3 ORDER BY p DESC, s", 'y4 y5 x4 x5', 1],
    ['gets in order', "WHERE p = 'x' AND s IN [3, 1, 2] ORDER BY s DESC", 'x3 x2 x1', 1.5],
    ['union of what excludes', "WHERE p = 'x' AND s <> 1 OR p = 'x' AND s = 2", 'x2 x3 x4 x5', 1],
    ['union with a whole', "WHERE p = 'x' OR p = 'x' AND NOT s = 1", 'x1 x2 x3 x4 x5', 1],
  ])('%s: %s', async (kind, where, found, units) => {
    const more = kind.endsWith('strongly') ? { ConsistentRead: true } : {};
    const answer = await select(where, more);
    expect(rows(answer)).toBe(found);
    expect(answer.ConsumedCapacity).toEqual({
      TableName: 'Ten',
      CapacityUnits: units,
      Table: { CapacityUnits: units },
    });
  });

  test.each(['w = 10', "p > 'a' AND w = 10", "p = 'x' OR w = 10", "NOT p = 'z' AND w = 10"])(
    'scan: WHERE %s',
    async (where) => {
      const answer = await select(`WHERE ${where}`);
      expect(answer.ConsumedCapacity.CapacityUnits).toBe(1.5);
      expect(rows(answer)).toContain('x1');
    },
  );

  test('query of a global index, charged to its arm', async () => {
    const Statement = 'SELECT * FROM "Ten"."gko" WHERE c = \'r\'';
    const answer = await run(Statement, { ReturnConsumedCapacity: 'INDEXES' });
    expect(answer.Items).toHaveLength(4);
    expect(answer.Items[0]).toEqual({ c: S('r'), p: S('x'), s: N(2) });
    expect(answer.ConsumedCapacity).toEqual({
      TableName: 'Ten',
      CapacityUnits: 0.5,
      Table: { CapacityUnits: 0 },
      GlobalSecondaryIndexes: { gko: { CapacityUnits: 0.5 } },
    });
  });

  test('scan of an index where its key is not fixed', async () => {
    const { Items } = await run("SELECT s FROM Ten.gsi WHERE p = 'y'");
    expect(Items).toEqual([{ s: N(2) }, { s: N(4) }]);
    // The filter of a scan sees what the index holds.
    expect(await run('SELECT s FROM Ten.gko WHERE w = 20')).toEqual({ Items: [] });
  });

  test('query of a local index, which fetches what it lacks', async () => {
    const local = `FROM "Ten"."lko" WHERE p = 'x' AND c = 'r'`;
    expect((await run(`SELECT * ${local}`)).Items).toEqual([
      { p: S('x'), s: N(2), c: S('r') },
      { p: S('x'), s: N(4), c: S('r') },
    ]);
    const more = { ReturnConsumedCapacity: 'INDEXES', ConsistentRead: true };
    const fetched = await run(`SELECT w ${local}`, more);
    expect(fetched.Items).toEqual([{ w: N(20) }, { w: N(40) }]);
    expect(fetched.ConsumedCapacity.Table).toEqual({ CapacityUnits: 2 });
  });
});

describe('NextToken', () => {
  const pages = async (Statement: string, Limit: number, more: object = {}) => {
    const found: string[] = [];
    let NextToken: string | undefined;
    for (let page = 0; page < 30; page += 1) {
      const answer = await run(Statement, { Limit, ...(NextToken && { NextToken }), ...more });
      found.push(answer.Items.map((each: { s: { N: string } }) => each.s.N).join(''));
      ({ NextToken } = answer);
      if (NextToken === undefined) break;
    }
    return found;
  };

  test.each<[string, number, readonly string[]]>([
    ["SELECT s FROM Ten WHERE p = 'x'", 2, ['12', '34', '5']],
    ["SELECT s FROM Ten WHERE p = 'x'", 5, ['12345', '']],
    ["SELECT s FROM Ten WHERE p = 'x' ORDER BY s DESC", 3, ['543', '21']],
    ["SELECT s FROM Ten WHERE p = 'x' AND s IN [5, 1, 3]", 2, ['51', '3']],
    ["SELECT s FROM Ten WHERE p = 'x' AND s = 3", 1, ['3']],
    ["SELECT s FROM Ten WHERE p IN ['y', 'x'] AND s > 2", 4, ['3453', '45']],
    ["SELECT s FROM Ten WHERE p = 'x' AND w > 30", 2, ['', '4', '5']],
    ["SELECT s FROM Ten.gsi WHERE c = 'r'", 3, ['242', '4']],
  ])('%s, %d at a time', async (statement, limit, found) => {
    expect(await pages(statement, limit)).toEqual(found);
  });

  test('goes through a scan, with the key beside it', async () => {
    const found = await pages('SELECT s FROM Ten', 4);
    expect(found.join('')).toHaveLength(10);
    const { LastEvaluatedKey, Items } = await run("SELECT * FROM Ten WHERE p = 'y'", { Limit: 2 });
    expect(LastEvaluatedKey).toEqual({ p: S('y'), s: N(2) });
    expect(Items).toHaveLength(2);
  });

  test('belongs to its statement and parameters', async () => {
    const Statement = 'SELECT s FROM Ten WHERE p = ?';
    const more = { Limit: 2, Parameters: [S('x')] };
    const { NextToken } = await run(Statement, more);
    expect((await run(Statement, { ...more, NextToken })).Items).toEqual([
      { s: N(3) },
      { s: N(4) },
    ]);
    const other = 'NextToken does not match request';
    expect(await refused(Statement, { NextToken, Parameters: [S('y')] })).toBe(other);
    expect(await refused(`${Statement} `, { ...more, NextToken })).toBe(other);
    const invalid = 'Invalid NextToken';
    expect(await refused(Statement, { ...more, NextToken: 'nonsense' })).toBe(invalid);
    expect(await refused(Statement, { ...more, NextToken: 'AAAA' })).toBe(invalid);
    const changed = `${NextToken.slice(0, 20)}AAAA${NextToken.slice(24)}`;
    expect(await refused(Statement, { ...more, NextToken: changed })).toBe(invalid);
  });
});

describe('a statement is refused', () => {
  test.each<[string, string]>([
    ...['true', 'yes', '(yes)', '1', "'x'"].map((where): [string, string] => [
      `SELECT * FROM ${T} WHERE ${where}`,
      'WHERE clause must contain an expression that resolves to a boolean',
    ]),
    ...['true', 'yes', '(yes)', 'yes AND yes', 'false OR n = 1'].map((where): [string, string] => [
      `SELECT * ${a} AND ${where}`,
      'The arguments to AND/OR must be Expressions',
    ]),
    ...['yes', 'true'].map((where): [string, string] => [
      `SELECT * ${a} AND NOT ${where}`,
      'The argument to NOT must be a Type or Expression',
    ]),
    ...['(n = 1) IS MISSING', "begins_with(t, 'x') IS NULL", 'size(t) IS MISSING'].map(
      (where): [string, string] => [
        `SELECT * ${a} AND ${where}`,
        'The left hand side argument to IS must be a Variable Reference, Literal, or Path',
      ],
    ),
    ...(
      [
        ['(n = 1) < true', '<'],
        ['yes < (n = 1)', '<'],
        ['(n = 1) BETWEEN true AND true', 'BETWEEN'],
        ['size((n = 1)) = 1', 'size'],
        ["begins_with((n = 1), 'x')", 'begins_with'],
      ] as const
    ).map(([where, operator]): [string, string] => [
      `SELECT * ${a} AND ${where}`,
      `Incorrect operand type for operator or function; operator or function: ${operator}, ` +
        'operand type: BOOL',
    ]),
    [
      `SELECT * ${a} AND attribute_exists((n = 1))`,
      'Operator or function requires a document path; operator or function: attribute_exists',
    ],
    [`SELECT * ${a} AND n = MISSING`, 'MISSING must be compared using IS operator'],
    [`SELECT * ${a} AND n${' = n'.repeat(500)}`, `${bad}Statement is nested too deeply`],
    [
      `SELECT * FROM ${T} WHERE m = {'a': 1, 'a': 2}`,
      'Duplicate keys in tuple. Key: a under root at 1:33:1',
    ],
    ['SELECTT * FROMM x', `${bad}Expected data manipulation`],
    [`SELECT * ${a} foo`, over],
    [`SELECT * ${a})`, over],
    [`SELECT * ${a}; SELECT`, over],
    [`SELECT * FROM ${T} ORDER BY p WHERE p = 'a'`, over],
    [`SELECT * ${a} LIMIT 5`, over],
    [`DELETE ${a} ORDER BY p`, over],
    [`SELECT * FROM ${T} WHERE`, `${bad}Unexpected term`],
    [`SELECT * FROM ${T} WHERE;`, `${bad}Unexpected term`],
    [`SELECT * FROM ${T} WHERE NOT`, `${bad}Unexpected term`],
    [`SELECT * FROM ${T} WHERE (`, `${bad}Unexpected term`],
    ['SELECT * FROM', `${bad}Unexpected term`],
    ['DELETE FROM', `${bad}Expected identifier for simple path`],
    ["DELETE FROM WHERE p = 'a'", `${bad}Expected identifier for simple path`],
    [`SELECT * ${a} AND`, `${bad}Missing right-hand side expression of infix operator`],
    [`SELECT * ${a} OR`, `${bad}Missing right-hand side expression of infix operator`],
    [`SELECT * FROM ${T} WHERE ORDER BY p`, `${bad}Unexpected keyword`],
    [`SELECT * FROM ${T} WHERE IS NULL`, `${bad}Unexpected operator`],
    [`SELECT * FROM ${T} WHERE p = LIKE`, `${bad}Unexpected operator`],
    [`SELECT * ${a} AND n IS FOO`, `${bad}Expected type name`],
    [`SELECT * ${a} # note`, bad],
    [`SELECT * ${a} /* note`, bad],
    [`SELECT * FROM "Tab`, bad],
    [`SELECT * FROM ${T} WHERE p = 'a`, bad],
    ['SELECT * FROM Num WHERE p = 1e2147483648', bad],
    ['SELECT * FROM Num WHERE p = 1.5e-2147483647', bad],
    ['UPDATE Tab-1 SET a = 1', `${bad}Expected data manipulation`],
    [`FROM ${T} WHERE p = 'a'`, `${bad}Expected data manipulation`],
    [`SELECT * FROM ${T} t WHERE p = 'a'`, 'Aliasing is not supported'],
    [`SELECT * FROM ${T} AS t WHERE p = 'a'`, 'Aliasing is not supported'],
    [`SELECT n AS m ${a}`, 'Aliasing is not supported'],
    [`INSERT INTO ${T} t VALUE {'p': 'b'}`, over],
    [`SELECT * FROM "" WHERE p = 'a'`, 'Path component cannot be an empty string'],
    [
      `SELECT * FROM ${T}."i"."j" WHERE p = 'a'`,
      'A path may contain at most 2 components in the FROM clause',
    ],
    ['SELECT * FROM Ten."nope" WHERE p = \'a\'', 'The table does not have the specified index'],
    [
      "SELECT * FROM Ten.two WHERE c = 'a'",
      'PartiQL statements cannot be executed on tables with multi-attribute HASH keys or ' +
        'multi-attribute RANGE keys.',
    ],
    [
      `UPDATE Ten.gsi SET w = 1 WHERE p = 'x' AND s = 1`,
      'This operation is not supported on an index',
    ],
    ["DELETE FROM Ten.gsi WHERE p = 'x'", 'This operation is not supported on an index'],
    [
      "INSERT INTO Ten.gsi VALUE {'p': 'x'}",
      'FROM clause may only contain a single table name in data manipulation statements at 1:13:3',
    ],
    [`SELECT COUNT(*) FROM ${T}`, 'Unexpected path component at 1:8:5'],
    [`SELECT n,\n size(l) FROM ${T}`, 'Unexpected path component at 2:2:4'],
    [
      `SELECT * FROM ${T} WHERE p = ?`,
      "Number of parameters in request and statement don't match.",
    ],
    [
      `SELECT * ${a} AND n < true`,
      'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL',
    ],
    [
      `SELECT * ${a} AND n BETWEEN true AND false`,
      'Incorrect operand type for operator or function; operator or function: BETWEEN, operand ' +
        'type: BOOL',
    ],
    [
      `SELECT * ${a} AND attribute_type(l, 1)`,
      'Incorrect operand type for operator or function; operator or function: attribute_type, ' +
        'operand type: N',
    ],
    [
      `SELECT * ${a} AND attribute_type(l, 'X')`,
      'Invalid attribute type name found; type: X, valid types: {N,BS,L,B,NULL,M,S,SS,NS,BOOL}',
    ],
    [
      `SELECT * ${a} AND n IN [${Array.from({ length: 101 }, (_, at) => at).join()}]`,
      'The IN operator is provided with too many operands; number of operands: 101',
    ],
    [`SELECT * ${a} AND n IN []`, emptyIn],
    [`SELECT * FROM ${T} WHERE p IN []`, emptyIn],
    [`DELETE ${a} AND n IN []`, emptyIn],
    [`SELECT * ${a} AND n IN ()`, `${bad}Unexpected term`],
    [
      `SELECT * FROM ${T} ORDER BY p`,
      'Must have WHERE clause in the statement when using ORDER BY clause.',
    ],
    [
      `SELECT * FROM ${T} WHERE n = 1 ORDER BY p`,
      'Must have at least one non-optional hash key condition in WHERE clause when using ORDER ' +
        'BY clause.',
    ],
    [`SELECT * ${a} ORDER BY n`, 'Attribute n in ORDER BY clause must be part of the primary key'],
    [
      "SELECT * FROM Ten WHERE p IN ['x', 'y'] ORDER BY s",
      'Must have hash key in ORDER BY clause when more than one hash key condition specified in ' +
        'WHERE clause.',
    ],
    [
      `SELECT * FROM Ten WHERE p = 'x' AND s = '1'`,
      "Key attribute's data type should match its data type in table's schema: Key s",
    ],
    [
      `SELECT * FROM Ten WHERE p IN ['x', 1]`,
      "Key attribute's data type should match its data type in table's schema: Key p",
    ],
    ["SELECT * FROM Ten WHERE p IN ['x', 'x']", overlapping],
    ["SELECT * FROM Ten WHERE p = 'x' AND (s > 0 OR s < 5)", overlapping],
    ["SELECT * FROM Ten WHERE p = 'x' AND (s = 1 OR w = 20)", overlapping],
    ["SELECT * FROM Ten WHERE (p = 'x' AND w = 1) OR (p = 'x' AND w = 2)", overlapping],
    [
      `SELECT * FROM Ten WHERE p IN [${Array.from({ length: 51 }, (_, at) => `'${at}'`).join()}]`,
      'Too many decomposed read operations for a given query.',
    ],
    ["SELECT w FROM Ten.gko WHERE c = 'r'", `${P}Global secondary index gko does not project [w]`],
    [
      "SELECT p FROM Ten.gko WHERE c = 'r' AND w = 20",
      `${P}Secondary index gko does not project one or more filter attributes: [w]`,
    ],
    [
      "SELECT p FROM Ten.lko WHERE p = 'x' AND w = 20",
      `${P}Secondary index lko does not project one or more filter attributes: [w]`,
    ],
    ['SELECT l[-1] FROM t', 'List index is not within the allowable range; index: [-1] at 1:11:1'],
    [
      'SELECT l[2147483648] FROM t',
      'List index is not within the allowable range; index: [2147483648] at 1:10:10',
    ],
    [`SELECT * ${a} AND foo(n) = 1`, 'Invalid function name; function: foo'],
    [
      `SELECT * ${a} AND size(n)`,
      'The function is not allowed to be used this way in an expression; function: size',
    ],
    [
      `EXISTS(SELECT * ${a} AND n = 1)`,
      'EXISTS can only be used in ExecuteTransaction write requests.',
    ],
    ['UPDATE "Tab-1" SET n = 5 WHERE n = 1', mandatory],
    [`UPDATE ${T} SET n = 5`, mandatory],
    [`FROM ${T} SET n = 5`, mandatory],
    [`DELETE FROM ${T}`, mandatory],
    [`DELETE FROM ${T} WHERE p IN ['a']`, mandatory],
    ["DELETE FROM Ten WHERE p = 'x'", mandatory],
    [`UPDATE ${T} SET n = 1 WHERE p = 1`, 'The provided key element does not match the schema'],
    [
      `UPDATE ${T} SET n = 1 WHERE p = 'a' AND p = 'b'`,
      'Multiple conditions on same key p. Only single item Update/Insert/Delete are supported',
    ],
  ])('%s', async (statement, message) => {
    expect(await refused(statement)).toBe(message);
  });

  test('with ConsistentRead of a global index', async () => {
    expect(await refused("SELECT * FROM Ten.gsi WHERE c = 'r'", { ConsistentRead: true })).toBe(
      'Strongly consistent read is not supported on Global Secondary Indexes',
    );
  });

  test.each<[object, string]>([
    [{}, "Value null at 'statement' failed to satisfy constraint: Member must not be null"],
    [
      { Statement: '' },
      "Value '' at 'statement' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 1',
    ],
    [
      { Statement: 'S', Parameters: [] },
      "Value '[]' at 'parameters' failed to satisfy constraint: " +
        'Member must have length greater than or equal to 1',
    ],
  ])('%j', async (input, message) => {
    expect(await db.invalid('ExecuteStatement', input)).toBe(
      `1 validation error detected: ${message}`,
    );
    const long = { Statement: 'S'.repeat(8193) };
    expect(await db.invalid('ExecuteStatement', long)).toContain("at 'statement' failed");
  });

  test('by its parameters before its text, by its operands before its table', async () => {
    const Parameters = [{ SS: ['a', 'a'] }];
    expect(await refused('SELECT * FROM', { Parameters })).toBe(
      `${P}Input collection [a, a] contains duplicates.`,
    );
    const operand = await refused('SELECT * FROM gone WHERE p = ? AND n < ?', {
      Parameters: [S('x'), { BOOL: true }],
    });
    expect(operand).toContain('Incorrect operand type');
    const gone = await db.refuse('ExecuteStatement', { Statement: 'SELECT * FROM gone' });
    expect(gone).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
  });
});
