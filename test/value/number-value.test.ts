import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decimalOfNumber } from '../../src/value/decimal.ts';
import { NumberValue, plainNumber } from '../../src/value/number-value.ts';
import { decimal } from './arbitrary.ts';

test.each([
  ['0', 0],
  ['-1.5', -1.5],
  ['0.1', 0.1],
  ['9007199254740993', new NumberValue('9007199254740993')],
  ['9007199254740992', 2 ** 53],
  ['0.1000000000000000055511151231257827', new NumberValue('0.1000000000000000055511151231257827')],
  [`1${'0'.repeat(125)}`, 1e125],
  [`0.${'0'.repeat(129)}1`, 1e-130],
  [`-0.${'0'.repeat(129)}1`, -1e-130],
])('%s is %o in JavaScript', (text, plain) => {
  expect(plainNumber(text)).toEqual(plain);
});

/** Undefined of a double that is above DynamoDB's range, as one that is near its end may be. */
function textOf(number: number): string | undefined {
  try {
    return decimalOfNumber(number);
  } catch {
    return undefined;
  }
}

test('a number comes out as one exactly when it goes in as the same text', () => {
  fc.assert(
    fc.property(decimal, (text) => {
      const plain = plainNumber(text);
      const isExact = textOf(Number(text)) === text;
      expect(typeof plain).toBe(isExact ? 'number' : 'object');
      expect(isExact ? plain : String(plain)).toEqual(isExact ? Number(text) : text);
    }),
  );
});
