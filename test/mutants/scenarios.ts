/**
 * The rest of the mutants that shared/SYNC-scenarios.md asks for in its section 3; which is which
 * says docs/sync-scenarios.md. Each is the mistake that is named there, in one place.
 */
import type { Mutant } from './mutant.ts';

const mutants: readonly Omit<Mutant, 'sync'>[] = [
  {
    name: 'feed-over-a-loading-range',
    file: 'src/replica/load.ts',
    find: 'return isFollowed(rangeOf(holdings, table, key));',
    replace:
      'const held = rangeOf(holdings, table, key);\n' +
      "  return isFollowed(held) || held?.state === 'loading';",
    breaks: 'D1: what came by a page is taken away by a chunk that was read before it.',
    test: 'test/replica/load.test.ts',
  },
  {
    name: 'tombstone-dropped-at-the-answer',
    file: 'src/replica/settle.ts',
    find: 'display.show(held, newest(now, base), undefined, undefined, caller);',
    replace:
      'const stands = newest(now, base);\n' +
      '    display.show(held, stands?.image && stands, undefined, undefined, caller);',
    breaks: 'D2: what was read before a deletion brings the item back, once that is answered.',
    test: 'test/replica/settle.test.ts',
  },
  {
    name: 'own-echoes-skipped',
    file: 'src/replica/receive.ts',
    find: 'if (table === undefined) continue;',
    replace: 'if (table === undefined || equalBytes(change.stamp.replica, id)) continue;',
    breaks: 'D3: a device that has lost what it had pushed never gets it.',
  },
  {
    name: 'expiry-stamped-now',
    file: 'src/replica/record.ts',
    find: 'return { ...tick(stamp, 0), replica: expiryReplica };',
    replace: 'return { ...tick(this.#state.state.clock, nowMs), replica: expiryReplica };',
    breaks: 'L12: expiry eats an extension that was made in time.',
    test: 'test/replica/record.test.ts',
  },
  {
    name: 'epoch-kept-at-a-start',
    file: 'src/operation/replica/hub.ts',
    find: 'const mutations = [beginEpoch(reader, book, random().bytes(16))];',
    replace:
      'const isNew = readEpochs(reader, book).length === 0;\n' +
      '    const mutations = isNew ? [beginEpoch(reader, book, random().bytes(16))] : [];',
    breaks: 'L5: nobody sees that a hub was set back.',
  },
  {
    name: 'marks-dropped-with-tombstones',
    file: 'src/operation/replica/tidy.ts',
    find: 'if (decodeMark(value).ms > nowMs - replicaKeptMs) continue;',
    replace: 'if (decodeMark(value).ms > nowMs - keptMs) continue;',
    breaks: 'R1: what was deleted long ago is taken a second time from the one who made it.',
    test: 'test/operation/replica/tidy.test.ts',
  },
  {
    name: 'winner-shown-to-all',
    file: 'src/operation/replica/hub.ts',
    find: 'const current = readCurrent(context, spots, outcomeBytesMax);',
    replace:
      'const current = readCurrent({ ...context, scope: undefined }, spots, outcomeBytesMax);',
    breaks: 'K1: an answer shows an item to one who may write it and not read it.',
  },
  {
    name: 'said-under-any-token',
    file: 'src/sync/http-link.ts',
    find: "else if (principal !== '' && message.kind !== 'tables') {",
    replace: "else if (principal === '?') {",
    breaks:
      "L14: one account's edits go out under another's token, which came in mid-conversation.",
    test: 'test/sync/accounts.test.ts',
  },
  {
    name: 'chunk-from-before-its-range',
    file: 'src/operation/replica/snapshot.ts',
    find: 'compareBytes(After, range.from) < 0 ? range.from : After;',
    replace: 'compareBytes(After, range.from) < -1 ? range.from : After;',
    breaks: 'K1: a device reads of a table what its policy does not let it.',
    test: 'test/http/sync-faults.test.ts',
  },
  {
    name: 'mark-without-principal',
    file: 'src/replica/mark.ts',
    find: 'return concatBytes(Uint8Array.of(markKind), replica, utf8(principal));',
    replace: 'return concatBytes(Uint8Array.of(markKind), replica, utf8(principal.slice(0, 0)));',
    breaks: "K4: who knows another's replica id moves its mark.",
    test: 'test/operation/replica/hub.test.ts',
  },
  {
    name: 'equal-stamps-skip-the-hash',
    file: 'src/replica/resolve.ts',
    find: 'if (order !== 0) return order;',
    replace: 'if (order !== 0 || a.stamp.ms >= 0) return order;',
    breaks: 'D5: two replicas that made unequal writes under one stamp keep two values.',
    test: 'test/replica/resolve.test.ts',
  },
];

export const scenarioMutants: readonly Mutant[] = mutants.map((one) => ({ ...one, sync: true }));
