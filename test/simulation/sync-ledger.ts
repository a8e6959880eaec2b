/**
 * What was written, what became of it at the hub, and what must follow from that.
 *
 * Every image has an attribute `w` that no other has, so a write is found again wherever it went.
 * The model of last writer wins is here once more, told naively: of all that the hub consumed, the
 * greatest stamp of each key.
 */
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import { compareStamps, type Stamp, stampBytes } from '../../src/base/hlc.ts';
import { decodeEntry, type Entry, isOffered } from '../../src/replica/entry.ts';
import type { PageChange } from '../../src/replica/page.ts';
import { decodeVersion } from '../../src/replica/version.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { entriesOf, type Stored } from '../support/replica.ts';
import type { Ancestry } from './sync-ancestry.ts';
import type { FetchBook } from './sync-fetched.ts';
import type { Sales } from './sync-sales.ts';
import type { StreamBook } from './sync-streams.ts';
import { type Shown, Unheard } from './sync-unheard.ts';

export interface WriteNote {
  readonly device: string;
  /** Power loss may not undo it. */
  strict: boolean;
  excused: boolean;
  /** Of the item. */
  readonly key: string;
}

export interface Consumed {
  readonly kind: string;
  readonly stamp: Stamp;
  readonly items: readonly { key: string; image: string | undefined; w: string | undefined }[];
  /** It was withdrawn before it was sent. */
  readonly isEmpty?: boolean;
  /** Ids under which the hub may have had it, of which nobody heard, before it was made anew. */
  readonly unheard?: readonly string[];
}

/** Who has answered: a hub, and how often it has lost what it knew. */
export interface Judge {
  readonly name: string;
  readonly life: number;
}

interface Answer {
  readonly Kind?: string;
  readonly Code?: string;
  readonly Ms?: number;
  readonly Counter?: number;
  readonly Changes?: Uint8Array;
}

interface Said {
  readonly life: number;
  readonly kind: string;
  readonly stamp: Uint8Array;
}

interface Asked {
  readonly life: number;
  readonly items: number;
}

interface Heard {
  readonly isHeard: boolean;
  readonly isAgain: boolean;
}

interface Greeted {
  readonly ReplicaId: string;
  readonly MarkSeq: number;
  readonly MarkId: string;
}

export interface Expected {
  readonly stamp: Uint8Array;
  readonly image: string | undefined;
}

export const entryFaults: readonly string[] = [
  'entry applied',
  'entry superseded',
  'entry refused',
  'stamp replaced',
  'conflict logged',
  'entry withdrawn',
];

/** Of a hundred entries, the hub may not have this many. */
const refusedShare = 15;

