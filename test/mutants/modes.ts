/** Mutants of writes that ask for the hub's word, by the rule that they break. */
import type { Mutant } from './mutant.ts';

const mutants: readonly Omit<Mutant, 'sync'>[] = [
  {
    name: 'floor-is-advice',
    file: 'src/replica/take.ts',
    find: "    if (mode === 'hub' || (mode === 'confirm' && confirm === undefined)) return 'ModeTooLow';",
    replace: "    if (mode === 'hub') return 'ModeTooLow';",
    breaks: 'U4: an offline put of a device that was not told overwrites a reservation.',
    test: 'test/replica/modes.test.ts',
  },
  {
    name: 'confirmed-past-the-hub',
    file: 'src/replica/take.ts',
    find: "    if (mode === 'hub' || (mode === 'confirm' && confirm === undefined)) return 'ModeTooLow';",
    replace: "    if (mode !== undefined && confirm === undefined) return 'ModeTooLow';",
    breaks: 'U4: what a device decides itself comes into a table that the hub alone writes.',
    test: 'test/sync/ask-hub.test.ts',
  },
  {
    name: 'clone-asks-again',
    file: 'src/operation/replica/device.ts',
    find: 'const unknown = isFork ? withdrawUnknown(settling, link, input.MarkSeq) : sent;',
    replace: 'const unknown: readonly CommitDraft[] = sent;',
    breaks: 'U19: what was executed under the id that is given up is executed under the next.',
    test: 'test/replica/withdraw.test.ts',
  },
  {
    name: 'clone-knows-its-half',
    file: 'src/replica/withdraw.ts',
    find: 'return withdrawThose(context, Math.max(link.sent, markSeq), ({ confirm }) => {',
    replace: 'return withdrawThose(context, link.sent + 0 * markSeq, ({ confirm }) => {',
    breaks: 'U19: what the other half of a clone has sent is executed once more.',
    test: 'test/replica/withdraw.test.ts',
  },
  {
    name: 'retry-of-a-guess',
    file: 'src/sync/retry.ts',
    find: '  if (asked?.request !== undefined) {',
    replace: '  if (asked?.request !== undefined && items.length === 0) {',
    breaks: 'U20: what a device had guessed of a request is written as if somebody had.',
    test: 'test/sync/retry.test.ts',
  },
  {
    name: 'guess-offered-again',
    file: 'src/operation/replica/again.ts',
    find: '...replicated, again } };',
    replace: '...replicated } };',
    breaks: 'L17: what a device had guessed of a refused request is written over what was sold.',
    test: 'test/replica/modes.test.ts',
  },
  {
    name: 'condition-not-offered-again',
    file: 'src/operation/replica/again.ts',
    find: "  if (confirm === undefined || confirm === 'unknown' || isOffered(confirm)) return undefined;",
    replace: "  if (confirm !== 'request' && confirm !== 'always') return undefined;",
    breaks: 'U31: a refused item from before the first contact takes the place of the hub’s.',
    test: 'test/operation/replica/again.test.ts',
  },
  {
    name: 'row-offered-again',
    file: 'src/replica/again.ts',
    find: "if (confirm === 'unknown' || isOffered(confirm)) continue;",
    replace: "if (confirm === 'unknown' || isOffered(undefined)) continue;",
    breaks: 'A row that a policy kept from a restored hub is back after its deletion.',
    test: 'test/operation/replica/again.test.ts',
  },
  {
    name: 'time-grows-when-offered-again',
    file: 'src/operation/replica/again.ts',
    find: 'expiresMs: expiresMs && stamp.ms + expiresMs - nowMs',
    replace: 'expiresMs: expiresMs && expiresMs + 0 * (stamp.ms - nowMs)',
    breaks: 'U30: a request that was refused at first is executed later than its caller wanted.',
    test: 'test/replica/modes.test.ts',
  },
  {
    name: 'hub-call-not-remembered',
    file: 'src/operation/replica/hub-call.ts',
    find: 'if (known !== undefined) {',
    replace: 'if (known !== undefined && book < 0) {',
    breaks: 'A call whose answer was lost with its hub is carried out a second time.',
    test: 'test/sync/hub-calls.test.ts',
  },
  {
    name: 'hub-before-the-outbox',
    file: 'src/sync/ask-hub.ts',
    find: 'return isGreeted && now.NextSeq - now.Pending >= goal.NextSeq;',
    replace: 'return isGreeted;',
    breaks: 'L15, U26: what was written earlier comes to the hub later.',
  },
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
    find: 'const isWaiting = isAsked || isDoubtful || below.some((confirm) => confirm !== undefined);',
    replace: 'const isWaiting = isAsked || isDoubtful;',
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
