import { describe, expect, test } from 'vitest';
import { operationOfTarget } from '../../src/wire/target.ts';

describe('X-Amz-Target', () => {
  const rows: readonly (readonly [string | undefined, string | undefined])[] = [
    ['DynamoDB_20120810.PutItem', 'PutItem'],
    ['DynamoDBStreams_20120810.GetRecords', 'GetRecords'],
    ['DynamoDBStreams_20120810.PutItem', undefined],
    ['DynamoDB_20120810.GetRecords', undefined],
    ['DynamoDB_20111205.PutItem', undefined],
    ['DynamoDB_20120810', undefined],
    ['DynamoDB_20120810.', ''],
    ['.PutItem', undefined],
    ['PutItem', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  test.each(rows)('%j names %j', (target, name) => {
    expect(operationOfTarget(target)).toBe(name);
  });
});