export class SyncLedger {
  /** Set before anything happens. */
  sales: Sales | undefined;
  readonly violations: string[] = [];
  readonly fired: Record<string, number> = {};
  /** Acknowledged writes that left an image, by their mark. */
  readonly acked = new Map<string, WriteNote>();
  /** Marks of writes whose callers were told that nothing was written. */
  readonly denied = new Set<string>();
  /** By id of the entry, in hexadecimal. */
  readonly entries = new Map<string, Consumed>();
  readonly outcomes = new Map<string, string>();
  /** The newest write that was tried, by device and key. */
  readonly tried = new Map<string, string>();
  /** Stamps that count, by the mark of the image. */
  readonly stamps = new Map<string, Uint8Array>();
  /** The least under which it was taken: it may come again under a new id of its device. */
  readonly firstStamps = new Map<string, Uint8Array>();
  /** The newest under which a hub that had lost its version has told of it since. */
  readonly #stampsAnew = new Map<string, Uint8Array>();
  /** Marks of the images that came with it, of transactions. */
  readonly companions = new Map<string, ReadonlyMap<string, string>>();
  /** How many items a transaction writes, by its mark without their numbers. */
  readonly members = new Map<string, number>();
  /** A table is one range of each device; where policies move each key is one. */
  hasOneRange = true;
  refuses = false;
  /** What the hub knows of the past may be gone. */
  hubLostPages = false;
  /** So may what it said of entries. */
  hubLostMarks = false;
  /** A hub was set back, or is another one: what it decides now it may decide anew. */
  isSetBack = false;
  /** Two devices had one profile: what the hub decides under the new id it may decide anew. */
  isCloned = false;
  /** What came of what, in worlds where that is asked. */
  ancestry: Ancestry | undefined;
  /** What was fetched, in worlds where calls fetch. */
  fetches: FetchBook | undefined;
  /** What streams are to say, in worlds whose tables have one. */
  streams: StreamBook | undefined;
  /** Entries that met a version that they had not seen, in the order in which answers came. */
  readonly conflicts = new Set<string>();
  /** What a hub said of an entry first in its life, by hub, replica and number. */
  readonly #kinds = new Map<string, Said>();
  /** Of those that a hub was asked to take with all that they say, likewise, by id. */
  readonly #asked = new Map<string, Map<string, Asked>>();
  /** Of rows that were offered and refused, the greatest stamp, by the text of the key. */
  readonly #barred = new Map<string, Uint8Array>();
  /** By replica: the entry up to which the hub was told to ask for no more. */
  readonly #passed = new Map<string, number>();
  /** By replica and number: what waited in an outbox when a page of it was lost. */
  readonly #lost = new Set<string>();
  readonly #held = new Map<string, Stamp>();
  /** What the hub shows, in the order in which answers came. */
  readonly #shown = new Map<string, string | undefined>();
  /** Marks of items that were there before their table was replicated. */
  readonly older = new Set<string>();
  /** Items of before that took the places of others, in that order. */
  readonly usurpers: string[] = [];

  readonly #unheard = new Unheard();
  /** Marks of items that were put where the device could not see whether there is one. */
  readonly #guesses = new Set<string>();
  /** Marks of those that took the place of an item, in the order in which answers came. */
  readonly #misguided: string[] = [];
  /** Deletions made where the device could not see what there is, by device and key; and taken. */
  readonly #deletions = new Map<string, number>();
  readonly #deleted = new Map<string, number>();

  /** Keys of what is on a page that is on its way, by device, and until when. */
  readonly #coming = new Map<string, { readonly p: string; readonly untilMs: number }>();

  comes(device: string, p: string, untilMs: number): void {
    this.#coming.set(device, { p, untilMs });
  }

  comingTo(device: string, nowMs: number): string | undefined {
    const coming = this.#coming.get(device);
    return coming === undefined || coming.untilMs < nowMs ? undefined : coming.p;
  }

  guessed(w: string): void {
    this.fire('put where nothing is known');
    this.#guesses.add(w);
  }

  deletedUnseen(device: string, key: string): void {
    this.fire('deletion where nothing is known');
    const name = `${device} ${key}`;
    this.#deletions.set(name, (this.#deletions.get(name) ?? 0) + 1);
  }

