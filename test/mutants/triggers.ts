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
  {
    name: 'origin-is-everywhere',
    file: 'src/stream/trigger-read.ts',
    find: "const isWanted = isOwn !== true || change.caller !== 'sync';",
    replace: "const isWanted = isOwn !== true || change.caller !== 'backfill';",
    breaks: 'U16: a trigger runs on each replica that takes a write.',
    test: 'test/sync/triggers.test.ts',
  },
  {
    name: 'refusal-is-nobodys',
    file: 'src/replica/withdraw.ts',
    find: 'display.showOwn(held, newest(own?.written, base), own?.seq, own ?? {});',
    replace: 'display.show(held, newest(own?.written, base), own?.seq, own ?? {});',
    breaks: 'U16: what a refusal takes back no trigger hears of, though one ran for the write.',
    test: 'test/replica/origins.test.ts',
  },
  {
    name: 'late-outcome-is-nobodys',
    file: 'src/replica/receive.ts',
    find: 'if (own !== undefined && equalBytes(own, change.stamp.replica)) {',
    replace: 'if (own !== undefined && own === change.stamp.replica) {',
    breaks: 'U16: what the hub made of a request runs no trigger where it comes with the feed.',
    test: 'test/replica/origins.test.ts',
  },
  {
    name: 'call-is-nobodys',
    file: 'src/operation/replica/hub-call.ts',
    find: "({ ...one, caller: 'user' }));",
    replace: '({ ...one }));',
    breaks: 'U16: a write that a device has the hub make runs no trigger at all.',
    test: 'test/sync/triggers.test.ts',
  },
  {
    name: 'hub-on-a-device',
    file: 'src/operation/trigger/read-trigger.ts',
    find: "const isIdle = On === 'hub' && findSelf(reader)?.role !== 'hub';",
    replace: "const isIdle = On === 'hub' && findSelf(reader) === undefined;",
    breaks: 'U16: what is to be done once, at the hub, is done on each device too.',
    test: 'test/sync/triggers.test.ts',
  },
];
