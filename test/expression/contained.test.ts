import { describe, expect, test } from 'vitest';
import { Contained, contains, elementsOf, scalarName } from '../../src/expression/contained.ts';
import type { Value } from '../../src/value/value.ts';

const S = (value: string): Value => ({ type: 'S', value });
const N = (value: string): Value => ({ type: 'N', value });
const B = (...value: number[]): Value => ({ type: 'B', value: new Uint8Array(value) });
const L = (...value: Value[]): Value => ({ type: 'L', value });
const SS = (...value: string[]): Value => ({ type: 'SS', value });

const parts: Value[] = [
  S('a'),
  S('zz'),
  S(''),
  S('é1'),
  S(`${'ab'.repeat(40)}c`),
  N('1'),
  N('7'),
  B(1, 2),
  B(9),
  B(),
  L(),
  L(S('a')),
  { type: 'BOOL', value: true },
  { type: 'NULL', value: true },
  SS('a', 'b'),
  { type: 'M', value: new Map([['k', N('1')]]) },
];

/** Short, and so long that all is looked for together. */
function valuesOf(times: number): Value[] {
  const many = <T>(make: (at: number) => T): T[] =>
    Array.from({ length: times }, (_, at) => make(at));
  return [
    S(`${'ab'.repeat(times)}é1`),
    S(`${'ab'.repeat(times)}c`),
    B(...many(() => 1), 1, 2),
    SS(...many((at) => `x${at}`), 'a', ''),
    { type: 'NS', value: [...many((at) => String(at + 100)), '1'] },
    {
      type: 'BS',
      value: [...many((at) => new Uint8Array([3, at % 256, at >> 8])), new Uint8Array([9])],
    },
    L(...many((at) => S(`x${at}`)), N('1'), L(S('a')), { type: 'NULL', value: true }, SS('b', 'a')),
    { type: 'M', value: new Map([['a', S('a')]]) },
    N('17'),
    { type: 'BOOL', value: true },
    { type: 'NULL', value: true },
  ];
}

describe('what is asked together is answered as what is asked alone', () => {
  test.each([1, 10, 3000])('of values with %i elements', (times) => {
    const together = new Contained();
    const asked = parts.map((part) => together.ask(part));
    const alone = (value: Value): boolean[] => parts.map((part) => contains(value, part));
    for (let round = 0; round < 2; round += 1) {
      for (const value of valuesOf(times)) {
        expect(asked.map((ask) => ask(value))).toEqual(alone(value));
      }
    }
  });

  test('and one part alone is', () => {
    const ask = new Contained().ask(S('b'));
    expect(ask(S('a'.repeat(50_000)))).toBe(false);
    expect(ask(S(`${'a'.repeat(50_000)}b`))).toBe(true);
    expect(ask(N('1'))).toBe(false);
  });
});

test('a long value is gone through once, however much is asked of it', () => {
  let reads = 0;
  const bytes = new Proxy(new Uint8Array(20_000), {
    get: (target, name) => {
      if (/^\d+$/.test(String(name))) reads += 1;
      return Reflect.get(target, name, target) as unknown;
    },
  });
  const together = new Contained();
  const asked = Array.from({ length: 200 }, (_, at) => together.ask(B(0, 0, 0, at + 1)));
  const value: Value = { type: 'B', value: bytes };
  expect(asked.some((ask) => ask(value))).toBe(false);
  expect(reads).toBe(20_000);
});

test('elements and names of scalars', () => {
  expect(elementsOf(SS('a'))).toEqual([S('a')]);
  expect(elementsOf(S('a'))).toEqual([]);
  expect([S('a'), N('a'), B(1), L()].map(scalarName)).toEqual(['Sa', 'Na', 'B01', undefined]);
});
