/**
 * What a device asks of its own database while it is in touch with a hub. Each of these may come
 * twice, or from two tabs at once: what it does, it does once.
 *
 * ReadLink: what a hello says. TakeGreeting: the hub's clock, and whether it knows us.
 * PreparePush: the next entries to send, durable, and what is to be loaded. TakeOutcome: an answer
 * to one of them.
 */
import { must } from '../../base/assert.ts';
import { emptyBytes, equalBytes, fromHex, hexOf } from '../../base/bytes.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import {
  clockOffMsMax,
  pushBytesMax,
  pushEntriesMax,
  rangesFirstMax,
} from '../../base/replica-limits.ts';
import { againKey } from '../../replica/again.ts';
import { put, readState, remove } from '../../replica/book.ts';
import { encodeEntry, type Entry } from '../../replica/entry.ts';
import { readHoldings } from '../../replica/holding.ts';
import { answeredUpTo, knownUpTo } from '../../replica/load.ts';
import { readMend } from '../../replica/mend.ts';
import { encodeLink, type Link, linkKey, readLink } from '../../replica/link.ts';
import type { OutcomeKind } from '../../replica/mark.ts';
import { withdrawSent, withdrawUnknown } from '../../replica/withdraw.ts';
import { entriesFrom, findEntry, settledUpTo, withImages } from '../../replica/outbox.ts';
import { decodeChanges, encodeChanges } from '../../replica/page.ts';
import { decodeRange } from '../../replica/range.ts';
import { later, raiseClock } from '../../replica/receive.ts';
import type { Pull } from '../../replica/message.ts';
import { restamp } from '../../replica/restamp.ts';
import { mayRead, readScope } from '../../replica/scope.ts';
import { findSelf, putSelf, type ReplicaSelf } from '../../replica/self.ts';
import { settle } from '../../replica/settle.ts';
import { Display, type SettleContext } from '../../replica/shown.ts';
import {
  beginSurvey,
  encodeSurvey,
  readSurvey,
  sliceOfSurvey,
  type Survey,
  surveyKey,
  type SurveyMode,
} from '../../replica/survey.ts';
import { byGlobal, byTree, replicatedTables } from '../../replica/tables.ts';
import { boolean, bytes, list, long, oneOf, string, struct } from '../../shape/constructors.ts';
import { beingMended } from '../../table/damage.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type DecideContext, type Effect, type Operation, operation } from '../operation.ts';
import { greetHoldings, workFor } from './holdings.ts';

export const ReadLink: Operation = operation({
  name: 'ReadLink',
  kind: 'write',
  internal: true,
  input: struct({}),
  check: (input) => input,
  plan: (input) => input,
  decide(_, { reader, catalog }) {
    const { id, book } = deviceOf(reader);
    if (readMend(reader, book) !== undefined) throw stillEntering();
    const { link } = readLink(reader, book);
    const output = {
      ReplicaId: hexOf(id),
      First: answeredUpTo(reader, book) + 1,
      Settled: settledUpTo(reader, book),
      Epoch: hexOf(link.epoch),
      Cursor: link.reach,
      Known: knownUpTo(readHoldings(reader, book, byTree(catalog)), link.cursor),
      ScopeHash: readScope(reader, book).hash,
    };
    // A hub forgets what is settled: a power loss must not bring it back.
    return { output, strict: true };
  },
});

