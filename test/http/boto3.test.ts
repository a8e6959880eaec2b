/** A short boto3 program against the HTTP endpoint, where Python has boto3. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openEndpoint } from '../support/endpoint.ts';

const python = process.env['PYTHON'] ?? 'python3';
const hasBoto3 = spawnSync(python, ['-c', 'import boto3'], { timeout: 20_000 }).status === 0;

const program = `
import sys, boto3
from decimal import Decimal
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.config import Config
from botocore.exceptions import ClientError

session = dict(endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='x',
               aws_secret_access_key='y', config=Config(retries={'total_max_attempts': 1}))
client = boto3.client('dynamodb', **session)
table = boto3.resource('dynamodb', **session).create_table(
    TableName='Boto', BillingMode='PAY_PER_REQUEST',
    AttributeDefinitions=[{'AttributeName': n, 'AttributeType': t} for n, t in
                          (('p', 'S'), ('s', 'N'), ('c', 'S'))],
    KeySchema=[{'AttributeName': n, 'KeyType': t} for n, t in (('p', 'HASH'), ('s', 'RANGE'))],
    GlobalSecondaryIndexes=[{'IndexName': 'by-c', 'Projection': {'ProjectionType': 'ALL'},
                             'KeySchema': [{'AttributeName': 'c', 'KeyType': 'HASH'}]}])
patience = {'Delay': 1, 'MaxAttempts': 9}
client.get_waiter('table_exists').wait(TableName='Boto', WaiterConfig=patience)

item = {'p': 'types', 's': Decimal('1.5'), 'c': 'red', 'b': Binary(b'\\x00\\xff'), 'n': None,
        't': True, 'ss': {'a', 'b'}, 'ns': {Decimal(1), Decimal(2)}, 'l': [Decimal(1), 'x', []],
        'm': {'k': {'e': ''}}}
table.put_item(Item=item)
assert table.get_item(Key={'p': 'types', 's': Decimal('1.50')})['Item'] == item

with table.batch_writer() as batch:
    for s in range(60):
        batch.put_item(Item={'p': 'pages', 's': s, 'odd': s % 2})
pages = client.get_paginator('query').paginate(
    TableName='Boto', KeyConditionExpression='p = :p', Limit=25,
    ExpressionAttributeValues={':p': {'S': 'pages'}})
assert [int(i['s']['N']) for page in pages for i in page['Items']] == list(range(60))
found = table.query(KeyConditionExpression=Key('p').eq('pages') & Key('s').between(10, 20),
                    FilterExpression=Attr('odd').eq(1))
assert (found['Count'], found['ScannedCount']) == (5, 11), found
assert table.query(IndexName='by-c', KeyConditionExpression=Key('c').eq('red'))['Count'] == 1
assert table.scan(Select='COUNT')['Count'] == 61

table.update_item(Key={'p': 'types', 's': Decimal('1.5')}, UpdateExpression='ADD #c :one',
                  ExpressionAttributeNames={'#c': 'count'}, ExpressionAttributeValues={':one': 1})
try:
    table.put_item(Item=item, ConditionExpression=Attr('p').not_exists(),
                   ReturnValuesOnConditionCheckFailure='ALL_OLD')
    raise AssertionError('the condition held')
except client.exceptions.ConditionalCheckFailedException as error:
    assert error.response['Item']['count'] == {'N': '1'}, error.response
try:
    client.transact_write_items(TransactItems=[
        {'Put': {'TableName': 'Boto', 'Item': {'p': {'S': 't'}, 's': {'N': '1'}}}},
        {'ConditionCheck': {'TableName': 'Boto', 'Key': {'p': {'S': 'types'}, 's': {'N': '1.5'}},
                            'ConditionExpression': 'attribute_not_exists(p)'}}])
    raise AssertionError('the transaction held')
except client.exceptions.TransactionCanceledException as error:
    reasons = [reason['Code'] for reason in error.response['CancellationReasons']]
    assert reasons == ['None', 'ConditionalCheckFailed'], reasons
try:
    client.get_item(TableName='Boto', Key={'p': {'S': 'x'}})
    raise AssertionError('half a key was taken')
except ClientError as error:
    assert error.response['Error'] == {
        'Code': 'ValidationException',
        'Message': 'The provided key element does not match the schema'}, error.response

arn = client.describe_table(TableName='Boto')['Table']['TableArn']
client.tag_resource(ResourceArn=arn, Tags=[{'Key': 'k', 'Value': 'v'}])
assert client.list_tags_of_resource(ResourceArn=arn)['Tags'] == [{'Key': 'k', 'Value': 'v'}]
table.delete()
client.get_waiter('table_not_exists').wait(TableName='Boto', WaiterConfig=patience)
print('done')
`;

test('a boto3 program runs to its end', { timeout: 60_000 }, async (context) => {
  if (!hasBoto3) context.skip(`${python} has no boto3`);
  const endpoint = await openEndpoint();
  const { stdout } = await promisify(execFile)(python, ['-c', program, endpoint.url], {
    timeout: 50_000,
  }).finally(() => endpoint.close());
  expect(stdout.trim()).toBe('done');
});
