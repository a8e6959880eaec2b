/**
 * What a condition of a policy can speak of: DynamoDB's condition keys, one of our own, the
 * caller's claims, and who the caller is (reference/streams-ttl-backup-globaltables.md, 10).
 *
 * A name that is not here is refused when the policy is read: it would never hold, and nobody would
 * learn why.
 */
import { nameOf } from './template.ts';

export interface ConditionKey {
  /** As a Question and the variables have it. */
  readonly name: string;
  /** It may have several values at once, and is asked with ForAllValues: or ForAnyValue:. */
  readonly isList: boolean;
}

/**
 * Ours: the sort key of an item touched, as text. A condition on it names what sort keys begin
 * with, so that it is a range of keys (docs/access.md); the only operator is StringLike.
 */
export const sortKeyName = 'tidetable:sortkey';

const lists: ReadonlySet<string> = new Set(
  [
    'LeadingKeys',
    'FirstPartitionKeyValues',
    'SecondPartitionKeyValues',
    'ThirdPartitionKeyValues',
    'FourthPartitionKeyValues',
    'Attributes',
  ].map((name) => `dynamodb:${name}`.toLowerCase()),
);
const singles: ReadonlySet<string> = new Set(
  [
    'dynamodb:Select',
    'dynamodb:ReturnValues',
    'dynamodb:ReturnConsumedCapacity',
    'dynamodb:EnclosingOperation',
    'dynamodb:FullTableScan',
    'aws:username',
    'aws:userid',
    'aws:PrincipalArn',
  ].map((name) => name.toLowerCase()),
);

/** The parts of a partition key of several attributes, in order. */
export const partKeys: readonly string[] = [
  'dynamodb:firstpartitionkeyvalues',
  'dynamodb:secondpartitionkeyvalues',
  'dynamodb:thirdpartitionkeyvalues',
  'dynamodb:fourthpartitionkeyvalues',
];

export function findConditionKey(written: string): ConditionKey | undefined {
  const name = nameOf(written);
  if (/^jwt:./.test(name) || name === sortKeyName) return { name, isList: false };
  if (lists.has(name)) return { name, isList: true };
  return singles.has(name) ? { name, isList: false } : undefined;
}
