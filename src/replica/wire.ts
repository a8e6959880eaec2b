/**
 * A message as a frame of bytes, and back (docs/formats/sync-wire.md).
 *
 *   'ts'  protocol (1)  kind (1)  length of the body (4)  CRC-32C of all else (4)  body
 *
 * The body is the replica that speaks or is spoken to (16), the number of the message, and its
 * members in the order of its layout.
 * Invariants
 * - A frame that is not whole, not intact or not of this protocol is a WireFault, and nothing else.
 * - What a layout has no row for does not compile: no member of a message is left out.
 */
import { AssertionFailure, must } from '../base/assert.ts';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { crc32c } from '../base/checksum.ts';
import { Corruption } from '../base/corruption.ts';
import {
  scopeBytesMax,
  surveyRowsMax,
  wireBytesMax,
  wireTablesBytesMax,
} from '../base/replica-limits.ts';
import type {
  CallAnswer,
  Catalog,
  Chunk,
  Framed,
  Greeting,
  Hello,
  HubCall,
  Lacks,
  Outcomes,
  Page,
  Pull,
  Push,
  Snapshot,
  Survey,
  Tables,
} from './message.ts';
import { forms } from './request.ts';
import {
  blockOf,
  bytes,
  changes,
  count,
  entries,
  type Field,
  flag,
  id,
  idOrNone,
  listOf,
  optional,
  outcomes,
  range,
  text,
  trailing,
  word,
} from './wire-fields.ts';

/** Another one means that one of the two sides is to be updated. */
export const syncProtocol = 1;

/** `protocol`: the other side speaks another one. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  readonly why: 'malformed' | 'protocol' | 'large';

  constructor(why: WireFault['why'], message: string) {
    super(message);
    this.why = why;
  }
}

export interface Frame {
  /** The replica whose session it is, in hexadecimal. */
  readonly replicaId: string;
  readonly message: Framed;
}

type Layout<M> = { readonly [K in Exclude<keyof M, 'kind' | 'number'>]-?: Field<M[K]> };

interface Row {
  readonly kind: Framed['kind'];
  /** The byte that says the kind. */
  readonly code: number;
  readonly fields: readonly (readonly [name: string, field: Field<unknown>])[];
}

function row<M extends Framed>(kind: M['kind'], code: number, layout: Layout<M>): Row {
  return { kind, code, fields: Object.entries(layout as Record<string, Field<unknown>>) };
}

const numbers = listOf(count, surveyRowsMax);

const rows: readonly Row[] = [
  row<Hello>('hello', 1, {
    ReplicaId: id,
    First: count,
    Settled: count,
    Epoch: idOrNone,
    Cursor: count,
    Known: count,
    ScopeHash: optional(id),
  }),
  row<Push>('push', 2, { Entries: entries, Known: optional(count) }),
  row<Pull>('pull', 3, {
    Epoch: idOrNone,
    Cursor: count,
    Reach: count,
    Range: optional(range),
    WithJoined: optional(flag),
    Bytes: optional(count),
  }),
  row<Survey>('survey', 5, { Rows: changes }),
  row<Tables>('tables', 4, { Tables: text(wireTablesBytesMax) }),
  row<Snapshot>('snapshot', 6, {
    Epoch: idOrNone,
    Reach: count,
    Range: range,
    After: bytes,
    WithDeleted: flag,
    Bytes: trailing(count),
  }),
  row<Greeting>('greeting', 65, {
    ReplicaId: id,
    Epoch: idOrNone,
    IsHeld: flag,
    IsBelow: flag,
    IsRetired: flag,
    HubId: id,
    Safe: count,
    AwayMs: count,
    MarkSeq: count,
    MarkId: id,
    Now: count,
    Scope: optional(blockOf(scopeBytesMax)),
    Others: optional(count),
    Forgotten: optional(count),
  }),
  row<Outcomes>('outcomes', 66, { Outcomes: outcomes, Stop: optional(word('gap', 'fork')) }),
  row<Page>('page', 67, {
    IsHeld: flag,
    Cursor: count,
    Changes: changes,
    UpToDate: flag,
    Through: count,
    ScopeHash: optional(id),
    Joined: optional(bytes),
  }),
  row<Lacks>('lacks', 69, { Absent: numbers, Older: numbers }),
  row<HubCall>('call', 8, {
    Id: id,
    Ms: count,
    Operation: text(),
    Form: word(...forms),
    Input: blockOf(wireBytesMax),
  }),
  row<CallAnswer>('answer', 72, {
    Place: count,
    Output: blockOf(wireBytesMax),
    IsRefused: flag,
  }),
  row<Catalog>('catalog', 68, { Principal: text(), Tables: text(wireTablesBytesMax) }),
  row<Chunk>('chunk', 70, {
    IsHeld: flag,
    Refusal: text(),
    To: bytes,
    Sequence: count,
    MarkSeq: count,
    Items: bytes,
    Count: count,
    TotalItems: count,
    TotalBytes: count,
    ScopeHash: optional(id),
  }),
];

