import { describe, expect, test } from 'vitest';
import { checkName, checkNesting } from '../../src/value/names.ts';
import type { Value } from '../../src/value/value.ts';

function nested(levels: number, kind: 'L' | 'M'): Value {
  let value: Value = { type: 'S', value: 'deep' };
  for (let level = 0; level < levels; level += 1) {
    value =
      kind === 'L' ? { type: 'L', value: [value] } : { type: 'M', value: new Map([['m', value]]) };
  }
  return value;
}

describe('an attribute name', () => {
  test('must not be empty', () => {
    expect(() => checkName('')).toThrow('Empty attribute name');
  });

  test('may have 65,535 bytes', () => {
    expect(checkName('a'.repeat(65_535))).toHaveLength(65_535);
    expect(checkName('é'.repeat(32_767))).toHaveLength(32_767);
    expect(() => checkName('a'.repeat(65_536))).toThrow('65535');
    expect(() => checkName('é'.repeat(32_768))).toThrow('65535');
  });

  test('is made well-formed', () => {
    expect(checkName('a\ud800')).toBe('a\ufffd');
  });
});

test.each(['L', 'M'] as const)('32 levels of %s are accepted and 33 are not', (kind) => {
  expect(() => checkNesting(new Map([['a', nested(32, kind)]]))).not.toThrow();
  expect(() => checkNesting(new Map([['a', nested(33, kind)]]))).toThrow(
    'Nesting Levels have exceeded supported limits: ' +
      'Attributes in the item have nested levels beyond supported limit',
  );
});
