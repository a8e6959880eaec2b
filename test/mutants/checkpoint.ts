/** Mutants of making checkpoints. */
import type { Mutant } from './mutant.ts';

export const checkpointMutants: readonly Mutant[] = [
  {
    name: 'commit-relaxed',
    file: 'src/engine/checkpoint.ts',
    find: '{ strict: true, keepCopy: true, put:',
    replace: '{ keepCopy: true, put:',
    breaks: 'A checkpoint calls durable what power loss can undo.',
  },
  {
    name: 'commit-unchecked',
    file: 'src/engine/checkpoint.ts',
    find: 'if (!this.#slices.standsIn(meta)) return undefined;',
    replace: '',
    breaks: 'A checkpoint is committed though its reservation is gone.',
  },
  {
    name: 'undo-does-not-thaw',
    file: 'src/engine/checkpoint.ts',
    find: 'if (this.#state.frozen === this.#frozen) this.#state.thaw();',
    replace: '',
    breaks: 'The frozen tail of a failed checkpoint stays frozen.',
  },
  {
    name: 'dead-number-forgotten',
    file: 'src/engine/checkpoint.ts',
    find: 'dead: held === undefined ? meta.dead : [...meta.dead, held.number],',
    replace: 'dead: meta.dead,',
    breaks: 'Versions of a failed checkpoint count once the number is passed.',
  },
  {
    name: 'pages-given-twice',
    file: 'src/engine/checkpoint.ts',
    find: '          nextPage: this.#nextPage,',
    replace: '          nextPage: Math.max(meta.nextPage, this.#nextPage - 1),',
    breaks: 'The next checkpoint gives out a page id again.',
  },
  {
    name: 'position-of-the-head',
    file: 'src/engine/checkpoint.ts',
    find: `          position: this.#position,
`,
    replace: `          position: state.head,
`,
    breaks: 'A checkpoint claims the log that came while it was made.',
  },
  {
    name: 'slice-unchecked',
    file: 'src/engine/slices.ts',
    find: 'if (reservation === undefined || !this.standsIn(meta)) return undefined;',
    replace: 'if (reservation === undefined) return undefined;',
    breaks: 'A slice is written under the reservation of another engine.',
  },
  {
    name: 'list-not-extended',
    file: 'src/engine/slices.ts',
    find: '{ put: [...records, this.#listRecord(this.#parts, this.#part)] },',
    replace: '{ put: records },',
    breaks: "A checkpoint's list is not written.",
  },
  {
    name: 'thaw-drops-new-writes',
    file: 'src/engine/state.ts',
    find: `    this.frozen.absorb(this.tail);
`,
    replace: '',
    breaks: 'What was written during a failed checkpoint is forgotten.',
  },
  {
    name: 'frozen-not-read',
    file: 'src/engine/state.ts',
    find: `tail.get(tree, key) ??
      state.frozen?.get(tree, key);`,
    replace: 'tail.get(tree, key);',
    breaks: 'Reads do not look into the frozen tail.',
  },
  {
    name: 'tail-without-bound',
    file: 'src/engine/turn.ts',
    find: 'if (this.#isFull() && !(await this.#makeRoom())) return;',
    replace: '',
    breaks: 'A tail grows without a bound while nothing makes a checkpoint.',
  },
  {
    name: 'never-refused',
    file: 'src/engine/turn.ts',
    find: 'if (tailsBytes <= bounds.tailRefusedBytes && logsShare <= logRefusedFactor) return true;',
    replace: 'if (tailsBytes >= 0 && logsShare <= logRefusedFactor) return true;',
    breaks: 'A tail that no checkpoint shortens grows without a bound.',
    test: 'test/engine/turn.test.ts',
  },
];
