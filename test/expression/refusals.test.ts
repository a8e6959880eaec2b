import { expect, test } from 'vitest';
import {
  pathRequired,
  printPath,
  printValue,
  refusal,
  wrongCount,
  wrongType,
} from '../../src/expression/refusals.ts';
import { value } from './fixture.ts';

test('a path prints its indexes in brackets of their own', () => {
  expect(printPath(['a', 'b', 1])).toBe('[a, b, [1]]');
});

test.each([
  ['x', '{S:x}'],
  [1.5, '{N:1.5}'],
  [true, '{BOOL:true}'],
  [null, '{NULL:true}'],
  [new Uint8Array(3), '{B:java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]}'],
  [new Set(['a', 'b']), '{SS:[a, b]}'],
  [new Set([1]), '{NS:[1]}'],
  [new Set([new Uint8Array(1)]), '{BS:[java.nio.HeapByteBuffer[pos=0 lim=1 cap=1]]}'],
  [['a', 1], '{L:[{S:a}, {N:1}]}'],
  [{ k: 'v' }, '{M:{k={S:v}}}'],
])('value %# prints as %s', (plain, printed) => {
  expect(printValue(value(plain))).toBe(`AttributeValue: ${printed}`);
});

test('a refusal names the kind of expression', () => {
  expect(refusal('Filter', 'x;').message).toBe('Invalid FilterExpression: x;');
  expect(refusal('Filter', 'x;').name).toBe('ValidationException');
});

test('operand refusals name the operator', () => {
  const on = 'operator or function: f';
  expect(wrongType('Update', 'f', 'N').message).toBe(
    'Invalid UpdateExpression: Incorrect operand type for operator or function; ' +
      `${on}, operand type: N`,
  );
  expect(wrongCount('Update', 'f', 3).message).toBe(
    'Invalid UpdateExpression: Incorrect number of operands for operator or function; ' +
      `${on}, number of operands: 3`,
  );
  expect(pathRequired('Update', 'f').message).toBe(
    `Invalid UpdateExpression: Operator or function requires a document path; ${on}`,
  );
});
