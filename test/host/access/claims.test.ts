import { describe, expect, test } from 'vitest';
import { claimsOf, onlyClaim } from '../../../src/host/access/claims.ts';

function read(json: string): readonly (readonly [string, readonly string[]])[] | undefined {
  const claims = claimsOf(JSON.parse(json) as object);
  return claims && [...claims];
}

describe('claims', () => {
  test.each([
    [
      '{"sub":"ada","n":1,"t":true}',
      [
        ['jwt:sub', ['ada']],
        ['jwt:n', ['1']],
        ['jwt:t', ['true']],
      ],
    ],
    [
      '{"g":["a","b"],"e":[]}',
      [
        ['jwt:g', ['a', 'b']],
        ['jwt:e', []],
      ],
    ],
    ['{"a":{"b":{"c":"x"}}}', [['jwt:a.b.c', ['x']]]],
    ['{"a":null,"b":[{}],"c":[null]}', []],
    ['{"a":{"b":"inner"},"a.b":"top"}', [['jwt:a.b', ['top']]]],
    [
      '{"__proto__":"x","constructor":{"prototype":"y"}}',
      [
        ['jwt:__proto__', ['x']],
        ['jwt:constructor.prototype', ['y']],
      ],
    ],
    ['{"a":{"b":{"c":{"d":{"e":"too deep"}}}}}', []],
    [`{"a":"${'x'.repeat(2000)}"}`, []],
    [`{"a":${JSON.stringify(Array(300).fill('x'))}}`, []],
  ])('of %s', (json, expected) => {
    expect(read(json)).toEqual(expected);
  });

  test('are bounded in number, at the top and below', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`c${at}`, 'x']));
    expect(claimsOf(many)).toBeUndefined();
    expect(claimsOf({ a: many })).toBeUndefined();
  });

  test('change no prototype', () => {
    read('{"__proto__":{"polluted":"x"}}');
    expect('polluted' in {}).toBe(false);
  });
});

test('one claim is one text', () => {
  const claims = claimsOf({ a: 'x', b: ['x', 'y'], c: '', d: [] });
  expect(['a', 'b', 'c', 'd', 'e'].map((name) => claims && onlyClaim(claims, name))).toEqual([
    'x',
    ...Array(4).fill(undefined),
  ]);
});
