/**
 * An entry: one commit of a device on replicated tables, as its outbox keeps it and the hub takes
 * it. A transaction is one entry.
 *
 * In the outbox the images lie beside the entry, as values that the log shares with the items
 * themselves; on their way to the hub they are in it. Layout in docs/formats/replica.md.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import type { Stamp } from '../base/hlc.ts';
import { transactionActionsMax } from '../base/limits.ts';
import { type Names, wholeNames } from './names.ts';
import { forms, type SentRequest } from './request.ts';

/** What a mutation was made on: a version, nothing, or an entry that the hub had not answered. */
export type Base =
  | { readonly kind: 'none' }
  | { readonly kind: 'stamp'; readonly stamp: Stamp }
  /** `isRead`: what that entry wrote was looked at, so this stands or falls with it. */
  | { readonly kind: 'on'; readonly seq: number; readonly isRead: boolean };

export interface EntryMutation {
  /** The table's name among replicas. */
  readonly table: string;
  readonly key: Uint8Array;
  readonly base: Base;
  /** The item was deleted. */
  readonly isDeleted: boolean;
  /** The stored item, where the entry carries it. */
  readonly image?: Uint8Array | undefined;
}

export interface Entry {
  /** Dense, from 1. */
  readonly seq: number;
  /** 16 random bytes: two entries of one number are told apart. */
  readonly id: Uint8Array;
  readonly stamp: Stamp;
  /**
   * What it said was withdrawn, since the entry of this number, which it depends on, was refused.
   */
  readonly voidedBy?: number | undefined;
  /** On what the hub decides, whatever the stamps say; undefined: the greater stamp stands. */
  readonly confirm?: Confirm | undefined;
  /** Of a confirmed one: the hub refuses it when it is older than so many milliseconds. */
  readonly expiresMs?: number | undefined;
  /** What the hub executes; the images are what the device has guessed. */
  readonly request?: SentRequest | undefined;
  readonly mutations: readonly EntryMutation[];
}

/**
 * What the hub looks at before it takes an entry, under a stamp of its own.
 * `free`: none of its keys has an item. `unchanged`: what each mutation was made on still stands.
 * `unknown`: nothing; the hub may have taken it under another id, and it goes to quarantine.
 * `always`: nothing, as the write did not. `request`: it executes the request on its own items.
 */
export type Confirm = 'free' | 'unchanged' | 'unknown' | 'always' | 'request' | Offered;

/** What a device has, and its hub may have lost (survey.ts): the greater stamp stands. */
export type Offered = 'offer' | 'bring' | 'doubt';

const idBytes = 16;
const confirms: readonly (Confirm | undefined)[] = [
  undefined,
  'free',
  'unchanged',
  'unknown',
  'offer',
  'bring',
  'doubt',
  'always',
  'request',
];

// Flags of a mutation; the kind of its base is in the lowest two bits.
const baseKinds = ['none', 'stamp', 'on'] as const;
const readFlag = 4;
const deletedFlag = 8;
const imageFlag = 16;

export function encodeEntry(entry: Entry, names: Names = wholeNames): Uint8Array {
  const writer = new ByteWriter(256);
  writer.varint(entry.seq);
  writer.raw(entry.id);
  names.putStamp(writer, entry.stamp);
  writer.varint(entry.voidedBy ?? 0);
  writer.varint(entry.mutations.length);
  for (const mutation of entry.mutations) writeMutation(writer, mutation, names);
  const { confirm, expiresMs = 0, request } = entry;
  if (confirm !== undefined) writer.byte(confirms.indexOf(confirm));
  if (confirm === 'always' || confirm === 'request') writer.varint(expiresMs);
  if (confirm === 'request' && request !== undefined) {
    writer.text(request.operation);
    writer.byte(forms.indexOf(request.form));
    writer.block(request.input);
  }
  return writer.take();
}

/** Throws Corruption on bytes that are no entry. */
export function decodeEntry(bytes: Uint8Array, names: Names = wholeNames): Entry {
  const reader = new ByteReader(bytes);
  const seq = reader.varint();
  const id = reader.raw(idBytes);
  const stamp = names.stamp(reader);
  const voidedBy = reader.varint();
  const count = reader.varint();
  if (count > transactionActionsMax) throw new Corruption(`replica: an entry of ${count} items`);
  const mutations = Array.from({ length: count }, () => readMutation(reader, names));
  const kept = { seq, id, stamp, voidedBy: voidedBy === 0 ? undefined : voidedBy, mutations };
  const asked = reader.done ? {} : readConfirm(reader);
  if (!reader.done) throw new Corruption('replica: bytes after an entry');
  return { ...kept, ...asked };
}

function readConfirm(reader: ByteReader): Pick<Entry, 'confirm' | 'expiresMs' | 'request'> {
  const confirm = confirms[reader.byte()];
  if (confirm === undefined) throw new Corruption('replica: an entry of no kind');
  if (confirm !== 'always' && confirm !== 'request') return { confirm };
  const expiresMs = reader.varint() || undefined;
  if (confirm === 'always') return { confirm, expiresMs };
  const operation = reader.text();
  const form = forms[reader.byte()];
  if (form === undefined) throw new Corruption('replica: a request of no form');
  return { confirm, expiresMs, request: { operation, form, input: reader.block() } };
}

/** The hub decides on it, whatever its stamp is; until then what it shows is a guess. */
export function isGuessed(confirm: Confirm | undefined): boolean {
  return confirm !== undefined && !isOffered(confirm);
}

/** Of a mutation with its image: what a request had guessed was on a page that is lost. */
export function isImageLost({ isDeleted, image }: EntryMutation): boolean {
  return !isDeleted && image === undefined;
}

export function isOffered(confirm: Confirm | undefined): confirm is Offered {
  return confirm === 'offer' || confirm === 'bring' || confirm === 'doubt';
}

/** The id of an entry that is not looked at further. */
export function idOf(bytes: Uint8Array): Uint8Array {
  const reader = new ByteReader(bytes);
  reader.varint();
  return reader.raw(idBytes);
}

function writeMutation(writer: ByteWriter, mutation: EntryMutation, names: Names): void {
  const { table, key, base, isDeleted, image } = mutation;
  let flags = baseKinds.indexOf(base.kind);
  if (base.kind === 'on' && base.isRead) flags |= readFlag;
  if (isDeleted) flags |= deletedFlag;
  if (image !== undefined) flags |= imageFlag;
  writer.byte(flags);
  names.putTable(writer, table);
  writer.block(key);
  if (base.kind === 'stamp') names.putStamp(writer, base.stamp);
  if (base.kind === 'on') writer.varint(base.seq);
  if (image !== undefined) writer.block(image);
}

function readMutation(reader: ByteReader, names: Names): EntryMutation {
  const flags = reader.byte();
  const table = names.table(reader);
  const key = reader.block();
  const base = readBase(reader, flags, names);
  const image = flags & imageFlag ? reader.block() : undefined;
  return { table, key, base, isDeleted: (flags & deletedFlag) !== 0, image };
}

function readBase(reader: ByteReader, flags: number, names: Names): Base {
  const kind = baseKinds[flags & 3];
  if (kind === undefined) throw new Corruption('replica: a base of no kind');
  if (kind === 'stamp') return { kind, stamp: names.stamp(reader) };
  if (kind === 'on') return { kind, seq: reader.varint(), isRead: (flags & readFlag) !== 0 };
  return { kind };
}