export const TakeGreeting: Operation = operation({
  name: 'TakeGreeting',
  kind: 'write',
  internal: true,
  input: struct({
    ReplicaId: string().required,
    Epoch: string().required,
    /** Whether the hub has what was taken up to the cursor that the hello named: */
    IsHeld: boolean.required,
    AskedEpoch: string().required,
    Asked: long({ min: 0 }).required,
    /** The first entry that the hello named: all before it was answered. */
    First: long({ min: 1 }),
    IsBelow: boolean,
    IsRetired: boolean,
    HubId: string().required,
    Safe: long({ min: 0 }).required,
    AwayMs: long({ min: 0 }).required,
    MarkSeq: long({ min: 0 }).required,
    MarkId: string().required,
    /** Some half of a clone has settled entries up to it. */
    Forgotten: long({ min: 0 }),
    /** Epoch milliseconds of the hub, when it greeted. */
    Now: long({ min: 0 }).required,
    /** How long ago that was, as far as it is known: half of the way there and back. */
    AgeMs: long({ min: 0 }),
    /** Who the hub takes the caller for. */
    Principal: string(),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide(input, context) {
    const { reader, nowMs, random } = context;
    const self = deviceOf(reader);
    // A greeting to the id that was given up says nothing about this one.
    if (input.ReplicaId !== hexOf(self.id)) return { output: { IsFork: true } };
    const { link: known, bytes } = readLink(reader, self.book);
    const hubNowMs = input.Now + (input.AgeMs ?? 0);
    // Who was away for longer than deletions are kept may have what was deleted.
    const isAway = hubNowMs - known.syncedMs > input.AwayMs;
    const { First = 1, IsRetired: isGone = false, IsBelow: isBelow = false } = input;
    const isRetired = isGone && isAway && mayBeSent(reader, self, known);
    const isFork = isRetired || isOthers(reader, self, input);
    const link = isFork ? known : withSent(reader, self, known, input.MarkSeq);
    const settling = settleContextOf(context, self);
    const isBehind = input.MarkSeq < First - 1;
    // Answers that a hub has forgotten show that it was set back, to who has taken nothing else. In
    // an epoch that is known it has forgotten none; under another id there were none.
    const isUnheard = isGone ? !isAway : isBehind;
    const isForgotten = isUnheard && link.sent > 0 && input.Epoch !== input.AskedEpoch;
    const isKnown = !isForgotten && (input.IsHeld || isBelow);
    // Another tab may have gone on meanwhile: then this says nothing of where it is. Who takes
    // another id is greeted once more.
    const isAsked = !isFork && link.reach === input.Asked && hexOf(link.epoch) === input.AskedEpoch;
    const isLost = isForgotten || (!isKnown && link.epoch.length > 0);
    const mode = isAsked ? modeOf(input, link, { isLost, isAway }) : undefined;
    const isSetBack = mode !== undefined && mode !== 'drop';
    const sent = isSetBack ? withdrawSent(settling, link, input.MarkSeq) : [];
    const unknown = isFork ? withdrawUnknown(settling, link, input.MarkSeq) : sent;
    // They are put aside first; then the hub is to greet us once more.
    if (unknown.length > 0) {
      return { output: { IsFork: true }, commits: unknown, transaction: true };
    }
    const offsetMs = hubNowMs - nowMs;
    const shiftMs = offsetMs - (self.offsetMs ?? 0);
    const isOff = self.offsetMs === undefined || Math.abs(shiftMs) > clockOffMsMax;
    const source = random();
    const id = isFork ? source.bytes(16) : self.id;
    const display = new Display(reader, self.book, context.collectionBytesMax);
    if (isOff || isFork) {
      const shift = isOff ? shiftMs : 0;
      const newId = (): Uint8Array => source.bytes(16);
      const correction = { shiftMs: shift, hubNowMs, replica: id, isFork, isRetired, newId };
      restamp(settleContext(context, self, display), link, correction);
      display.add([putSelf(reader, { ...self, id, offsetMs: isOff ? offsetMs : self.offsetMs })]);
    }
    if (isAsked) display.add(greetHoldings(context, self, isKnown));
    const place = isAsked ? placeAfter(input, link, isKnown, hubNowMs) : {};
    const met = isFork ? { sent: 0 } : { hub: fromHex(input.HubId), safe: input.Safe };
    const { Principal: principal = link.principal } = input;
    const now: Link = { ...link, ...place, ...met, principal };
    if (mode !== undefined) {
      const before = reader.get(self.book, surveyKey);
      display.add([put(self.book, surveyKey, before, encodeSurvey(beginSurvey(mode)))]);
    }
    display.add([put(self.book, linkKey, bytes, encodeLink(now))]);
    // The hub raises a mark when it is greeted by who has heard that it is behind.
    const isAgain = isFork || isBehind || isGone;
    return { output: { IsFork: isAgain }, commits: display.drafts(), transaction: true };
  },
});

export const PreparePush: Operation = operation({
  name: 'PreparePush',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    /** Ranges that the program would have before all else. */
    First: list(bytes, { max: rangesFirstMax }),
    /** One entry at a time. */
    Alone: boolean,
    /** Of entries, after which the push is full; it has one at least. */
    Bytes: long({ min: 1 }),
  }),
  check: ({ First = [], Alone, Bytes = pushBytesMax }) => {
    return { first: First.map(decodeRange), isAlone: Alone === true, bytesMax: Bytes };
  },
  plan: (input) => input,
  decide({ first, isAlone, bytesMax }, context) {
    const { reader, catalog } = context;
    const { id, book } = deviceOf(reader);
    const { link, bytes } = readLink(reader, book);
    const Entries: Uint8Array[] = [];
    let size = 0;
    let { sent } = link;
    const entriesMax = isAlone ? 1 : pushEntriesMax;
    for (const { entry } of entriesFrom(reader, book, 0)) {
      if (Entries.length >= entriesMax || size >= bytesMax) break;
      // The hub makes of a request what it makes of it: the images are this device's guess.
      const isSent = entry.confirm === 'request';
      const whole = encodeEntry(isSent ? entry : withImages(reader, book, entry));
      size += whole.length;
      sent = Math.max(sent, entry.seq);
      Entries.push(whole);
    }
    const { cursor: Cursor, reach: Reach } = link;
    const said = { ReplicaId: hexOf(id), Epoch: hexOf(link.epoch), Cursor, Reach };
    const survey = Entries.length === 0 ? readSurvey(reader, book) : undefined;
    if (survey !== undefined) return compared(context, book, survey, said);
    const output = {
      ...said,
      Entries,
      IsAgainDue: reader.get(book, againKey) !== undefined,
      ...workFor(reader, book, catalog, first),
    };
    // Nothing leaves the device that a power loss could take back.
    if (sent === link.sent) return { output, strict: Entries.length > 0 };
    const mutations = [put(book, linkKey, bytes, encodeLink({ ...link, sent }))];
    return { output, strict: true, commits: [{ table: 0, mutations, units: 0 }] };
  },
});

