import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { nestingCheckedMax } from '../../src/base/limits.ts';
import {
  readAttribute,
  readAttributeList,
  readAttributes,
} from '../../src/shape/attribute-value.ts';

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DynamoError) return error.message;
    throw error;
  }
  throw new Error('was not refused');
}

/** A list in a list and so on, `depth` lists in all, around `inner`. */
function nested(depth: number, inner: object): object {
  let value = inner;
  for (let level = 0; level < depth; level += 1) value = { L: [value] };
  return value;
}

describe('an attribute value', () => {
  const plainOnes: readonly object[] = [
    { S: 'x' },
    { N: '1' },
    { BOOL: false },
    { NULL: true },
    { SS: ['a'] },
    { NS: [] },
    { L: [{ S: 'x' }, { M: {} }] },
    { M: { a: { S: 'x' }, b: { L: [] } } },
    { S: 'x', N: '1' },
  ];
  test.each(plainOnes)('%j is answered uncopied', (raw) => {
    expect(readAttribute(raw, 'json', 'field')).toBe(raw);
  });

  test('is copied only along the way to what changes', () => {
    const kept = { M: { x: { S: 'y' } } };
    const raw = { M: { kept, changed: { L: [{ S: 'a' }, { BOOL: 'true' }] } } };
    const read = readAttribute(raw, 'json', 'field') as typeof raw;
    expect(read).not.toBe(raw);
    expect(read.M.kept).toBe(kept);
    expect(read.M.changed.L[0]).toBe(raw.M.changed.L[0]);
    expect(read.M.changed.L[1]).toEqual(Object.assign(Object.create(null), { BOOL: true }));
    expect(Object.getPrototypeOf(read)).toBeNull();
  });

  test.each([
    ['SS', 'An string set may not have a null string as a member'],
    ['NS', 'An number set may not have a null number as a member'],
    ['BS', 'An binary set may not have a null binary as a member'],
  ])('a null in %s is refused', (type, text) => {
    const message = messageOf(() => readAttribute({ [type]: [null] }, 'json', 'field'));
    expect(message).toBe(`One or more parameter values were invalid: ${text}`);
  });

  test('a scalar in its place is named for the place', () => {
    expect(messageOf(() => readAttribute('x', 'json', 'field'))).toBe('Unexpected field type');
    expect(messageOf(() => readAttribute('x', 'json', 'element'))).toBe(
      'Unexpected value type in payload',
    );
  });

  test('is read to a depth beyond what an item may have, and no further', () => {
    const wrong = { S: 1 };
    const inside = nested(nestingCheckedMax - 1, wrong);
    expect(() => readAttribute(inside, 'json', 'field')).toThrow(DynamoError);
    const below = nested(nestingCheckedMax, wrong);
    expect(readAttribute(below, 'json', 'field')).toBe(below);
  });
});

describe('attribute values by name and in lists', () => {
  test('null members are gone, null elements are values without a type', () => {
    const attributes = readAttributes({ a: null, b: { S: '' }, c: undefined }, 'wire');
    expect(JSON.stringify(attributes)).toBe('{"b":{"S":""}}');
    expect(readAttributeList([null, { S: '' }], 'wire')).toEqual([{}, { S: '' }]);
  });

  test('untouched ones are answered uncopied', () => {
    const attributes = { a: { S: '' } };
    expect(readAttributes(attributes, 'json')).toBe(attributes);
    const list = [attributes.a];
    expect(readAttributeList(list, 'json')).toBe(list);
  });
});
