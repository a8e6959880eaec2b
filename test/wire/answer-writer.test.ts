import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { spareBytesMax } from '../../src/base/page-limits.ts';
import type { Answer } from '../../src/operation/request.ts';
import { encodeItem, StoredItem } from '../../src/value/codec.ts';
import { ItemDecoder } from '../../src/value/decode.ts';
import type { Item } from '../../src/value/value.ts';
import { readAnswer } from '../../src/wire/answer-reader.ts';
import { AnswerWriter } from '../../src/wire/answer-writer.ts';

const ada: Item = new Map([
  ['owner', { type: 'S', value: 'ada' }],
  ['count', { type: 'N', value: '7' }],
]);
const bob: Item = new Map([['owner', { type: 'S', value: 'bob' }]]);
const stored = new StoredItem(encodeItem(bob));
const plainAda = { owner: 'ada', count: 7 };
const plainBob = { owner: 'bob' };

/** What the page makes of an answer, after a structured clone as postMessage would do it. */
function carry(answer: Answer, form: 'plain' | 'wire' = 'plain'): object {
  const writer = new AnswerWriter();
  writer.add(1, { output: { Item: bob } });
  writer.add(2, answer);
  const message = structuredClone(writer.take());
  const sent = message.answers?.[1];
  if (sent === undefined) throw new Error('no answer');
  return readAnswer(sent, new ItemDecoder(new Uint8Array(message.bytes ?? []), form));
}

describe('answers carry their items', () => {
  const rows: readonly (readonly [string, object, object])[] = [
    [
      'no item',
      { TableNames: ['a'], Count: 0, Items: [] },
      { TableNames: ['a'], Count: 0, Items: [] },
    ],
    ['a member that is absent', { Item: undefined, Note: null }, {}],
    ['one item', { Item: ada }, { Item: plainAda }],
    ['a stored item', { Attributes: stored }, { Attributes: plainBob }],
    [
      'a page of a query',
      { Items: [ada, stored, ada], Count: 3, ScannedCount: 4, LastEvaluatedKey: bob },
      {
        Items: [plainAda, plainBob, plainAda],
        Count: 3,
        ScannedCount: 4,
        LastEvaluatedKey: plainBob,
      },
    ],
    [
      'a batch',
      {
        Responses: { Notes: [ada], Others: [] },
        UnprocessedKeys: { Notes: { Keys: [bob], ConsistentRead: true } },
      },
      {
        Responses: { Notes: [plainAda], Others: [] },
        UnprocessedKeys: { Notes: { Keys: [plainBob], ConsistentRead: true } },
      },
    ],
    [
      'a transaction',
      { Responses: [{ Item: ada }, {}, { Item: stored }] },
      { Responses: [{ Item: plainAda }, {}, { Item: plainBob }] },
    ],
    [
      'unprocessed writes',
      { UnprocessedItems: { T: [{ PutRequest: { Item: ada } }, { DeleteRequest: { Key: bob } }] } },
      {
        UnprocessedItems: {
          T: [{ PutRequest: { Item: plainAda } }, { DeleteRequest: { Key: plainBob } }],
        },
      },
    ],
  ];
  test.each(rows)('%s', (_name, output, expected) => {
    expect(carry({ output })).toEqual(expected);
  });

  test('attribute values on request', () => {
    expect(carry({ output: { Items: [ada] } }, 'wire')).toEqual({
      Items: [{ owner: { S: 'ada' }, count: { N: '7' } }],
    });
  });

  test('a table named __proto__ is a member like any other', () => {
    const responses = JSON.parse('{"__proto__":[]}') as Record<string, unknown>;
    Object.defineProperty(responses, '__proto__', { value: [ada], enumerable: true });
    const { Responses } = carry({ output: { Responses: responses } }) as { Responses: object };
    expect(Object.entries(Responses)).toEqual([['__proto__', [plainAda]]]);
    expect(Object.getPrototypeOf(Responses)).toBe(Object.prototype);
  });
});

