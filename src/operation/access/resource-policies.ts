/**
 * The policies of tables and streams, where calls are judged: read from the catalog that the plan
 * sees, and looked at whole before they are stored.
 *
 * One that cannot be read (it was stored where nobody was judged) allows nothing, and denies all
 * but what puts it right.
 */
import { evaluate, type Question } from '../../access/evaluate.ts';
import { PolicyFault } from '../../access/policy-members.ts';
import { type Policy, readResourcePolicy } from '../../access/policy.ts';
import type { Variables } from '../../access/template.ts';
import { validation } from '../../base/errors.ts';
import { parseArn } from '../../table/arn.ts';
import type { PlanContext } from '../operation.ts';
import { findPolicy, malformed } from '../policy/resource-policy.ts';
import type { ResourcePolicy } from '../table/settings.ts';
import { question } from './facts.ts';

/** A stored policy never changes: it is read once. */
const known = new WeakMap<ResourcePolicy, Policy>();

const ofPolicies: readonly string[] = [
  'PutResourcePolicy',
  'GetResourcePolicy',
  'DeleteResourcePolicy',
];

const unreadable: Policy = readResourcePolicy(
  {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Deny',
      Principal: '*',
      NotAction: ofPolicies.map((name) => `dynamodb:${name}`),
      Resource: '*',
    },
  },
  'unreadable',
);

/** The policy of the table, for its indexes too, or of the stream that a question is about. */
export function resourcePolicyOf(
  { resource }: Question,
  { catalog }: PlanContext,
): Policy | undefined {
  const parts = parseArn(resource);
  const table = parts && catalog.find(parts.table);
  if (parts === undefined || table === undefined) return undefined;
  const label = parts.rest.startsWith('stream/') ? parts.rest.slice('stream/'.length) : '';
  const stored = findPolicy(table, label);
  if (stored === undefined) return undefined;
  const policy = known.get(stored) ?? readStored(stored);
  known.set(stored, policy);
  return policy;
}

function readStored({ Policy: text }: ResourcePolicy): Policy {
  try {
    return readResourcePolicy(JSON.parse(text), 'Policy');
  } catch {
    return unreadable;
  }
}

interface NewPolicy {
  readonly Policy?: string | null;
  readonly ResourcePolicy?: string | null;
  readonly ConfirmRemoveSelfResourceAccess?: boolean | null;
}

/**
 * Throws ValidationException where a call brings a policy that could not be judged by, or one that
 * would keep the caller from changing it again, unless that is confirmed. Each of its questions
 * names the resource.
 */
export function checkNewPolicy(
  operation: string,
  { Policy, ResourcePolicy, ConfirmRemoveSelfResourceAccess }: NewPolicy,
  { resource }: Question,
  caller: string,
  variables: Variables,
): void {
  const text = operation === 'PutResourcePolicy' ? Policy : ResourcePolicy;
  const bringsOne = operation === 'PutResourcePolicy' || operation === 'CreateTable';
  if (!bringsOne || typeof text !== 'string') return;
  const policy = readNew(text);
  if (ConfirmRemoveSelfResourceAccess === true) return;
  const locksOut = ofPolicies.some((name) => {
    return evaluate([policy], question(name, resource), variables, caller) === 'denied';
  });
  if (!locksOut) return;
  throw validation(
    'The new resource-based policy would not allow the caller to change the policy again. To put ' +
      'it all the same, set ConfirmRemoveSelfResourceAccess to true.',
  );
}

function readNew(text: string): Policy {
  try {
    return readResourcePolicy(JSON.parse(text), 'Policy');
  } catch (error) {
    if (error instanceof PolicyFault) throw malformed(error.message);
    throw error;
  }
}
