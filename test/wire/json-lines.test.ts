import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../src/base/bytes.ts';
import { NumberValue } from '../../src/value/number-value.ts';
import { LineReader } from '../../src/wire/json-lines.ts';

/** What lines of these bytes say, fed `step` at a time: values, or names of errors. */
function read(bytes: Uint8Array, step: number, exact = true): unknown[] {
  const reader = new LineReader(exact);
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length; at += step) {
    values.push(...reader.feed(bytes.subarray(at, at + step)));
  }
  values.push(...reader.feed(new Uint8Array(0), true));
  expect(reader.position).toBe(bytes.length);
  return values.map((value) => (value instanceof Error ? value.name : value));
}

describe('JSON lines', () => {
  const rows: [string, string, unknown[]][] = [
    ['nothing', '', []],
    ['lines', '{"a":1}\n{"b":"ü"}\n', [{ a: 1 }, { b: 'ü' }]],
    ['a last line without an end', '{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }]],
    [
      'ends of lines as in Windows, and empty lines',
      '{"a":1}\r\n\n  \n{"b":2}\r\n',
      [{ a: 1 }, { b: 2 }],
    ],
    ['a line that is no JSON', '{"a":1}\n{"b":\n{"c":3}\n', [{ a: 1 }, 'SyntaxError', { c: 3 }]],
    ['two objects in a line', '{"a":1},{"b":2}\n{"c":3}\n', ['SyntaxError', { c: 3 }]],
    [
      'lines that are right together only',
      '{"a":1},{"b":2\n"c":3}\n',
      ['SyntaxError', 'SyntaxError'],
    ],
    ['what is no object', '5\n{"a":1}\n', [5, { a: 1 }]],
    ['a name like a prototype', '{"__proto__":{"x":1}}\n', [JSON.parse('{"__proto__":{"x":1}}')]],
    [
      'numbers of many digits',
      '{"a":12345678901234567890.5,"b":0.1,"c":1234567890123456789,"d":"1234567890123456789"}\n{"e":1}',
      [
        {
          a: new NumberValue('12345678901234567890.5'),
          b: 0.1,
          c: new NumberValue('1234567890123456789'),
          d: '1234567890123456789',
        },
        { e: 1 },
      ],
    ],
  ];
  test.each(rows)('%s', (_name, text, values) => {
    for (const step of [1, 3, 1000]) expect(read(utf8(text), step)).toEqual(values);
  });

  test('what is not UTF-8 is an error of its line alone', () => {
    const bytes = concatBytes(utf8('{"a":"'), Uint8Array.of(0xff), utf8('"}\n{"b":"é"}\n'));
    expect(read(bytes, 1000)).toEqual(['Error', { b: 'é' }]);
  });

  test("numbers are left alone where all are texts, as in DynamoDB's JSON", () => {
    expect(read(utf8('{"a":12345678901234567890}\n'), 1000, false)).toEqual([
      { a: 12345678901234567000 },
    ]);
  });

  test('tells where the next line begins', () => {
    const reader = new LineReader(true, 100);
    expect(reader.feed(utf8('{"a":1}\n{"b'))).toEqual([{ a: 1 }]);
    expect(reader.position).toBe(108);
  });

  test('not parsed are the same lines', () => {
    const text = '\ufeff{"a":1}\n\r\n  \n{"b":"é"}\r\n{"c":\n{"d":12345678901234567890}';
    for (const step of [1, 3, 1000]) {
      const reader = new LineReader(true);
      const bytes = utf8(text);
      const values: unknown[] = [];
      for (let at = 0; at < bytes.length; at += step) {
        values.push(...reader.feedRaw(bytes.subarray(at, at + step)).map((line) => line.parse()));
      }
      values.push(...reader.feedRaw(new Uint8Array(0), true).map((line) => line.parse()));
      expect(values.map((value) => (value instanceof Error ? value.name : value))).toEqual([
        { a: 1 },
        { b: 'é' },
        'SyntaxError',
        { d: new NumberValue('12345678901234567890') },
      ]);
      expect(reader.position).toBe(bytes.length);
    }
  });
});
