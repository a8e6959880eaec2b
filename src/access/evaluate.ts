/**
 * Whether policies let a caller do something: an explicit deny wins, and what nothing allows is
 * denied (reference/streams-ttl-backup-globaltables.md, section 10).
 *
 * Pure: who asks, what for and what is known of it come in, a decision goes out.
 */
import { DynamoError } from '../base/errors.ts';
import { notAllowed } from '../table/scope.ts';
import { type Facts, holds } from './condition.ts';
import type { Policy, Statement } from './policy.ts';
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
): Decision {
  let decision: Decision = 'not-allowed';
  for (const { statements } of policies) {
    for (const statement of statements) {
      if (decision === 'allowed' && statement.effect === 'Allow') continue;
      if (!applies(statement, question, variables)) continue;
      if (statement.effect === 'Deny') return 'denied';
      decision = 'allowed';
    }
  }
  return decision;
}

function applies(statement: Statement, question: Question, variables: Variables): boolean {
  const { action, resource, facts } = question;
  const { effect, conditions } = statement;
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

/** The refusal (reference/protocol.md, section 7). */
export function accessDenied(
  principalArn: string,
  { action, resource }: Question,
  decision: Exclude<Decision, 'allowed'>,
): DynamoError {
  const denied =
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ` +
    'with an explicit deny in an identity-based policy';
  const plain = action.replace('dynamodb:', '');
  const text = decision === 'denied' ? denied : notAllowed(principalArn, plain, resource);
  return new DynamoError('AccessDeniedException', text);
}
