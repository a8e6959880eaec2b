import { expect, test } from 'vitest';
import { floorOf, modeTag, stricter } from '../../src/replica/floor.ts';

test('a tag of the table says what its writes ask for, if it says one of the modes', () => {
  const floors = ['confirm', 'hub', 'local', 'Confirm', ''].map((mode) =>
    floorOf({ tags: new Map([[modeTag, mode]]) }),
  );
  expect(floors).toEqual(['confirm', 'hub', undefined, undefined, undefined]);
  expect(floorOf({ tags: new Map() })).toBeUndefined();
});

test('of two floors the one that asks for more stands', () => {
  expect(stricter('confirm', undefined)).toBe('confirm');
  expect(stricter(undefined, 'confirm')).toBe('confirm');
  expect(stricter('hub', 'confirm')).toBe('hub');
  expect(stricter('confirm', 'hub')).toBe('hub');
  expect(stricter(undefined, undefined)).toBeUndefined();
});
