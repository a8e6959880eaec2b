/**
 * Why a request is refused for want of units, in DynamoDB's words, and what a table may use
 * (reference/protocol.md, sections 3 and 8; types-and-limits.md, section 10).
 */
import { DynamoError } from '../../base/errors.ts';
import { tableCapacityMax } from '../../base/limits.ts';
import { indexArn } from '../../table/arn.ts';
import type { IndexState, TableState } from '../../table/state.ts';
import { indexSettings, settingsOf } from '../table/settings.ts';
import { noThroughput } from '../table/throughput.ts';
import type { UnitKind } from './meter.ts';

/** The last part of a reason of throttling. */
export type Why =
  | 'ProvisionedThroughputExceeded'
  | 'MaxOnDemandThroughputExceeded'
  | 'AccountLimitExceeded'
  | 'KeyRangeThroughputExceeded';

interface Refusal {
  readonly error: DynamoError['name'];
  /** The member with the reasons; the case of its first letter is DynamoDB's. */
  readonly member: 'ThrottlingReasons' | 'throttlingReasons';
  readonly text: string;
  readonly ofIndex?: string;
}

const provisioned: Refusal = {
  error: 'ProvisionedThroughputExceededException',
  member: 'ThrottlingReasons',
  text:
    'The level of configured provisioned throughput for the table was exceeded. Consider ' +
    'increasing your provisioning level with the UpdateTable API.',
  ofIndex:
    'The level of configured provisioned throughput for one or more global secondary indexes ' +
    'of the table was exceeded. Consider increasing your provisioning level for the ' +
    'under-provisioned global secondary indexes with the UpdateTable API.',
};
const growing: Refusal = {
  error: 'ThrottlingException',
  member: 'throttlingReasons',
  text:
    'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically ' +
    'scaling your table or index so please try again shortly. If exceptions persist, check if you ' +
    'have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/' +
    'bp-partition-key-design.html',
  ofIndex:
    'Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB ' +
    'is automatically scaling your index so please try again shortly.',
};
const onDemandMaximum: Refusal = {
  error: 'ThrottlingException',
  member: 'throttlingReasons',
  text: 'Throughput exceeds the maximum OnDemandThroughput configured on table or index',
};
const account: Refusal = {
  error: 'RequestLimitExceeded',
  member: 'ThrottlingReasons',
  text:
    'Throughput exceeds the current throughput limit for your account. Please contact AWS ' +
    'Support at https://aws.amazon.com/support request a limit increase',
};

export function throttled(
  table: TableState,
  index: IndexState | undefined,
  kind: UnitKind,
  why: Why,
): DynamoError {
  const { error, member, text, ofIndex = text } = wordsOf(table, why);
  const reason = `${index === undefined ? 'Table' : 'Index'}${kind}${why}`;
  const resource = index === undefined ? table.arn : indexArn(table.arn, index.name);
  return new DynamoError(error, index === undefined ? text : ofIndex, {
    [member]: [{ reason, resource }],
  });
}

/** A partition that is too hot is told of as a table's want of units is, in either billing mode. */
function wordsOf(table: TableState, why: Why): Refusal {
  if (why === 'MaxOnDemandThroughputExceeded') return onDemandMaximum;
  if (why === 'AccountLimitExceeded') return account;
  return table.billing === 'PROVISIONED' ? provisioned : growing;
}

/** What a table or a global index of it may use in a second. */
export function limitOf(
  table: TableState,
  index: IndexState | undefined,
  kind: UnitKind,
): { readonly perSecond: number; readonly why: Why } {
  if (table.billing === 'PROVISIONED') {
    const { read, write } = (index ?? table).throughput ?? noThroughput;
    return { perSecond: kind === 'Read' ? read : write, why: 'ProvisionedThroughputExceeded' };
  }
  const settings = settingsOf(table);
  const { OnDemandThroughput: most } =
    index === undefined ? settings : indexSettings(settings, index.name);
  const units = most?.[`Max${kind}RequestUnits`];
  // -1 says that there is none.
  if (units === undefined || units < 0) {
    return { perSecond: tableCapacityMax, why: 'AccountLimitExceeded' };
  }
  return { perSecond: units, why: 'MaxOnDemandThroughputExceeded' };
}
