import { describe, expect, test } from 'vitest';
import { tokenize } from '../../src/expression/lexer.ts';

describe('tokens', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['', 'end:<EOF>'],
    [' \t\r\n ', 'end:<EOF>'],
    ['a', 'name:a end:<EOF>'],
    ['a.b[0]', 'name:a sign:. name:b sign:[ integer:0 sign:] end:<EOF>'],
    ['a<>b', 'name:a sign:<> name:b end:<EOF>'],
    ['a<=:v', 'name:a sign:<= colon::v end:<EOF>'],
    ['#n>=:1', 'hash:#n sign:>= colon::1 end:<EOF>'],
    ['#_1', 'hash:#_1 end:<EOF>'],
    ['_a', 'unknown:_ name:a end:<EOF>'],
    ['1a', 'integer:1 name:a end:<EOF>'],
    ['12_a', 'integer:12 unknown:_ name:a end:<EOF>'],
    ['# a', 'unknown:# name:a end:<EOF>'],
    [':', 'unknown:: end:<EOF>'],
    ['!!', 'unknown:! unknown:! end:<EOF>'],
    ['é😀', 'unknown:é unknown:😀 end:<EOF>'],
    ['a\u00a0b', 'name:a unknown:\u00a0 name:b end:<EOF>'],
  ];
  test.each(rows)('%j reads as %s', (text, tokens) => {
    expect(
      tokenize(text)
        .map((token) => `${token.kind}:${token.text}`)
        .join(' '),
    ).toBe(tokens);
  });

  test('a token knows where it stands', () => {
    const text = ' ab = :v';
    for (const token of tokenize(text).slice(0, -1)) {
      expect(text.slice(token.start, token.end)).toBe(token.text);
    }
  });
});
