import { afterEach, describe, expect, test, vi } from 'vitest';
import { mark } from '../../src/client/witness.ts';

afterEach(() => void vi.unstubAllGlobals());

describe('a mark', () => {
  test('is there until it is taken away, for each database', () => {
    const stored = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    });
    expect(mark('notes')).toBeUndefined();
    expect(mark('notes', 'abc')).toBeUndefined();
    mark('__proto__', 'def');
    expect([mark('notes', 'new'), mark('__proto__')]).toEqual(['abc', 'def']);
    expect([...stored.keys()]).toEqual(['tidetable/notes', 'tidetable/__proto__']);
    expect(mark('notes', '')).toBe('new');
    expect(mark('notes')).toBeUndefined();
  });

  test('is absent where there is no localStorage, or it may not be used', () => {
    const denied = (): never => {
      throw new DOMException('', 'SecurityError');
    };
    for (const storage of [undefined, { getItem: denied, setItem: denied, removeItem: denied }]) {
      vi.stubGlobal('localStorage', storage);
      mark('notes', 'abc');
      mark('notes', '');
      expect(mark('notes')).toBeUndefined();
    }
  });
});
