/**
 * PutResourcePolicy: says of a table, or of its stream, who may use it.
 *
 * The policy holds at once. The same text again changes nothing and has the same revision.
 */
import { boolean, string, struct } from '../../shape/constructors.ts';
import { putTable } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn, revisionId } from '../table/shapes.ts';
import { checkChangeable, systemCommit } from '../table/stored.ts';
import { checkResourceArn } from '../table/tags.ts';
import {
  checkPolicy,
  checkRevision,
  nextPolicy,
  policyTarget,
  withPolicy,
} from './resource-policy.ts';

export const PutResourcePolicy: Operation = operation({
  name: 'PutResourcePolicy',
  kind: 'write',
  input: struct({
    ResourceArn: resourceArn.required,
    Policy: string().required,
    ExpectedRevisionId: revisionId,
    ConfirmRemoveSelfResourceAccess: boolean,
  }),
  check(input) {
    checkResourceArn(input.ResourceArn);
    checkPolicy(input.Policy);
    return input;
  },
  plan({ ResourceArn, ExpectedRevisionId, Policy }, context) {
    const target = policyTarget(ResourceArn, context);
    checkChangeable(target.table);
    checkRevision(target, ExpectedRevisionId);
    return { target, Policy };
  },
  decide({ target, Policy }, { reader, nowMs }) {
    const { policy: before, label } = target;
    if (before?.Policy === Policy) return { output: { RevisionId: before.RevisionId } };
    const policy = nextPolicy(Policy, label, before, nowMs);
    return {
      output: { RevisionId: policy.RevisionId },
      commits: [systemCommit([putTable(reader, withPolicy(target, policy))])],
    };
  },
});
