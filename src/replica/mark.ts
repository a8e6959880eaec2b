/**
 * What a hub keeps for a replica: the last entry that it consumed, and what became of those that
 * were not plainly applied, until the replica has settled them. A duplicate is answered the same.
 *
 * What is settled is asked for by nobody but another half of a clone: that such an outcome was
 * forgotten is kept, so that nobody is told that what was refused was applied.
 *
 * Layout in docs/formats/replica.md. Marks outlive tombstones (shared/SYNC-scenarios.md, R1).
 */
import { ByteReader, ByteWriter, concatBytes, utf8 } from '../base/bytes.ts';
import { type Stamp, stampBytes, stampLength, stampOf } from '../base/hlc.ts';

/** `refused`: for good; it blocks nothing. */
export type OutcomeKind = 'applied' | 'superseded' | 'refused';

export interface Outcome {
  readonly seq: number;
  readonly kind: OutcomeKind;
  /** The stamp that counts. */
  readonly stamp: Stamp;
  /** Why it was refused; empty otherwise. */
  readonly code: string;
}

export interface Mark {
  readonly seq: number;
  /** Of that entry; 16 zeros where the replica said that it has none before. */
  readonly id: Uint8Array;
  /** Epoch milliseconds at which the hub heard of it, to a day. */
  readonly ms: number;
  /** Ascending. */
  readonly outcomes: readonly Outcome[];
  /** The greatest entry whose outcome was kept until it was settled; absent where there is none. */
  readonly forgotten?: number | undefined;
}

const kinds: readonly OutcomeKind[] = ['applied', 'superseded', 'refused'];
/** In the place of a kind: of this entry nothing more is known, nor of those before it. */
const forgottenKind = 3;
const markKind = 7;

export const unmarked: Mark = { seq: 0, id: new Uint8Array(16), ms: 0, outcomes: [] };

/** Of all marks. */
export const markRange: { readonly from: Uint8Array; readonly to: Uint8Array } = {
  from: Uint8Array.of(markKind),
  to: Uint8Array.of(markKind + 1),
};

export function replicaOfMark(key: Uint8Array): Uint8Array {
  return key.slice(1, 17);
}

/** `principal`: whose session it is; a replica of another one has another mark. */
export function markKey(replica: Uint8Array, principal = ''): Uint8Array {
  return concatBytes(Uint8Array.of(markKind), replica, utf8(principal));
}

export function encodeMark({ seq, id, ms, outcomes, forgotten }: Mark): Uint8Array {
  const writer = new ByteWriter(64);
  writer.varint(seq);
  writer.raw(id);
  writer.varint(ms);
  for (const outcome of outcomes) {
    writer.varint(outcome.seq);
    writer.byte(kinds.indexOf(outcome.kind));
    writer.raw(stampBytes(outcome.stamp));
    writer.text(outcome.code);
  }
  if (forgotten !== undefined) {
    writer.varint(forgotten);
    writer.byte(forgottenKind);
  }
  return writer.take();
}

export function decodeMark(bytes: Uint8Array): Mark {
  const reader = new ByteReader(bytes);
  const seq = reader.varint();
  const id = reader.raw(16);
  const ms = reader.varint();
  const outcomes: Outcome[] = [];
  let forgotten: number | undefined;
  while (!reader.done) {
    const of = reader.varint();
    const code = reader.byte();
    if (code === forgottenKind) {
      forgotten = of;
      continue;
    }
    const kind = kinds[code] ?? 'refused';
    outcomes.push({ seq: of, kind, stamp: stampOf(reader.raw(stampLength)), code: reader.text() });
  }
  return { seq, id, ms, outcomes, forgotten };
}

/** The mark itself where nothing was kept of entries up to `settled`. */
export function forgetSettled(mark: Mark, settled: number): Mark {
  const outcomes = mark.outcomes.filter(({ seq }) => seq > settled);
  const gone = mark.outcomes.length - outcomes.length;
  if (gone === 0) return mark;
  const last = mark.outcomes[gone - 1]?.seq ?? 0;
  return { ...mark, outcomes, forgotten: Math.max(mark.forgotten ?? 0, last) };
}

/** Whether an outcome says more than that the entry was taken as it was. */
export function isPlain({ kind, stamp }: Outcome, sent: Stamp): boolean {
  return kind === 'applied' && stamp.ms === sent.ms && stamp.counter === sent.counter;
}
