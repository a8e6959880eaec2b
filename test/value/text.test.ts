import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, textOf, utf8 } from '../../src/base/bytes.ts';
import { compareText, isAscii, utf8Length, wellFormed } from '../../src/value/text.ts';
import { storedText, text } from './arbitrary.ts';

describe('text', () => {
  test('its length is that of its UTF-8', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(utf8Length(each)).toBe(utf8(each).length);
      }),
    );
  });

  test('its order is that of its UTF-8', () => {
    fc.assert(
      fc.property(storedText, storedText, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(compareBytes(utf8(a), utf8(b)));
      }),
    );
  });

  test('it is ASCII when it has as many bytes as units', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(isAscii(each)).toBe(utf8(each).length === each.length);
      }),
    );
  });

  test('well-formed is what survives being stored', () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(wellFormed(each)).toBe(textOf(utf8(each)));
      }),
    );
    expect(wellFormed('a\ud800b')).toBe('a\ufffdb');
  });

  test('the strings of section 14 are in its order', () => {
    const texts = ['A', 'B', 'a', 'aa', 'b', 'é', 'ｱ', '😀'];
    expect([...texts].reverse().sort(compareText)).toEqual(texts);
  });
});
