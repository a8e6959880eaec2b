/** Mutants of sync, most of them of shared/SYNC-scenarios.md, by the rule that they break. */
import type { Mutant } from './mutant.ts';

const mutants: readonly Omit<Mutant, 'sync'>[] = [
  {
    name: 'duplicates-always-applied',
    file: 'src/replica/take.ts',
    find: "return outcome ?? { seq, kind: 'applied', stamp, code: '' };",
    replace: "return { seq, kind: 'applied', stamp, code: outcome === undefined ? '' : '' };",
    breaks: 'L3: an entry that was refused is said to be taken when it comes again.',
  },
  {
    name: 'clock-not-saved',
    file: 'src/replica/record.ts',
    find: 'this.#state.move({ next: seq + 1, clock }),',
    replace: 'this.#state.move({ next: seq + 1, clock: last }),',
    breaks: 'An edit is stamped below the one before it.',
  },
  {
    name: 'replaced-by-wall-time',
    file: 'src/replica/take.ts',
    find: 'return { ...tick(readState(reader, self.book).clock, nowMs), replica: stamp.replica };',
    replace: 'return { ms: nowMs, counter: 0, replica: stamp.replica };',
    breaks: 'L11: a stamp of the future is replaced by one that may be below what it was made on.',
  },
  {
    name: 'dependants-accepted',
    file: 'src/replica/take.ts',
    find: "if (below?.kind === 'refused') return 'DependsOnRefused';",
    replace: '',
    breaks: 'T4: what was refused comes in inside an edit that was made on it.',
  },
  {
    name: 'conflict-on-late-arrival',
    file: 'src/replica/take.ts',
    find: 'if (isSeen) return [];',
    replace: 'if (isSeen || compareWritten({ stamp, image }, held) > 0) return [];',
    breaks: 'L6: a version that a newer write replaced unseen is in no log.',
  },
  {
    name: 'tombstone-not-asked',
    file: 'src/replica/take.ts',
    find: 'const held = bytes && { stamp: decodeVersion(bytes).stamp, image: before?.bytes };',
    replace:
      'const held = bytes && before && { stamp: decodeVersion(bytes).stamp, image: before.bytes };',
    breaks: 'A late edit brings a deleted item back.',
  },
  {
    name: 'page-not-closed',
    file: 'src/replica/page.ts',
    find: 'const waiting = first === undefined ? [] : [...first.members];',
    replace: 'const waiting: ItemPlace[] = [];',
    breaks: 'T1: a page ends between the items of a transaction.',
  },
  {
    name: 'page-at-moved-cursor',
    file: 'src/operation/replica/device.ts',
    find: 'if (!isAsked || Cursor === Asked) return',
    replace: 'if (Cursor === Asked) return',
    breaks: 'P5: an older page is taken after a newer one, and the cursor goes back.',
  },
  {
    name: 'push-not-durable',
    file: 'src/operation/replica/device.ts',
    find: 'return { output, strict: true, commits: [{ table: 0, mutations, units: 0 }] };',
    replace: 'return { output, strict: false, commits: [{ table: 0, mutations, units: 0 }] };',
    breaks: 'L2: an entry is sent that a power loss takes back, and its number is used again.',
  },
  {
    name: 'settled-too-early',
    file: 'src/operation/replica/device.ts',
    find: 'settled = Math.min(settled, (entry.voidedBy ?? entry.seq) - 1);',
    replace: '',
    breaks: 'L3: the hub forgets a refusal that the device has not heard.',
  },
  {
    name: 'row-not-restamped',
    file: 'src/replica/restamp.ts',
    find: '    restampItems(context, entry, stamp);\n',
    replace: '',
    breaks: 'D4: the row keeps a stamp that its entry has no more.',
  },
  {
    name: 'feed-not-under-pending',
    file: 'src/replica/receive.ts',
    find: 'if (kept !== base) display.keep(held, kept);',
    replace: '',
    breaks: 'D7: a refused edit gives way to what the hub had before.',
  },
  {
    name: 'clock-not-above-feed',
    file: 'src/replica/receive.ts',
    find: '  if (clock === state.clock) return [];',
    replace: '  if (clock.ms > 0) return [];',
    breaks: 'A new edit is older than what it was made on.',
  },
  {
    name: 'refused-not-kept',
    file: 'src/replica/settle.ts',
    find: 'display.add([put(book, quarantineKey(kept.entry.seq), undefined, whole)]);',
    replace: 'display.add(whole.length > 0 ? [] : []);',
    breaks: 'A refused edit is gone.',
  },
  {
    name: 'answered-stamp-not-taken',
    file: 'src/replica/settle.ts',
    find: 'const own = { stamp, image };',
    replace: 'const own = { stamp: sent, image };',
    breaks: 'D6: device and hub have different stamps for one image.',
  },
  {
    name: 'base-not-kept',
    file: 'src/replica/record.ts',
    find: 'written.push(put(book, baseKey({ tree, key }), undefined, base));',
    replace: 'if (base.length === 0) written.push();',
    breaks: 'A refused edit of an item that the hub has leaves nothing.',
  },
  {
    name: 'old-place-stays',
    file: 'src/replica/record.ts',
    find: 'if (version?.place !== undefined) written.push(',
    replace: 'if (version?.place === 0) written.push(',
    breaks: 'The feed grows beyond the data.',
  },
];

export const replicaMutants: readonly Mutant[] = mutants.map((one) => ({ ...one, sync: true }));
