/** Mutants of triggers. */
import type { Mutant } from './mutant.ts';

export const triggerMutants: readonly Mutant[] = [
  {
    name: 'place-before-handler',
    file: 'src/engine/trigger-lane.ts',
    find: '      const failed = await this.#try(batch, piece);\n',
    replace: `      await this.#save(batch.numbers[piece.to - 1] as string);
      const failed = await this.#try(batch, piece);
`,
    breaks: 'A cursor is saved before the handler has answered.',
  },
  {
    name: 'holder-not-fenced',
    file: 'src/operation/trigger/save-trigger.ts',
    find: 'if (trigger.owner !== input.Owner) {',
    replace: "if (input.Owner === '') {",
    breaks: 'Who was taken over goes on saving.',
  },
  {
    name: 'child-before-parent',
    file: 'src/stream/trigger-state.ts',
    find: 'const isReady = parent === undefined || !listed.has(parent) || done.has(parent);',
    replace: 'const isReady = parent !== id;',
    breaks: 'A shard is read before the one that it follows.',
  },
  {
    name: 'undurable-delivered',
    file: 'src/engine/trigger-lane.ts',
    find: '    await host.durable(batch.sequence);\n',
    replace: '',
    breaks: 'A handler is given what a loss of power can undo.',
  },
  {
    name: 'dead-letter-forgotten',
    file: 'src/engine/trigger-lane.ts',
    find: 'const failed = settings.keepsDead && {',
    replace: 'const failed = !settings.keepsDead && {',
    breaks: 'What fails for good is passed without a dead letter.',
  },
  {
    name: 'lanes-share-a-place',
    file: 'src/operation/trigger/save-trigger.ts',
    find: 'return lane === Lane && comparePlaces(after, place) > 0 ? after : place;',
    replace: 'return comparePlaces(after, place) > 0 ? after : place;',
    breaks: 'One lane moves the places of all.',
  },
  {
    name: 'trimmed-shard-tried-again',
    file: 'src/engine/trigger-runner.ts',
    find: '        await endTrimmed(living, new Set(Lanes.map(idOf)));\n',
    replace: '',
    breaks: 'A batch of a trimmed shard is handed over again, after records of its children.',
  },
];
