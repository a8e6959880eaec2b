/** BatchExecuteStatement and ExecuteTransaction over HTTP: sections 9 and 10. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

const P = 'One or more parameter values were invalid: ';
const bad = "Statement wasn't well formed, can't be processed: ";
const N = (n: number | string): object => ({ N: String(n) });
const S = (text: string): object => ({ S: text });
const mismatch = 'The provided key element does not match the schema';
const stored = { p: S('a'), n: N(1), t: S('x') };
let db: Endpoint;

beforeAll(async () => {
  db = await openEndpoint();
  await db.call('CreateTable', tableOf('Tab', ['p:S']));
  const gsi = {
    IndexName: 'gsi',
    KeySchema: schemaOf(['c:S']),
    Projection: { ProjectionType: 'ALL' },
  };
  const more = { GlobalSecondaryIndexes: [gsi] };
  await db.call('CreateTable', tableOf('Two', ['p:S', 's:N'], more, ['c:S']));
  await db.call('PutItem', { TableName: 'Two', Item: { p: S('x'), s: N(1), w: N(10) } });
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.call('PutItem', { TableName: 'Tab', Item: stored });
  for (const p of ['b', 'c']) await db.call('DeleteItem', { TableName: 'Tab', Key: { p: S(p) } });
});

const asInput = (statement: string | object): object =>
  typeof statement === 'string' ? { Statement: statement } : statement;
const batchOf = (...statements: readonly (string | object)[]) => ({
  Statements: statements.map(asInput),
});
const transactionOf = (...statements: readonly (string | object)[]) => ({
  TransactStatements: statements.map(asInput),
});
const itemOf = async (p: string) =>
  (await db.call('GetItem', { TableName: 'Tab', Key: { p: S(p) } })).Item;
const get = "SELECT * FROM Tab WHERE p = 'a'";

describe('a batch', () => {
  const fail = (Message: string, TableName?: string, Code = 'ValidationError') => ({
    ...(TableName && { TableName }),
    Error: { Code, Message },
  });
  const mustBeKey = (name: string) =>
    fail(
      'Select statements within BatchExecuteStatement must specify the primary key in the where ' +
        'clause.',
      name,
    );

  test.each<[string, readonly (string | object)[], readonly object[]]>([
    [
      'of reads answers in order, each for itself',
      [
        get,
        "SELECT t FROM Tab WHERE p = 'b'",
        { Statement: 'SELECT w FROM "Two" WHERE s = ? AND p = ?', Parameters: [N(1), S('x')] },
        "SELECT * FROM gone WHERE p = 'a'",
        "SLECT * FROM Tab WHERE p = 'a'",
        "SELECT * FROM Two WHERE p = 'x'",
        "SELECT * FROM Two WHERE p = 'x' AND s = 1 AND w = 10",
        "SELECT * FROM Two WHERE p = 'x' AND s = 1 AND p = 'y'",
        "SELECT * FROM Two WHERE p = 'x' AND s IN (1)",
        "SELECT * FROM Two.gsi WHERE c = 'x'",
        "SELECT * FROM Two WHERE p = 'x' AND s = '1'",
        'SELECT * FROM Tab WHERE p = ?',
        `EXISTS(${get} AND n = 1)`,
      ],
      [
        { TableName: 'Tab', Item: stored },
        { TableName: 'Tab' },
        { TableName: 'Two', Item: { w: N(10) } },
        fail('Requested resource not found', 'gone', 'ResourceNotFound'),
        fail(`${bad}Expected data manipulation`),
        mustBeKey('Two'),
        mustBeKey('Two'),
        mustBeKey('Two'),
        mustBeKey('Two'),
        mustBeKey('Two'),
        fail(mismatch, 'Two'),
        fail("Number of parameters in request and statement don't match."),
        fail('EXISTS can only be used in ExecuteTransaction write requests.'),
      ],
    ],
    [
      'of writes writes what it can',
      [
        "INSERT INTO Tab VALUE {'p': 'b', 'n': 1}",
        "INSERT INTO Tab VALUE {'p': 'a'}",
        "UPDATE Tab SET n = 1 WHERE p = 'c' RETURNING ALL NEW *",
        "UPDATE Two SET w = w + 1 WHERE p = 'x' AND s = 1 RETURNING MODIFIED NEW *",
        'DELETE FROM Tab WHERE n = 1',
        "DELETE FROM Tab WHERE p = 'd' RETURNING MODIFIED OLD *",
      ],
      [
        { TableName: 'Tab' },
        fail('Duplicate primary key exists in table', 'Tab', 'DuplicateItem'),
        fail('The conditional request failed', 'Tab', 'ConditionalCheckFailed'),
        { TableName: 'Two', Item: { w: N(11) } },
        fail('Where clause does not contain a mandatory equality on all key attributes', 'Tab'),
        fail(
          'Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is ' +
            'allowed in DELETE statements.',
        ),
      ],
    ],
    [
      'keeps the item of a failed condition to itself',
      [
        {
          Statement: "DELETE FROM Tab WHERE p = 'a' AND n = 2",
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      ],
      [fail('The conditional request failed', 'Tab', 'ConditionalCheckFailed')],
    ],
    [
      'leaves an empty result out',
      ["UPDATE Tab SET q = 1 WHERE p = 'a' RETURNING MODIFIED OLD *"],
      [{ TableName: 'Tab' }],
    ],
    [
      'returns what is deleted',
      ["DELETE FROM Tab WHERE p = 'a' RETURNING ALL OLD *"],
      [{ TableName: 'Tab', Item: stored }],
    ],
  ])('%s', async (_name, statements, Responses) => {
    expect(await db.call('BatchExecuteStatement', batchOf(...statements))).toEqual({ Responses });
  });

  const violation = "1 validation error detected: Value '[";
  const insert = "INSERT INTO Tab VALUE {'p': 'b'}";
  test.each<[string, object, string]>([
    [
      'reads and writes',
      batchOf(insert, get),
      'Read and write requests together in the same batch is not supported.',
    ],
    [
      'one item twice',
      batchOf(insert, "DELETE FROM Tab WHERE p = 'b'"),
      'Provided list of item keys contains duplicates',
    ],
    ['one item read twice', batchOf(get, get), 'Provided list of item keys contains duplicates'],
    [
      'a parameter that is no value',
      batchOf('SLECT', { Statement: get, Parameters: [{ SS: [] }] }),
      `${P}An string set  may not be empty`,
    ],
    [
      'no statement',
      batchOf(),
      `${violation}]' at 'statements' failed to satisfy constraint: ` +
        'Member must have length greater than or equal to 1',
    ],
  ])('is refused with %s', async (_name, input, message) => {
    expect(await db.invalid('BatchExecuteStatement', input)).toBe(message);
    expect(await itemOf('b')).toBeUndefined();
  });

  test('is refused with 26 statements', async () => {
    const input = batchOf(...Array.from({ length: 26 }, () => insert));
    const message = await db.invalid('BatchExecuteStatement', input);
    expect(message).toContain("at 'statements' failed to satisfy constraint: ");
    expect(message).toContain('Member must have length less than or equal to 25');
  });

  test('is metered by table', async () => {
    const input = {
      ...batchOf(get, {
        Statement: "SELECT * FROM Two WHERE p = 'x' AND s = 1",
        ConsistentRead: true,
      }),
      ReturnConsumedCapacity: 'TOTAL',
    };
    const { ConsumedCapacity } = await db.call('BatchExecuteStatement', input);
    expect(ConsumedCapacity).toEqual([
      { TableName: 'Tab', CapacityUnits: 0.5 },
      { TableName: 'Two', CapacityUnits: 1 },
    ]);
  });
});

describe('what a batch of writes costs', () => {
  const large = { p: S('large'), v: S('v'.repeat(2500)) };
  const cost = async (...statements: readonly string[]) => {
    await db.call('PutItem', { TableName: 'Tab', Item: large });
    const { ConsumedCapacity } = await db.call('BatchExecuteStatement', {
      ...batchOf(...statements),
      ReturnConsumedCapacity: 'TOTAL',
    });
    return ConsumedCapacity;
  };
  const units = (CapacityUnits: number) => [{ TableName: 'Tab', CapacityUnits }];
  // Three write units for an item of 2.5 KB; a condition that fails costs as much.
  test.each<[string, string, number]>([
    ['a write', "UPDATE Tab SET n = 1 WHERE p = 'large'", 3],
    ['a condition that fails', "UPDATE Tab SET n = 1 WHERE p = 'large' AND n = 9", 3],
    ['a key that is there', "INSERT INTO Tab VALUE {'p': 'large'}", 3],
    ['an item that is not there', "UPDATE Tab SET n = 1 WHERE p = 'nothing'", 1],
  ])('with %s', async (_name, statement, count) => {
    expect(await cost(statement)).toEqual(units(count));
    expect(await cost(statement, "DELETE FROM Tab WHERE p = 'b'")).toEqual(units(count + 1));
  });

  test('leaves out what never came to its item', async () => {
    const two = [
      "DELETE FROM Tab WHERE p = 'b'",
      'DELETE FROM Tab WHERE n = 1',
      "SLECT * FROM Tab WHERE p = 'a'",
    ];
    expect(await cost(...two)).toEqual(units(1));
  });
});

describe('a transaction', () => {
  test('reads all items at once', async () => {
    const input = {
      ...transactionOf(get, "SELECT t FROM Tab WHERE p = 'b'", {
        Statement: 'SELECT w FROM Two WHERE s = 1 AND p = ?',
        Parameters: [S('x')],
      }),
      ReturnConsumedCapacity: 'TOTAL',
    };
    const { Responses, ConsumedCapacity } = await db.call('ExecuteTransaction', input);
    expect(Responses).toEqual([{ Item: stored }, {}, { Item: { w: expect.anything() } }]);
    expect(ConsumedCapacity).toEqual([
      { TableName: 'Tab', CapacityUnits: 4, ReadCapacityUnits: 4 },
      { TableName: 'Two', CapacityUnits: 2, ReadCapacityUnits: 2 },
    ]);
  });

  test('writes all items at once', async () => {
    const answer = await db.call('ExecuteTransaction', {
      ...transactionOf(
        "EXISTS(SELECT * FROM Two WHERE p = 'x' AND s = 1 AND gone IS MISSING)",
        "INSERT INTO Tab VALUE {'p': 'b', 'n': 1}",
        "UPDATE Tab SET n = n + 1 WHERE p = 'a'",
        "DELETE FROM Tab WHERE p = 'c'",
      ),
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(answer).toEqual({
      ConsumedCapacity: [
        { TableName: 'Two', CapacityUnits: 2, WriteCapacityUnits: 2 },
        { TableName: 'Tab', CapacityUnits: 6, WriteCapacityUnits: 6 },
      ],
    });
    expect([await itemOf('a'), await itemOf('b')]).toMatchObject([{ n: N(2) }, { n: N(1) }]);
  });

  const none = { Code: 'None' };
  const failed = { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' };
  const invalid = (Message: string) => ({ Code: 'ValidationError', Message });
  const insert = "INSERT INTO Tab VALUE {'p': 'b'}";
  const change = "UPDATE Tab SET n = 2 WHERE p = 'a'";
  test.each<[string, readonly (string | object)[], readonly object[]]>([
    [
      'an INSERT of what is there',
      [insert, "INSERT INTO Tab VALUE {'p': 'a'}"],
      [none, { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' }],
    ],
    [
      'every condition that fails',
      ["UPDATE Tab SET n = 2 WHERE p = 'c'", `${change} AND n = 9`, insert],
      [failed, failed, none],
    ],
    ['EXISTS', [`EXISTS(${get} AND n = 9)`, insert], [failed, none]],
    [
      'EXISTS of nothing',
      ["EXISTS(SELECT * FROM Tab WHERE p = 'c' AND n <> 1)", insert],
      [failed, none],
    ],
    ['EXISTS of two keys', [`EXISTS(${get} AND p = 'b' AND n = 1)`, insert], [failed, none]],
    [
      'a condition, with the item',
      [{ Statement: `${change} AND n = 9`, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }],
      [{ ...failed, Item: stored }],
    ],
    [
      'keys that name no item, each',
      [
        "DELETE FROM Two WHERE p = 'x'",
        'UPDATE Tab SET n = 1 WHERE p = 1',
        "INSERT INTO Two VALUE {'p': 'x'}",
        insert,
      ],
      [invalid(mismatch), invalid(mismatch), invalid(`${P}Missing the key s in the item`), none],
    ],
    ['a key of a wrong type', [get, 'SELECT * FROM Tab WHERE p = 1'], [none, invalid(mismatch)]],
    [
      'an operand of a wrong type',
      ["UPDATE Tab SET n = t + 1 WHERE p = 'a'"],
      [invalid('An operand in the update expression has an incorrect data type')],
    ],
  ])('is cancelled by %s', async (_name, statements, reasons) => {
    const told = await db.refuse('ExecuteTransaction', transactionOf(...statements));
    const codes = reasons.map((reason) => (reason as { Code: string }).Code).join(', ');
    expect(told.name).toBe('TransactionCanceledException');
    expect(told.message).toBe(
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    );
    expect(told.body['CancellationReasons']).toEqual(reasons);
    expect([await itemOf('a'), await itemOf('b')]).toEqual([stored, undefined]);
  });

  const at = (index: number, message: string): string =>
    `Validation failed in TransactStatements[${index}]: ${message}`;
  const mustBeKey =
    'Select statements within ExecuteTransaction must specify the primary key in the where clause.';
  const exists = 'EXISTS() must contain a single item read with additional condition';
  const twice = 'Transaction request cannot include multiple operations on one item';
  test.each<[readonly (string | object)[], string]>([
    [
      [get, insert],
      'ExecuteTransaction API does not support both read and write operations in the same request.',
    ],
    [
      [`EXISTS(${get} AND n = 1)`, "SELECT * FROM Tab WHERE p = 'b'"],
      'ExecuteTransaction API does not support both read and write operations in the same request.',
    ],
    [
      [insert, `${change} RETURNING ALL NEW *`],
      at(1, 'RETURNING clause is not supported in ExecuteTransaction.'),
    ],
    [
      ["SELECT * FROM Two.gsi WHERE c = 'x'"],
      at(0, 'Reads on indices are not supported within transactions.'),
    ],
    [['SELECT * FROM Tab WHERE'], at(0, `${bad}Unexpected term`)],
    [
      ["SELECT * FROM Two.gsi WHERE c = 'x'", 'SELECT * FROM Tab WHERE p = ?'],
      at(0, 'Reads on indices are not supported within transactions.'),
    ],
    [
      ["SELECT * FROM Two.gsi WHERE c = 'x'", 'SELECT * FROM Tab WHERE'],
      at(1, `${bad}Unexpected term`),
    ],
    [["SELECT * FROM Two WHERE p = 'x'"], at(0, mustBeKey)],
    [[`${get} AND n = 1`], at(0, mustBeKey)],
    [["SELECT * FROM Tab WHERE p IN ['a']"], at(0, mustBeKey)],
    [['SELECT * FROM Tab'], at(0, mustBeKey)],
    [
      ["SELECT * FROM Tab WHERE p IN ['a', 'a']"],
      at(0, 'Overlapping conditions with range keys are not supported in where clause'),
    ],
    [[`EXISTS(${get})`, insert], at(0, exists)],
    [[insert, "EXISTS(SELECT * FROM Two WHERE p = 'x' AND w = 1)"], at(1, exists)],
    [["EXISTS(SELECT * FROM Tab WHERE p IN ['a'] AND n = 1)", insert], at(0, exists)],
    [
      ["UPDATE Tab SET n = n + [1] WHERE p = 'a'"],
      at(
        0,
        'Incorrect operand type for operator or function; operator or function: +, operand type: L',
      ),
    ],
    [[get, "SELECT n FROM Tab WHERE p = 'a'"], twice],
    [[`EXISTS(${get} AND n = 1)`, change], twice],
    [
      [change, { Statement: insert, Parameters: [{ SS: ['a', 'a'] }] }],
      `${P}Input collection [a, a] contains duplicates.`,
    ],
  ])('%j is refused', async (statements, message) => {
    expect(await db.invalid('ExecuteTransaction', transactionOf(...statements))).toBe(message);
    expect([await itemOf('a'), await itemOf('b')]).toEqual([stored, undefined]);
  });

  test('of a table that is not there is refused, and not cancelled', async () => {
    const input = transactionOf(insert, "DELETE FROM gone WHERE p = 'a'");
    expect(await db.refuse('ExecuteTransaction', input)).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
  });

  test.each([[0], [101]])('of %d statements is refused', async (count) => {
    const input = transactionOf(...Array.from({ length: count }, () => insert));
    expect(await db.invalid('ExecuteTransaction', input)).toContain(
      "at 'transactStatements' failed to satisfy constraint: Member must have length",
    );
  });

  test('that is sent twice happens once', async () => {
    const Statement = 'UPDATE Tab SET n = n + ? WHERE p = ?';
    const input = {
      TransactStatements: [{ Statement, Parameters: [N(1), S('a')] }],
      ClientRequestToken: 'token-1',
      ReturnConsumedCapacity: 'TOTAL',
    };
    const first = await db.call('ExecuteTransaction', input);
    expect(first.ConsumedCapacity).toEqual([
      { TableName: 'Tab', CapacityUnits: 2, WriteCapacityUnits: 2 },
    ]);
    const again = await db.call('ExecuteTransaction', input);
    expect(again.ConsumedCapacity).toEqual([
      { TableName: 'Tab', CapacityUnits: 2, ReadCapacityUnits: 2 },
    ]);
    expect(await itemOf('a')).toMatchObject({ n: N(2) });
    const other = { ...input, TransactStatements: [{ Statement, Parameters: [N(2), S('a')] }] };
    const { name } = await db.refuse('ExecuteTransaction', other);
    expect(name).toBe('IdempotentParameterMismatchException');
  });
});
