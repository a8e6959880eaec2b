/** The README's program: open, put and query with the AWS SDK, then the same without it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { open } from 'tidetable';
import { clientConfig } from 'tidetable/aws';

const notesTable = {
  TableName: 'Notes',
  AttributeDefinitions: [
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'owner', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
} as const;

// Made when it is missing. A worker and IndexedDB; any number of tabs.
const db = await open('notes', { tables: [notesTable] });

// With the AWS SDK, unchanged.
const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(db)));
await client.send(
  new PutCommand({ TableName: 'Notes', Item: { owner: 'ada', id: '1', text: 'hi' } }),
);
const fromSdk = await client.send(
  new QueryCommand({
    TableName: 'Notes',
    KeyConditionExpression: '#owner = :owner',
    ExpressionAttributeNames: { '#owner': 'owner' },
    ExpressionAttributeValues: { ':owner': 'ada' },
  }),
);
console.log(fromSdk.Items); // [{ owner: 'ada', id: '1', text: 'hi' }]

// The same without it: one method an operation, plain JavaScript values.
await db.putItem({ TableName: 'Notes', Item: { owner: 'ada', id: '2', text: 'ho' } });
const { Items } = await db.query({
  TableName: 'Notes',
  KeyConditionExpression: '#owner = :owner',
  ExpressionAttributeNames: { '#owner': 'owner' },
  ExpressionAttributeValues: { ':owner': 'ada' },
});
console.log(Items); // [{ …, id: '1', text: 'hi' }, { …, id: '2', text: 'ho' }]

await db.close();
