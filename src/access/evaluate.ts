/**
 * Whether policies let a caller do something: an explicit deny anywhere wins, and what neither the
 * caller's policies nor the resource's allow, or a bound does not allow as well, is denied
 * (reference/streams-ttl-backup-globaltables.md, section 10).
 *
 * Pure: who asks, what for and what is known of it come in, a decision goes out.
 */
import { DynamoError } from '../base/errors.ts';
import { notAllowed } from '../table/scope.ts';
import { type Facts, holds } from './condition.ts';
import type { Policy, Statement } from './policy.ts';
import { isMeant } from './principal.ts';
import { fits, type Template, type Variables } from './template.ts';

/** One thing that a call does. A call of several parts asks several questions. */
export interface Question {
  /** `dynamodb:GetItem`. */
  readonly action: string;
  /** An ARN, or `*` for what belongs to no table. */
  readonly resource: string;
  readonly facts: Facts;
}

export type Decision = 'allowed' | 'denied' | 'not-allowed';

export function evaluate(
  policies: readonly Policy[],
  question: Question,
  variables: Variables,
  caller = '',
): Decision {
  let decision: Decision = 'not-allowed';
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (decision === 'allowed' && statement.effect === 'Allow') continue;
      if (!applies(statement, question, variables, caller)) continue;
      if (statement.effect === 'Deny') return 'denied';
      decision = 'allowed';
    }
  }
  return decision;
}

function applies(
  statement: Statement,
  question: Question,
  variables: Variables,
  caller: string,
): boolean {
  const { action, resource, facts } = question;
  const { effect, conditions, principal } = statement;
  if (principal !== undefined && !isMeant(principal, caller, effect)) return false;
  return (
    grants(statement, action, resource, variables) &&
    conditions.every((one) => holds(one, facts, variables, effect))
  );
}

/** Whether a statement speaks of the action and the resource, whatever its conditions. */
export function grants(
  statement: Statement,
  action: string,
  resource: string,
  variables: Variables,
): boolean {
  const { effect } = statement;
  const isAction = isOneOf(statement.actions, action, variables, { fold: true, inDoubt: false });
  if (isAction === statement.isNotAction) return false;
  // A resource with a claim that the token lacks: Allow does not reach it, Deny does.
  const inDoubt = (effect === 'Deny') !== statement.isNotResource;
  const isThere = isOneOf(statement.resources, resource, variables, { fold: false, inDoubt });
  return isThere !== statement.isNotResource;
}

function isOneOf(
  templates: readonly Template[],
  text: string,
  variables: Variables,
  { fold, inDoubt }: { readonly fold: boolean; readonly inDoubt: boolean },
): boolean {
  return templates.some((template) => {
    const fit = fits(template, text, variables, fold);
    return fit === 'unknown' ? inDoubt : fit === 'fits';
  });
}

/** What says so, in the words of a refusal. */
type Source =
  | 'identity-based policy'
  | 'resource-based policy'
  | 'permissions boundary'
  | 'session policy';

/** What limits a caller, whoever allows: it must allow as well. */
export interface Bound {
  readonly source: 'permissions boundary' | 'session policy';
  readonly policies: readonly Policy[];
}

/** All that a call is judged by. */
export interface Grounds {
  /** Its ARN. */
  readonly caller: string;
  readonly policies: readonly Policy[];
  readonly bounds: readonly Bound[];
  /** Of the table or stream that the question is about. */
  readonly resource: Policy | undefined;
}

/** Undefined where the caller may, else the refusal. */
export function findRefusal(
  { caller, policies, bounds, resource }: Grounds,
  question: Question,
  variables: Variables,
): DynamoError | undefined {
  const own: readonly [Source, Decision][] = [
    ['identity-based policy', evaluate(policies, question, variables)],
    [
      'resource-based policy',
      evaluate(resource === undefined ? [] : [resource], question, variables, caller),
    ],
  ];
  const limits = bounds.map(({ source, policies: of }): [Source, Decision] => {
    return [source, evaluate(of, question, variables)];
  });
  const denied = [...own, ...limits].find(([, decision]) => decision === 'denied');
  if (denied !== undefined) return accessDenied(caller, question, 'denied', denied[0]);
  if (!own.some(([, decision]) => decision === 'allowed')) {
    return accessDenied(caller, question, 'not-allowed');
  }
  const silent = limits.find(([, decision]) => decision !== 'allowed');
  return silent && accessDenied(caller, question, 'not-allowed', silent[0]);
}

/** The refusal (reference/protocol.md, section 7). */
export function accessDenied(
  principalArn: string,
  { action, resource }: Question,
  decision: Exclude<Decision, 'allowed'>,
  source: Source = 'identity-based policy',
): DynamoError {
  const article = source === 'identity-based policy' ? 'an' : 'a';
  const denied =
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ` +
    `with an explicit deny in ${article} ${source}`;
  const plain = action.replace('dynamodb:', '');
  const silent = notAllowed(principalArn, plain, resource).replace('identity-based policy', source);
  return new DynamoError('AccessDeniedException', decision === 'denied' ? denied : silent);
}
