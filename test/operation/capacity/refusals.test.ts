import { describe, expect, test } from 'vitest';
import { limitOf, throttled, type Why } from '../../../src/operation/capacity/refusals.ts';
import type { IndexState, TableState } from '../../../src/table/state.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Tab';
const index = { name: 'byG', throughput: { read: 3, write: 4 } } as IndexState;
const tableOf = (billing: TableState['billing'], settings: object = {}): TableState =>
  ({ arn, billing, settings, throughput: { read: 1, write: 2 } }) as unknown as TableState;

describe('a refusal for want of units', () => {
  const whys: readonly Why[] = [
    'ProvisionedThroughputExceeded',
    'AccountLimitExceeded',
    'KeyRangeThroughputExceeded',
    'MaxOnDemandThroughputExceeded',
  ];

  // protocol.md, section 3: table or index, reads or writes, and why.
  test.each(whys)('names one of the sixteen reasons, and the resource: %s', (why) => {
    const found = (['Read', 'Write'] as const).flatMap((kind) =>
      [undefined, index].map((of) => {
        const { members } = throttled(tableOf('PROVISIONED'), of, kind, why);
        return members['ThrottlingReasons'] ?? members['throttlingReasons'];
      }),
    );
    const ofIndex = `${arn}/index/byG`;
    expect(found).toEqual([
      [{ reason: `TableRead${why}`, resource: arn }],
      [{ reason: `IndexRead${why}`, resource: ofIndex }],
      [{ reason: `TableWrite${why}`, resource: arn }],
      [{ reason: `IndexWrite${why}`, resource: ofIndex }],
    ]);
  });

  test.each([
    ['ProvisionedThroughputExceeded', 'PROVISIONED', 'ProvisionedThroughputExceededException'],
    ['KeyRangeThroughputExceeded', 'PROVISIONED', 'ProvisionedThroughputExceededException'],
    ['KeyRangeThroughputExceeded', 'PAY_PER_REQUEST', 'ThrottlingException'],
    ['MaxOnDemandThroughputExceeded', 'PAY_PER_REQUEST', 'ThrottlingException'],
    ['AccountLimitExceeded', 'PAY_PER_REQUEST', 'RequestLimitExceeded'],
  ] as const)('%s of a table that is %s is a %s', (why, billing, name) => {
    expect(throttled(tableOf(billing), undefined, 'Read', why).name).toBe(name);
  });
});

test.each([
  ['PROVISIONED', undefined, 'Read', 1, 'ProvisionedThroughputExceeded'],
  ['PROVISIONED', index, 'Write', 4, 'ProvisionedThroughputExceeded'],
  ['PAY_PER_REQUEST', undefined, 'Write', 7, 'MaxOnDemandThroughputExceeded'],
  ['PAY_PER_REQUEST', undefined, 'Read', 40_000, 'AccountLimitExceeded'],
  ['PAY_PER_REQUEST', index, 'Write', 40_000, 'AccountLimitExceeded'],
] as const)('%s, %j: of %ss there are %i a second (%s)', (billing, of, kind, perSecond, why) => {
  const settings = { OnDemandThroughput: { MaxWriteRequestUnits: 7, MaxReadRequestUnits: -1 } };
  expect(limitOf(tableOf(billing, settings), of, kind)).toEqual({ perSecond, why });
});
