/** Mistakes in what a device fetches before a call is decided. */
import type { Mutant } from './mutant.ts';

const mutants: readonly Mutant[] = [
  {
    name: 'fetched-key-is-the-rest',
    file: 'src/replica/load.ts',
    find: 'const end = chunk.to ?? chunk.range.to;',
    replace: 'const end = chunk.to;',
    breaks: 'L1: with one absence that was fetched, all behind it counts as known.',
  },
  {
    name: 'fetched-is-forgotten',
    file: 'src/replica/unknown.ts',
    find: 'withoutRanges(joinRanges(sought), holdings.flatMap(notStale));',
    replace:
      "withoutRanges(joinRanges(sought), holdings.filter((one) => one.state === 'complete'));",
    breaks: 'What was fetched before the feed has passed it is fetched with each call.',
  },
  {
    name: 'fetched-over-pending',
    file: 'src/replica/load.ts',
    find: 'const isEmpty = gone.size === 0;',
    replace: 'const isEmpty = gone.size < 2;',
    breaks: 'D7: an edit that waits gives way to what the hub had before.',
  },
  {
    name: 'fetched-absence-is-a-guess',
    file: 'src/replica/absence.ts',
    find: 'return to.length === 0 || compareBytes(key, to) < 0;',
    replace: 'return to.length === 0 || compareBytes(key, to) < -1;',
    breaks: 'What is written where nothing is, as was fetched, waits for the hub all the same.',
    test: 'test/replica/absence.test.ts',
  },
];

export const seekMutants: readonly Mutant[] = mutants.map((one) => ({ ...one, sync: true }));