export const TakeOutcome: Operation = operation({
  name: 'TakeOutcome',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    /** Of the replica that sent the entry. */
    ReplicaId: string().required,
    Seq: long({ min: 1 }).required,
    Kind: oneOf('applied', 'superseded', 'refused').required,
    Ms: long({ min: 0 }).required,
    Counter: long({ min: 0 }).required,
    Code: string(),
    Changes: bytes,
  }),
  check: (input) => ({ ...input, told: decodeChanges(input.Changes ?? emptyBytes) }),
  plan: (input) => input,
  decide({ ReplicaId, Seq, Kind, Ms, Counter, Code = '', told }, context): Effect {
    const { reader } = context;
    const self = deviceOf(reader);
    const { scope } = readScope(reader, self.book);
    // What was lost meanwhile must not come back by an answer that is late.
    const changes = told.filter(({ table, key }) => mayRead(scope, table, key));
    const display = new Display(reader, self.book, context.collectionBytesMax);
    const stamp = { ms: Ms, counter: Counter, replica: self.id };
    const kind: OutcomeKind = Kind;
    const outcome = { seq: Seq, kind, stamp, code: Code, changes };
    const isOurs = ReplicaId === hexOf(self.id);
    if (!isOurs || !settle(settleContext(context, self, display), outcome)) {
      return { output: { IsTaken: false } };
    }
    const { link, bytes } = readLink(reader, self.book);
    const seen = changes.reduce((max, one) => later(max, one.stamp), later(link.seen, stamp));
    display.add([put(self.book, linkKey, bytes, encodeLink({ ...link, seen }))]);
    display.add(raiseClock(reader, self.book, seen));
    return { output: { IsTaken: true }, commits: display.drafts(), transaction: true };
  },
});

export function deviceOf(reader: TreeReader): ReplicaSelf {
  const self = findSelf(reader);
  if (self?.role !== 'device') throw validation('The database is no device of a hub');
  if (self.isMending === true) throw beingMended('a part of it');
  return self;
}

