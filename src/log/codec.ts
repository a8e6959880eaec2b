/**
 * Commits as bytes: the content of a turn (docs/formats/log.md).
 *
 * What consecutive commits share (replica, next sequence number, same millisecond, table) is said
 * in one byte of flags, so that a small put costs little more than its key and its value.
 * Invariants
 * - Decoded keys and values are views of the bytes given: nothing is copied.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, type ByteWriter, equalBytes } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { callerKinds } from './change.ts';
import type { Attach, Commit, Mutation, Recorded } from './commit.ts';

// Flags of a commit.
const sameReplica = 1;
const nextSequence = 2;
const sameMs = 4;
const hasOrigin = 8;
const hasTransaction = 16;
const isTransactionEnd = 32;
const hasAttach = 64;
const sameTable = 128;

// Flags of a mutation.
const hasValue = 1;
const hasSizeBefore = 2;
const hasSizeAfter = 4;
const hasBefore = 8;
const ofTable = 16;
const sameValue = 32;
const isRecorded = 64;
const ofVersion = 128;

/** How many choices of images there are. */
const imageKinds = 4;

export function writeCommits(writer: ByteWriter, commits: readonly Commit[]): void {
  writer.varint(commits.length);
  let last: Commit | undefined;
  for (const commit of commits) {
    writeCommit(writer, commit, last);
    last = commit;
  }
}

export function decodeCommits(bytes: Uint8Array): readonly Commit[] {
  const reader = new ByteReader(bytes);
  const count = reader.varint();
  const commits: Commit[] = [];
  let last: Commit | undefined;
  for (let index = 0; index < count; index += 1) {
    last = readCommit(reader, last);
    commits.push(last);
  }
  if (!reader.done) throw new Corruption('log: bytes after the last commit of a turn');
  return commits;
}

function writeCommit(writer: ByteWriter, commit: Commit, last: Commit | undefined): void {
  const flags = flagsOf(commit, last);
  const { stamp } = commit;
  writer.byte(flags);
  writer.byte(callerKinds.indexOf(commit.caller));
  if (!(flags & sameReplica)) {
    assert(stamp.replica.length === 16, 'a replica id has 16 bytes');
    writer.raw(stamp.replica);
  }
  if (!(flags & nextSequence)) writer.varint(commit.sequence);
  if (!(flags & sameMs)) writer.varint(stamp.ms);
  writer.varint(stamp.counter);
  if (commit.origin !== undefined) writer.block(commit.origin);
  if (flags & hasTransaction) writer.varint(commit.transaction);
  writer.varint(commit.units);
  if (!(flags & sameTable)) writer.varint(commit.table);
  writer.varint(commit.mutations.length);
  let value: Uint8Array | undefined;
  for (const mutation of commit.mutations) {
    writeMutation(writer, mutation, commit.table, value);
    value = mutation.value;
  }
  if (commit.attach === undefined) return;
  writer.varint(commit.attach.length);
  for (const { tree, page, height, entries, bytes } of commit.attach) {
    writer.varint(tree);
    writer.varint(page);
    writer.varint(height);
    writer.varint(entries);
    writer.varint(bytes);
  }
}

function flagsOf(commit: Commit, last: Commit | undefined): number {
  const { stamp } = commit;
  let flags = 0;
  if (last !== undefined) {
    if (equalBytes(last.stamp.replica, stamp.replica)) flags |= sameReplica;
    if (last.sequence + 1 === commit.sequence) flags |= nextSequence;
    if (last.stamp.ms === stamp.ms) flags |= sameMs;
    if (last.table === commit.table) flags |= sameTable;
  }
  if (commit.origin !== undefined) flags |= hasOrigin;
  if (commit.transaction !== 0) flags |= hasTransaction;
  if (commit.transactionEnd) flags |= isTransactionEnd;
  if (commit.attach !== undefined) flags |= hasAttach;
  return flags;
}

