/** DeleteResourcePolicy: takes the policy of a table or of its stream away, if there is one. */
import { struct } from '../../shape/constructors.ts';
import { putTable } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn, revisionId } from '../table/shapes.ts';
import { checkChangeable, systemCommit } from '../table/stored.ts';
import { checkResourceArn } from '../table/tags.ts';
import { checkRevision, policyTarget, withPolicy } from './resource-policy.ts';

export const DeleteResourcePolicy: Operation = operation({
  name: 'DeleteResourcePolicy',
  kind: 'write',
  input: struct({ ResourceArn: resourceArn.required, ExpectedRevisionId: revisionId }),
  check(input) {
    checkResourceArn(input.ResourceArn);
    return input;
  },
  plan({ ResourceArn, ExpectedRevisionId }, context) {
    const target = policyTarget(ResourceArn, context);
    checkChangeable(target.table);
    checkRevision(target, ExpectedRevisionId);
    return target;
  },
  decide(target, { reader }) {
    const { policy } = target;
    if (policy === undefined) return { output: {} };
    return {
      output: { RevisionId: policy.RevisionId },
      commits: [systemCommit([putTable(reader, withPolicy(target, undefined))])],
    };
  },
});
