import { describe, expect, test } from 'vitest';
import {
  attributeMap,
  integer,
  list,
  map,
  string,
  struct,
  type ListShape,
  type NumberShape,
  type StringShape,
} from '../../src/shape/constructors.ts';
import {
  allOf,
  base64Length,
  javaText,
  lowerFirst,
  notConvertible,
  unrecognizedMap,
  violated,
} from '../../src/shape/messages.ts';

const key = struct({ AttributeName: string(), Size: integer() }, 'Key');

describe('a value as Java prints it', () => {
  test.each([
    [string(), 'a b', 'a b'],
    [integer(), 3, '3'],
    [string(), undefined, 'null'],
    [list(string()), ['a', 'b'], '[a, b]'],
    [list(string()), [], '[]'],
    [list(string()), ['a', null], '[a, null]'],
    [key, { AttributeName: 'a' }, 'Key(attributeName=a, size=null)'],
    [
      map(list(key), { javaValue: '' }),
      { T: [{ Size: 1 }] },
      '{T=[Key(attributeName=null, size=1)]}',
    ],
    [attributeMap, { a: { N: '1' } }, '{a=AttributeValue(n=1)}'],
    [attributeMap, {}, '{}'],
  ])('%#: %j', (shape, value, text) => {
    expect(javaText(shape, value)).toBe(text);
  });
});

describe('texts', () => {
  test('count their violations', () => {
    expect(violated(['a']).message).toBe('1 validation error detected: a');
    expect(violated(['a', 'b']).message).toBe('2 validation errors detected: a; b');
  });

  test('list the constraints of a map key or value', () => {
    expect(allOf(list(key, { min: 1, max: 25 }) as ListShape)).toBe(
      '[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]',
    );
    expect(allOf(integer({ min: 1 }) as NumberShape)).toBe(
      '[Member must have value greater than or equal to 1]',
    );
    expect(allOf(string({ pattern: 'x+' }) as StringShape)).toBe(
      '[Member must satisfy regular expression pattern: x+]',
    );
  });

  test('name the token that came', () => {
    expect(notConvertible(1.5, 'Long').message).toBe('DECIMAL_VALUE cannot be converted to Long');
    expect(notConvertible('x', 'Long').message).toBe('STRING_VALUE cannot be converted to Long');
    expect(notConvertible(1n, 'String').message).toBe('NUMBER_VALUE cannot be converted to String');
    expect(unrecognizedMap('V').message).toBe(
      'Unrecognized collection type java.util.Map<java.lang.String, V>',
    );
    expect(base64Length(5)).toBe(
      'Base64 encoded length is expected a multiple of 4 bytes but found: 5',
    );
    expect(lowerFirst('TableName')).toBe('tableName');
  });
});
