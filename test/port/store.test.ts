import { describe, expect, test } from 'vitest';
import { metaKey, StoreFailure } from '../../src/port/store.ts';

describe('a store failure', () => {
  test('says why, and what caused it', () => {
    const cause = new Error('below');
    const failure = new StoreFailure('lost', 'the disk is gone', cause);
    expect(failure).toBeInstanceOf(Error);
    expect(failure).toMatchObject({ why: 'lost', message: 'the disk is gone', cause });
    expect(String(failure)).toBe('StoreFailure: the disk is gone');
  });
});

test('the meta record is where every format says', () => {
  expect(metaKey).toBe(0);
});
