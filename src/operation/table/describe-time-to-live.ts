/** DescribeTimeToLive: whether items of a table expire, and by which attribute. */
import { validation } from '../../base/errors.ts';
import { ownTableName, struct } from '../../shape/constructors.ts';
import { expiryIndex } from '../../table/expiry.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable } from './stored.ts';

export const DescribeTimeToLive: Operation = operation({
  name: 'DescribeTimeToLive',
  kind: 'read',
  input: struct({ TableName: ownTableName.required }),
  check: (input) => input,
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    if (table.status === 'CREATING') {
      throw validation(
        'Cannot describe time to live while table is in CREATING state: Current table state is ' +
          'CREATING',
      );
    }
    return table;
  },
  decide(table) {
    const index = expiryIndex(table);
    const description =
      index === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : {
            // Until every item that was there has been seen.
            TimeToLiveStatus: index.backfilling ? 'ENABLING' : 'ENABLED',
            AttributeName: index.keys.range[0]?.name,
          };
    return { output: { TimeToLiveDescription: description } };
  },
  // What another tab has turned on or off must be seen by who waits for it.
  consistent: () => true,
});
