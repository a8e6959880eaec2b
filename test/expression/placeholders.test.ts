import { describe, expect, test } from 'vitest';
import { invalid } from '../../src/base/errors.ts';
import { parseExpressions } from '../../src/expression/request.ts';
import { wireReader } from '../../src/value/wire.ts';
import { parse, refusalOf } from './fixture.ts';

describe('ExpressionAttributeNames', () => {
  const names = (of: Record<string, string>): string =>
    refusalOf(() => parse('GetItem', { ProjectionExpression: 'x', ExpressionAttributeNames: of }));
  const key = 'ExpressionAttributeNames contains invalid key: Syntax error; key: ';
  test.each<[Record<string, string>, string]>([
    [{}, 'ExpressionAttributeNames must not be empty'],
    [{ a: 'a' }, `${key}"a"`],
    [{ '#': 'a' }, `${key}"#"`],
    [{ '#a-b': 'a' }, `${key}"#a-b"`],
    [{ '#a\n': 'a' }, `${key}"#a\n"`],
    [{ ':a': 'a' }, `${key}":a"`],
    [
      { '#a': '' },
      'ExpressionAttributeNames contains invalid value: Empty attribute name for key #a',
    ],
    [
      { '#a': 'a', '#b': 'b' },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}',
    ],
  ])('%j: %s', (of, message) => {
    expect(names(of)).toBe(message);
  });

  test('have keys of at most 255 bytes', () => {
    const long = `#${'a'.repeat(255)}`;
    expect(names({ [long]: 'a' })).toBe(`${key}"${long}"`);
    expect(names({ [long.slice(1).replace('a', '#')]: 'a' })).toContain('unused');
  });
});

describe('ExpressionAttributeValues', () => {
  const values = (of: Record<string, unknown>): string =>
    refusalOf(() =>
      parseExpressions(
        'Scan',
        { FilterExpression: 'attribute_exists(a)', ExpressionAttributeValues: of },
        wireReader.value,
      ),
    );
  const wrapped = 'ExpressionAttributeValues contains invalid value: ';
  const p = 'One or more parameter values were invalid: ';
  const nested = (levels: number): unknown =>
    levels === 0 ? { S: 'x' } : { L: [nested(levels - 1)] };
  test.each<[Record<string, unknown>, string]>([
    [{}, 'ExpressionAttributeValues must not be empty'],
    [{ a: { S: 'x' } }, 'ExpressionAttributeValues contains invalid key: Syntax error; key: "a"'],
    [
      { ':v': {} },
      `${wrapped}Supplied AttributeValue is empty, ` +
        'must contain exactly one of the supported datatypes for key :v',
    ],
    [
      { ':v': { N: 'x' } },
      `${wrapped}The parameter cannot be converted to a numeric value: x for key :v`,
    ],
    [{ ':v': { SS: [] } }, `${p}An string set  may not be empty`],
    [{ ':v': { NULL: false } }, `${p}Null attribute value types must have the value of true`],
    [
      { ':v': nested(33) },
      'Nesting Levels have exceeded supported limits: ' +
        'Attributes in the item have nested levels beyond supported limit',
    ],
    [
      { ':a': { S: 'x' }, ':b': { S: 'x' } },
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :b}',
    ],
  ])('%j: %s', (of, message) => {
    expect(values(of)).toBe(message);
  });

  test.each([
    [300_000, 'unused'],
    [
      400_000,
      'The substitution variables of the expressions have exceeded the maximum allowed size; ' +
        'size of names and values: 2400012',
    ],
  ])('of %d bytes, six of them: %s', (length, message) => {
    const S = 'x'.repeat(length);
    const six = [1, 2, 3, 4, 5, 6].map((name) => [`:${name}`, { S }]);
    expect(values(Object.fromEntries(six))).toContain(message);
  });

  test('that make the reader fail in another way let its error through', () => {
    const input = {
      FilterExpression: 'a = :v',
      ExpressionAttributeValues: { ':v': 1 },
    };
    const fail = (): never => {
      throw new TypeError('ours');
    };
    expect(() => parseExpressions('Scan', input, fail)).toThrow(TypeError);
    const refuse = (): never => {
      throw invalid('x');
    };
    expect(() => parseExpressions('Scan', input, refuse)).toThrow(`${wrapped}${p}x for key :v`);
  });
});
