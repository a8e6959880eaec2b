/** TagResource: adds tags to a table, or overwrites those of equal keys. */
import { validation } from '../../base/errors.ts';
import { struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';
import { resourceArn, tags } from './shapes.ts';
import { systemCommit } from './stored.ts';
import {
  checkResourceArn,
  checkTagCount,
  checkTags,
  missingResource,
  taggedTable,
} from './tags.ts';
import { putTable } from '../../table/system-items.ts';

export const TagResource: Operation = operation({
  name: 'TagResource',
  kind: 'write',
  input: struct({ ResourceArn: resourceArn.required, Tags: tags.required }),
  check(input) {
    if (input.Tags.length === 0) throw validation('Atleast one Tag needs to be provided as Input.');
    checkTags(input.Tags);
    checkResourceArn(input.ResourceArn);
    return input;
  },
  plan({ ResourceArn: arn, Tags }, context) {
    return { table: taggedTable(arn, context, missingResource(arn)), Tags };
  },
  decide({ table, Tags }, { reader }) {
    const all = new Map(table.tags);
    for (const { Key, Value } of Tags) all.set(Key, Value);
    checkTagCount(all.size);
    return { output: {}, commits: [systemCommit([putTable(reader, { ...table, tags: all })])] };
  },
});
