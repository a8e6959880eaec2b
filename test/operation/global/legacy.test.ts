import { describe, expect, test } from 'vitest';
import { openLocalEndpoint } from '../../support/endpoint.ts';

const GlobalTableName = 'Things';
const RegionName = 'us-east-1';
const notSupported =
  'One or more parameter values were invalid: DynamoDB global tables version 2017.11.29 is not ' +
  'supported. We recommend using DynamoDB global tables version 2019.11.21, instead of version ' +
  '2017.11.29 (Legacy).';

describe('the global tables of 2017', () => {
  test.each([
    ['CreateGlobalTable', { GlobalTableName, ReplicationGroup: [{ RegionName }] }],
    ['UpdateGlobalTable', { GlobalTableName, ReplicaUpdates: [{ Create: { RegionName } }] }],
    ['UpdateGlobalTableSettings', { GlobalTableName }],
  ])('%s is not supported', async (operation, input) => {
    const endpoint = await openLocalEndpoint();
    expect(await endpoint.invalid(operation, input)).toBe(notSupported);
    await endpoint.close();
  });

  test.each([
    [
      'DescribeGlobalTable',
      `Global table not found: Global table with name: '${GlobalTableName}' does not exist.`,
    ],
    ['DescribeGlobalTableSettings', `Global table with name: '${GlobalTableName}' does not exist.`],
  ])('%s finds none', async (operation, message) => {
    const endpoint = await openLocalEndpoint();
    const told = await endpoint.refuse(operation, { GlobalTableName });
    expect([told.name, told.message]).toEqual(['GlobalTableNotFoundException', message]);
    await endpoint.close();
  });

  test('there are none to be listed', async () => {
    const endpoint = await openLocalEndpoint();
    expect(await endpoint.call('ListGlobalTables', {})).toEqual({ GlobalTables: [] });
    expect(await endpoint.invalid('ListGlobalTables', { Limit: 0 })).toMatch(
      'greater than or equal to 1',
    );
    await endpoint.close();
  });

  test.each([
    ['CreateGlobalTable', { GlobalTableName }, 'replicationGroup'],
    ['UpdateGlobalTable', { GlobalTableName }, 'replicaUpdates'],
    ['DescribeGlobalTable', {}, 'globalTableName'],
    ['DescribeGlobalTable', { GlobalTableName: 'ab' }, 'globalTableName'],
  ])('%s of %j names what is wrong', async (operation, input, member) => {
    const endpoint = await openLocalEndpoint();
    expect(await endpoint.invalid(operation, input)).toMatch(member);
    await endpoint.close();
  });
});