describe('answers carry errors', () => {
  test('of DynamoDB with their members and items', () => {
    const error = new DynamoError('TransactionCanceledException', 'cancelled', {
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: ada }, { Code: 'None' }],
    });
    expect(carry({ error })).toEqual({
      name: 'TransactionCanceledException',
      message: 'cancelled',
      expected: true,
      members: {
        CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: plainAda }, { Code: 'None' }],
      },
    });
  });

  test('of the world with what can be cloned', () => {
    const error = Object.assign(new Error('gone'), { mayHaveBeenApplied: true, retry: () => 1 });
    expect(carry({ error })).toEqual({
      name: 'Error',
      message: 'gone',
      expected: false,
      members: { mayHaveBeenApplied: true },
    });
  });
});

describe('a writer', () => {
  test('is empty after its message was taken', () => {
    const writer = new AnswerWriter();
    writer.add(1, { output: { Item: ada } });
    expect([writer.count, writer.length > 0]).toEqual([1, true]);
    expect(writer.take().answers).toEqual([[1, true, {}, 'Item', 0]]);
    expect([writer.count, writer.length]).toEqual([0, 0]);
    expect(writer.take()).toEqual({});
  });

  test('says one stored item, and nothing at all, in numbers', () => {
    const writer = new AnswerWriter();
    writer.add(7, { output: { Item: stored, ConsumedCapacity: undefined } });
    writer.add(8, { output: {} });
    writer.add(9, { output: { Item: stored } });
    writer.add(10, { output: { Item: stored, Count: 1 } });
    const { answers, found, done, bytes } = writer.take();
    const { length } = stored.bytes;
    expect([found, done]).toEqual([[7, 0, 9, length], [8]]);
    expect(answers).toEqual([[10, true, { Count: 1 }, 'Item', 2 * length]]);
    expect(new ItemDecoder(new Uint8Array(bytes ?? []), 'plain').at(length)).toEqual(plainBob);
  });
});

describe('the bytes of a message', () => {
  interface Sent {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly filled: number | undefined;
    readonly items: readonly object[];
  }

  function sent(writer: AnswerWriter, answers: number): Sent {
    for (let id = 0; id < answers; id += 1) writer.add(id, { output: { Item: stored } });
    const { bytes = new ArrayBuffer(0), filled, found = [] } = structuredClone(writer.take());
    const decoder = new ItemDecoder(new Uint8Array(bytes, 0, filled), 'plain');
    const items = found.filter((_, at) => at % 2 === 1).map((place) => decoder.at(place));
    return { bytes: new Uint8Array(bytes), filled, items };
  }

  test('are cloned out of the buffer, have one of their own, or are given away in it', () => {
    const writer = new AnswerWriter();
    const { length } = stored.bytes;
    const many = Math.ceil(20_000 / length);
    for (const [answers, lent, own] of [
      [60, true, false],
      [1, false, true],
      [60, true, false],
      [many, false, false],
      [2, false, true],
    ] as const) {
      const { bytes, filled, items } = sent(writer, answers);
      expect([answers, writer.lent]).toEqual([answers, lent]);
      expect(items).toEqual(Array.from({ length: answers }, () => plainBob));
      expect(bytes.length === answers * length).toBe(own);
      expect(filled).toBe(answers === many ? many * length : undefined);
    }
  });

  test('are written into a buffer that came back, unless there is one as large', () => {
    const writer = new AnswerWriter();
    const many = Math.ceil(20_000 / stored.bytes.length);
    const { buffer } = sent(writer, many).bytes;
    writer.adopt(buffer);
    writer.adopt(new ArrayBuffer(10));
    writer.add(1, { output: { Items: Array.from({ length: many }, () => stored) } });
    writer.adopt(new ArrayBuffer(1_000_000));
    expect(writer.take().bytes).toBe(buffer);
    // Where it does not come back, the next one has room for as much at once.
    expect(sent(writer, many).bytes).toHaveLength(32_768);
  });

  test.each([
    [1_200_000, [20_010, 32_768]],
    [3_000_000, [20_010, 32_768]],
  ])('after %d of them few have no large buffer, one after another', (length, expected) => {
    const writer = new AnswerWriter();
    const { filled, bytes } = sent(writer, Math.ceil(length / stored.bytes.length));
    // What would be too large to come back is a copy.
    expect(filled === undefined).toBe(length > spareBytesMax);
    expect(bytes.length / length).toBeLessThan(2);
    const many = Math.ceil(20_000 / stored.bytes.length);
    expect(expected.map(() => sent(writer, many).bytes.length)).toEqual(expected);
  });
});