  /** L1: what was guessed takes nobody's place, and a blind deletion is never lost. */
  judgeGuesses(inOrder: boolean, isWhole: (device: string) => boolean): void {
    for (const w of inOrder ? this.#misguided : []) {
      // What was made anew has forgotten that it was made on another edit.
      if (this.#guesses.has(w) && isWhole(w.split('-', 1)[0] ?? ''))
        this.violate(`${w} took the place of an item it had not seen`);
    }
    for (const [name, count] of this.#deletions) {
      const [device = '', key = ''] = name.split(' ');
      if (!isWhole(device) || this.hubLostPages) continue;
      const taken = this.#deleted.get(key) ?? 0;
      if (taken < count) this.violate(`${device} deleted ${key}, and the hub was not told`);
    }
  }

  /** Deletions that the hub was told of, or that are in quarantine. */
  kept(mutations: Entry['mutations']): void {
    for (const { key, isDeleted } of mutations) {
      if (!isDeleted) continue;
      const name = keyTextOf(key);
      this.#deleted.set(name, (this.#deleted.get(name) ?? 0) + 1);
    }
  }

  fire(fault: string, times = 1): void {
    if (times > 0) this.fired[fault] = (this.fired[fault] ?? 0) + times;
  }

  violate(what: string): void {
    if (this.violations.length < 50) this.violations.push(what);
  }

  refusal(_replica: string, entry: Uint8Array, share = refusedShare): string | undefined {
    const { id } = decodeEntry(entry);
    return this.refuses && (id[0] ?? 0) % 100 < share ? 'AccessDenied' : undefined;
  }

  /** The hub has raised a replica's mark: it consumes nothing below it any more. */
  greeted(output: object): void {
    const { ReplicaId, MarkSeq, MarkId } = output as Greeted;
    if (/^0+$/.test(MarkId)) this.#passed.set(ReplicaId, MarkSeq);
  }

  /** A page of a device's book is gone, and these entries may be with it. */
  lost(replica: Uint8Array, entries: readonly Entry[]): void {
    for (const { seq } of entries) this.#lost.add(`${hexOf(replica)} ${seq}`);
  }

  /** T1: a transaction is consumed whole, whatever was made anew. */
  #checkWhole(entry: Entry, kind: string, by: Judge): void {
    const { mutations, request, confirm } = entry;
    if (kind === 'refused' || request !== undefined) return;
    // Of what is left of it the hub says what became of the whole, and takes nothing.
    const asked = confirm === 'unknown' ? this.#askedAt(entry, by) : [];
    for (const { image } of mutations) {
      const w = image && String(decodeItem(image).get('w')?.value);
      const count = this.members.get(w?.split('.', 1)[0] ?? '') ?? mutations.length;
      const isPart = mutations.length !== count && !asked.some(([, { items }]) => items === count);
      if (w?.includes('.') && isPart) this.violate(`${w} came in part`);
    }
  }