const checksumAt = 8;
const headerBytes = 12;
const magic = [0x74, 0x73] as const;

export function encodeFrame({ replicaId, message }: Frame): Uint8Array {
  const { code, fields } = must(
    rows.find(({ kind }) => kind === message.kind),
    `a message of kind ${message.kind}`,
  );
  const values = message as unknown as Readonly<Record<string, unknown>>;
  const writer = new ByteWriter(frameBytes + lengthOf(values));
  for (const byte of [...magic, syncProtocol, code]) writer.byte(byte);
  writer.u32(0);
  writer.u32(0);
  id.write(writer, replicaId);
  count.write(writer, message.number);
  for (const [name, field] of fields) field.write(writer, values[name]);
  writer.patchU32(4, writer.length - headerBytes);
  writer.patchU32(checksumAt, checksumOf(writer.view()));
  return writer.finish();
}

/** What a message takes besides its longest member. */
const frameBytes = 1024;

/** Of the members that are bytes: what is written grows no buffer. */
function lengthOf(values: Readonly<Record<string, unknown>>): number {
  const lengths = Object.values(values).map((one) => (one instanceof Uint8Array ? one.length : 0));
  return lengths.reduce((sum, one) => sum + one, 0);
}

/** Of the bytes in front of the sum too: a kind that was changed might fit the same body. */
function checksumOf(bytes: Uint8Array): number {
  return crc32c(bytes.subarray(headerBytes), crc32c(bytes.subarray(0, checksumAt)));
}

/** Throws WireFault. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length > wireBytesMax) throw new WireFault('large', `a frame of ${bytes.length} bytes`);
  try {
    return readFrame(bytes);
  } catch (error) {
    if (error instanceof AssertionFailure || error instanceof Corruption) {
      throw new WireFault('malformed', error.message);
    }
    throw error;
  }
}

function readFrame(bytes: Uint8Array): Frame {
  const reader = new ByteReader(bytes);
  for (const byte of magic) if (reader.byte() !== byte) throw new Corruption('sync: no frame');
  const protocol = reader.byte();
  if (protocol !== syncProtocol) throw new WireFault('protocol', `protocol ${protocol}`);
  const code = reader.byte();
  const known = rows.find((one) => one.code === code);
  if (known === undefined) throw new Corruption('sync: a message of no known kind');
  const length = reader.u32();
  const sum = reader.u32();
  const rest = bytes.length - headerBytes;
  if (rest !== length) throw new Corruption(`sync: ${rest} bytes of ${length}`);
  if (checksumOf(bytes) !== sum) throw new Corruption('sync: a damaged frame');
  const replicaId = id.read(reader);
  const values: [string, unknown][] = [
    ['kind', known.kind],
    ['number', count.read(reader)],
  ];
  for (const [name, field] of known.fields) {
    const value = field.read(reader);
    if (value !== undefined) values.push([name, value]);
  }
  if (!reader.done) throw new Corruption('sync: bytes after a message');
  return { replicaId, message: Object.fromEntries(values) as unknown as Framed };
}
