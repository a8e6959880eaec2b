import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { hasManyDigits, JsonLine, parseLine } from '../../src/value/json-line.ts';
import { NumberValue } from '../../src/value/number-value.ts';

describe('a line of JSON', () => {
  test('is parsed where it stands, with all digits of its numbers', () => {
    const bytes = utf8('1\n{"a":12345678901234567890.5,"b":"é"}\n');
    expect(new JsonLine(bytes, 2, bytes.length - 1).parse()).toEqual({
      a: new NumberValue('12345678901234567890.5'),
      b: 'é',
    });
  });

  test('that is none is an error', () => {
    expect(parseLine('{"a":', true)).toBeInstanceOf(SyntaxError);
  });

  test('keeps digits only where it is asked to', () => {
    expect(parseLine('{"a":12345678901234567890}', false)).toEqual({ a: 12345678901234567000 });
  });

  test.each([
    ['{"a":123456789012345}', false],
    ['{"a":1234567890123456}', true],
    ['{"a":0.12345678901234}', true],
    ['{"a":"x"}', false],
  ])('%s has many digits: %s', (text, has) => {
    expect(hasManyDigits(text)).toBe(has);
  });
});
