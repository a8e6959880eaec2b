/**
 * A caller's policies, and those of tables and streams, as the judge of each of its calls: every
 * question that a call asks must be allowed, or the whole call is refused.
 *
 * A host gives it along with a request (operation/request.ts). It is asked before the table is
 * looked for, as often as the call is planned, on the catalog that the plan sees.
 */
import { accessDenied, type Bound, findRefusal } from '../../access/evaluate.ts';
import type { Policy } from '../../access/policy.ts';
import type { Variables } from '../../access/template.ts';
import type { Judge } from '../request.ts';
import { question } from './facts.ts';
import { questionsOf } from './questions.ts';
import { checkNewPolicy, resourcePolicyOf } from './resource-policies.ts';

export interface Visitor {
  /** Names the caller in refusals. */
  readonly arn: string;
  readonly policies: readonly Policy[];
  readonly variables: Variables;
  /** What limits it besides. */
  readonly bounds?: readonly Bound[] | undefined;
}

export function judgeOf({ arn, policies, variables, bounds = [] }: Visitor): Judge {
  return (operation, input, context) => {
    const questions = questionsOf(operation, input, context);
    if (questions === undefined) throw accessDenied(arn, question(operation, '*'), 'not-allowed');
    for (const one of questions) {
      const resource = resourcePolicyOf(one, context);
      const refusal = findRefusal({ caller: arn, policies, bounds, resource }, one, variables);
      if (refusal !== undefined) throw refusal;
    }
    const [first] = questions;
    if (first !== undefined) checkNewPolicy(operation, input as object, first, arn, variables);
  };
}
