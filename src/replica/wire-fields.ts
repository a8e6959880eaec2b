/**
 * How the members of messages are written (docs/formats/sync-wire.md): a field writes a value and
 * reads it back. What is read comes from strangers: every length is compared with what is there,
 * and with its limit, before anything is made of it.
 */
import { type ByteReader, type ByteWriter, emptyBytes, fromHex, hexOf } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { pushEntriesMax, wireBytesMax, wireTextMax } from '../base/replica-limits.ts';
import { decodeEntry, encodeEntry } from './entry.ts';
import type { EntryOutcome } from './message.ts';
import { ShortNames } from './names.ts';
import { decodeChanges, encodeChanges } from './page.ts';
import { decodeRange } from './range.ts';

export interface Field<T> {
  write(writer: ByteWriter, value: T): void;
  read(reader: ByteReader): T;
}

const idBytes = 16;

export const count: Field<number> = {
  write: (writer, value) => writer.varint(value),
  read: (reader) => {
    const value = reader.varint();
    if (!Number.isSafeInteger(value)) throw new Corruption('sync: a number beyond 2^53');
    return value;
  },
};

export const flag: Field<boolean> = {
  write: (writer, value) => writer.byte(value ? 1 : 0),
  read: (reader) => reader.byte() === 1,
};

/** 16 bytes, in hexadecimal. */
export const id: Field<string> = {
  write: (writer, value) => {
    const bytes = fromHex(value);
    if (bytes.length !== idBytes) throw new Corruption('sync: an id of another length');
    writer.raw(bytes);
  },
  read: (reader) => hexOf(reader.raw(idBytes)),
};

/** An id, or nothing. */
export const idOrNone: Field<string> = {
  write: (writer, value) => {
    writer.byte(value === '' ? 0 : 1);
    if (value !== '') id.write(writer, value);
  },
  read: (reader) => (reader.byte() === 0 ? '' : id.read(reader)),
};

export function text(max: number = wireTextMax): Field<string> {
  return {
    write: (writer, value) => writer.text(value),
    read: (reader) => {
      const start = reader.at;
      const length = reader.varint();
      if (length > max) throw new Corruption(`sync: a text of ${length} bytes`);
      reader.at = start;
      return reader.text();
    },
  };
}

export function blockOf(max: number): Field<Uint8Array> {
  return {
    write: (writer, value) => writer.block(value),
    read: (reader) => {
      const bytes = reader.block();
      if (bytes.length > max) throw new Corruption(`sync: a block of ${bytes.length} bytes`);
      return bytes;
    },
  };
}

/** One of a few words, by its place among them. */
export function word<const W extends string>(...words: readonly W[]): Field<W> {
  return {
    write: (writer, value) => writer.byte(words.indexOf(value)),
    read: (reader) => {
      const value = words[reader.byte()];
      if (value === undefined) throw new Corruption('sync: a word that is none');
      return value;
    },
  };
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    write: (writer, value) => {
      writer.byte(value === undefined ? 0 : 1);
      if (value !== undefined) field.write(writer, value);
    },
    read: (reader) => (reader.byte() === 0 ? undefined : field.read(reader)),
  };
}

/** The last member of a message: one that is absent takes no bytes, as before there was one. */
export function trailing<T>(field: Field<T>): Field<T | undefined> {
  return {
    write: (writer, value) => {
      if (value !== undefined) field.write(writer, value);
    },
    read: (reader) => (reader.done ? undefined : field.read(reader)),
  };
}

export function listOf<T>(field: Field<T>, max: number): Field<readonly T[]> {
  return {
    write: (writer, values) => {
      writer.varint(values.length);
      for (const value of values) field.write(writer, value);
    },
    read: (reader) => {
      const length = reader.varint();
      if (length > max) throw new Corruption(`sync: a list of ${length}`);
      const values: T[] = [];
      for (let at = 0; at < length; at += 1) values.push(field.read(reader));
      return values;
    },
  };
}

/** Bytes that are looked at by who takes them. */
export const bytes: Field<Uint8Array> = {
  write: (writer, value) => writer.block(value),
  read: (reader) => block(reader),
};

/** A range, as a message has it (range.ts). */
export const range: Field<Uint8Array> = {
  write: (writer, value) => writer.block(value),
  read: (reader) => {
    const bytes = block(reader);
    decodeRange(bytes);
    return bytes;
  },
};

/** Entries in their order, with short names. */
export const entries: Field<readonly Uint8Array[]> = {
  write: (writer, values) => {
    const names = new ShortNames();
    writer.varint(values.length);
    for (const value of values) writer.block(encodeEntry(decodeEntry(value), names));
  },
  read: (reader) => {
    const names = new ShortNames();
    const one = {
      write: () => undefined,
      read: () => encodeEntry(decodeEntry(block(reader), names)),
    };
    return listOf(one, pushEntriesMax).read(reader);
  },
};

/** The changes of a page, with short names. */
export const changes: Field<Uint8Array> = {
  write: (writer, value) => writer.block(encodeChanges(decodeChanges(value), new ShortNames())),
  read: (reader) => {
    const bytes = block(reader);
    return bytes.length === 0 ? emptyBytes : encodeChanges(decodeChanges(bytes, new ShortNames()));
  },
};

const outcome: Field<EntryOutcome> = {
  write: (writer, { Seq, Kind, Code, Ms, Counter, Changes = emptyBytes }) => {
    count.write(writer, Seq);
    outcomeKind.write(writer, Kind);
    codeText.write(writer, Code);
    count.write(writer, Ms);
    count.write(writer, Counter);
    changes.write(writer, Changes);
  },
  read: (reader) => {
    const said = {
      Seq: count.read(reader),
      Kind: outcomeKind.read(reader),
      Code: codeText.read(reader),
      Ms: count.read(reader),
      Counter: count.read(reader),
    };
    const Changes = changes.read(reader);
    return Changes.length === 0 ? said : { ...said, Changes };
  },
};

const outcomeKind = word('applied', 'superseded', 'refused');
const codeText = text(256);

export const outcomes: Field<readonly EntryOutcome[]> = listOf(outcome, pushEntriesMax);

function block(reader: ByteReader): Uint8Array {
  const bytes = reader.block();
  if (bytes.length > wireBytesMax) throw new Corruption(`sync: a block of ${bytes.length} bytes`);
  return bytes;
}
