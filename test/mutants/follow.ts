/** Mutants of following the log and the checkpoints of other engines. */
import type { Mutant } from './mutant.ts';

export const followMutants: readonly Mutant[] = [
  {
    name: 'tail-not-cut',
    file: 'src/engine/follow.ts',
    find: `  state.tail.dropThrough(meta.position);
`,
    replace: '',
    breaks: 'The tail counts what the adopted pages count already.',
  },
  {
    name: 'old-pages-kept',
    file: 'src/engine/follow.ts',
    find: `  else for (const page of changed) state.cache.drop(page);
`,
    replace: '',
    breaks: 'Cached pages of an older checkpoint stay.',
  },
  {
    name: 'trimmed-not-noticed',
    file: 'src/engine/follow.ts',
    find: 'if (meta.trimmed > head) {',
    replace: 'if (meta.trimmed > head + 1_000_000) {',
    breaks: 'An engine that is behind the trimmed log goes on from where it is.',
  },
  {
    name: 'lost-list-is-empty',
    file: 'src/engine/follow.ts',
    find: 'if (pages === undefined) return undefined;',
    replace: 'if (pages === undefined) continue;',
    breaks: 'A checkpoint whose list is gone counts as one without changes.',
  },
  {
    name: 'journal-not-cut',
    file: 'src/log/tail.ts',
    find: 'const kept = layer.journal.filter((entry) => entry.position > position);',
    replace: 'const kept = layer.journal;',
    breaks: 'A cut tail counts what it forgot.',
  },
  {
    name: 'never-asks',
    file: 'src/engine/engine.ts',
    find: 'return this.#taskMs() - this.#state.headSeenMs > headFreshMs;',
    replace: 'return this.#taskMs() - this.#state.headSeenMs > headFreshMs * 1_000_000;',
    breaks: 'Eventually consistent reads never ask for the head.',
  },
  {
    name: 'strong-is-not',
    file: 'src/engine/engine.ts',
    find: "if (request.consistency === 'strong' || row.consistent?.(checked) === true) return true;",
    replace: '',
    breaks: 'Strongly consistent reads answer from memory.',
  },
];
