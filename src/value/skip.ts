/**
 * Passes over a value of a stored item without decoding it (docs/formats/item.md): nothing is
 * allocated, and of a text or of bytes nothing is read but the length.
 */
import { assert } from '../base/assert.ts';
import type { ByteReader } from '../base/bytes.ts';
import { nestingDepthMax } from '../base/limits.ts';
import * as tags from './tags.ts';

/** `depth`: of the value; 1 is that of an item's attributes. Malformed bytes fail an assert. */
export function skipValue(reader: ByteReader, depth: number): void {
  assert(depth <= nestingDepthMax + 1, 'an item nested too deep');
  const tag = reader.byte();
  switch (tag) {
    case tags.nullTag:
    case tags.falseTag:
    case tags.trueTag:
      return;
    case tags.integerTag:
      reader.varint();
      return;
    case tags.asciiTag:
    case tags.utf8Tag:
    case tags.decimalTag:
    case tags.binaryTag:
      skipBlock(reader);
      return;
    case tags.listTag:
      for (let left = countOf(reader); left > 0; left -= 1) skipValue(reader, depth + 1);
      return;
    // What a set has is no deeper than the set.
    case tags.stringSetTag:
      for (let left = countOf(reader); left > 0; left -= 1) skipString(reader);
      return;
    case tags.numberSetTag:
      for (let left = countOf(reader); left > 0; left -= 1) skipNumber(reader);
      return;
    case tags.binarySetTag:
      for (let left = countOf(reader); left > 0; left -= 1) skipBlock(reader);
      return;
    case tags.mapTag:
      for (let left = countOf(reader); left > 0; left -= 1) {
        const header = reader.varint();
        pass(reader, (header - (header % 2)) / 2);
        skipValue(reader, depth + 1);
      }
      return;
    default:
      assert(false, `a value with tag ${tag}`);
  }
}

/** Each takes a byte at least. */
function countOf(reader: ByteReader): number {
  const count = reader.varint();
  assert(count <= reader.bytes.length - reader.at, 'a count beyond the end');
  return count;
}

function skipString(reader: ByteReader): void {
  const tag = reader.byte();
  assert(tag === tags.asciiTag || tag === tags.utf8Tag, `a string with tag ${tag}`);
  skipBlock(reader);
}

function skipNumber(reader: ByteReader): void {
  const tag = reader.byte();
  if (tag === tags.integerTag) reader.varint();
  else {
    assert(tag === tags.decimalTag, `a number with tag ${tag}`);
    skipBlock(reader);
  }
}

function skipBlock(reader: ByteReader): void {
  pass(reader, reader.varint());
}

function pass(reader: ByteReader, length: number): void {
  assert(reader.at + length <= reader.bytes.length, 'a value beyond the end');
  reader.at += length;
}