function readCommit(reader: ByteReader, last: Commit | undefined): Commit {
  const flags = reader.byte();
  const needsLast = (flags & (sameReplica | nextSequence | sameMs | sameTable)) !== 0;
  if (needsLast && last === undefined) throw new Corruption('log: a first commit has none before');
  const before = last as Commit;
  const caller = callerKinds[reader.byte()];
  if (caller === undefined) throw new Corruption('log: unknown caller');
  const replica = flags & sameReplica ? before.stamp.replica : reader.raw(16);
  const sequence = flags & nextSequence ? before.sequence + 1 : reader.varint();
  const ms = flags & sameMs ? before.stamp.ms : reader.varint();
  const counter = reader.varint();
  const origin = flags & hasOrigin ? reader.block() : undefined;
  const transaction = flags & hasTransaction ? reader.varint() : 0;
  const units = reader.varint();
  const table = flags & sameTable ? before.table : reader.varint();
  const count = reader.varint();
  const mutations: Mutation[] = [];
  let value: Uint8Array | undefined;
  for (let index = 0; index < count; index += 1) {
    const mutation = readMutation(reader, table, value);
    mutations.push(mutation);
    value = mutation.value;
  }
  return {
    sequence,
    stamp: { ms, counter, replica },
    origin,
    transaction,
    transactionEnd: (flags & isTransactionEnd) !== 0,
    caller,
    units,
    table,
    mutations,
    attach: flags & hasAttach ? readAttach(reader) : undefined,
  };
}

/** `last`: the value of the mutation before it, which an index that projects all shares. */
function writeMutation(
  writer: ByteWriter,
  mutation: Mutation,
  table: number,
  last: Uint8Array | undefined,
): void {
  const { tree, key, value, sizeBefore, sizeAfter, before, recorded, isVersion } = mutation;
  let flags = 0;
  if (value !== undefined) flags |= value === last ? sameValue : hasValue;
  if (sizeBefore !== undefined) flags |= hasSizeBefore;
  if (sizeAfter !== undefined) flags |= hasSizeAfter;
  if (before !== undefined) flags |= hasBefore;
  if (tree === table) flags |= ofTable;
  if (recorded !== undefined) flags |= isRecorded;
  if (isVersion === true) flags |= ofVersion;
  writer.byte(flags);
  if (tree !== table) writer.varint(tree);
  writer.block(key);
  if (flags & hasValue) writer.block(value as Uint8Array);
  if (sizeBefore !== undefined) writer.varint(sizeBefore);
  if (sizeAfter !== undefined) writer.varint(sizeAfter);
  if (before !== undefined) writer.block(before);
  if (recorded !== undefined) writer.varint(recorded.tree * imageKinds + recorded.images);
}

function readMutation(reader: ByteReader, table: number, last: Uint8Array | undefined): Mutation {
  const flags = reader.byte();
  if (flags & sameValue && last === undefined) {
    throw new Corruption('log: a mutation shares a value that is not there');
  }
  return {
    tree: flags & ofTable ? table : reader.varint(),
    key: reader.block(),
    value: flags & sameValue ? last : flags & hasValue ? reader.block() : undefined,
    sizeBefore: flags & hasSizeBefore ? reader.varint() : undefined,
    sizeAfter: flags & hasSizeAfter ? reader.varint() : undefined,
    before: flags & hasBefore ? reader.block() : undefined,
    recorded: flags & isRecorded ? readRecorded(reader) : undefined,
    isVersion: flags & ofVersion ? true : undefined,
  };
}

function readRecorded(reader: ByteReader): Recorded {
  const number = reader.varint();
  const images = number % imageKinds;
  return { tree: (number - images) / imageKinds, images };
}

function readAttach(reader: ByteReader): readonly Attach[] {
  const count = reader.varint();
  const attach: Attach[] = [];
  for (let index = 0; index < count; index += 1) {
    attach.push({
      tree: reader.varint(),
      page: reader.varint(),
      height: reader.varint(),
      entries: reader.varint(),
      bytes: reader.varint(),
    });
  }
  return attach;
}
