import { describe, expect, test } from 'vitest';
import { AssertionFailure, assert, must, unreachable } from '../../src/base/assert.ts';

describe('assert', () => {
  test('lets through what holds', () => {
    expect(() => assert(true, 'never said')).not.toThrow();
    expect(() => assert('text', 'never said')).not.toThrow();
  });

  test.each([false, 0, '', undefined, null])('fails on %j', (condition) => {
    expect(() => assert(condition, 'said')).toThrow(AssertionFailure);
    expect(() => assert(condition, 'said')).toThrow('said');
  });
});

describe('must', () => {
  test.each([0, '', false])('gives %j, which is there', (value) => {
    expect(must(value, 'never said')).toBe(value);
  });

  test.each([undefined, null])('fails on %j', (value) => {
    expect(() => must(value, 'absent')).toThrow(new AssertionFailure('absent'));
  });
});

test('the unreachable says what reached it', () => {
  expect(() => unreachable('x' as never)).toThrow('unreachable: x');
});
