/** Mutants of writing turns to the log. */
import type { Mutant } from './mutant.ts';

export const appendMutants: readonly Mutant[] = [
  {
    name: 'unknown-is-stored',
    file: 'src/engine/append.ts',
    find: `      unsettled = true;
`,
    replace: `      if (tries >= 0) return attempt.stored;
      unsettled = true;
`,
    breaks: 'An append of unknown outcome is acknowledged.',
  },
  {
    name: 'own-turn-forgotten',
    file: 'src/engine/append.ts',
    find: 'if (state.ownTurnSeen >= attempt.turn) return attempt.stored;',
    replace: '',
    breaks: 'A turn that was stored after all is decided again.',
  },
  {
    name: 'unknown-denied',
    file: 'src/engine/append.ts',
    find: "why: isOpen ? 'unknown' : result.why",
    replace: 'why: result.why',
    breaks: 'A write that may stand is said not to.',
  },
  {
    name: 'stale-append-counts',
    file: 'src/engine/append.ts',
    find: 'if (seen === undefined || seen.trimmed >= first) {',
    replace: 'if (seen === undefined) {',
    breaks: 'A record where the log was trimmed counts as stored.',
  },
  {
    name: 'failed-readers-answered',
    file: 'src/engine/turn.ts',
    find: 'this.#again(turn.decided.filter(({ wrote }) => !wrote));',
    replace: 'answerAll(turn.decided.filter(({ wrote }) => !wrote));',
    breaks: 'Who saw the layer of a turn that failed is answered from it.',
  },
  {
    name: 'answered-early',
    file: 'src/engine/turn.ts',
    find: '      const appended = append(',
    replace: `      answerAll(turn.decided);
      const appended = append(`,
    breaks: 'Answers leave before the append is stored.',
  },
  {
    name: 'race-not-decided-again',
    file: 'src/engine/turn.ts',
    find: `    this.#losses += 1;
    this.#again(turn.decided);`,
    replace: `    this.#losses += 1;
    answerAll(turn.decided);`,
    breaks: 'The loser of a race is told that it won.',
  },
  {
    name: 'head-not-confirmed',
    file: 'src/engine/turn.ts',
    find: `    if (!state.options.store.exclusive) {
      try {
        await catchUp(state);`,
    replace: `    if (state.closed) {
      try {
        await catchUp(state);`,
    breaks: 'A refusal is decided on a head that may be old.',
  },
  {
    name: 'strict-forgotten',
    file: 'src/engine/turn.ts',
    find: '      turn.strict ||= strict;',
    replace: '',
    breaks: 'A strict write is appended relaxed.',
  },
  {
    name: 'barrier-relaxed',
    file: 'src/engine/barrier.ts',
    find: `        strict: true,
`,
    replace: '',
    breaks: 'A barrier flushes nothing.',
  },
];
