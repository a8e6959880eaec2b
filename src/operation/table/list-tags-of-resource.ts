/**
 * ListTagsOfResource: the tags of a table, in the order of their keys.
 *
 * All of them are one page, for a table has at most `tagsMax`; so no token was ever given out.
 */
import { validation } from '../../base/errors.ts';
import { string, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn } from './shapes.ts';
import { checkResourceArn, missingResource, taggedTable } from './tags.ts';

export const ListTagsOfResource: Operation = operation({
  name: 'ListTagsOfResource',
  kind: 'read',
  input: struct({ ResourceArn: resourceArn.required, NextToken: string() }),
  check(input) {
    checkResourceArn(input.ResourceArn);
    if (input.NextToken !== undefined) throw validation('Invalid NextToken');
    return input.ResourceArn;
  },
  plan: (arn, context) => taggedTable(arn, context, missingResource(arn)),
  decide(table) {
    const keys = [...table.tags.keys()].sort();
    return { output: { Tags: keys.map((Key) => ({ Key, Value: table.tags.get(Key) })) } };
  },
  // What another tab has tagged is visible at once.
  consistent: () => true,
});
