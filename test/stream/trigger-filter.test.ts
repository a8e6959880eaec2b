/** FilterCriteria: what each operator of Lambda's filter rules lets pass; what is no pattern. */
import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../src/stream/trigger-filter.ts';

const record = {
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { id: { S: 'Order-17' } },
    NewImage: {
      id: { S: 'Order-17' },
      total: { N: '100.50' },
      paid: { BOOL: false },
      note: { NULL: true },
      tags: { SS: ['red', 'blue'] },
      lines: { L: [{ M: { sku: { S: 'x1' } } }, { M: { sku: { S: 'y2' } } }] },
      empty: { S: '' },
    },
    SizeBytes: 42,
  },
};

/** A pattern about an attribute of the new image. */
const image = (attribute: object): object => ({ dynamodb: { NewImage: attribute } });

const rows: readonly [string, object, boolean][] = [
  ['a text that is equal', { eventName: ['MODIFY'] }, true],
  ['a text that is not', { eventName: ['INSERT'] }, false],
  ['one of several', { eventName: ['INSERT', 'MODIFY'] }, true],
  ['two members that both hold', { eventName: ['MODIFY'], dynamodb: { SizeBytes: [42] } }, true],
  ['two of which one does not', { eventName: ['MODIFY'], dynamodb: { SizeBytes: [1] } }, false],
  ['a number is no text', { dynamodb: { SizeBytes: ['42'] } }, false],
  ['true is not false', image({ paid: { BOOL: [true] } }), false],
  ['false', image({ paid: { BOOL: [false] } }), true],
  ['an element of a set', image({ tags: { SS: ['blue'] } }), true],
  ['none of a set', image({ tags: { SS: ['green'] } }), false],
  ['a member of an object in a list', image({ lines: { L: { M: { sku: { S: ['y2'] } } } } }), true],
  ['of no object in a list', image({ lines: { L: { M: { sku: { S: ['z3'] } } } } }), false],
  ['an empty text', image({ empty: { S: [''] } }), true],
  ['a prefix', image({ id: { S: [{ prefix: 'Order' }] } }), true],
  ['another prefix', image({ id: { S: [{ prefix: 'order' }] } }), false],
  [
    'a prefix whatever its case',
    image({ id: { S: [{ prefix: { 'equals-ignore-case': 'oRDER' } }] } }),
    true,
  ],
  ['a suffix', image({ id: { S: [{ suffix: '-17' }] } }), true],
  ['another suffix', image({ id: { S: [{ suffix: '-18' }] } }), false],
  ['equal but for case', image({ id: { S: [{ 'equals-ignore-case': 'ORDER-17' }] } }), true],
  ['not even so', image({ id: { S: [{ 'equals-ignore-case': 'ORDER-18' }] } }), false],
  ['a wildcard', image({ id: { S: [{ wildcard: 'O*-*7' }] } }), true],
  [
    'a wildcard whose ends overlap',
    image({ id: { S: [{ wildcard: 'Order-17*Order-17' }] } }),
    false,
  ],
  ['an escaped star', image({ id: { S: [{ wildcard: 'Order\\*' }] } }), false],
  ['anything but one', { eventName: [{ 'anything-but': 'REMOVE' }] }, true],
  ['anything but several', { eventName: [{ 'anything-but': ['REMOVE', 'MODIFY'] }] }, false],
  ['anything but a prefix', image({ id: { S: [{ 'anything-but': { prefix: 'Order' } }] } }), false],
  ['anything but, of what is not there', image({ gone: { S: [{ 'anything-but': 'x' }] } }), false],
  ['an attribute that exists', image({ id: { S: [{ exists: true }] } }), true],
  ['one that does not', image({ gone: { S: [{ exists: true }] } }), false],
  ['one that must not', image({ gone: { S: [{ exists: false }] } }), true],
  ['one that must not and does', image({ id: { S: [{ exists: false }] } }), false],
  ['exists of what is no leaf', { dynamodb: { NewImage: [{ exists: true }] } }, false],
  [
    'a numeric range of an N',
    image({ total: { N: [{ numeric: ['>', 100, '<=', 100.5] }] } }),
    true,
  ],
  ['outside of it', image({ total: { N: [{ numeric: ['>', 100.5] }] } }), false],
  ['equal as numbers', image({ total: { N: [{ numeric: ['=', 100.5] }] } }), true],
  ['equal as texts only', image({ total: { N: ['100.5'] } }), false],
  ['a numeric of a number', { dynamodb: { SizeBytes: [{ numeric: ['<', 43] }] } }, true],
  ['a numeric of a text', image({ empty: { S: [{ numeric: ['=', 0] }] } }), false],
  ['one of $or', { $or: [{ eventName: ['INSERT'] }, { dynamodb: { SizeBytes: [42] } }] }, true],
  ['none of $or', { $or: [{ eventName: ['INSERT'] }, { eventName: ['REMOVE'] }] }, false],
  [
    '$or and another that fails',
    { eventName: ['INSERT'], $or: [{ eventName: ['MODIFY'] }, { eventName: ['REMOVE'] }] },
    false,
  ],
  ['a name of every object', { toString: [{ exists: true }] }, false],
];

