import { expect, test } from 'vitest';
import { anyValue, type Known } from '../../../src/access/condition.ts';
import {
  allKeys,
  attributesFact,
  keyFacts,
  keyNamesOf,
  keyText,
  leadingFacts,
  question,
} from '../../../src/operation/access/facts.ts';
import type { KeySchema } from '../../../src/table/state.ts';

const two: KeySchema = {
  hash: [
    { name: 'a', type: 'S' },
    { name: 'b', type: 'N' },
  ],
  range: [{ name: 'r', type: 'S' }],
};

test('keys are text, numbers as they are kept, bytes in base64; all else is any key', () => {
  expect(keyText({ type: 'S', value: 'x' })).toEqual(['x']);
  expect(keyText({ type: 'N', value: '1.5' })).toEqual(['1.5']);
  expect(keyText({ type: 'B', value: Uint8Array.of(0, 255) })).toEqual(['AP8=']);
  expect(keyText({ type: 'BOOL', value: true })).toBe(anyValue);
  expect(keyText(undefined)).toBe(anyValue);
});

test('a partition key of several attributes has a fact for each', () => {
  const facts = new Map(
    keyFacts(
      two,
      new Map([
        ['a', { type: 'S', value: 'x' }],
        ['b', { type: 'N', value: '1' }],
      ]),
    ),
  );
  expect(facts).toEqual(
    new Map<string, Known>([
      ['dynamodb:leadingkeys', ['x']],
      ['dynamodb:firstpartitionkeyvalues', ['x']],
      ['dynamodb:secondpartitionkeyvalues', ['1']],
      ['tidetable:sortkey', anyValue],
    ]),
  );
  expect(new Map(allKeys(two)).get('dynamodb:secondpartitionkeyvalues')).toBe(anyValue);
  expect(new Map(leadingFacts([])).get('dynamodb:leadingkeys')).toBe(anyValue);
  const sorted = keyFacts(two, new Map([['r', { type: 'S', value: 'n' }]]));
  expect(new Map(sorted).get('tidetable:sortkey')).toEqual(['n']);
  expect(keyFacts(undefined, new Map())).toEqual([]);
  expect(keyNamesOf(two, undefined)).toEqual(['a', 'b', 'r']);
});

test('attributes are named once, or any', () => {
  expect(attributesFact(['a', 'b', 'a'], false)).toEqual(['dynamodb:attributes', ['a', 'b']]);
  expect(attributesFact(['a'], true)).toEqual(['dynamodb:attributes', anyValue]);
});

test('a question leaves out what is not there', () => {
  expect(question('GetItem', '*', [['dynamodb:select', undefined]]).facts.size).toBe(0);
});
