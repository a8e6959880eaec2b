import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import {
  addDecimals,
  compareDecimals,
  decimalOfNumber,
  decimalSize,
  decimalBytesMax,
  putDecimal,
  parseDecimal,
  subtractDecimals,
} from '../../src/value/decimal.ts';
import { decimal } from './arbitrary.ts';

const overflow =
  'Number overflow. Attempting to store a number with magnitude larger than supported range';
const underflow =
  'Number underflow. Attempting to store a number with magnitude smaller than supported range';
const tooManyDigits = 'Attempting to store more than 38 significant digits in a Number';
const notNumeric = 'The parameter cannot be converted to a numeric value';
const nines = '9'.repeat(38);

/** A canonical number as an integer count of 10^-200. */
function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const units = BigInt(whole + fraction.padEnd(200, '0'));
  return text.startsWith('-') ? -units : units;
}

/** The canonical text of a count of 10^-200. */
function unscaled(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(201, '0');
  const fraction = digits.slice(-200).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -200)}${fraction === '' ? '' : `.${fraction}`}`;
}

describe('a number becomes its canonical text', () => {
  test.each([
    ['1.0', '1'],
    ['01', '1'],
    ['+1', '1'],
    ['1e0', '1'],
    ['.5', '0.5'],
    ['-.5', '-0.5'],
    ['-0.5', '-0.5'],
    ['5.', '5'],
    ['1e3', '1000'],
    ['1E+3', '1000'],
    ['1e125', `1${'0'.repeat(125)}`],
    ['1e-130', `0.${'0'.repeat(129)}1`],
    ['-0', '0'],
    ['0', '0'],
    ['00', '0'],
    ['0.0', '0'],
    ['-0.00', '0'],
    ['0.1e126', `1${'0'.repeat(125)}`],
    ['0.0e126', '0'],
    ['1.50', '1.5'],
    ['00012', '12'],
    ['1E2', '100'],
    ['-0.0', '0'],
    ['12e-1', '1.2'],
    ['1e-3', '0.001'],
    ['100', '100'],
    ['-100.25', '-100.25'],
    [nines, nines],
    [`0.${'0'.repeat(50)}${nines}`, `0.${'0'.repeat(50)}${nines}`],
    [`9.${'9'.repeat(37)}e125`, nines + '0'.repeat(88)],
    [`${'0'.repeat(50)}${nines}${'0'.repeat(50)}`, nines + '0'.repeat(50)],
  ])('%s', (text, canonical) => {
    expect(parseDecimal(text)).toBe(canonical);
    expect(parseDecimal(canonical)).toBe(canonical);
  });
});

describe('what is no number DynamoDB can hold is refused in its words', () => {
  test.each([
    ['', notNumeric],
    ['foo', `${notNumeric}: foo`],
    [' 1', `${notNumeric}:  1`],
    ['1 ', `${notNumeric}: 1 `],
    ['NaN', `${notNumeric}: NaN`],
    ['Infinity', `${notNumeric}: Infinity`],
    ['0x1', `${notNumeric}: 0x1`],
    ['1_000', `${notNumeric}: 1_000`],
    ['.', `${notNumeric}: .`],
    ['-', `${notNumeric}: -`],
    ['1.2.3', `${notNumeric}: 1.2.3`],
    ['1e', `${notNumeric}: 1e`],
    ['e5', `${notNumeric}: e5`],
    ['1\n', `${notNumeric}: 1\n`],
    ['١', `${notNumeric}: ١`],
    [`1${'0'.repeat(37)}1`, tooManyDigits],
    [`${nines}9`, tooManyDigits],
    [`0.${nines}9`, tooManyDigits],
    ['1e126', overflow],
    ['-1e126', overflow],
    [`1e${'9'.repeat(400)}`, overflow],
    ['0e126', overflow],
    ['1e-131', underflow],
    ['-0.1e-130', underflow],
    ['0e-131', underflow],
  ])('%j', (text, message) => {
    expect(() => parseDecimal(text)).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });
});

const ordered = ['-1e125', '-10', '-9', '-1e-130', '0', '1e-130', '0.5', '1', '2', '10', '1e125'];

describe('order', () => {
  test('numbers and their key bytes have the order of section 14', () => {
    const texts = ordered.map(parseDecimal);
    expect([...texts].reverse().sort(compareDecimals)).toEqual(texts);
    expect([...texts].reverse().sort(byKeyBytes)).toEqual(texts);
  });

  test('numbers compare as the integers they are multiples of', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const expected = scaled(a) < scaled(b) ? -1 : Number(scaled(a) > scaled(b));
        expect(compareDecimals(a, b)).toBe(expected);
        expect(byKeyBytes(a, b)).toBe(expected);
      }),
    );
  });

  test('no key bytes are a prefix of others', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        fc.pre(a !== b);
        expect(hexOf(encodeDecimal(b)).startsWith(hexOf(encodeDecimal(a)))).toBe(false);
      }),
    );
  });
});

function byKeyBytes(a: string, b: string): number {
  return compareBytes(encodeDecimal(a), encodeDecimal(b));
}

test.each([
  ['0', '02'],
  ['1', '03820b00'],
  ['-1', '017df4ff'],
  ['10', '03830b00'],
  ['42', '03832b00'],
  ['-12.5', '017cf2ccff'],
  [parseDecimal('1e-130'), '03000b00'],
  [parseDecimal('1e125'), '03ff0b00'],
  [nines, `03a7${'64'.repeat(19)}00`],
])('the key bytes of %s are %s', (text, hex) => {
  expect(hexOf(encodeDecimal(text))).toBe(hex);
});

describe('sums are exact', () => {
  test.each([
    ['0.1', '0.2', '0.3'],
    ['1', '-1', '0'],
    ['0', '0', '0'],
    ['-5', '3', '-2'],
    ['999999999999999', '1', '1000000000000000'],
    [nines, '0', nines],
    [`${nines.slice(1)}`, '1', `1${'0'.repeat(37)}`],
    [nines, '1', `1${'0'.repeat(38)}`],
    ['1e125', '-1e125', '0'],
  ])('%s + %s', (a, b, sum) => {
    expect(addDecimals(parseDecimal(a), parseDecimal(b))).toBe(sum);
  });

  test.each([
    ['1e50', '1', overflow],
    ['9e125', '1e125', overflow],
    ['-9e125', '-1e125', overflow],
    [nines, '0.1', overflow],
    ['1e125', '1e-130', overflow],
    ['1.1e-130', '-1e-130', underflow],
  ])('%s + %s has no place', (a, b, message) => {
    expect(() => addDecimals(parseDecimal(a), parseDecimal(b))).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test('sums and differences are those of integers', () => {
    const small = fc
      .tuple(fc.bigInt(-(10n ** 18n), 10n ** 18n), fc.integer({ min: -10, max: 5 }))
      .map(([digits, power]) => parseDecimal(`${digits}e${power}`));
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(addDecimals(a, b)).toBe(unscaled(scaled(a) + scaled(b)));
        expect(subtractDecimals(a, b)).toBe(unscaled(scaled(a) - scaled(b)));
      }),
    );
  });

  test('a sum of any two numbers is exact or refused', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const sum = unscaled(scaled(a) + scaled(b));
        const digits = sum.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
        const whole = sum.replace('-', '').split('.')[0] ?? '';
        const fits = digits <= 38 && whole.length <= 126 && !/^-?0\.0{130}/.test(sum);
        if (fits) expect(addDecimals(a, b)).toBe(sum);
        else expect(() => addDecimals(a, b)).toThrow(/^Number (over|under)flow/);
      }),
    );
  });
});

test.each([
  ['0', 1],
  ['1', 2],
  ['10', 2],
  ['100', 2],
  [parseDecimal('1e100'), 2],
  ['42', 2],
  ['-42', 3],
  ['123', 3],
  ['1234', 3],
  ['12345', 4],
  ['0.5', 2],
  ['0.05', 2],
  ['1.05', 3],
  ['1.5', 3],
  ['-1.5', 4],
  ['3.14159', 5],
  [nines, 20],
  [`-${nines}`, 21],
])('%s counts %i bytes', (text, size) => {
  expect(decimalSize(text)).toBe(size);
});

describe('numbers of JavaScript', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [-7, '-7'],
    [0.1, '0.1'],
    [1e21, `1${'0'.repeat(21)}`],
    [-1.5e-7, '-0.00000015'],
    [2 ** 53, '9007199254740992'],
  ])('%d is its shortest decimal', (number, text) => {
    expect(decimalOfNumber(number)).toBe(text);
  });

  test.each([
    [Number.NaN, `${notNumeric}: NaN`],
    [Number.NEGATIVE_INFINITY, `${notNumeric}: -Infinity`],
    [Number.MAX_VALUE, overflow],
    [Number.MIN_VALUE, underflow],
  ])('%d is refused', (number, message) => {
    expect(() => decimalOfNumber(number)).toThrow(message);
  });

  test('a number of JavaScript in range reads back as itself', () => {
    const inRange = fc.double({ min: -1e120, max: 1e120, noNaN: true });
    fc.assert(
      fc.property(inRange, (number) => {
        fc.pre(number === 0 || Math.abs(number) > 1e-120);
        expect(Number(decimalOfNumber(number))).toBe(number === 0 ? 0 : number);
      }),
    );
  });
});

function encodeDecimal(text: string): Uint8Array {
  const bytes = new Uint8Array(decimalBytesMax + 2);
  return bytes.slice(1, putDecimal(text, bytes, 1));
}
