/** Mutants of live queries. */
import type { Mutant } from './mutant.ts';

export const liveMutants: readonly Mutant[] = [
  {
    name: 'followed-commits-not-heard',
    file: 'src/engine/state.ts',
    find: '    for (const reader of this.readers) reader.heard(commits);\n',
    replace: '',
    breaks: 'Live queries do not hear of commits of other engines.',
  },
  {
    name: 'own-commits-not-heard',
    file: 'src/engine/turn.ts',
    find: '    for (const reader of state.readers) reader.heard(turn.commits);\n',
    replace: '',
    breaks: 'Live queries do not hear of commits of their own engine.',
  },
  {
    name: 'live-not-overtaken',
    file: 'src/engine/state.ts',
    find: '    for (const reader of this.readers) reader.overtaken();\n',
    replace: '',
    breaks: 'A live query goes on from what it held when memory was read anew.',
  },
  {
    name: 'live-plan-kept',
    file: 'src/engine/live.ts',
    find: 'if (tree !== catalogTree) return;',
    replace: 'if (tree !== catalogTree || tree > 0) return;',
    breaks: 'A live query outlives its table, and does not see the next of its name.',
  },
  {
    name: 'live-entry-stays',
    file: 'src/live/window.ts',
    find: 'if (was !== undefined && !(isHere',
    replace: 'if (was !== undefined && false && !(isHere',
    breaks: 'An item that moves in a local index is shown at its old place too.',
  },
];
