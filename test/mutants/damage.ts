/** Mutants of what is done about damage. */
import type { Mutant } from './mutant.ts';

export const damageMutants: readonly Mutant[] = [
  {
    name: 'copy-forgets-dead',
    file: 'src/engine/open-meta.ts',
    find: 'dead: [...new Set([...meta.dead, ...since])],',
    replace: 'dead: since,',
    breaks: 'What a failed checkpoint left stays when the meta record is taken from its copy.',
  },
  {
    name: 'repair-without-note',
    file: 'src/engine/repair.ts',
    find: '    await noteDoubt(state, record.isCut === true ? record.page : undefined);\n',
    replace: '',
    breaks: 'Where a repair was interrupted, counters are off for ever.',
  },
  {
    name: 'lost-numbers-again',
    file: 'src/engine/log-damage.ts',
    find: 'const sequence = known + lost;',
    replace: 'const sequence = known;',
    breaks: 'Numbers of commits that were lost with the end of the log are given out again.',
  },
  {
    name: 'lost-stamps-again',
    file: 'src/engine/log-damage.ts',
    find: 'clock: tickedBy(clock, lost)',
    replace: 'clock',
    breaks: 'Stamps of commits that were lost with the end of the log are given out again.',
  },
];
