import { describe, expect, test } from 'vitest';
import { DynamoError, type ErrorName, validation } from '../../src/base/errors.ts';
import { jsonSliceChars } from '../../src/base/limits.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import type { Item, Value } from '../../src/value/value.ts';
import { errorBody, inTurns, outputToJson, parseJson, parseLarge } from '../../src/wire/json.ts';

const bytes = new Uint8Array([97, 98]);
const everything: Item = new Map<string, Value>([
  ['s', { type: 'S', value: 'a"\u2028\n' }],
  ['n', { type: 'N', value: '-12.5' }],
  ['b', { type: 'B', value: bytes }],
  ['t', { type: 'BOOL', value: true }],
  ['f', { type: 'BOOL', value: false }],
  ['0', { type: 'NULL', value: true }],
  ['ss', { type: 'SS', value: ['a', 'b'] }],
  ['ns', { type: 'NS', value: ['1', '2'] }],
  ['bs', { type: 'BS', value: [bytes, new Uint8Array()] }],
  [
    'l',
    {
      type: 'L',
      value: [
        { type: 'S', value: '' },
        { type: 'L', value: [] },
      ],
    },
  ],
  ['m', { type: 'M', value: new Map([['__proto__', { type: 'M', value: new Map() }]]) }],
]);
const everythingAsWire =
  '{"s":{"S":"a\\"\u2028\\n"},"n":{"N":"-12.5"},"b":{"B":"YWI="},"t":{"BOOL":true},' +
  '"f":{"BOOL":false},"0":{"NULL":true},"ss":{"SS":["a","b"]},"ns":{"NS":["1","2"]},' +
  '"bs":{"BS":["YWI=",""]},"l":{"L":[{"S":""},{"L":[]}]},"m":{"M":{"__proto__":{"M":{}}}}}';

describe('an output as JSON', () => {
  const rows: readonly (readonly [string, object, string])[] = [
    ['nothing', {}, '{}'],
    ['absent members', { A: undefined, B: null, C: 1 }, '{"C":1}'],
    ['numbers', { A: 1, B: 0.5, C: 1447000000.123 }, '{"A":1,"B":0.5,"C":1447000000.123}'],
    ['an item', { Item: everything }, `{"Item":${everythingAsWire}}`],
    ['items in a list', { Items: [everything, new Map()] }, `{"Items":[${everythingAsWire},{}]}`],
    [
      'items anywhere',
      { A: { T: [{ Key: new Map([['k', { type: 'N', value: '1' }]]), B: true }] } },
      '{"A":{"T":[{"Key":{"k":{"N":"1"}},"B":true}]}}',
    ],
    [
      'wire values with bytes, as an input had them',
      { U: { T: [{ Item: { b: { B: bytes }, s: { BS: [bytes] } } }] } },
      '{"U":{"T":[{"Item":{"b":{"B":"YWI="},"s":{"BS":["YWI="]}}}]}}',
    ],
    [
      'names of every kind',
      JSON.parse('{"__proto__":{"constructor":"x"},"a\\"b":1}'),
      '{"__proto__":{"constructor":"x"},"a\\"b":1}',
    ],
  ];
  test.each(rows)('%s', (_name, output, json) => {
    expect(outputToJson(output)).toBe(json);
    expect(() => JSON.parse(json)).not.toThrow();
  });
});

test('a stored item is written as the item it is', () => {
  const stored = new StoredItem(encodeItem(everything));
  const written = JSON.parse(outputToJson({ Items: [stored], Item: stored }));
  expect(written).toEqual({
    Items: [JSON.parse(everythingAsWire)],
    Item: JSON.parse(everythingAsWire),
  });
});

