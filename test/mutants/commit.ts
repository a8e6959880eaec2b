/** Mutants of commits, stamps, tokens and index entries. */
import type { Mutant } from './mutant.ts';

export const commitMutants: readonly Mutant[] = [
  {
    name: 'wall-clock-stamps',
    file: 'src/engine/commit.ts',
    find: 'place.clock = tick(place.clock, context.nowMs);',
    replace: 'place.clock = { ms: context.nowMs, counter: index };',
    breaks: 'Stamps follow the wall clock, back too.',
  },
  {
    name: 'transaction-in-pieces',
    file: 'src/engine/commit.ts',
    find: 'transactionEnd: !transaction || index === commits.length - 1,',
    replace: 'transactionEnd: true,',
    breaks: 'Every commit of a transaction ends it.',
  },
  {
    name: 'one-commit-forgotten',
    file: 'src/engine/commit.ts',
    find: `    place.sequence += 1;
`,
    replace: `    place.sequence += 1;
    if (transaction && index === 3) continue;
`,
    breaks: 'The fourth commit of a transaction is lost.',
  },
  {
    name: 'token-not-found',
    file: 'src/operation/item/client-token.ts',
    find: 'if (equalBytes(standing.digest, digest)) return true;',
    replace: 'if (equalBytes(standing.digest, digest)) return false;',
    breaks: 'A transaction sent twice happens twice.',
  },
  {
    name: 'clock-not-followed',
    file: 'src/engine/follow.ts',
    find: 'state.clock = latest(state.clock, header.clock);',
    replace: '',
    breaks: 'A stamp may be older than what another engine wrote.',
  },
  {
    name: 'old-entry-not-looked-up',
    file: 'src/table/indexes.ts',
    find: 'if (entry === undefined || !index.backfilling) return entry;',
    replace: 'return entry;',
    breaks: 'An index that is being filled is said to have had entries it lacks.',
  },
  {
    name: 'deep-sets-not-passed',
    file: 'src/value/skip.ts',
    find: 'left -= 1) skipString(reader);',
    replace: 'left -= 1) skipValue(reader, depth + 1);',
    breaks: 'An item with a set as deep as can be, in a table with an index, can be put once only.',
    test: 'test/value/skip.test.ts',
  },
];
