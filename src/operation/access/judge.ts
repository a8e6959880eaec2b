/**
 * A caller's policies as the judge of each of its calls: every question that a call asks must be
 * allowed, or the whole call is refused.
 *
 * A host gives it along with a request (operation/request.ts). It is asked before the table is
 * looked for, as often as the call is planned, on the catalog that the plan sees.
 */
import { accessDenied, evaluate } from '../../access/evaluate.ts';
import type { Policy } from '../../access/policy.ts';
import type { Variables } from '../../access/template.ts';
import type { Judge } from '../request.ts';
import { question } from './facts.ts';
import { questionsOf } from './questions.ts';

export interface Visitor {
  /** Names the caller in refusals. */
  readonly arn: string;
  readonly policies: readonly Policy[];
  readonly variables: Variables;
}

export function judgeOf({ arn, policies, variables }: Visitor): Judge {
  return (operation, input, context) => {
    const questions = questionsOf(operation, input, context);
    if (questions === undefined) throw accessDenied(arn, question(operation, '*'), 'not-allowed');
    for (const one of questions) {
      const decision = evaluate(policies, one, variables);
      if (decision !== 'allowed') throw accessDenied(arn, one, decision);
    }
  };
}
