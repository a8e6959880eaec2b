import { describe, expect, test } from 'vitest';
import { findOperation, operations } from '../../src/operation/registry.ts';

describe('the registry', () => {
  test('has each name once, and finds it', () => {
    const names = operations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const row of operations) expect(findOperation(row.name)).toBe(row);
  });

  test('does not find what is not there, or what every object has', () => {
    for (const name of ['Nope', '', 'constructor', '__proto__', 'putitem']) {
      expect(findOperation(name)).toBeUndefined();
    }
  });

  test('gives every row an action and an input that is a structure', () => {
    for (const { action, input, kind } of operations) {
      expect(action).toMatch(/^dynamodb:[A-Za-z]+$/);
      expect(input.kind).toBe('struct');
      expect(['read', 'write']).toContain(kind);
    }
  });
});
