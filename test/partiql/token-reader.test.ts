import { describe, expect, test } from 'vitest';
import { statementDepthMax } from '../../src/base/limits.ts';
import { malformed, TokenReader } from '../../src/partiql/token-reader.ts';

const bad = "Statement wasn't well formed, can't be processed: ";

describe('a token reader', () => {
  test('takes words in any case, signs, and names as they are written', () => {
    const reader = new TokenReader('Select "From", aB.');
    expect(reader.takeWord('FROM')).toBe(false);
    expect(reader.takeWord('SELECT')).toBe(true);
    expect(reader.takeName('')).toBe('From');
    expect(reader.following.text).toBe('aB');
    reader.expectSign(',');
    expect(reader.takeName('')).toBe('aB');
    expect(reader.takeSign(',')).toBe(false);
    expect(() => reader.assertDone()).toThrow(`${bad}Unexpected token after expression`);
    expect(reader.takeSign('.')).toBe(true);
    expect(() => reader.assertDone()).not.toThrow();
    expect(reader.advance().kind).toBe('end');
    expect(reader.following.kind).toBe('end');
  });

  test('knows no name that is a keyword', () => {
    expect(() => new TokenReader('from').takeName('a name')).toThrow(`${bad}a name`);
    expect(() => new TokenReader('x').expectWord('BY')).toThrow(`${bad}Expected BY keyword`);
    expect(() => new TokenReader('x').expectSign('(')).toThrow(`${bad}Expected '('`);
  });

  test.each<[string, boolean, string]>([
    ['', false, 'Unexpected term'],
    ['', true, 'Missing right-hand side expression of infix operator'],
    [';', true, 'Missing right-hand side expression of infix operator'],
    [')', true, 'Unexpected term'],
    ['order', false, 'Unexpected keyword'],
    ['like', true, 'Unexpected operator'],
    ['>', false, 'Unexpected operator'],
  ])('refuses %j in the place of a term (right side: %s)', (text, isRight, detail) => {
    expect(() => new TokenReader(text).failTerm(isRight)).toThrow(bad + detail);
  });

  test('refuses text that has no tokens', () => {
    expect(() => new TokenReader('a # b')).toThrow(malformed(''));
  });

  test('numbers literals and parameters, and keeps the first fault', () => {
    const reader = new TokenReader('');
    expect(reader.literal({ type: 'BOOL', value: true }).placeholder).toBe(':l0');
    expect(reader.parameter().placeholder).toBe(':0');
    expect(reader.parameter().placeholder).toBe(':1');
    reader.note('one');
    reader.note('two');
    expect([reader.fault, reader.parameters, reader.literals.size]).toEqual(['one', 2, 1]);
  });

  test('goes only so deep', () => {
    const reader = new TokenReader('');
    const dive = (depth: number): number =>
      depth === 0 ? 0 : reader.deeper(() => dive(depth - 1)) + 1;
    expect(dive(statementDepthMax)).toBe(statementDepthMax);
    expect(() => dive(statementDepthMax + 1)).toThrow('nested too deeply');
  });
});
