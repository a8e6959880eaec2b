/** Clients of others against a server that verifies who they are: SDK, boto3, CLI, browsers. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AccessServer,
  adminSecret,
  makeTables,
  openAccessServer,
  readerSecret,
} from '../support/access-server.ts';

let world: AccessServer;
beforeAll(async () => {
  world = await openAccessServer();
  await makeTables(world);
});
afterAll(() => world.close());

const admin = { accessKeyId: 'ADMIN', secretAccessKey: adminSecret };
const reader = { accessKeyId: 'READER', secretAccessKey: readerSecret };

function clientOf(credentials: object, more: object = {}): DynamoDBDocumentClient {
  const settings = { endpoint: world.url, region: 'local', maxAttempts: 1, ...more };
  return DynamoDBDocumentClient.from(new DynamoDBClient({ ...settings, credentials } as never));
}

async function outcome(sent: Promise<unknown>): Promise<string> {
  return sent.then(
    () => 'done',
    (error: Error) => error.name,
  );
}

describe('the AWS SDK', () => {
  const TableName = 'plain';
  const Item = { owner: 'ada', id: '1', text: 'ä😀', bytes: new Uint8Array([0, 255]) };

  test('signs what the server verifies', async () => {
    const client = clientOf(admin);
    await client.send(new PutCommand({ TableName, Item }));
    const Key = { owner: 'ada', id: '1' };
    expect((await client.send(new GetCommand({ TableName, Key }))).Item).toEqual(Item);
    const write = { Put: { TableName, Item: { ...Item, id: '2' } } };
    await client.send(new TransactWriteCommand({ TransactItems: [write] }));
    expect((await client.send(new ScanCommand({ TableName }))).Count).toBe(2);
  });

  test('is refused with another secret, key, region, or a session', async () => {
    const put = () => new PutCommand({ TableName, Item });
    const wrong = { ...admin, secretAccessKey: 'another secret' };
    expect(await outcome(clientOf(wrong).send(put()))).toBe('InvalidSignatureException');
    const nobody = { ...admin, accessKeyId: 'NOBODY' };
    expect(await outcome(clientOf(nobody).send(put()))).toBe('UnrecognizedClientException');
    const elsewhere = clientOf(admin, { region: 'eu-west-1' });
    expect(await outcome(elsewhere.send(put()))).toBe('InvalidSignatureException');
    const session = clientOf({ ...admin, sessionToken: 'x' });
    expect(await outcome(session.send(put()))).toBe('UnrecognizedClientException');
  });

  test('may do what its policies allow', async () => {
    const client = clientOf(reader);
    expect((await client.send(new ListTablesCommand({}))).TableNames?.length).toBe(3);
    const Key = { owner: 'ada', id: '1' };
    expect(await outcome(client.send(new GetCommand({ TableName, Key })))).toBe('done');
    expect(await outcome(client.send(new PutCommand({ TableName, Item })))).toBe(
      'AccessDeniedException',
    );
  });

  test('carries a token instead of a signature with a signer of its own', async () => {
    const token = await world.issuer.token({ org: 'acme' });
    const signer = {
      sign: async (request: { headers: Record<string, string> }) => {
        request.headers['authorization'] = `Bearer ${token}`;
        return request;
      },
    };
    const client = clientOf(admin, { signer });
    const mine = { TableName: 'acme-notes', Item: { owner: 'ada', id: '1' } };
    await client.send(new PutCommand(mine));
    const KeyConditionExpression = '#o = :o';
    const ExpressionAttributeNames = { '#o': 'owner' };
    const query = (who: string) =>
      client.send(
        new QueryCommand({
          TableName: 'acme-notes',
          KeyConditionExpression,
          ExpressionAttributeNames,
          ExpressionAttributeValues: { ':o': who },
        }),
      );
    expect((await query('ada')).Count).toBe(1);
    expect(await outcome(query('eve'))).toBe('AccessDeniedException');
  });
});

const environment = (secret: string): NodeJS.ProcessEnv => ({
  ...process.env,
  AWS_ACCESS_KEY_ID: 'ADMIN',
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_DEFAULT_REGION: 'local',
  AWS_MAX_ATTEMPTS: '1',
});

const python = process.env['PYTHON'] ?? 'python3';
const hasBoto3 = spawnSync(python, ['-c', 'import boto3'], { timeout: 20_000 }).status === 0;
const program = `
import sys, boto3
from botocore.exceptions import ClientError
table = boto3.resource('dynamodb', endpoint_url=sys.argv[1]).Table('plain')
try:
    table.put_item(Item={'owner': 'boto', 'id': '1', 'text': 'ä'})
    print(table.get_item(Key={'owner': 'boto', 'id': '1'})['Item']['text'])
except ClientError as error:
    print(error.response['Error']['Code'])
`;

test.skipIf(!hasBoto3)('boto3 signs what the server verifies', { timeout: 120_000 }, async () => {
  const say = async (secret: string): Promise<string> => {
    const settings = { env: { ...environment(secret), PYTHONIOENCODING: 'utf8' }, timeout: 60_000 };
    const { stdout } = await promisify(execFile)(python, ['-c', program, world.url], settings);
    return stdout.trim();
  };
  expect(await say(adminSecret)).toBe('ä');
  expect(await say('another secret')).toBe('InvalidSignatureException');
});

const hasCli = spawnSync('aws', ['--version'], { timeout: 30_000 }).status === 0;

test.skipIf(!hasCli)(
  'the AWS CLI signs what the server verifies',
  { timeout: 120_000 },
  async () => {
    const list = (secret: string): Promise<{ stdout: string }> => {
      const args = ['--endpoint-url', world.url, '--output', 'text', 'dynamodb', 'list-tables'];
      return promisify(execFile)('aws', args, { env: environment(secret), timeout: 60_000 });
    };
    expect((await list(adminSecret)).stdout).toContain('acme-notes');
    await expect(list('another secret')).rejects.toThrow('(InvalidSignatureException)');
  },
);

describe('browsers', () => {
  test('may ask beforehand whether they may send credentials', async () => {
    const asked = await fetch(world.url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-amz-target',
      },
    });
    expect(asked.status).toBe(200);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(asked.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('can read a refusal', async () => {
    const refused = await world.post({ origin: 'https://app.example' });
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(refused.error).toBe('MissingAuthenticationTokenException');
  });

  test('are told that a token is over, and that another is wrong', async () => {
    const now = Math.floor(Date.now() / 1000);
    const old = await world.issuer.token({ org: 'acme', iat: now - 600, exp: now - 300 });
    expect((await world.bearer(old, 'ListTables', {})).error).toBe('ExpiredTokenException');
    expect((await world.bearer('x', 'ListTables', {})).error).toBe('UnrecognizedClientException');
  });
});