describe('a pattern', () => {
  test.each(rows)('about %s', (_, pattern, passes) => {
    expect(compileFilter([JSON.stringify(pattern)])(record)).toBe(passes);
  });

  test('is one of several that may hold', () => {
    const patterns = [{ eventName: ['INSERT'] }, { eventName: ['MODIFY'] }];
    expect(compileFilter(patterns.map((one) => JSON.stringify(one)))(record)).toBe(true);
  });

  test('that is none lets everything pass', () => {
    expect(compileFilter([])(record)).toBe(true);
  });
});

describe('what is no pattern', () => {
  const bad: readonly [string, string][] = [
    ['', 'it is not JSON'],
    ['[]', 'a Pattern is not an object'],
    ['{}', 'the Pattern is empty'],
    ['{"a":{}}', 'a is empty'],
    ['{"a":[]}', 'a is an empty list'],
    ['{"a":"x"}', 'a is neither an object nor a list of rules'],
    ['{"a":{"b":1}}', 'a.b is neither an object nor a list of rules'],
    ['{"a":[["x"]]}', 'a has a list in its list'],
    ['{"a":[{}]}', 'a has a rule with 0 operators'],
    ['{"a":[{"prefix":"x","suffix":"y"}]}', 'a has a rule with 2 operators'],
    ['{"a":[{"like":"x"}]}', 'a has the unknown operator like'],
    ['{"a":[{"prefix":1}]}', 'prefix in a is not a text'],
    ['{"a":[{"prefix":""}]}', 'prefix in a is empty'],
    ['{"a":[{"exists":"yes"}]}', 'exists in a is true or false'],
    ['{"a":[{"numeric":">"}]}', 'numeric in a is not one or two comparisons'],
    ['{"a":[{"numeric":["~",1]}]}', 'numeric in a has the unknown comparison ~'],
    ['{"a":[{"numeric":[">","1"]}]}', 'numeric in a compares with something that is no number'],
    ['{"a":[{"anything-but":[]}]}', 'anything-but in a is neither'],
    ['{"a":[{"anything-but":{"numeric":[">",1]}}]}', 'anything-but in a has the unknown operator'],
    ['{"a":[{"wildcard":"a**b"}]}', 'wildcard in a has ** in it'],
    ['{"a":[{"wildcard":"a\\\\b"}]}', 'wildcard in a has a \\ before neither * nor \\'],
    ['{"$or":[{"a":["x"]}]}', '$or is a list of at least two patterns'],
    ['{"$or":[1,2]}', '$or holds something that is no pattern'],
  ];
  test.each(bad)('%s', (pattern, message) => {
    expect(() => compileFilter([pattern])).toThrow(`Invalid filter pattern: ${message}`);
  });

  test('too many, or too long a one', () => {
    expect(() => compileFilter(Array(11).fill('{"a":["x"]}'))).toThrow('there are 11 filters');
    expect(() => compileFilter([`{"a":["${'x'.repeat(4100)}"]}`])).toThrow('more than 4096');
  });
});
