/** What the tests of libraries have in common: a single-table design, and two ways to a client. */
import {
  CreateTableCommand,
  type DynamoDBClient,
  type ScalarAttributeType,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/** `pk` and `sk`, with one global index on `gs1pk` and `gs1sk`; all are strings. */
export async function createSingleTable(client: DynamoDBClient, TableName: string): Promise<void> {
  const schema = (prefix: string): { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[] => [
    { AttributeName: `${prefix}pk`, KeyType: 'HASH' },
    { AttributeName: `${prefix}sk`, KeyType: 'RANGE' },
  ];
  const AttributeType: ScalarAttributeType = 'S';
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...schema(''), ...schema('gs1')].map(({ AttributeName }) => {
        return { AttributeName, AttributeType };
      }),
      KeySchema: schema(''),
      GlobalSecondaryIndexes: [
        { IndexName: 'gs1', KeySchema: schema('gs1'), Projection: { ProjectionType: 'ALL' } },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });
}
