import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { pushEntriesMax } from '../../src/base/replica-limits.ts';
import {
  count,
  entries,
  type Field,
  flag,
  id,
  idOrNone,
  listOf,
  optional,
  text,
  word,
} from '../../src/replica/wire-fields.ts';

function written<T>(field: Field<T>, value: T): Uint8Array {
  const writer = new ByteWriter();
  field.write(writer, value);
  return writer.take();
}

describe('a field', () => {
  const hex = 'ab'.repeat(16);
  const rows: readonly (readonly [string, Field<unknown>, unknown, number])[] = [
    ['a number', count, 300, 2],
    ['a flag', flag, true, 1],
    ['an id', id, hex, 16],
    ['an id that is there', idOrNone, hex, 17],
    ['no id', idOrNone, '', 1],
    ['a text', text(5), 'häll', 6],
    ['a word', word('gap', 'fork'), 'fork', 1],
    ['what may be absent', optional(count), undefined, 1],
    ['a list', listOf(count, 3), [1, 2, 3], 4],
    ['no entries', entries, [], 1],
  ];
  test.each(rows)('%s comes back as it was', (_, field, value, length) => {
    const bytes = written(field, value);
    expect(bytes.length).toBe(length);
    expect(field.read(new ByteReader(bytes))).toEqual(value);
  });

  test.each<readonly [string, Field<unknown>, readonly number[]]>([
    ['a text that is too long', text(3), [4, 97, 97, 97, 97]],
    ['a word that is none', word('gap'), [1]],
    ['a list that is too long', listOf(count, 1), [2, 0, 0]],
    ['too many entries', entries, [0x80 | ((pushEntriesMax + 1) % 128), (pushEntriesMax + 1) >> 7]],
  ])('%s is refused', (_, field, bytes) => {
    expect(() => field.read(new ByteReader(Uint8Array.from(bytes)))).toThrow(Corruption);
  });

  test('an id of another length is not written', () => {
    expect(() => written(id, 'abcd')).toThrow(Corruption);
  });
});
