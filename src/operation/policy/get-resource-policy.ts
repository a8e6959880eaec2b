/** GetResourcePolicy: the policy of a table or of its stream, as it was written. */
import { struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn } from '../table/shapes.ts';
import { checkResourceArn } from '../table/tags.ts';
import { policyNotFound, policyTarget } from './resource-policy.ts';

export const GetResourcePolicy: Operation = operation({
  name: 'GetResourcePolicy',
  kind: 'read',
  input: struct({ ResourceArn: resourceArn.required }),
  check({ ResourceArn }) {
    checkResourceArn(ResourceArn);
    return ResourceArn;
  },
  plan(arn, context) {
    const { policy } = policyTarget(arn, context);
    if (policy === undefined) throw policyNotFound(arn);
    return policy;
  },
  decide: ({ Policy, RevisionId }) => ({ output: { Policy, RevisionId } }),
  // What another tab has written holds at once.
  consistent: () => true,
});