describe('an error as JSON (protocol.md, section 3)', () => {
  const dynamo = 'com.amazonaws.dynamodb.v20120810#';
  const coral = 'com.amazon.coral.service#';
  const rows: readonly (readonly [ErrorName, string])[] = [
    ['ResourceNotFoundException', `{"__type":"${dynamo}ResourceNotFoundException","message":"M"}`],
    [
      'ValidationException',
      '{"__type":"com.amazon.coral.validate#ValidationException","message":"M"}',
    ],
    ['SerializationException', `{"__type":"${coral}SerializationException","Message":"M"}`],
    ['UnknownOperationException', `{"__type":"${coral}UnknownOperationException"}`],
    ['AccessDeniedException', `{"__type":"${coral}AccessDeniedException","Message":"M"}`],
    [
      'TransactionInProgressException',
      `{"__type":"${dynamo}TransactionInProgressException","Message":"M"}`,
    ],
    [
      'ThrottlingException',
      '{"__type":"com.amazon.coral.availability#ThrottlingException","message":"M"}',
    ],
  ];
  test.each(rows)('%s', (name, body) => {
    expect(errorBody(new DynamoError(name, 'M'))).toBe(body);
  });

  test('without a text there is no text member', () => {
    const body = errorBody(new DynamoError('SerializationException', ''));
    expect(body).toBe('{"__type":"com.amazon.coral.service#SerializationException"}');
  });

  test('the text is quoted', () => {
    expect(errorBody(validation('a "b"\n'))).toContain('"message":"a \\"b\\"\\n"');
  });

  test('members ride along, items among them', () => {
    const key: Item = new Map([['k', { type: 'S', value: 'x' }]]);
    const failed = new DynamoError('ConditionalCheckFailedException', 'M', { Item: key });
    expect(JSON.parse(errorBody(failed))['Item']).toEqual({ k: { S: 'x' } });
    const reasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Message: 'M', Item: key }];
    const canceled = new DynamoError('TransactionCanceledException', 'M', {
      CancellationReasons: reasons,
    });
    expect(JSON.parse(errorBody(canceled))).toEqual({
      __type: `${dynamo}TransactionCanceledException`,
      Message: 'M',
      CancellationReasons: [
        { Code: 'None' },
        { Code: 'ConditionalCheckFailed', Message: 'M', Item: { k: { S: 'x' } } },
      ],
    });
  });
});

describe('a body as JSON', () => {
  const text = (body: string): unknown => parseJson(new TextEncoder().encode(body));

  test.each([['{"a":1}'], ['null'], ['[]'], [' {} '], ['"\\ud83d\\ude00"']])('%s is', (body) => {
    expect(text(body)).toEqual({ value: JSON.parse(body) });
  });

  test.each([[''], ['{'], ['{a:1}'], ['\ufeff{}'], ['{}x']])('%j is not', (body) => {
    expect(text(body)).toBeUndefined();
  });

  test('bytes that are not UTF-8 are not', () => {
    expect(parseJson(new Uint8Array([0x22, 0xff, 0x22]))).toBeUndefined();
  });

  test('of two equal names the last counts, and __proto__ is a name', () => {
    expect(text('{"a":1,"a":2}')).toEqual({ value: { a: 2 } });
    const { value } = text('{"__proto__":{"x":1}}') as { value: object };
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect((value as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('a long body', () => {
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

  test('is read as a short one is, with turns for others', async () => {
    let turns = 0;
    const breathe = async (): Promise<void> => {
      turns += 1;
    };
    const text = `{"a":[${'{"S":"é"},'.repeat(100_000)}{}],"__proto__":1}`;
    expect(await parseLarge(bytesOf(text), breathe)).toEqual(parseJson(bytesOf(text)));
    expect(turns).toBe(Math.floor(text.length / jsonSliceChars));
    expect(await parseLarge(bytesOf(`${text},`), breathe)).toBeUndefined();
    const latin = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    expect(await parseLarge(latin, breathe)).toBeUndefined();
  });

  test('is gone through step by step', async () => {
    const order: string[] = [];
    function* steps(): Generator<undefined, string> {
      order.push('first');
      yield;
      order.push('second');
      return 'done';
    }
    const breathe = async (): Promise<void> => void order.push('others');
    expect(await inTurns(steps(), breathe)).toBe('done');
    expect(order).toEqual(['first', 'others', 'second']);
  });
});
