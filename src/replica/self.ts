/**
 * What a database is among replicas: its role, its id, and the trees that hold the rest.
 *
 * One item of the system tree (docs/formats/replica.md), written when replication is turned on. All
 * tabs of a browser profile are one replica.
 */
import { assert } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';
import { clockZero } from '../base/hlc.ts';
import type { Mutation } from '../log/commit.ts';
import type { TableReplica } from '../table/state.ts';
import { replicaTree } from '../table/system.ts';
import { putSystemItem } from '../table/system-items.ts';
import type { TreeReader } from '../tree/reader.ts';
import { decodeItem } from '../value/codec.ts';
import type { Item } from '../value/value.ts';
import { encodeState, put, stateKey } from './book.ts';

export interface ReplicaSelf {
  readonly role: TableReplica['role'];
  /** 16 bytes. */
  readonly id: Uint8Array;
  /** Tree of the book. */
  readonly book: number;
  /** What the device's clock lacks of the hub's, milliseconds; undefined until it was measured. */
  readonly offsetMs?: number | undefined;
  /** A part of the book or of versions is lost: until that is made anew, nothing is written. */
  readonly isMending?: boolean | undefined;
}

const selfKey = utf8('self');
const format = 1;

/** Undefined while replication is off. */
export function findSelf(reader: TreeReader): ReplicaSelf | undefined {
  const bytes = reader.get(replicaTree, selfKey);
  return bytes === undefined ? undefined : selfOf(decodeItem(bytes));
}

export function putSelf(reader: TreeReader, self: ReplicaSelf): Mutation {
  return putSystemItem(reader, replicaTree, selfKey, selfItem(self));
}

/** The first state of a book. */
export function beginBook(book: number): Mutation {
  return put(book, stateKey, undefined, encodeState({ next: 1, clock: clockZero }));
}

function selfItem({ role, id, book, offsetMs, isMending }: ReplicaSelf): Item {
  return new Map([
    ['format', { type: 'N', value: String(format) }],
    ['role', { type: 'S', value: role }],
    ['id', { type: 'B', value: id }],
    ['book', { type: 'N', value: String(book) }],
    ...(offsetMs === undefined
      ? []
      : [['offsetMs', { type: 'N', value: String(offsetMs) }] as const]),
    ...(isMending === true ? [['mending', { type: 'BOOL', value: true }] as const] : []),
  ]);
}

function selfOf(item: Item): ReplicaSelf {
  const id = item.get('id');
  const role = item.get('role')?.value;
  const known = item.get('format')?.value === String(format) && id?.type === 'B';
  assert(known && (role === 'device' || role === 'hub'), 'a malformed description of a replica');
  const offset = item.get('offsetMs')?.value;
  return {
    role,
    id: id.value,
    book: Number(item.get('book')?.value),
    offsetMs: offset === undefined ? undefined : Number(offset),
    isMending: item.has('mending') || undefined,
  };
}
