import { describe, expect, test } from 'vitest';
import { DescribeTimeToLive } from '../../../src/operation/table/describe-time-to-live.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { ItemWorld } from '../../support/item-world.ts';

describe('DescribeTimeToLive', () => {
  test('is a read that sees what other tabs did', () => {
    expect(findOperation('DescribeTimeToLive')).toBe(DescribeTimeToLive);
    expect(DescribeTimeToLive).toMatchObject({ kind: 'read', internal: false });
    expect(DescribeTimeToLive.consistent?.({})).toBe(true);
  });

  test('answers DISABLED of a table that was never told', () => {
    const world = new ItemWorld();
    world.table('Tab', ['p:S']);
    expect(world.call('DescribeTimeToLive', { TableName: 'Tab' })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
    });
    expect(world.invalid('DescribeTimeToLive', {})).toBe(
      "The parameter 'TableName' is required but was not present in the request",
    );
  });
});
