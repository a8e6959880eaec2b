import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { checkInput } from '../../src/shape/check.ts';
import {
  attributeMap,
  attributeValue,
  boolean,
  bytes,
  integer,
  list,
  long,
  map,
  nameMap,
  string,
  struct,
} from '../../src/shape/constructors.ts';
import { base64Invalid, unexpectedNested } from '../../src/shape/messages.ts';

const inner = struct({ Text: string(), Value: attributeValue }, 'Inner');
const shape = struct({
  String: string(),
  Boolean: boolean,
  Integer: integer(),
  Long: long(),
  List: list(string()),
  Structs: list(inner),
  Struct: inner,
  Item: attributeMap,
  Keys: list(attributeMap),
  Names: nameMap,
  Structures: map(inner, { javaValue: 'com.amazonaws.dynamodb.v20120810.Inner' }),
  Lists: map(list(inner), {
    javaValue: 'java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>',
  }),
});

function refusal(run: () => unknown): DynamoError {
  try {
    run();
  } catch (error) {
    if (error instanceof DynamoError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const startOf = 'Start of structure or map found where not expected';
const field = 'Unexpected field type';
const element = 'Unexpected value type in payload';
const collection = 'Unrecognized collection type';
const model = 'class com.amazonaws.dynamodb.v20120810.';
const attributes = `${collection} java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>`;
const notText = 'only base-64-encoded strings are convertible to bytes';

describe('JSON types (protocol.md, section 5)', () => {
  const rows: readonly (readonly [object, string])[] = [
    [{ String: true }, 'TRUE_VALUE cannot be converted to String'],
    [{ String: false }, 'FALSE_VALUE cannot be converted to String'],
    [{ String: 3 }, 'NUMBER_VALUE cannot be converted to String'],
    [{ String: 3.5 }, 'DECIMAL_VALUE cannot be converted to String'],
    [{ String: [] }, `${collection} class java.lang.String`],
    [{ String: {} }, startOf],
    [{ Boolean: 1 }, 'NUMBER_VALUE cannot be converted to Boolean'],
    [{ Boolean: 1.5 }, 'DECIMAL_VALUE cannot be converted to Boolean'],
    [{ Boolean: 'maybe' }, 'Unexpected token received from parser'],
    [{ Boolean: [] }, `${collection} class java.lang.Boolean`],
    [{ Boolean: {} }, startOf],
    [{ Integer: true }, 'TRUE_VALUE cannot be converted to Integer'],
    [{ Integer: '1' }, 'STRING_VALUE cannot be converted to Integer'],
    [{ Integer: [] }, `${collection} class java.lang.Integer`],
    [{ Integer: {} }, startOf],
    [{ Long: false }, 'FALSE_VALUE cannot be converted to Long'],
    [{ Long: '1' }, 'STRING_VALUE cannot be converted to Long'],
    [{ Long: [] }, `${collection} class java.lang.Long`],
    [{ List: true }, field],
    [{ List: 1 }, field],
    [{ List: 'a' }, field],
    [{ List: {} }, startOf],
    [{ List: [1] }, 'NUMBER_VALUE cannot be converted to String'],
    [{ Names: 'a' }, field],
    [{ Names: [] }, `${collection} java.util.Map<java.lang.String, java.lang.String>`],
    [{ Names: { '#a': 1 } }, 'NUMBER_VALUE cannot be converted to String'],
    [{ Item: 1 }, field],
    [{ Item: [] }, attributes],
    [{ Struct: 1 }, field],
    [{ Struct: [] }, `${collection} ${model}Inner`],
    [{ Structs: [1] }, element],
    [{ Structs: [[]] }, `${collection} ${model}Inner`],
    [{ Structures: { a: 'x' } }, element],
    [{ Structures: { a: [] } }, `${collection} ${model}Inner`],
    [{ Keys: ['a'] }, unexpectedNested],
    [{ Keys: [[]] }, attributes],
    [{ Lists: { T: 'a' } }, unexpectedNested],
    [{ Lists: { T: {} } }, startOf],
    [
      { Lists: [] },
      `${collection} java.util.Map<java.lang.String, java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>`,
    ],
    [{ Item: { a: 'x' } }, element],
    [{ Item: { a: [] } }, `${collection} ${model}AttributeValue`],
    [{ Struct: { Value: 'x' } }, field],
    [{ Item: { a: { S: 3 } } }, 'NUMBER_VALUE cannot be converted to String'],
    [{ Item: { a: { N: 3 } } }, 'NUMBER_VALUE cannot be converted to String'],
    [{ Item: { a: { N: -3.5 } } }, 'DECIMAL_VALUE cannot be converted to String'],
    [{ Item: { a: { B: 3 } } }, notText],
    [{ Item: { a: { B: true } } }, notText],
    [{ Item: { a: { B: [] } } }, `${collection} class java.nio.ByteBuffer`],
    [{ Item: { a: { B: {} } } }, startOf],
    [
      { Item: { a: { B: 'abc' } } },
      'Base64 encoded length is expected a multiple of 4 bytes but found: 3',
    ],
    [{ Item: { a: { B: 'ab==' } } }, base64Invalid],
    [{ Item: { a: { BS: ['YQ==', 1] } } }, notText],
    [{ Item: { a: { BOOL: 'x' } } }, 'Unexpected token received from parser'],
    [{ Item: { a: { NULL: 0 } } }, 'NUMBER_VALUE cannot be converted to Boolean'],
    [{ Item: { a: { SS: 'a' } } }, field],
    [{ Item: { a: { SS: {} } } }, startOf],
    [{ Item: { a: { NS: [1] } } }, 'NUMBER_VALUE cannot be converted to String'],
    [{ Item: { a: { L: 'a' } } }, field],
    [{ Item: { a: { L: ['a'] } } }, element],
    [{ Item: { a: { M: [] } } }, attributes],
    [{ Item: { a: { M: 'a' } } }, field],
    [{ Item: { a: { M: { b: { S: true } } } } }, 'TRUE_VALUE cannot be converted to String'],
  ];
  test.each(rows)('%j is refused: %s', (raw, message) => {
    const error = refusal(() => checkInput(shape, raw, 'json'));
    expect([error.name, error.message]).toEqual(['SerializationException', message]);
  });

  test.each([['text'], [1], [null], [undefined], [[]], [true]])('a root %j is refused', (raw) => {
    const error = refusal(() => checkInput(shape, raw, 'json'));
    expect([error.name, error.message]).toEqual(['SerializationException', '']);
  });

  test('the first mismatch in the order of the input is the answer', () => {
    const error = refusal(() => checkInput(shape, { Integer: 'x', String: 1 }, 'json'));
    expect(error.message).toBe('STRING_VALUE cannot be converted to Integer');
  });
});

describe('what passes', () => {
  const rows: readonly (readonly [object, object])[] = [
    [{ Boolean: 'TRUE' }, { Boolean: true }],
    [{ Boolean: 'yes' }, { Boolean: true }],
    [{ Boolean: '0' }, { Boolean: false }],
    [{ Integer: 1.9 }, { Integer: 1 }],
    [{ Integer: -1.5 }, { Integer: -2 }],
    [{ String: null, Unknown: 1, Integer: 2 }, { Integer: 2 }],
    [{ Struct: { Text: null, Unknown: {} } }, { Struct: {} }],
    [{ Item: { a: { S: 'x', N: null } } }, { Item: { a: { S: 'x' } } }],
    [{ Item: { a: { X: 'x' } } }, { Item: { a: {} } }],
    [{ Item: { a: null, b: { S: '' } } }, { Item: { b: { S: '' } } }],
    [{ Item: { a: { L: [null, { S: 'x' }] } } }, { Item: { a: { L: [{}, { S: 'x' }] } } }],
    [{ Item: { a: { BOOL: 'no' } } }, { Item: { a: { BOOL: false } } }],
    [{ Item: { a: { B: '' } } }, { Item: { a: { B: new Uint8Array() } } }],
    [{ Item: { a: { B: 'YWI=' } } }, { Item: { a: { B: new Uint8Array([97, 98]) } } }],
    [
      { Item: { a: { M: { b: { BS: ['YQ==', 'Yg=='] } } } } },
      { Item: { a: { M: { b: { BS: [new Uint8Array([97]), new Uint8Array([98])] } } } } },
    ],
  ];
  test.each(rows)('%j', (raw, expected) => {
    const before = JSON.stringify(raw);
    expect(JSON.stringify(checkInput(shape, raw, 'json'))).toBe(JSON.stringify(expected));
    expect(JSON.stringify(raw)).toBe(before);
  });

  test('an attribute value that needs no reading is not copied', () => {
    const raw = { Item: { a: { M: { b: { SS: ['x'] } } }, c: { N: '1' } } };
    const checked = checkInput(shape, raw, 'json') as typeof raw;
    expect(checked.Item).toBe(raw.Item);
  });

  test('names like __proto__ stay names, and no prototype changes', () => {
    const text =
      '{"__proto__":1,"constructor":2,"Names":{"__proto__":"x","constructor":"y"},' +
      '"Structures":{"__proto__":{"Text":"t","__proto__":{"Text":1}}},' +
      '"Item":{"__proto__":{"B":"YQ=="},"toString":{"S":null},"a":{"__proto__":{"S":"x"}}}}';
    const checked = checkInput(shape, JSON.parse(text), 'json') as Record<string, object>;
    expect(Object.keys(checked)).toEqual(['Names', 'Structures', 'Item']);
    expect(Object.entries(checked['Names'] as object)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect(JSON.stringify(checked['Structures'])).toBe('{"__proto__":{"Text":"t"}}');
    expect(JSON.stringify(checked['Item'])).toBe(
      '{"__proto__":{"B":{"0":97}},"toString":{},"a":{}}',
    );
    expect(({} as Record<string, unknown>)['B']).toBeUndefined();
  });

  test.each([40, 5000, 100_000])('attribute values nested %i deep do not overflow', (depth) => {
    const text = `${'{"L":['.repeat(depth)}${']}'.repeat(depth)}`;
    const raw = JSON.parse(`{"Item":{"a":${text}}}`);
    expect(checkInput(shape, raw, 'json')).toBeTypeOf('object');
  });
});

describe('forms', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const wire = (value: unknown): unknown => {
    const checked = checkInput(shape, { Item: { a: { B: value } } }, 'wire');
    return (checked as { Item: { a: { B: unknown } } }).Item.a.B;
  };

  test('wire takes bytes, whatever holds them, as a Uint8Array', () => {
    expect(wire(bytes)).toBe(bytes);
    for (const other of [bytes.buffer, Buffer.from(bytes), new DataView(bytes.buffer)]) {
      const read = wire(other) as Uint8Array;
      expect(read.constructor).toBe(Uint8Array);
      expect(read).toEqual(bytes);
    }
  });

  test.each([['YQ=='], [3], [true]])('wire refuses %j as bytes', (value) => {
    expect(refusal(() => wire(value)).message).toBe(notText);
  });

  test('plain leaves attribute values as they are, null and all', () => {
    const item = { a: null, b: 1, c: new Set(['x']), d: undefined };
    const raw = { Item: item, Struct: { Text: null, Value: null }, Keys: [item] };
    const checked = checkInput(shape, raw, 'plain') as typeof raw;
    expect(checked.Item).toBe(item);
    expect(checked.Keys[0]).toBe(item);
    expect(checked.Struct).toEqual({ Value: null });
    expect(Object.keys(checked.Struct)).toEqual(['Value']);
  });

  test('plain still wants a structure where an item belongs', () => {
    expect(refusal(() => checkInput(shape, { Item: 'x' }, 'plain')).message).toBe(field);
    expect(refusal(() => checkInput(shape, { Item: [] }, 'plain')).message).toBe(attributes);
  });
});

describe('what JSON.parse made is kept, not copied', () => {
  const kept: readonly (readonly [string, object])[] = [
    ['of scalars', { String: 'a', Boolean: true, Integer: 1, List: ['a', 'b'], Names: { a: 'b' } }],
    ['of structures', { Struct: { Text: 'a' }, Structs: [{ Text: 'a' }, {}], Lists: { a: [{}] } }],
    ['of values', { Item: { p: { S: 'a' } }, Keys: [{ p: { N: '1' } }], Structures: { a: {} } }],
  ];
  test.each(kept)('%s', (_name, input) => {
    expect(checkInput(shape, input, 'json')).toBe(input);
    expect(checkInput(shape, input, 'wire')).toEqual(input);
    expect(checkInput(shape, input, 'wire')).not.toBe(input);
  });

  test.each<[string, object, object]>([
    ['an unknown member', { String: 'a', Other: 1 }, { String: 'a' }],
    ['a member that is null', { String: 'a', List: null }, { String: 'a' }],
    ['a number to be floored', { Integer: 1.5 }, { Integer: 1 }],
    ['a word for a truth', { Boolean: 'YES' }, { Boolean: true }],
    [
      'one element of many',
      { Structs: [{ Text: 'a' }, { X: 1 }] },
      { Structs: [{ Text: 'a' }, {}] },
    ],
    ['one entry of many', { Names: { a: 'b', c: null } }, { Names: { a: 'b' } }],
  ])('but for %s', (_name, input, read) => {
    const before = structuredClone(input);
    expect(checkInput(shape, input, 'json')).toEqual(read);
    expect(input).toEqual(before);
  });

  test('nor listed where nothing is asked of its entries', () => {
    let listed = 0;
    const Names = new Proxy({ a: 'b' } as Record<string, string>, {
      ownKeys(target) {
        listed += 1;
        return Reflect.ownKeys(target);
      },
    });
    checkInput(shape, { Names }, 'json');
    // Once, for the types of its entries.
    expect(listed).toBe(1);
  });
});

test.each(['json', 'wire', 'plain'] as const)('bytes are left as they are in form %s', (form) => {
  const own = struct({ Bytes: bytes });
  const Bytes = Uint8Array.of(1, 2);
  expect(checkInput(own, { Bytes }, form)).toEqual({ Bytes });
  expect(() => checkInput(own, { Bytes: 'AQI=' }, form)).toThrow(DynamoError);
});
