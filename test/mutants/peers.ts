/** Mutants of hubs that pull one another, by the rule that they break. */
import type { Mutant } from './mutant.ts';

const mutants: readonly Omit<Mutant, 'sync'>[] = [
  {
    name: 'equal-comes-again',
    file: 'src/replica/take-peer.ts',
    find: 'compareWritten(change, { stamp: held, image: before?.bytes }) > 0;',
    replace: 'compareWritten(change, { stamp: held, image: before?.bytes }) >= 0;',
    breaks: 'U17: a change goes round in a circle of hubs for ever.',
  },
  {
    name: 'transaction-of-a-peer-in-pieces',
    file: 'src/replica/take-peer.ts',
    find: 'const members = together.get(nameOf(stamp)) ?? [];',
    replace: 'const members = together.get(nameOf(stamp))?.slice(0, 1) ?? [];',
    breaks: 'T1: a device of the hub that has pulled it shows half of a transaction.',
    test: 'test/operation/replica/peer.test.ts',
  },
  {
    name: 'transaction-of-a-peer-counted-anew',
    file: 'src/replica/record.ts',
    find: 'return this.#putJoined(key, there, { live: (there?.now.live ?? 0) + more, members });',
    replace: 'return this.#putJoined(key, there, { live: more, members });',
    breaks: 'A transaction is forgotten while items are at its version.',
  },
  {
    name: 'stamps-of-a-page-out-of-order',
    file: 'src/replica/record.ts',
    find: '    const run = runs.at(-1);\n',
    replace:
      '    const run = runs.find(([first]) => isAlike(first?.change.taken, one.change.taken));\n',
    breaks: 'Of what one commit writes to the book, an earlier state comes last.',
  },
  {
    name: 'peer-set-back-unnoticed',
    file: 'src/operation/replica/peer.ts',
    find: 'const cursor = IsHeld && isComplete ? peer.cursor : 0;',
    replace: 'const cursor = isComplete ? peer.cursor : 0;',
    breaks: 'L5: a hub goes on from a place that another one, set back, gives out again.',
    test: 'test/operation/replica/peer.test.ts',
  },
  {
    name: 'peer-table-passed-over',
    file: 'src/operation/replica/peer.ts',
    find: 'if (changes.some(({ table }) => !told.has(table))) return { output: { IsTaken: false } };',
    replace: '',
    breaks: 'What changed in a table before it was heard of never comes.',
    test: 'test/operation/replica/peer.test.ts',
  },
  {
    name: 'everybody-lets-expire',
    file: 'src/operation/internal/expire-items.ts',
    find: 'const isOurs = table !== undefined && isHome(table);',
    replace: "const isOurs = table?.replica?.role !== 'device';",
    breaks: 'U18: what expires is deleted by each hub, of whatever it holds.',
    test: 'test/operation/replica/peer.test.ts',
  },
];

export const peersMutants: readonly Mutant[] = mutants.map((one) => ({ ...one, sync: true }));