/** The hub's items would take the places of those that it has not been offered yet. */
export function stillEntering(): DynamoError {
  const text = 'Items from before the first contact are still being entered: try again later';
  return new DynamoError('ResourceInUseException', text);
}

function settleContextOf(context: DecideContext, self: ReplicaSelf): SettleContext {
  const { reader, collectionBytesMax } = context;
  return settleContext(context, self, new Display(reader, self.book, collectionBytesMax));
}

function settleContext(
  { reader, catalog }: DecideContext,
  { book }: ReplicaSelf,
  display: Display,
): SettleContext {
  return { reader, book, tables: byGlobal(catalog), display };
}

/** Nothing to push: rows that are to be compared with the hub, until there are none. */
function compared(
  { reader, catalog }: DecideContext,
  book: number,
  survey: Survey,
  said: Pick<Pull, 'Epoch' | 'Cursor' | 'Reach'> & { readonly ReplicaId: string },
): Effect {
  const { rows, next } = sliceOfSurvey(reader, replicatedTables(catalog), survey);
  const output = { ...said, Entries: [] };
  if (rows.length > 0) {
    const Next = next && { Next: JSON.stringify(next) };
    const part = { At: JSON.stringify(survey), ...Next, Epoch: said.Epoch };
    return { output: { ...output, Survey: { ...part, Rows: encodeChanges(rows) } } };
  }
  const before = must(reader.get(book, surveyKey), 'a survey that nobody has begun');
  return {
    output,
    commits: [{ table: 0, mutations: [remove(book, surveyKey, before)], units: 0 }],
  };
}

/** How a device that was in touch with a hub meets one that has not what it has taken. */
function modeOf(
  { IsBelow = false, HubId }: Met,
  link: Link,
  { isLost, isAway }: { readonly isLost: boolean; readonly isAway: boolean },
): SurveyMode | undefined {
  if (!isLost) return IsBelow && link.epoch.length > 0 ? 'drop' : undefined;
  if (IsBelow || isAway) return 'doubt';
  return link.hub.length === 0 || hexOf(link.hub) === HubId ? 'offer' : 'bring';
}

function placeAfter(
  input: Met,
  { epoch: before }: Link,
  isKnown: boolean,
  hubNowMs: number,
): Partial<Link> {
  const epoch = fromHex(input.Epoch);
  // All that is taken from now on is not older than this.
  if (before.length === 0) return { epoch, cursor: 0, reach: 0, syncedMs: hubNowMs };
  return isKnown ? { epoch } : { epoch, cursor: 0, reach: 0 };
}

interface Met {
  readonly Epoch: string;
  readonly IsBelow?: boolean | undefined;
  readonly HubId: string;
}

function mayBeSent(reader: TreeReader, { book }: ReplicaSelf, { sent }: Link): boolean {
  const [oldest] = entriesFrom(reader, book, 0);
  return oldest !== undefined && oldest.entry.seq <= sent;
}

/** What the hub has had was sent: by the other half of a clone, if not from here. */
function withSent(reader: TreeReader, { book }: ReplicaSelf, link: Link, markSeq: number): Link {
  if (markSeq <= link.sent || findEntry(reader, book, markSeq) === undefined) return link;
  return { ...link, sent: markSeq };
}

/**
 * Whether the hub has had entries under this id that are not of this database, or was told that
 * answers are settled which this one waits for.
 */
function isOthers(
  reader: TreeReader,
  { book }: ReplicaSelf,
  { MarkSeq, MarkId, Forgotten = 0 }: Marked,
): boolean {
  if (MarkSeq >= readState(reader, book).next) return true;
  if (Forgotten > 0 && Forgotten > settledUpTo(reader, book)) return true;
  const entry: Entry | undefined = findEntry(reader, book, MarkSeq)?.entry;
  return entry !== undefined && !equalBytes(entry.id, fromHex(MarkId));
}

interface Marked {
  readonly MarkSeq: number;
  readonly MarkId: string;
  readonly Forgotten?: number | undefined;
}
