/**
 * The policies of resources: of a table, which its indexes share, and of its stream
 * (reference/streams-ttl-backup-globaltables.md, section 10).
 *
 * They are kept with the table's settings as they were written. What a document must have is asked
 * of everybody; that it can be judged, only where callers are (operation/access/resource-policies).
 */
import { utf8 } from '../../base/bytes.ts';
import { DynamoError, invalid, resourceNotFound } from '../../base/errors.ts';
import { resourcePolicyBytesMax } from '../../base/limits.ts';
import { parseArn } from '../../table/arn.ts';
import type { TableState } from '../../table/state.ts';
import type { PlanContext } from '../operation.ts';
import { type ResourcePolicy, settingsOf, storedSettings } from '../table/settings.ts';
import { missingResource, taggedTable } from '../table/tags.ts';

export interface PolicyTarget {
  readonly table: TableState;
  /** Of a stream; empty of the table. */
  readonly label: string;
  readonly policy: ResourcePolicy | undefined;
}

/** What a checked ARN names. Throws ResourceNotFoundException, AccessDeniedException. */
export function policyTarget(arn: string, context: PlanContext): PolicyTarget {
  const missing = missingResource(arn);
  const table = taggedTable(arn, context, missing);
  const label = parseArn(arn)?.rest.replace('stream/', '') ?? '';
  if (label !== '' && label !== settingsOf(table).LatestStreamLabel)
    throw resourceNotFound(missing);
  return { table, label, policy: findPolicy(table, label) };
}

export function findPolicy(table: TableState, label: string): ResourcePolicy | undefined {
  return settingsOf(table).ResourcePolicies?.find(({ Label }) => Label === label);
}

/** The table with another policy, or without. Those of streams that are gone go too. */
export function withPolicy(
  { table, label }: PolicyTarget,
  policy: ResourcePolicy | undefined,
): TableState {
  const settings = settingsOf(table);
  const others = (settings.ResourcePolicies ?? []).filter(({ Label }) => {
    return Label !== label && (Label === '' || Label === settings.LatestStreamLabel);
  });
  const ResourcePolicies = policy === undefined ? others : [...others, policy];
  return { ...table, settings: storedSettings({ ...settings, ResourcePolicies }) };
}

/** A revision is the time of its change, in milliseconds, and later than the one before. */
export function nextPolicy(
  Policy: string,
  Label: string,
  before: ResourcePolicy | undefined,
  nowMs: number,
): ResourcePolicy {
  const after = before === undefined ? 0 : Number(before.RevisionId) + 1;
  return { Label, Policy, RevisionId: String(Math.max(nowMs, after)) };
}

/** Throws PolicyNotFoundException where the policy is not the one that was expected. */
export function checkRevision(
  { table: { name }, policy }: PolicyTarget,
  expected: string | undefined,
): void {
  const revision = policy?.RevisionId;
  if (expected === undefined || expected === (revision ?? 'NO_POLICY')) return;
  if (revision === undefined) {
    throw policyNotFound(
      `Requested update for policy with revision id ${expected}, but no policy is associated to ` +
        `target table ${name}.`,
    );
  }
  throw policyNotFound(
    expected === 'NO_POLICY'
      ? `Requested policy update expecting none to be present for table ${name}, but a policy ` +
          `exists with revision id ${revision}.`
      : `Requested update for policy with revision id ${expected}, but the policy associated to ` +
          `target table ${name} has revision id ${revision}.`,
  );
}

export function policyNotFound(what: string): DynamoError {
  return new DynamoError(
    'PolicyNotFoundException',
    `Resource-based policy not found for the provided ResourceArn: ${what}`,
  );
}

/** Throws ValidationException of what is no policy of a resource. */
export function checkPolicy(policy: string): void {
  if (utf8(policy).length > resourcePolicyBytesMax) {
    throw malformed(`The policy is larger than ${resourcePolicyBytesMax} bytes`);
  }
  const { Statement } = parsed(policy);
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0) throw malformed('Missing required field Statement');
  for (const statement of statements) {
    if (typeof statement !== 'object' || statement === null) {
      throw malformed('Missing required field Statement');
    }
    const has = (name: string): boolean => Object.hasOwn(statement, name);
    if (!('Effect' in statement) || !/^(Allow|Deny)$/.test(String(statement.Effect))) {
      throw malformed('Missing required field Effect');
    }
    for (const name of ['Principal', 'Action', 'Resource']) {
      if (has(name) === has(`Not${name}`)) throw malformed(`Missing required field ${name}`);
    }
  }
}

function parsed(policy: string): { readonly Statement?: unknown } {
  try {
    const json: unknown = JSON.parse(policy);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {
    // It is no JSON at all.
  }
  throw malformed('Syntax errors in policy.');
}

export function malformed(what: string): DynamoError {
  return invalid(`Invalid policy document: ${what}`);
}
