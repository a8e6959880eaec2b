import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../../src/table/catalog.ts';
import { insightsOf, ruleNames } from '../../../src/operation/insight/insight-settings.ts';
import { ItemWorld } from '../../support/item-world.ts';

const on = { ContributorInsightsAction: 'ENABLE' };
const off = { ContributorInsightsAction: 'DISABLE' };
const ms = 1_700_000_000_000;

function world(): ItemWorld {
  const made = new ItemWorld();
  made.table('Beta', ['p:S', 's:N'], {
    global: { byG: { keys: ['g:S'] }, byH: { keys: ['h:S', 's:N'] } },
    local: { byL: { keys: ['p:S', 'l:S'] } },
  });
  made.table('Alpha', ['p:S']);
  return made;
}

function update(made: ItemWorld, TableName: string, more: object): unknown {
  return made.call('UpdateContributorInsights', { TableName, ...more });
}

function describeIt(made: ItemWorld, TableName: string, IndexName?: string): unknown {
  const input = { TableName, ...(IndexName && { IndexName }) };
  return made.call('DescribeContributorInsights', input);
}

describe('UpdateContributorInsights', () => {
  test('turns it on and off, and tells of the way there', () => {
    const made = world();
    expect(describeIt(made, 'Beta')).toEqual({
      TableName: 'Beta',
      ContributorInsightsStatus: 'DISABLED',
    });
    expect(update(made, 'Beta', on)).toEqual({
      TableName: 'Beta',
      ContributorInsightsStatus: 'ENABLING',
      ContributorInsightsMode: 'ACCESSED_AND_THROTTLED_KEYS',
    });
    expect(describeIt(made, 'Beta')).toEqual({
      TableName: 'Beta',
      ContributorInsightsStatus: 'ENABLED',
      ContributorInsightsMode: 'ACCESSED_AND_THROTTLED_KEYS',
      LastUpdateDateTime: ms / 1000,
      ContributorInsightsRuleList: [
        `DynamoDBContributorInsights-PKC-Beta-${ms}`,
        `DynamoDBContributorInsights-SKC-Beta-${ms}`,
        `DynamoDBContributorInsights-PKT-Beta-${ms}`,
        `DynamoDBContributorInsights-SKT-Beta-${ms}`,
      ],
    });
    made.nowMs += 5000;
    expect(update(made, 'Beta', off)).toMatchObject({ ContributorInsightsStatus: 'DISABLING' });
    expect(describeIt(made, 'Beta')).toMatchObject({
      ContributorInsightsStatus: 'DISABLED',
      ContributorInsightsRuleList: [],
      LastUpdateDateTime: ms / 1000 + 5,
    });
  });

  test('keeps tables and indexes apart, and the mode until another is given', () => {
    const made = world();
    const ContributorInsightsMode = 'THROTTLED_KEYS';
    expect(update(made, 'Beta', { ...on, IndexName: 'byG', ContributorInsightsMode })).toEqual({
      TableName: 'Beta',
      IndexName: 'byG',
      ContributorInsightsStatus: 'ENABLING',
      ContributorInsightsMode,
    });
    expect(describeIt(made, 'Beta')).toMatchObject({ ContributorInsightsStatus: 'DISABLED' });
    expect(describeIt(made, 'Beta', 'byG')).toMatchObject({
      IndexName: 'byG',
      ContributorInsightsStatus: 'ENABLED',
      ContributorInsightsMode,
      ContributorInsightsRuleList: [`DynamoDBContributorInsights-PKT-Beta-byG-${ms}`],
    });
    made.nowMs += 1000;
    update(made, 'Beta', { ...on, IndexName: 'byG' });
    expect(describeIt(made, 'Beta', 'byG')).toMatchObject({
      ContributorInsightsMode,
      LastUpdateDateTime: ms / 1000,
    });
    const both = { ContributorInsightsMode: 'ACCESSED_AND_THROTTLED_KEYS' };
    update(made, 'Beta', { ...on, IndexName: 'byG', ...both });
    expect(describeIt(made, 'Beta', 'byG')).toMatchObject({
      ...both,
      LastUpdateDateTime: ms / 1000 + 1,
      // Its rules are those it was turned on with.
      ContributorInsightsRuleList: [
        `DynamoDBContributorInsights-PKC-Beta-byG-${ms}`,
        `DynamoDBContributorInsights-PKT-Beta-byG-${ms}`,
      ],
    });
  });

  test('of an index goes with it, and is no part of a change of its units', () => {
    const made = world();
    update(made, 'Beta', { ...on, IndexName: 'byG' });
    update(made, 'Beta', { ...on, IndexName: 'byH' });
    made.run('UpdateTable', {
      TableName: 'Beta',
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byG' } }],
    });
    const table = createCatalog(made.reader).table('Beta');
    expect(insightsOf(table).map(({ IndexName }) => IndexName)).toEqual(['byH']);
    made.run('UpdateTable', {
      TableName: 'Beta',
      GlobalSecondaryIndexUpdates: [
        {
          Update: {
            IndexName: 'byH',
            WarmThroughput: { ReadUnitsPerSecond: 20_000, WriteUnitsPerSecond: 9000 },
          },
        },
      ],
    });
    expect(describeIt(made, 'Beta', 'byH')).toMatchObject({ ContributorInsightsStatus: 'ENABLED' });
  });

  test.each([
    [{ TableName: 'Nobody' }, 'Requested resource not found: Table: Nobody not found'],
    [
      { TableName: 'Beta', IndexName: 'none' },
      'Requested resource not found: Table: Beta Index: none not found',
    ],
    // Local indexes have no insights of their own.
    [
      { TableName: 'Beta', IndexName: 'byL' },
      'Requested resource not found: Table: Beta Index: byL not found',
    ],
  ])('needs the table and the index of %j', (input, message) => {
    const refused = { name: 'ResourceNotFoundException', message };
    const made = world();
    expect(made.refuse('UpdateContributorInsights', { ...input, ...on })).toMatchObject(refused);
    expect(made.refuse('DescribeContributorInsights', input)).toMatchObject(refused);
  });

  test.each([
    [{}, "The parameter 'TableName' is required but was not present in the request"],
    [
      { TableName: 'Beta' },
      "1 validation error detected: Value null at 'contributorInsightsAction' failed to satisfy " +
        'constraint: Member must not be null',
    ],
    [
      { TableName: 'Beta', ContributorInsightsAction: 'on' },
      "1 validation error detected: Value 'on' at 'contributorInsightsAction' failed to satisfy " +
        'constraint: Member must satisfy enum value set: [ENABLE, DISABLE]',
    ],
    [
      { TableName: 'Beta', ...on, ContributorInsightsMode: 'ALL' },
      "1 validation error detected: Value 'ALL' at 'contributorInsightsMode' failed to satisfy " +
        'constraint: Member must satisfy enum value set: [ACCESSED_AND_THROTTLED_KEYS, ' +
        'THROTTLED_KEYS]',
    ],
  ])('refuses the shape of %j', (input, message) => {
    expect(world().invalid('UpdateContributorInsights', input)).toBe(message);
  });
});

