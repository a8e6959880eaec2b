import { describe, expect, test } from 'vitest';

describe('on a server', () => {
  test('the entry can be imported, and touches nothing', async () => {
    const before = Object.getOwnPropertyNames(globalThis);
    const { open } = await import('../../src/index.ts');
    expect(typeof open).toBe('function');
    expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  });

  test('open says where a database without workers is', async () => {
    const { open } = await import('../../src/index.ts');
    await expect(open('notes')).rejects.toMatchObject({
      name: 'DatabaseError',
      why: 'open',
      message: expect.stringContaining('tidetable/node'),
    });
  });

  test('a name must have 1 to 255 characters', async () => {
    const { open } = await import('../../src/index.ts');
    for (const name of ['', 'x'.repeat(256)]) {
      await expect(open(name)).rejects.toMatchObject({ name: 'DatabaseError', why: 'open' });
    }
  });

  test('opening is given up with the reason of its signal', async () => {
    const { open } = await import('../../src/index.ts');
    const signal = AbortSignal.abort(new Error('not today'));
    await expect(open('notes', { signal })).rejects.toThrow('not today');
  });
});
