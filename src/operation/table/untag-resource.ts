/** UntagResource: removes tags of a table by key; a key that is absent is no error. */
import { validation } from '../../base/errors.ts';
import { struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn, tagKeys } from './shapes.ts';
import { systemCommit } from './stored.ts';
import { checkResourceArn, taggedTable } from './tags.ts';
import { putTable } from '../../table/system-items.ts';

export const UntagResource: Operation = operation({
  name: 'UntagResource',
  kind: 'write',
  input: struct({ ResourceArn: resourceArn.required, TagKeys: tagKeys.required }),
  check(input) {
    if (input.TagKeys.length === 0) {
      throw validation('Atleast one Tag Key needs to be provided as Input.');
    }
    checkResourceArn(input.ResourceArn);
    return input;
  },
  plan({ ResourceArn: arn, TagKeys }, context) {
    return { table: taggedTable(arn, context, 'Requested resource not found'), TagKeys };
  },
  decide({ table, TagKeys }, { reader }) {
    const rest = new Map(table.tags);
    for (const key of TagKeys) rest.delete(key);
    if (rest.size === table.tags.size) return { output: {} };
    return { output: {}, commits: [systemCommit([putTable(reader, { ...table, tags: rest })])] };
  },
});
