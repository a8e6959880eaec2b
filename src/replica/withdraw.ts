/**
 * Entries of a device that do not stand: those that the hub has refused, and those that may have
 * been executed already under an id that this device has given up. They go to quarantine with all
 * that read what they wrote, and so on; what shows then is the newest edit that still stands, or
 * what the hub has, as far as is known. Entries are dense, so one that nobody has answered keeps
 * its number, and is sent empty.
 */
import { mapKey } from '../base/bytes.ts';
import type { ItemDraft } from '../table/items.ts';
import type { TreeReader } from '../tree/reader.ts';
import { remember } from './answered.ts';
import { entryKey, put } from './book.ts';
import { encodeEntry, type Entry, isGuessed, isImageLost } from './entry.ts';
import type { Link } from './link.ts';
import { entriesFrom, type KeptEntry, removeEntry, removeImages, withImages } from './outbox.ts';
import type { PageChange } from './page.ts';
import { encodeQuarantined, quarantineKey } from './quarantine.ts';
import type { Mutation } from '../log/commit.ts';
import type { Written } from './resolve.ts';
import { findHeld, newest, type SettleContext } from './shown.ts';

/** What the hub has told of items besides; each is taken once. */
export class Told {
  readonly #changes: Map<string, PageChange>;

  constructor(changes: readonly PageChange[]) {
    this.#changes = new Map(changes.map((one) => [spotOf(one.table, one.key), one]));
  }

  take(table: string, key: Uint8Array): PageChange | undefined {
    const spot = spotOf(table, key);
    const change = this.#changes.get(spot);
    this.#changes.delete(spot);
    return change;
  }

  rest(): readonly PageChange[] {
    return [...this.#changes.values()];
  }
}

function spotOf(table: string, key: Uint8Array): string {
  return `${table} ${mapKey(key)}`;
}

/** The hub has refused it. */
export function refuse(context: SettleContext, root: KeptEntry, code: string, told: Told): void {
  const { seq } = root.entry;
  withdrawAll(context, new Map([[seq, code]]), seq, told);
  context.display.add(removeEntry(context.reader, context.book, root));
}

/**
 * Entries that the hub may have executed under the id that is given up: nobody can say, so nobody
 * sends them again (SYNC-scenarios.md, U19). Those are the ones that were sent from here, and those
 * that the other half has sent, which the hub's mark tells. Nothing where there is none.
 */
export function withdrawUnknown(
  context: SettleContext,
  link: Link,
  markSeq: number,
): readonly ItemDraft[] {
  return withdrawThose(context, Math.max(link.sent, markSeq), ({ confirm }) => {
    return confirm === 'request' || confirm === 'always';
  });
}

/**
 * Requests that were sent to a hub that is not the one it was: what it has made of them others may
 * bring back. Those up to the mark it has had, and answers. Nothing where there is none.
 */
export function withdrawSent(
  context: SettleContext,
  link: Link,
  markSeq: number,
): readonly ItemDraft[] {
  return withdrawThose(context, link.sent, ({ seq, confirm }) => {
    return seq > markSeq && confirm === 'request';
  });
}

function withdrawThose(
  context: SettleContext,
  last: number,
  isUnknown: (entry: Entry) => boolean,
): readonly ItemDraft[] {
  const roots = new Map<number, string>();
  for (const { entry } of entriesFrom(context.reader, context.book, 0)) {
    if (entry.seq > last) break;
    if (isUnknown(entry) && entry.mutations.length > 0) roots.set(entry.seq, 'OutcomeUnknown');
  }
  if (roots.size === 0) return [];
  withdrawAll(context, roots, undefined, new Told([]));
  return context.display.drafts();
}

/** `answered`: the root, where the hub has answered it; all before it were answered too. */
function withdrawAll(
  context: SettleContext,
  roots: ReadonlyMap<number, string>,
  answered: number | undefined,
  told: Told,
): void {
  const { reader, book, display } = context;
  const fallen = new Map<number, KeptEntry>();
  const standing: Entry[] = [];
  for (const kept of entriesFrom(reader, book, answered ?? 0)) {
    const { entry } = kept;
    const isOnFallen = entry.mutations.some(
      ({ base }) => base.kind === 'on' && base.isRead && fallen.has(base.seq),
    );
    if (roots.has(entry.seq) || isOnFallen) fallen.set(entry.seq, kept);
    else standing.push(entry);
  }
  rollBack(context, [...fallen.values()], standing, { told });
  for (const kept of fallen.values()) {
    const { seq } = kept.entry;
    const code = roots.get(seq) ?? 'DependsOnRefused';
    const whole = encodeQuarantined({ entry: withImages(reader, book, kept.entry), code });
    display.add([put(book, quarantineKey(seq), undefined, whole)]);
    display.add(remember(reader, book, seq, 'refused'));
    if (seq !== answered) display.add(withdraw(reader, book, kept, answered ?? seq));
  }
}

/**
 * Each item that a fallen entry wrote shows what stands without it, or what the hub has told,
 * unless it is in `done`.
 */
export function rollBack(
  { reader, book, tables, display }: SettleContext,
  fallen: readonly KeptEntry[],
  standing: readonly Entry[],
  { told, done = new Set() }: { readonly told?: Told; readonly done?: Set<string> },
): void {
  for (const { table: name, key } of fallen.flatMap(({ entry }) => entry.mutations)) {
    const table = tables.get(name);
    const spot = spotOf(name, key);
    if (table === undefined || done.has(spot)) continue;
    done.add(spot);
    const held = findHeld(reader, book, table, key);
    const own = newestOwn(reader, book, standing, name, key);
    const base = newest(held.base, told?.take(name, key));
    display.showOwn(held, newest(own?.written, base), own?.seq, own ?? {});
    if (own === undefined) display.keep(held, undefined);
    else if (base !== held.base) display.keep(held, base);
  }
}

interface Own {
  readonly written: Written;
  readonly seq: number;
  readonly isGuess: boolean;
  readonly members: number;
}

/** The newest edit of an item among `standing`, with its image. */
function newestOwn(
  reader: TreeReader,
  book: number,
  standing: readonly Entry[],
  table: string,
  key: Uint8Array,
): Own | undefined {
  const name = mapKey(key);
  for (const entry of standing.toReversed()) {
    const whole = withImages(reader, book, entry);
    const own = whole.mutations.find((one) => one.table === table && mapKey(one.key) === name);
    if (own === undefined || isImageLost(own)) continue;
    const { stamp, seq, confirm, mutations } = entry;
    const written = { stamp, image: own.image };
    return { written, seq, isGuess: isGuessed(confirm), members: mutations.length };
  }
  return undefined;
}

/** The entry goes empty; `voidedBy`: because of which. */
export function withdraw(
  reader: TreeReader,
  book: number,
  { entry, bytes }: KeptEntry,
  voidedBy: number,
): readonly Mutation[] {
  const { seq, id, stamp } = entry;
  const empty = encodeEntry({ seq, id, stamp, voidedBy, mutations: [] });
  return [put(book, entryKey(seq), bytes, empty), ...removeImages(reader, book, entry)];
}
