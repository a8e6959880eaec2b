import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLiteral, parseMembers } from '../../src/partiql/literal-parser.ts';
import { TokenReader } from '../../src/partiql/token-reader.ts';
import { equalValues } from '../../src/value/compare.ts';
import type { Value } from '../../src/value/value.ts';
import { value } from '../value/arbitrary.ts';
import { printValue } from './printer.ts';

function literalOf(text: string): { found: Value; fault: string | undefined } {
  const reader = new TokenReader(text);
  const found = parseLiteral(reader);
  reader.assertDone();
  return { found, fault: reader.fault };
}

describe('a literal', () => {
  test('of every value that has one is read as that value', () => {
    fc.assert(
      fc.property(value, (each) => {
        const text = printValue(each);
        fc.pre(text !== undefined);
        const { found, fault } = literalOf(text as string);
        return fault === undefined && equalValues(found, each);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, string]>([
    ['- 5', '-5'],
    ['- - + 5.50', '5.5'],
    ['-0', '0'],
    ['-.5e1', '-5'],
  ])('%s is the number %s', (text, number) => {
    expect(literalOf(text).found).toEqual({ type: 'N', value: number });
  });

  test.each<[string, string]>([
    ['[a]', 'Unsupported data type: VariableReference under key root[0] at 1:2:1'],
    ["{'x': [?]}", 'Unsupported data type: Parameter under key root.x[0] at 1:8:1'],
    ['[[1, <<>>]]', 'Empty bags are not supported'],
    [
      '<<1, [2]>>',
      'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags',
    ],
    [
      `${'['.repeat(50)}1${']'.repeat(50)}`,
      `Nesting Levels have exceeded supported limits under root${'[0]'.repeat(32)}`,
    ],
    [
      "<<1e200, 'a'>>",
      'Number overflow. Attempting to store a number with magnitude larger than supported range under root[0]',
    ],
  ])('%s has a fault', (text, fault) => {
    expect(literalOf(text).fault).toBe(fault);
  });

  test.each(['[1', '[1 2]', '{1: 2}', "{'a' 2}", '<<1', '-', '- x', '-?', "{'a': from}", "-'a'"])(
    '%s is not well formed',
    (text) => {
      expect(() => literalOf(text)).toThrow("Statement wasn't well formed");
    },
  );

  test('passes over what is too deep, and counts its parameters', () => {
    const reader = new TokenReader(`${'['.repeat(40)}?, {'a': ?}${']'.repeat(40)}`);
    parseLiteral(reader);
    reader.assertDone();
    expect(reader.parameters).toBe(2);
  });
});

test('members that are MISSING are left out', () => {
  const reader = new TokenReader("'a': 1, 'b': MISSING}");
  expect([...parseMembers(reader, () => reader.advance().text)]).toEqual([['a', '1']]);
});
