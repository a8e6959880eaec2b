import { expect, test } from 'vitest';
import { setOwn } from '../../src/value/own.ts';

test.each(['name', '__proto__', 'constructor', '0'])(
  '%s becomes a member like any other',
  (name) => {
    const object: Record<string, unknown> = {};
    setOwn(object, name, { a: 1 });
    setOwn(object, name, { a: 2 });
    expect(Object.entries(object)).toEqual([[name, { a: 2 }]]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect('a' in object).toBe(false);
  },
);
