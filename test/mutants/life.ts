/** Mutants of what keeps sync right over the lives of hubs and replicas. */
import type { Mutant } from './mutant.ts';

const mutants: readonly Omit<Mutant, 'sync'>[] = [
  {
    name: 'epoch-kept-over-a-restore',
    file: 'src/replica/epochs.ts',
    find: "if (at < 0) return 'lost';",
    replace: "if (at < 0) return 'held';",
    breaks: 'L5: a device goes on from a place of the feed that a restored hub gives out again.',
    test: 'test/replica/epochs.test.ts',
  },
  {
    name: 'answers-not-missed',
    file: 'src/operation/replica/device.ts',
    find: 'const isUnheard = isGone ? !isAway : isBehind;',
    replace: 'const isUnheard = isGone && !isAway && First < 0;',
    breaks: 'L5: who has taken answers alone shows for ever what a restored hub has lost.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'mark-raised-unheard',
    file: 'src/operation/replica/hub.ts',
    find: 'const isRaised = First > mark.seq + 1 && epoch === Epoch;',
    replace: 'const isRaised = First > mark.seq + 1;',
    breaks: 'L5: a greeting that is lost takes with it that the hub was set back.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'oldest-offered-first',
    file: 'src/replica/offer.ts',
    find: 'return compareStamps((b as WithVersion).version.stamp, (a as WithVersion).version.stamp);',
    replace:
      'return compareStamps((a as WithVersion).version.stamp, (b as WithVersion).version.stamp);',
    breaks: 'T1: while rows are offered others see half of a transaction.',
    test: 'test/replica/offer.test.ts',
  },
  {
    name: 'rows-not-offered',
    file: 'src/operation/replica/survey.ts',
    find: 'const wanted = [...offered, ...rowsAt(Older)];',
    replace: 'const wanted = rowsAt(Older).filter(() => false);',
    breaks: 'L4: what a restored hub has lost stays lost, and devices differ from it for ever.',
  },
  {
    name: 'sweep-in-a-new-epoch',
    file: 'src/operation/replica/device.ts',
    find: "if (IsBelow || isAway) return 'doubt';",
    replace: "return 'drop';",
    breaks: 'L4: what a restored hub has lost is swept from devices too.',
  },
  {
    name: 'sent-to-a-hub-set-back',
    file: 'src/operation/replica/device.ts',
    find: 'const sent = isSetBack ? withdrawSent(settling, link, input.MarkSeq) : [];',
    replace: 'const sent: readonly CommitDraft[] = [];',
    breaks: 'A request that a hub has executed before it was set back is executed once more.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'taken-for-a-clone',
    file: 'src/replica/take.ts',
    find: "  if (seq < mark.seq && seq > knownSeq) return 'fork';",
    replace: "  if (seq < 0 && seq > knownSeq) return 'fork';",
    breaks:
      'L2: one half of a clone hears that what it sent was taken, which is what the other sent.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'fork-keeps-its-id',
    file: 'src/operation/replica/device.ts',
    find: 'const id = isFork ? source.bytes(16) : self.id;',
    replace: 'const id = isFork && input.MarkSeq < 0 ? source.bytes(16) : self.id;',
    breaks: 'L2: both halves of a clone go on under one id, and a hub takes one for the other.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'other-half-has-sent-nothing',
    file: 'src/operation/replica/device.ts',
    find: 'if (markSeq <= link.sent || findEntry',
    replace: 'if (markSeq >= 0 || findEntry',
    breaks: 'D6: a clone stamps anew what the other half has sent, and keeps a stamp of its own.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'stamped-anew-under-its-id',
    file: 'src/replica/restamp.ts',
    find: 'compareReadings(reading, entry.stamp) === 0 ? entry.id',
    replace: 'compareReadings(reading, reading) === 0 ? entry.id',
    breaks: 'D6: a clone is told that an entry was taken under a stamp that the hub has not.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'unheard-deletions-not-offered',
    file: 'src/operation/replica/survey.ts',
    find: 'const offered = isDoubtful ? absent.filter(isThere) : absent;',
    replace: 'const offered = absent.filter(isThere);',
    breaks:
      'An older item that another device offers stays, and who has deleted it never shows it.',
    test: 'test/replica/life.test.ts',
  },
  {
    name: 'deletions-not-offered',
    file: 'src/operation/replica/survey.ts',
    find: '...rowsAt(Older)];',
    replace: '...rowsAt(Older).filter(isThere)];',
    breaks: 'What was deleted comes back with a hub that was set back.',
    test: 'test/replica/life.test.ts',
  },
];

export const lifeMutants: readonly Mutant[] = mutants.map((one) => ({ ...one, sync: true }));
