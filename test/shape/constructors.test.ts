import { describe, expect, test } from 'vitest';
import { checkInput } from '../../src/shape/check.ts';
import {
  attributeMap,
  boolean,
  indexName,
  integer,
  list,
  long,
  map,
  nameMap,
  newTableName,
  oneOf,
  string,
  struct,
  tableName,
  writtenTableName,
} from '../../src/shape/constructors.ts';

describe('a shape', () => {
  const shapes = { string: string(), boolean, integer: integer(), long: long(), nameMap };
  test.each(Object.entries(shapes))('%s is optional until it is required', (_name, shape) => {
    expect(checkInput(struct({ Member: shape }), {}, 'json')).toEqual({});
    expect(() => checkInput(struct({ Member: shape.required }), {}, 'json')).toThrow(
      "Value null at 'member' failed to satisfy constraint: Member must not be null",
    );
    expect(shape.required.required).toBe(shape.required);
  });

  test('says what it is made of', () => {
    expect(list(string({ max: 3 }), { min: 1 })).toMatchObject({
      kind: 'list',
      min: 1,
      of: { kind: 'string', max: 3 },
    });
    expect(
      map(boolean, { javaValue: 'x', keys: { kind: 'string', isRequired: true } }),
    ).toMatchObject({ kind: 'map', javaValue: 'x', of: { kind: 'boolean' } });
    expect(oneOf('b', 'a')).toMatchObject({ kind: 'string', values: ['b', 'a'] });
    expect(attributeMap).toMatchObject({ kind: 'map', of: { kind: 'value' } });
  });
});

describe('names', () => {
  const arn = 'arn:aws:dynamodb:local:000000000000:table/Tab';
  test.each([
    ['tableName', tableName, [true, true, true]],
    ['writtenTableName', writtenTableName, [true, true, true]],
    ['newTableName', newTableName, [true, false, false]],
    ['indexName', indexName, [true, false, false]],
  ] as const)('%s takes a name, a short one and an ARN: %j', (_name, shape, taken) => {
    const takes = (Name: string): boolean => {
      try {
        checkInput(struct({ Name: shape }), { Name }, 'json');
        return true;
      } catch {
        return false;
      }
    };
    expect(['Tab', 'T', arn].map(takes)).toEqual(taken);
  });
});
