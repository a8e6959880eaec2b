/** The AWS CLI against the HTTP endpoint, where it is installed. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Endpoint, openEndpoint } from '../support/endpoint.ts';

const hasCli = spawnSync('aws', ['--version'], { timeout: 30_000 }).status === 0;
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'y',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_MAX_ATTEMPTS: '1',
};

let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await openEndpoint();
});
afterAll(() => endpoint.close());

/** What a command prints, as JSON; nothing where it prints nothing. */
async function aws(...words: readonly string[]): Promise<unknown> {
  const args = ['--endpoint-url', endpoint.url, '--output', 'json', 'dynamodb', ...words];
  const { stdout } = await promisify(execFile)('aws', args, { env: environment, timeout: 60_000 });
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
}

const table = ['--table-name', 'Cli'];

describe.skipIf(!hasCli)('the AWS CLI', () => {
  test('makes, fills, reads and drops a table', { timeout: 240_000 }, async () => {
    await aws(
      ...['create-table', ...table, '--billing-mode', 'PAY_PER_REQUEST'],
      ...['--key-schema', 'AttributeName=p,KeyType=HASH', 'AttributeName=s,KeyType=RANGE'],
      ...['--attribute-definitions', 'AttributeName=p,AttributeType=S'],
      'AttributeName=s,AttributeType=N',
    );
    await aws('wait', 'table-exists', ...table);
    const item = { p: { S: 'a' }, s: { N: '1' }, l: { L: [{ BOOL: true }] } };
    await aws('put-item', ...table, '--item', JSON.stringify(item));
    const Key = JSON.stringify({ p: item.p, s: item.s });
    expect(await aws('get-item', ...table, '--key', Key)).toEqual({ Item: item });

    const put = (s: number): object => ({
      PutRequest: { Item: { p: { S: 'a' }, s: { N: String(s) } } },
    });
    const more = JSON.stringify({ Cli: [2, 3, 4, 5].map(put) });
    expect(await aws('batch-write-item', '--request-items', more)).toEqual({
      UnprocessedItems: {},
    });
    // The CLI follows the pages of its own accord.
    const found = await aws(
      ...['query', ...table, '--page-size', '2', '--key-condition-expression', 'p = :p'],
      ...['--expression-attribute-values', '{":p":{"S":"a"}}', '--query', 'Items[].s.N'],
    );
    expect(found).toEqual(['1', '2', '3', '4', '5']);
    const refused = aws(
      ...['update-item', ...table, '--key', Key, '--update-expression', 'SET n = :n'],
      ...['--condition-expression', 'n > :n', '--expression-attribute-values', '{":n":{"N":"1"}}'],
    );
    await expect(refused).rejects.toThrow(
      '(ConditionalCheckFailedException) when calling the UpdateItem operation: ' +
        'The conditional request failed',
    );
    const statement = `SELECT s FROM "Cli" WHERE p = 'a' AND s > 3`;
    expect(await aws('execute-statement', '--statement', statement)).toEqual({
      Items: [{ s: { N: '4' } }, { s: { N: '5' } }],
    });
    await aws('delete-table', ...table);
    await aws('wait', 'table-not-exists', ...table);
    expect(await aws('list-tables')).toEqual({ TableNames: [] });
  });
});
