/** EntryFates: what became of entries of this device, by their numbers (replica/answered.ts). */
import { validation } from '../../base/errors.ts';
import { pushEntriesMax } from '../../base/replica-limits.ts';
import { fateOf } from '../../replica/answered.ts';
import { findSelf } from '../../replica/self.ts';
import { list, long, struct } from '../../shape/constructors.ts';
import { type Operation, operation } from '../operation.ts';

export const EntryFates: Operation = operation({
  name: 'EntryFates',
  kind: 'read',
  internal: true,
  input: struct({ Seqs: list(long({ min: 1 }), { max: pushEntriesMax }).required }),
  consistent: () => true,
  check: (input) => input,
  plan: (input) => input,
  decide({ Seqs }, { reader }) {
    const self = findSelf(reader);
    if (self?.role !== 'device') throw validation('The database is no device of a hub');
    return { output: { Fates: Seqs.map((seq) => fateOf(reader, self.book, seq)) } };
  },
});
