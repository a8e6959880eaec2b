import { describe, expect, test } from 'vitest';
import { faultTexts, reasonText } from '../../src/client/fault-texts.ts';
import { openInMemory } from '../../src/client/in-memory.ts';

const tables = [
  {
    TableName: 'Notes',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  },
] as const;

describe('a refusal that a test asks for by name', () => {
  test.each([...faultTexts])('%s has the words of DynamoDB: %s', async (name, message) => {
    const db = await openInMemory({ tables });
    db.faults.refuse('PutItem', name);
    const put = () => db.putItem({ TableName: 'Notes', Item: { id: 'a' } });
    await expect(put()).rejects.toMatchObject({ name, message });
    await expect(put()).resolves.toEqual({});
    await db.close();
  });

  test('is one that says for itself what DynamoDB says of each call anew', async () => {
    const db = await openInMemory({ tables });
    db.faults.refuse('PutItem', 'ValidationException');
    await expect(db.putItem({ TableName: 'Notes', Item: { id: 'a' } })).rejects.toMatchObject({
      message: 'ValidationException asked for by the test',
    });
    await db.close();
  });
});

describe('a transaction that a test cancels', () => {
  test('has a reason for each of its actions', async () => {
    const db = await openInMemory({ tables });
    const codes = [
      'None',
      'TransactionConflict',
      'ThrottlingError',
      'ProvisionedThroughputExceeded',
      'ConditionalCheckFailed',
      'ItemCollectionSizeLimitExceeded',
      'ValidationError',
    ];
    db.faults.cancel('TransactWriteItems', codes);
    const input = { TransactItems: [{ Put: { TableName: 'Notes', Item: { id: 'a' } } }] };
    await expect(db.transactWriteItems(input)).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons ' +
        `[${codes.join(', ')}]`,
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' },
        { Code: 'ThrottlingError', Message: reasonText('ThrottlingError') },
        {
          Code: 'ProvisionedThroughputExceeded',
          Message: faultTexts.get('ProvisionedThroughputExceededException'),
        },
        { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
        { Code: 'ItemCollectionSizeLimitExceeded', Message: 'Collection size exceeded.' },
        { Code: 'ValidationError' },
      ],
    });
    await expect(db.transactWriteItems(input)).resolves.toEqual({});
    await db.close();
  });
});
