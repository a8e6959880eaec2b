/** ForgetDropped: trees whose pages a checkpoint has freed leave the list of dropped ones. */
import { forgottenTreesMax } from '../../base/limits.ts';
import { list, long, struct } from '../../shape/constructors.ts';
import { droppedTree, treeKey } from '../../table/system.ts';
import { removeSystemItem } from '../../table/system-items.ts';
import { type Operation, operation } from '../operation.ts';

export const ForgetDropped: Operation = operation({
  name: 'ForgetDropped',
  kind: 'write',
  internal: true,
  input: struct({ Trees: list(long({ min: 0 }), { max: forgottenTreesMax }).required }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Trees }, { reader }) {
    const mutations = Trees.flatMap((tree) => removeSystemItem(reader, droppedTree, treeKey(tree)));
    const commits = mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }];
    return { output: {}, commits };
  },
});
