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
    name: 'repair-without-mark',
    file: 'src/table/restore.ts',
    find: 'key: repairKey, value, sizeBefore',
    replace: 'key: repairKey.subarray(1), value, sizeBefore',
    breaks: 'Where a repair was interrupted, counters are off for ever.',
  },
  {
    name: 'counted-at-the-end',
    file: 'src/engine/doubt.ts',
    find: 'const damaged = new Set(',
    replace:
      'mark &&= await loader.run(() => readRepairMark(state.published));\nconst damaged = new Set(',
    breaks: 'What a repair does while another tab scrubs is never counted, where its own tab dies.',
    test: 'test/engine/doubt.test.ts',
  },
  {
    name: 'counted-in-part',
    file: 'src/engine/doubt.ts',
    find: 'isSure && mark ?',
    replace: 'mark ?',
    breaks: 'Counters that a scrub met damage among are off for ever.',
    test: 'test/engine/doubt.test.ts',
  },
  {
    name: 'counted-before-pages',
    file: 'src/engine/doubt.ts',
    find: 'readPagesMark(state.published)',
    replace: 'readRepairMark(state.published)',
    breaks: 'A scrub says that it has counted what no page had yet.',
    test: 'test/engine/doubt.test.ts',
  },
  {
    name: 'counted-and-cut',
    file: 'src/engine/log-damage.ts',
    find: "        { space: 'meta', from: countedKey, to: countedKey },\n",
    replace: '',
    breaks: 'Corrections that went with a damaged end of the log are never made again.',
    test: 'test/engine/doubt.test.ts',
  },
  {
    name: 'doubt-not-looked-at',
    file: 'src/engine/scrub-watch.ts',
    find: 'agoMs < this.#everyMs && !isDoubted',
    replace: 'agoMs < this.#everyMs',
    breaks: 'Where a repair was interrupted, counters are off for a day.',
    test: 'test/engine/scrub-watch.test.ts',
  },
  {
    name: 'given-not-noted',
    file: 'src/engine/repair.ts',
    find: '    if (record.isCut === true) await noteGiven(state, record.page);\n',
    replace: '',
    breaks: 'Pages that an interrupted repair gave up stay for ever.',
    test: 'test/engine/repair.test.ts',
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
