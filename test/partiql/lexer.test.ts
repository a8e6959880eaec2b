import { describe, expect, test } from 'vitest';
import { placeOf, tokenize } from '../../src/partiql/lexer.ts';

const shown = (text: string): string =>
  tokenize(text)
    .map(({ kind, value }) => `${kind}:${value}`)
    .join(' ');

describe('tokens', () => {
  test.each<[string, string]>([
    ['', 'end:'],
    ['select a_$1', 'word:SELECT word:A_$1 end:'],
    ['"a""b" \'it\'\'s\'', 'quoted:a"b string:it\'s end:'],
    [
      '1 1.5 .5 1. 1e5 1.5E-3',
      'number:1 number:1.5 number:.5 number:1. number:1e5 number:1.5E-3 end:',
    ],
    ['1 e5', 'number:1 word:E5 end:'],
    ['a<<b>>c', 'word:A sign:<< word:B sign:>> word:C end:'],
    ['<=>= <> != < > =', 'sign:<= sign:>= sign:<> sign:!= sign:< sign:> sign:= end:'],
    ['-1', 'sign:- number:1 end:'],
    ["a--1\nb/*'*/c", 'word:A word:B word:C end:'],
    ['/***/a/* * / **/', 'word:A end:'],
    ["'a--b /*c*/'", 'string:a--b /*c*/ end:'],
    ['a # b', 'word:A bad: end:'],
    ['12ab', 'bad: end:'],
    ['1.2.3', 'bad: end:'],
    ["'open", 'bad: end:'],
    ['"open', 'bad: end:'],
    ['/* open', 'bad: end:'],
    ['é', 'bad: end:'],
    ['1e2147483647', 'number:1e2147483647 end:'],
    ['1e2147483648', 'bad: end:'],
    ['1.5e-2147483647', 'bad: end:'],
  ])('of %j', (text, tokens) => {
    expect(shown(text)).toBe(tokens);
  });

  test('know their line, column and length', () => {
    const places = tokenize('a\n  "b"\n/* \n */ \'c\'').map(placeOf);
    expect(places).toEqual(['1:1:1', '2:3:3', '4:5:3', '4:8:0']);
  });

  // Each of these would be slow if some pattern went over the rest of the text again and again.
  test.each(["'", '"', '/*', '/**', '--', '1', '1e', "''", '""', '/* */', '*/', '1.'])(
    'of a million characters of %j are found at once',
    (part) => {
      const tokens = tokenize(part.repeat(1_000_000 / part.length));
      expect(tokens.at(-1)?.kind).toBe('end');
    },
  );
});
