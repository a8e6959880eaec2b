import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, hexOf, utf8 } from '../../src/base/bytes.ts';
import { JsonLine } from '../../src/value/json-line.ts';
import { JsonLineEncoder } from '../../src/value/json-line-encoder.ts';
import { isPlainObject, SimpleEncoder } from '../../src/value/simple.ts';

/** In the middle of other bytes, as a line stands in its file. */
function lineOf(text: string): JsonLine {
  const bytes = utf8(text);
  return new JsonLine(concatBytes(utf8('}\n'), bytes, utf8('\n"1')), 2, 2 + bytes.length);
}

/** What the object encoder makes of the parsed line. */
function expected(text: string): { readonly hex: string; readonly size: number } {
  const simple = new SimpleEncoder();
  const parsed: unknown = JSON.parse(text);
  const bytes = isPlainObject(parsed) ? simple.encode(parsed) : undefined;
  return { hex: hexOf(bytes ?? new Uint8Array(0)), size: simple.size };
}

describe('a simple line', () => {
  // One encoder for all, as in an import: what it remembers of one must not show in another.
  const encoder = new JsonLineEncoder();
  const rows = [
    '{"a":"text","b":1,"c":true,"d":null,"e":false}',
    '{"a":"other","b":2,"c":false,"d":null,"e":true}',
    '{"b":1,"a":"text"}',
    '{"a":"text","b":1}',
    '{ "a" : "text" , "b" : 1 } ',
    '{"a":1}\r',
    '{"a":""}',
    '{"a":"é","b":"日本","c":"\u{1f600}"}',
    `{"a":"${'x'.repeat(127)}","b":"${'x'.repeat(128)}","c":"${'x'.repeat(10_000)}"}`,
    '{"a":0,"b":-1,"c":127,"d":128,"e":2147483648,"f":999999999999999,"g":-100,"h":10}',
    '{"a":1.5,"b":-0.001,"c":0.1,"d":123456789.123456,"e":-10.25}',
    '{"9":"a","10":"b"}',
    '{"__proto__":"own","constructor":1,"toString":"x"}',
    '{"a b":1,"{":2,"}":",","[":":"}',
  ];
  test.each(rows)('%# has the bytes of the parsed object', (text) => {
    const { hex, size } = expected(text);
    for (let round = 0; round < 2; round += 1) {
      expect(hexOf(encoder.encode(lineOf(text)) ?? new Uint8Array(0))).toBe(hex);
      expect(encoder.size).toBe(size);
    }
  });

  test('shows its attributes', () => {
    encoder.encode(lineOf('{"t":"text","u":"é","n":-12,"d":1.5,"y":true,"z":"\ufeffb"}'));
    expect(['t', 'u', 'z', 'n', 'd', 'y', 'x'].map((name) => encoder.value(name))).toEqual([
      { type: 'S', value: 'text' },
      { type: 'S', value: 'é' },
      { type: 'S', value: '\ufeffb' },
      { type: 'N', value: '-12' },
      { type: 'N', value: '1.5' },
      undefined,
      undefined,
    ]);
    expect([encoder.has('y'), encoder.has('x')]).toEqual([true, false]);
  });
});

describe('what is not simple is left to the parser', () => {
  const encoder = new JsonLineEncoder();
  const rows = [
    '',
    ' ',
    '5',
    '[]',
    '{}',
    '{"a":1',
    '{"a":1}}',
    '{"a":1},{"b":2}',
    '{"a":1,}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{a:1}',
    '{"a":"\\n"}',
    '{"a\\u0062":1}',
    '{"é":1}',
    '{"":1}',
    `{"${'x'.repeat(65)}":1}`,
    '{"a":1,"a":2}',
    '{"a":[1]}',
    '{"a":{"b":1}}',
    '{"a":tru}',
    '{"a":nul}',
    '{"a":truex}',
    '{"a":01}',
    '{"a":-}',
    '{"a":-0}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":1.0}',
    '{"a":1e3}',
    '{"a":1234567890123456}',
    '{"a":0.1234567890123456}',
    '{"a":"\t"}',
    '{"a":"x}',
    '{"a',
    '{"a"',
    '{"a":',
    `{${Array.from({ length: 257 }, (_, at) => `"n${at}":1`).join()}}`,
  ];
  test.each(rows)('%j', (text) => {
    expect(encoder.encode(lineOf(text))).toBeUndefined();
  });

  test('bytes that are no UTF-8', () => {
    const bytes = concatBytes(utf8('{"a":"'), Uint8Array.of(0xc3), utf8('"}'));
    expect(encoder.encode(new JsonLine(bytes, 0, bytes.length))).toBeUndefined();
    expect(new JsonLine(bytes, 0, bytes.length).parse()).toBeInstanceOf(Error);
  });
});

test('whatever JSON a line holds, its bytes are those of the parsed object, or none', () => {
  const encoder = new JsonLineEncoder();
  const scalar = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -9999, max: 9999 }).map((number) => number / 100),
    fc.boolean(),
    fc.constant(null),
    fc.constant([1]),
  );
  const names = fc.oneof(fc.constantFrom('a', 'b', 'c', 'pk', 'sk'), fc.string());
  let simple = 0;
  fc.assert(
    fc.property(fc.dictionary(names, scalar, { maxKeys: 6 }), fc.nat(2), (object, space) => {
      const text = JSON.stringify(object, undefined, space === 2 ? undefined : '').replace(
        /^\{"/,
        space === 1 ? '{ "' : '{"',
      );
      const bytes = encoder.encode(lineOf(text));
      if (bytes === undefined) return;
      simple += 1;
      const { hex, size } = expected(text);
      expect(hexOf(bytes)).toBe(hex);
      expect(encoder.size).toBe(size);
    }),
    { numRuns: 3000, seed: 7 },
  );
  expect(simple).toBeGreaterThan(500);
});
