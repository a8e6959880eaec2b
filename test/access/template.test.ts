import { describe, expect, test } from 'vitest';
import { type Fit, fits, nameOf, parseTemplate, TemplateFault } from '../../src/access/template.ts';

const variables = new Map([
  ['jwt:sub', ['ada']],
  ['jwt:team', ['red', 'blue']],
  ['jwt:evil', ['*']],
  ['jwt:none', []],
  ['aws:username', ['ada@x']],
]);

describe('a template', () => {
  const rows: readonly (readonly [string, string, Fit])[] = [
    ['Notes', 'Notes', 'fits'],
    ['Notes', 'notes', 'differs'],
    ['Notes', 'Notes2', 'differs'],
    ['', '', 'fits'],
    ['*', '', 'fits'],
    ['*', 'anything / at all', 'fits'],
    ['a*', 'a', 'fits'],
    ['a*c', 'abcabc', 'fits'],
    ['a*c', 'abcab', 'differs'],
    ['*ab*ab', 'abab', 'fits'],
    ['*ab*ab', 'ab', 'differs'],
    ['a?c', 'abc', 'fits'],
    ['a?c', 'ac', 'differs'],
    ['a.c', 'abc', 'differs'],
    ['[a]+(b)', '[a]+(b)', 'fits'],
    ['${jwt:sub}', 'ada', 'fits'],
    ['${jwt:sub}#*', 'ada#1', 'fits'],
    ['${jwt:sub}#*', 'eve#1', 'differs'],
    ['${AWS:UserName}', 'ada@x', 'fits'],
    ['${jwt:team}-${jwt:sub}', 'blue-ada', 'fits'],
    ['${jwt:team}-${jwt:sub}', 'green-ada', 'differs'],
    ['${jwt:absent}', 'ada', 'unknown'],
    ['${jwt:none}', 'ada', 'unknown'],
    ["${jwt:absent, 'all'}", 'all', 'fits'],
    ['${jwt:__proto__}', 'ada', 'unknown'],
    ['${jwt:constructor}', 'ada', 'unknown'],
    ['${*}${?}${$}', '*?$', 'fits'],
    ['${*}', 'a', 'differs'],
  ];
  test.each(rows)('%j and %j: %s', (pattern, text, fit) => {
    expect(fits(parseTemplate(pattern, true), text, variables)).toBe(fit);
  });

  test('takes a star in a claim for a star', () => {
    const template = parseTemplate('${jwt:evil}', true);
    expect(fits(template, 'ada', variables)).toBe('differs');
    expect(fits(template, '*', variables)).toBe('fits');
  });

  test('has no wildcards where none are meant', () => {
    const template = parseTemplate('a*', false);
    expect([fits(template, 'abc', variables), fits(template, 'a*', variables)]).toEqual([
      'differs',
      'fits',
    ]);
  });

  test('may be asked without regard to capitals', () => {
    const template = parseTemplate('dynamodb:Get*', true);
    expect(fits(template, 'DYNAMODB:getitem', variables, true)).toBe('fits');
  });

  test.each(['${', '${jwt:sub', '${sub}', '${s3:prefix}', '${jwt:}', '${jwt:a b}', '${aws:Tag}'])(
    '%j is refused',
    (text) => {
      expect(() => parseTemplate(text, true)).toThrow(TemplateFault);
    },
  );

  test('is bounded in length, and in the ways to fill it in', () => {
    expect(() => parseTemplate('x'.repeat(3000), true)).toThrow('policyTextMax');
    const many = new Map([['jwt:a', Array.from({ length: 200 }, (_, at) => String(at))]]);
    expect(fits(parseTemplate('${jwt:a}${jwt:a}', true), '11', many)).toBe('unknown');
  });

  test('F27: the worst pattern takes steps by the product of the lengths, not by a power', () => {
    const template = parseTemplate('*a'.repeat(500), true);
    const startMs = performance.now();
    expect(fits(template, `${'a'.repeat(2000)}b`, variables)).toBe('differs');
    // A pattern that is tried again for each star takes longer than the universe has.
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  test('names claims as they are, and the rest in small letters', () => {
    expect([nameOf('JWT:Sub'), nameOf('aws:PrincipalArn')]).toEqual([
      'jwt:Sub',
      'aws:principalarn',
    ]);
  });
});
