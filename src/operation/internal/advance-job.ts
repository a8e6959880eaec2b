/**
 * AdvanceJob: the next slice of work the engine owes itself; asked for until it answers Done.
 *
 * It is decided over the head like any write, so a lost race only means another try.
 */
import { string, struct } from '../../shape/constructors.ts';
import { advanceJob } from '../../table/backfill.ts';
import { type Operation, operation } from '../operation.ts';

export const AdvanceJob: Operation = operation({
  name: 'AdvanceJob',
  kind: 'write',
  internal: true,
  input: struct({ Job: string().required }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Job }, { reader, catalog }) {
    const { mutations, done } = advanceJob(reader, catalog, Job);
    const commits = mutations.length === 0 ? [] : [{ table: 0, mutations, units: 0 }];
    return { output: { Done: done }, commits };
  },
});