describe('ListContributorInsights', () => {
  test('names what was ever told, in pages', () => {
    const made = world();
    expect(made.call('ListContributorInsights', {})).toEqual({ ContributorInsightsSummaries: [] });
    update(made, 'Beta', on);
    update(made, 'Beta', { ...on, IndexName: 'byH' });
    update(made, 'Beta', { ...on, IndexName: 'byG' });
    update(made, 'Alpha', on);
    update(made, 'Alpha', off);
    const all: unknown[] = [];
    let NextToken: unknown;
    for (let page = 0; page < 9; page += 1) {
      const answer = made.call('ListContributorInsights', {
        MaxResults: 2,
        ...(NextToken === undefined ? {} : { NextToken }),
      });
      all.push(...(answer['ContributorInsightsSummaries'] as unknown[]));
      NextToken = answer['NextToken'];
      if (NextToken === undefined) break;
    }
    const ContributorInsightsMode = 'ACCESSED_AND_THROTTLED_KEYS';
    const ContributorInsightsStatus = 'ENABLED';
    expect(all).toEqual([
      { TableName: 'Alpha', ContributorInsightsStatus: 'DISABLED', ContributorInsightsMode },
      { TableName: 'Beta', ContributorInsightsStatus, ContributorInsightsMode },
      { TableName: 'Beta', IndexName: 'byG', ContributorInsightsStatus, ContributorInsightsMode },
      { TableName: 'Beta', IndexName: 'byH', ContributorInsightsStatus, ContributorInsightsMode },
    ]);
    const one = made.call('ListContributorInsights', { TableName: 'Beta' });
    expect(one['ContributorInsightsSummaries']).toHaveLength(3);
  });

  test('refuses a page that is too large, a token of another, and a table that is not', () => {
    const made = world();
    expect(made.invalid('ListContributorInsights', { MaxResults: 101 })).toContain(
      'Member must have value less than or equal to 100',
    );
    for (const NextToken of ['x', '', 'e30=']) {
      expect(made.invalid('ListContributorInsights', { NextToken })).toBe('Invalid NextToken');
    }
    expect(made.refuse('ListContributorInsights', { TableName: 'Nobody' })).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});

test('rules of a table without a sort key have none of it', () => {
  const made = world();
  update(made, 'Alpha', on);
  const table = createCatalog(made.reader).table('Alpha');
  const [insight] = insightsOf(table);
  expect(insight && ruleNames(table, table.keys, insight)).toEqual([
    `DynamoDBContributorInsights-PKC-Alpha-${ms}`,
    `DynamoDBContributorInsights-PKT-Alpha-${ms}`,
  ]);
});
