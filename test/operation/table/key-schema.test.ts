import { describe, expect, test } from 'vitest';
import { checkGlobalParts, keySchemaOf, namesOf } from '../../../src/operation/table/key-schema.ts';
import type { KeyElement } from '../../../src/operation/table/shapes.ts';
import { refusal } from '../../support/table-inputs.ts';

const element = (KeyType: KeyElement['KeyType'], AttributeName: string): KeyElement => ({
  AttributeName,
  KeyType,
});
const hashes = (names: string): KeyElement[] => [...names].map((name) => element('HASH', name));
const ranges = (names: string): KeyElement[] => [...names].map((name) => element('RANGE', name));

// The refusals of single schemas are rows of create-checks.test.ts.
describe('a key schema', () => {
  test('keeps the order of its parts, and their types', () => {
    const definitions = [
      { AttributeName: 'b', AttributeType: 'N' },
      { AttributeName: 'c', AttributeType: 'B' },
      { AttributeName: 'a', AttributeType: 'S' },
    ] as const;
    const keys = [...hashes('ba'), ...ranges('c')];
    expect(keySchemaOf(keys, definitions)).toEqual({
      hash: [
        { name: 'b', type: 'N' },
        { name: 'a', type: 'S' },
      ],
      range: [{ name: 'c', type: 'B' }],
    });
    expect(namesOf(keys)).toEqual(['b', 'a', 'c']);
  });

  test('may have four parts of each kind, and five of none', () => {
    expect(() => checkGlobalParts([...hashes('abcd'), ...ranges('efgh')])).not.toThrow();
    expect(refusal(() => checkGlobalParts(hashes('abcde'))).message).toContain('HASH');
    const five = [...hashes('a'), ...ranges('bcdef')];
    expect(refusal(() => checkGlobalParts(five)).message).toContain('RANGE');
  });
});
