/**
 * No answer depends on a table's, an attribute's, an index's or a client's name: the same program
 * under other names is answered the same, but for the names.
 */
import { expect, test } from 'vitest';
import { openLocalEndpoint, schemaOf, tableOf } from '../support/endpoint.ts';

/** Of one length each, for names count as bytes. */
const spellings = [
  { Table: 'Orders', p: 'id', s: 'at', g: 'gr', v: 'va', i: 'gindex', agent: 'aws-sdk-js/3.0' },
  { Table: 'a_.-bX', p: 'zz', s: 'A0', g: '__', v: 'é', i: 'X.Y-Z_', agent: 'Boto3/1.43' },
] as const;
type Names = (typeof spellings)[number];

const N = (n: number) => ({ N: String(n) });
const S = (text: string) => ({ S: text });

function program({ Table: TableName, p, s, g, v, i: IndexName }: Names) {
  const key = (n: number) => ({ [p]: S('k'), [s]: N(n) });
  const names = { '#p': p, '#s': s, '#g': g, '#v': v };
  const used = (...wanted: readonly (keyof typeof names)[]) => ({
    ExpressionAttributeNames: Object.fromEntries(wanted.map((name) => [name, names[name]])),
  });
  const table = { TableName, ReturnConsumedCapacity: 'INDEXES' };
  const put = (n: number, more: object = {}) => ({
    ...table,
    Item: { ...key(n), [g]: S('g'), [v]: { L: [N(n), S('x')] } },
    ...more,
  });
  const query = {
    ...table,
    KeyConditionExpression: '#p = :p AND #s > :n',
    ...used('#p', '#s'),
    ExpressionAttributeValues: { ':p': S('k'), ':n': N(1) },
  };
  const gsi = { IndexName, KeySchema: schemaOf([g, s]), Projection: { ProjectionType: 'ALL' } };
  const made = tableOf(TableName, [`${p}:S`, `${s}:N`], { GlobalSecondaryIndexes: [gsi] }, [
    `${g}:S`,
  ]);
  const requests: readonly (readonly [string, object])[] = [
    ['CreateTable', made],
    ['CreateTable', made],
    ...[1, 2, 3].map((n) => ['PutItem', put(n)] as const),
    ['PutItem', put(1, { ConditionExpression: 'attribute_not_exists(#p)', ...used('#p') })],
    ['PutItem', { ...table, Item: { [p]: S('k') } }],
    ['PutItem', { ...table, Item: { ...key(4), [g]: N(1) } }],
    ['PutItem', { ...table, Item: { ...key(4), [v]: { SS: [] } } }],
    ['GetItem', { ...table, Key: key(2) }],
    ['GetItem', { ...table, Key: { [p]: S('k') } }],
    ['GetItem', { ...table, Key: key(2), ProjectionExpression: '#v[1]', ...used('#v') }],
    ['Query', query],
    ['Query', { ...query, Limit: 1 }],
    ['Query', { ...query, FilterExpression: '#s = :n' }],
    ['Query', { ...query, IndexName }],
    ['Scan', { ...table, IndexName, Select: 'COUNT' }],
    ['Scan', { ...table, AttributesToGet: [v, v] }],
    ['UpdateItem', { ...table, Key: key(1), UpdateExpression: 'SET #p = #v', ...used('#p', '#v') }],
    ['UpdateItem', { ...table, Key: key(1), UpdateExpression: 'REMOVE #v[0]', ...used('#v') }],
    ['UpdateItem', { ...table, Key: key(1), AttributeUpdates: { [g]: { Value: N(1) } } }],
    ['BatchGetItem', { RequestItems: { [TableName]: { Keys: [key(1), key(9)] } } }],
    ['BatchWriteItem', { RequestItems: { [TableName]: [{ DeleteRequest: { Key: key(1) } }] } }],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Delete: { TableName, Key: key(2) } },
          {
            ConditionCheck: {
              TableName,
              Key: key(3),
              ConditionExpression: 'attribute_not_exists(#v)',
              ...used('#v'),
            },
          },
        ],
      },
    ],
    ['ExecuteStatement', { Statement: `SELECT "${v}" FROM "${TableName}" WHERE "${p}" = 'k'` }],
    ['ExecuteStatement', { Statement: `UPDATE "${TableName}" SET "${v}" = 1 WHERE "${v}" = 1` }],
    ['DescribeTable', { TableName }],
    ['DeleteTable', { TableName }],
    ['GetItem', { ...table, Key: key(2) }],
  ];
  return requests;
}

/** With the same word in the place of each name, and without what is new each time. */
function anonymous(text: string, { agent: _agent, ...names }: Names): string {
  let said = text.replaceAll(/"(TableId|CreationDateTime|LastUpdate\w+)":("[^"]*"|[\d.e+]+)/g, '');
  for (const [role, name] of Object.entries(names)) {
    const bare = name.replaceAll(/[.]/g, '\\.');
    said = said.replaceAll(new RegExp(`(?<![\\w-])${bare}(?![\\w-])`, 'g'), `<${role}>`);
  }
  return said;
}

test('the same requests under other names have the same answers', async () => {
  const told: (readonly string[])[] = [];
  for (const names of spellings) {
    const db = await openLocalEndpoint();
    const answers: string[] = [];
    for (const [operation, input] of program(names)) {
      const agent = { 'user-agent': names.agent };
      const { status, text } = await db.post(operation, JSON.stringify(input), agent);
      answers.push(`${operation} ${status} ${anonymous(text, names)}`);
    }
    await db.close();
    told.push(answers);
  }
  expect(told[1]).toEqual(told[0]);
  expect(told[0]?.filter((line) => / 200 /.test(line)).length).toBeGreaterThan(10);
});
