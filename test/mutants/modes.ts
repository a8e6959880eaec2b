/** Mutants of writes that ask for the hub's word, by the rule that they break. */
import type { Mutant } from './mutant.ts';

const mutants: readonly Omit<Mutant, 'sync'>[] = [
  {
    name: 'confirm-stores-the-image',
    file: 'src/replica/asked.ts',
    find: "  return { confirm: 'request', expiresMs, request: sentRequest(call, change.part) };",
    replace: "  return { confirm: 'always', expiresMs };",
    breaks: 'L7: the hub stores what the device has guessed: stock is sold twice.',
  },
  {
    name: 'request-without-its-mark',
    file: 'src/operation/replica/hub.ts',
    find: 'const commits = [...underStamp(executed, stamp), marked];',
    replace: 'const commits = [...underStamp(executed, stamp), { ...marked, mutations: [] }];',
    breaks: 'A request is executed each time that its entry comes.',
  },
  {
    name: 'guess-under-a-local-edit',
    file: 'src/replica/asked.ts',
    find: 'const isWaiting = isAsked || below.some((confirm) => confirm !== undefined);',
    replace: 'const isWaiting = isAsked;',
    breaks: 'U3: an edit of what waits for the hub is an image of a guess, stamped below it.',
  },
  {
    name: 'executed-under-another-stamp',
    file: 'src/operation/replica/hub.ts',
    find: 'const taken: ReplicatedChange = { ...replicated, taken: { stamp, members } };',
    replace:
      'const own = { ...stamp, ms: stamp.ms - 1 };\n' +
      '    const taken: ReplicatedChange = { ...replicated, taken: { stamp: own, members } };',
    breaks: 'L8: what was executed has another stamp than its answer says.',
  },
];

export const modesMutants: readonly Mutant[] = mutants.map((one) => ({ ...one, sync: true }));
