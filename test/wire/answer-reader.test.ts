import { describe, expect, test } from 'vitest';
import { encodeItem } from '../../src/value/codec.ts';
import { ItemDecoder } from '../../src/value/decode.ts';
import { readAnswer } from '../../src/wire/answer-reader.ts';
import type { AnswerMessage } from '../../src/wire/channel.ts';

const bytes = encodeItem(new Map([['a', { type: 'S', value: 'x' }]]));
const item = { a: 'x' };

describe('reading an answer', () => {
  const rows: readonly (readonly [string, AnswerMessage, object])[] = [
    ['without items', [1, true, { Count: 0 }], { Count: 0 }],
    ['with an item', [1, true, { Count: 1 }, 'Item', 0], { Count: 1, Item: item }],
    ['with a list of items', [1, true, {}, 'Items', [0, 0]], { Items: [item, item] }],
    [
      'with items deep inside',
      [1, true, { R: { T: [{}, {}] } }, ['R', 'T', 1, 'Item'], 0, ['R', 'U'], [0]],
      { R: { T: [{}, { Item: item }], U: [item] } },
    ],
  ];
  test.each(rows)('%s', (_name, answer, expected) => {
    expect(readAnswer(answer, new ItemDecoder(bytes, 'plain'))).toEqual(expected);
  });

  test('a path may go through __proto__ and changes no prototype', () => {
    const answer: AnswerMessage = [1, true, { R: {} }, ['R', '__proto__'], [0]];
    const { R } = readAnswer(answer, new ItemDecoder(bytes, 'plain')) as { R: object };
    expect(Object.getPrototypeOf(R)).toBe(Object.prototype);
    expect(Object.entries(R)).toEqual([['__proto__', [item]]]);
  });
});