  /**
   * As what the hub was asked for this number before its device lost what it was. What is made
   * anew of it is answered as the hub has answered that, though nobody heard it, unless it has
   * lost that too (docs/adr/0030).
   */
  #askedBefore(entry: Entry, by: Judge): readonly (readonly [id: string, asked: Asked])[] {
    return this.#askedAt(entry, by).filter(([one]) => one !== hexOf(entry.id));
  }

  /** The same, and itself, as it was when most of it was there. */
  #askedAt(entry: Entry, by: Judge): readonly (readonly [id: string, asked: Asked])[] {
    const { seq, stamp } = entry;
    if (!this.#lost.has(`${hexOf(stamp.replica)} ${seq}`)) return [];
    const asked = this.#asked.get(spotOf(entry, by)) ?? [];
    return [...asked].filter(([, { life }]) => life === by.life || !this.hubLostMarks);
  }

  /**
   * A row of this key that is not older was offered to a hub that was set back, and refused: it is
   * in quarantine, and what was written with an older one may be there without it (docs/adr/0025).
   */
  isBarred(key: string, stamp: Uint8Array): boolean {
    const barred = this.#barred.get(key);
    return barred !== undefined && compareBytes(barred, stamp) >= 0;
  }

  #bar({ stamp, mutations }: Entry): void {
    for (const { key } of mutations) {
      const name = keyTextOf(key);
      if (!this.isBarred(name, bytesOf(stamp))) this.#barred.set(name, bytesOf(stamp));
    }
  }

  /** A hub that dies over an entry may have taken it, and says nothing. */
  asked(input: object, by: Judge): void {
    const { Entry } = input as { readonly Entry: Uint8Array };
    const entry = decodeEntry(Entry);
    const spot = spotOf(entry, by);
    const ids = this.#asked.get(spot) ?? new Map<string, Asked>();
    const asked = { life: by.life, items: entry.mutations.length };
    // Under its own id too it may come again with less of it, where its device has lost an image.
    const isLess = asked.items < (ids.get(hexOf(entry.id))?.items ?? 1);
    if (!isLess) this.#asked.set(spot, ids.set(hexOf(entry.id), asked));
    this.#unheard.asked(entry, by);
  }

  /** What a hub has now may be of an entry that it took as it died. */
  shown(version: Shown): void {
    const entry = this.#unheard.find(version);
    if (entry === undefined) return;
    const id = hexOf(entry.id);
    const { replica } = entry.stamp;
    const known = this.entries.get(id);
    const isOfIt = known !== undefined && hexOf(known.stamp.replica) === hexOf(replica);
    // Another copy of it was heard of.
    if (isOfIt && known.items.length > 0) return;
    const isItsOwn = hexOf(version.stamp.replica) === hexOf(replica);
    const stamp = isItsOwn ? version.stamp : isOfIt ? known.stamp : entry.stamp;
    const items = itemsOf(entry);
    this.entries.set(`${id} ${hexOf(replica)}`, { kind: 'applied', stamp, items });
    const found = { items, held: undefined, isLate: this.isSetBack };
    this.ancestry?.note(entry, stamp, true, found);
  }

  /** The same of what it tells a device: that may have been written over by the end. */
  hubShows(changes: readonly PageChange[]): void {
    if (this.#unheard.isNone) return;
    for (const { table, key, stamp, image } of changes) {
      this.shown({ key: `${table} ${hexOf(key)}`, stamp, image: image && hexOf(image) });
    }
  }

  consumed(input: object, output: object, by: Judge): void {
    const { Entry } = input as { readonly Entry: Uint8Array };
    const { Kind: kind, Code, Ms: ms = 0, Counter: counter = 0, Changes } = output as Answer;
    if (kind === undefined) return;
    const entry = decodeEntry(Entry);
    const id = hexOf(entry.id);
    // Of a request that is answered without its items it says no more than of an empty entry.
    const isUntold = entry.request !== undefined && kind === 'applied' && Changes === undefined;
    const heard = isUntold ? { ...entry, mutations: [] } : entry;
    this.#unheard.heard(heard, kind, { ...entry.stamp, ms, counter }, by);
    const { isHeard, isAgain } = this.#hear(
      entry,
      this.#isWithdrawn(entry, by) ? 'withdrawn' : kind,
      bytesOf({ ...entry.stamp, ms, counter }),
      by,
    );
    if (isOffered(entry.confirm)) this.fire('row offered');
    if (isOffered(entry.confirm) && kind === 'refused') this.#bar(entry);
    this.fetches?.sent(entry);
    const before = this.#before(id, entry);
    if (before !== undefined) {
      const isSame =
        before.kind === kind &&
        compareBytes(bytesOf(before.stamp), bytesOf({ ...before.stamp, ms, counter })) === 0;
      // Under a new id of the device the hub decides once more, on what is there by now.
      const isAnother = hexOf(before.stamp.replica) !== hexOf(entry.stamp.replica);
      // A hub that was set back may take what it had refused; a late copy of what is settled it
      // does not take.
      const wasRefused = before.kind === 'refused' && kind !== 'refused';
      const isTaken = this.isSetBack && wasRefused && !isAgain;
      // What it had taken before, it takes under another stamp.
      const isMoved = this.isSetBack && !isSame && kind !== 'refused' && !isAgain;
      if (isTaken) this.#checkReads(entry, by, true);
      // Of a request that was refused the marks alone are known.
      const marks = isTaken ? [...before.items.map(({ w }) => w), ...this.#marksOf(entry)] : [];
      for (const w of marks) if (w !== undefined) this.outcomes.set(w, kind);
      const stamp = { ms, counter, replica: entry.stamp.replica };
      // Of one half of a clone it may take what it had refused to the other.
      if (isAnother && !isAgain && kind === 'applied' && entry.request === undefined)
        this.entries.set(`${id} ${hexOf(stamp.replica)}`, { kind, stamp, items: itemsOf(entry) });
      if (isAnother || isTaken || isMoved) {
        const items = this.#written(entry, before.items);
        const found = { items, held: undefined, isLate: this.isSetBack };
        this.ancestry?.note(entry, stamp, kind !== 'refused', found);
      }
      if (isAnother && entry.request !== undefined && before.kind === 'applied') {
        this.violate(`entry ${id} was executed under two ids`);
      }
      if (isAnother && entry.confirm !== undefined) return;
      // It is executed once more if it is under another stamp of the hub; one of a mark that was
      // lost is answered under its own.
      const isStamped = ms !== entry.stamp.ms || counter !== entry.stamp.counter;
      const isExecuted = before.kind === 'applied' && kind === 'applied' && isStamped && !isSame;
      // Who had taken nothing since a backup cannot see that the hub was set back to it.
      const isForgotten = this.hubLostPages || this.isSetBack;
      if (entry.request !== undefined && isExecuted && !isForgotten) {
        this.violate(`entry ${id} was executed twice`);
      }
      const mayDiffer = this.isCloned || kind === before.kind || kind === 'applied';
      const isAnew = isForgotten || (isAnother && mayDiffer);
      // What the replica has settled, the hub may have forgotten: then it says that, and no answer.
      if (!isSame && !isAnew) this.violate(`entry ${id}: ${before.kind}, then ${kind}`);
      return;
    }
    const replica = hexOf(entry.stamp.replica);
    // An entry that was made anew after a loss is answered as the one that the hub has had; and a
    // late copy of one that its device has lost, as if the hub had had it.
    if (!this.isSetBack && (isHeard || entry.seq <= (this.#passed.get(replica) ?? 0))) return;
    if (!isOffered(entry.confirm)) this.#checkWhole(entry, kind, by);
    this.fire(`entry ${kind}`);
    if (kind === 'refused' && Code === 'KeyTaken') this.fire('older item refused');
    const stamp = { ms, counter, replica: entry.stamp.replica };
    const held = this.ancestry && new Map(this.#held);
    this.#checkBases(id, kind, stamp, entry);
    if (kind !== 'refused') this.#checkReads(entry, by, false);
    if (ms !== entry.stamp.ms) this.fire('stamp replaced');
    this.kept(entry.mutations);
    const isSent = entry.request !== undefined;
    const items =
      isSent && this.sales !== undefined
        ? this.sales.executed(entry, kind, stamp, output)
        : itemsOf(entry);
    for (const w of this.#marksOf(entry)) this.outcomes.set(w, kind);
    this.#show(kind, stamp, items);
    const unheard = this.#askedBefore(entry, by).map(([one]) => one);
    this.entries.set(id, { kind, stamp, items, isEmpty: entry.mutations.length === 0, unheard });
    this.ancestry?.note(entry, stamp, kind !== 'refused', {
      ...{ items: this.#written(entry, items), held, isLate: this.isSetBack },
      isApplied: kind === 'applied',
    });
    const marks = new Map(items.map(({ key, w }) => [key, w ?? '']));
    for (const { w } of items) {
      if (w === undefined) continue;
      this.outcomes.set(w, kind);
      // Taken before, it stands as it was, though what was made anew of it is refused (ADR 30), or
      // superseded under a new id.
      if (kind !== 'applied' && this.stamps.has(w)) continue;
      const bytes = bytesOf(stamp);
      const least = this.firstStamps.get(w) ?? bytes;
      if (kind === 'applied')
        this.firstStamps.set(w, compareBytes(bytes, least) < 0 ? bytes : least);
      this.stamps.set(w, bytes);
      if (items.length > 1) this.companions.set(w, marks);
    }
  }

  /**
   * What became of it before. One half of a clone may have withdrawn what the other sends: that it
   * came empty says nothing of what is in it.
   */
  #before(id: string, { stamp, mutations }: Entry): Consumed | undefined {
    const before = this.entries.get(id);
    const isOfAnother = before && hexOf(before.stamp.replica) !== hexOf(stamp.replica);
    const isNews = isOfAnother && before.isEmpty === true && mutations.length > 0;
    return isNews ? undefined : before;
  }

  /** What the hub has told of what came of it counts before what the entry says itself. */
  #written(
    entry: Entry,
    told: Consumed['items'],
  ): readonly { readonly key: string; readonly w: string | undefined }[] {
    return [...told, ...(this.sales?.said(entry) ?? [])];
  }

  /** Notes what is said of an entry: whether the hub had said so before, and in this life. */
  #hear(entry: Entry, kind: string, stamp: Uint8Array, by: Judge): Heard {
    const { life } = by;
    const spot = spotOf(entry, by);
    const known = this.#kinds.get(spot);
    const isAgain = known !== undefined && known.life >= life;
    if (!isAgain) this.#kinds.set(spot, { life, kind, stamp });
    // Where both have lost what they knew of the number, it is another entry's from now on.
    const isAnother = known !== undefined && compareBytes(known.stamp, stamp) !== 0;
    const isForgotten = this.hubLostMarks && !isAgain && isAnother;
    return { isHeard: known !== undefined && !isForgotten, isAgain };
  }

  /** What it said was taken back before the hub was asked for it. */
  #isWithdrawn(entry: Entry, by: Judge): boolean {
    return entry.voidedBy !== undefined && !this.#asked.has(spotOf(entry, by));
  }

  /** Of the writes that a request asks for. */
  #marksOf(entry: Entry): readonly string[] {
    return this.sales?.marks(entry) ?? [];
  }

  /** T4: what has read a refused entry falls with it. `inOneLife`: both were judged in it. */
  #checkReads({ id, stamp, mutations }: Entry, { name, life }: Judge, inOneLife: boolean): void {
    for (const { base } of mutations) {
      if (base.kind !== 'on' || !base.isRead) continue;
      const read = this.#kinds.get(`${name} ${hexOf(stamp.replica)} ${base.seq}`);
      const isFallen = read?.kind === 'refused' || read?.kind === 'withdrawn';
      if (!isFallen || (inOneLife && read.life < life)) continue;
      // Who sent it has it no more, and who refused it does not know that (docs/adr/0030).
      const isLost = this.#lost.has(`${hexOf(stamp.replica)} ${base.seq}`);
      if (isLost && this.hubLostMarks && read.life < life) continue;
      this.violate(`entry ${hexOf(id)} was taken though what it read was refused`);
    }
  }

  /** U31: what was there before the first contact takes nobody's place. */
  #show(kind: string, stamp: Stamp, items: Consumed['items']): void {
    if (kind === 'refused') return;
    for (const { key, image, w = '' } of items) {
      const there = this.#shown.get(key);
      if (this.older.has(w) && there !== undefined && there !== image) this.usurpers.push(w);
      const held = this.#held.get(key);
      if (held === undefined || compareStamps(stamp, held) >= 0) this.#shown.set(key, image);
    }
  }

  /**
   * An edit is above what it was made on. What it replaces without having seen it must be in the
   * log of conflicts.
   */
  #checkBases(id: string, kind: string, stamp: Stamp, entry: Entry): void {
    const replica = hexOf(stamp.replica);
    for (const { base, table, key, image } of entry.mutations) {
      if (base.kind === 'stamp' && compareStamps(stamp, base.stamp) <= 0) {
        this.violate(`entry ${id} is not above what it was made on`);
      }
      if (kind === 'refused') continue;
      const name = `${table} ${hexOf(key)}`;
      const there = this.#shown.get(name);
      const isOver = image !== undefined && there !== undefined && there !== hexOf(image);
      if (base.kind === 'none' && isOver && entry.request === undefined)
        this.#misguided.push(String(decodeItem(image).get('w')?.value));
      const held = this.#held.get(name);
      // What superseded it may be told of later, where a hub died before it had answered.
      const isBelow = kind === 'superseded' && entry.mutations.length === 1;
      const isAbove = held === undefined || compareStamps(stamp, held) > 0;
      if (isAbove && !isBelow) this.#held.set(name, stamp);
      if (held === undefined || entry.request !== undefined) continue;
      const isSeen =
        base.kind === 'stamp'
          ? compareStamps(base.stamp, held) === 0
          : base.kind === 'on' && hexOf(held.replica) === replica;
      if (!isSeen) this.conflicts.add(id);
    }
  }

  /** Items that are on their way to a device: what had lost its version is stamped anew. */
  hubSays(changes: readonly PageChange[]): void {
    for (const { stamp, image } of changes) {
      const w = image && decodeItem(image).get('w')?.value;
      if (typeof w !== 'string') continue;
      const before = this.shownAs(w);
      const bytes = bytesOf(stamp);
      if (before !== undefined && compareBytes(bytes, before) > 0) this.#stampsAnew.set(w, bytes);
    }
  }

  /** The stamp under which a device shows the image, or did before another. */
  shownAs(w: string): Uint8Array | undefined {
    return this.#stampsAnew.get(w) ?? this.stamps.get(w);
  }

  /** What the hub had before anybody was in touch with it. */
  begunWith(hub: Stored): void {
    const { reader, table } = hub;
    for (const [bytes, value] of entriesOf(reader, table.replica?.versions ?? 0)) {
      const image = reader.get(table.tree, bytes);
      const key = `${table.replica?.global} ${hexOf(bytes)}`;
      const { stamp } = decodeVersion(value);
      const items = [{ key, image: image && hexOf(image), w: undefined }];
      this.entries.set(`older ${key}`, { kind: 'applied', stamp, items });
      this.#held.set(key, stamp);
      this.#shown.set(key, image && hexOf(image));
    }
  }

  /** Ids of entries that lost, and of which the log of conflicts says nothing. */
  unsaid(logged: ReadonlySet<string>): readonly string[] {
    return [...this.entries].flatMap(([id, { kind, unheard = [] }]) => {
      const isSaid = [id, ...unheard].some((one) => logged.has(one));
      return kind === 'superseded' && !isSaid ? [id] : [];
    });
  }

  /** What each key must come to. */
  expected(): ReadonlyMap<string, Expected> {
    const best = new Map<string, Expected>();
    for (const { kind, stamp, items } of this.entries.values()) {
      if (kind === 'refused') continue;
      for (const { key, image } of items) {
        const there = best.get(key);
        const bytes = bytesOf(stamp);
        if (there === undefined || compareBytes(there.stamp, bytes) < 0) {
          best.set(key, { stamp: bytes, image });
        }
      }
    }
    return best;
  }
}

function spotOf({ seq, stamp }: Entry, { name }: Judge): string {
  return `${name} ${hexOf(stamp.replica)} ${seq}`;
}

function itemsOf({ mutations }: Entry): Consumed['items'] {
  return mutations.map(({ table, key, image }) => {
    const w = image && String(decodeItem(image).get('w')?.value);
    return { key: `${table} ${hexOf(key)}`, image: image && hexOf(image), w };
  });
}

/** The value of a partition key that is a short text, of the stored key that it is all of. */
function keyTextOf(key: Uint8Array): string {
  return [...key.subarray(4)]
    .filter((byte) => byte > 32)
    .map((byte) => String.fromCharCode(byte))
    .join('');
}

function bytesOf(stamp: Stamp): Uint8Array {
  return stampBytes(stamp);
}
