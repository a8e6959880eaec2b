/**
 * How tables and stamps are named in entries and changes: whole where they are stored; in a message
 * each table and each replica once, and then by its number (docs/formats/sync-wire.md).
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { mapKey } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { type Stamp, stampBytes, stampLength, stampOf } from '../base/hlc.ts';

export interface Names {
  putTable(writer: ByteWriter, name: string): void;
  putStamp(writer: ByteWriter, stamp: Stamp): void;
  table(reader: ByteReader): string;
  stamp(reader: ByteReader): Stamp;
}

export const wholeNames: Names = {
  putTable: (writer, name) => writer.text(name),
  putStamp: (writer, stamp) => writer.raw(stampBytes(stamp)),
  table: (reader) => reader.text(),
  stamp: (reader) => stampOf(reader.raw(stampLength)),
};

const replicaBytes = 16;
const readingBytes = stampLength - replicaBytes;

/** Of one message, and of one direction: to be made anew for each. */
export class ShortNames implements Names {
  readonly #tables: Map<string, number> = new Map();
  readonly #replicas: Map<string, number> = new Map();
  readonly #tableList: string[] = [];
  readonly #replicaList: Uint8Array[] = [];

  putTable(writer: ByteWriter, name: string): void {
    if (putNumber(writer, this.#tables, name)) writer.text(name);
  }

  putStamp(writer: ByteWriter, stamp: Stamp): void {
    writer.raw(stampBytes(stamp).subarray(0, readingBytes));
    if (putNumber(writer, this.#replicas, mapKey(stamp.replica))) writer.raw(stamp.replica);
  }

  table(reader: ByteReader): string {
    return numbered(reader, this.#tableList, () => reader.text());
  }

  stamp(reader: ByteReader): Stamp {
    const reading = reader.raw(readingBytes);
    const replica = numbered(reader, this.#replicaList, () => reader.raw(replicaBytes));
    const bytes = new Uint8Array(stampLength);
    bytes.set(reading);
    bytes.set(replica, readingBytes);
    return stampOf(bytes);
  }
}

/** True where the name is a new one, and must follow. */
function putNumber(writer: ByteWriter, known: Map<string, number>, name: string): boolean {
  const number = known.get(name);
  writer.varint(number ?? known.size);
  if (number !== undefined) return false;
  known.set(name, known.size);
  return true;
}

function numbered<T>(reader: ByteReader, known: T[], read: () => T): T {
  const number = reader.varint();
  if (number > known.length) throw new Corruption('replica: a name that was not told');
  if (number === known.length) known.push(read());
  return known[number] as T;
}
