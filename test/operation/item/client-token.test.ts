import { beforeEach, describe, expect, test } from 'vitest';
import { hexOf } from '../../../src/base/bytes.ts';
import { clientTokenLifeMs } from '../../../src/base/limits.ts';
import { digestOf, rememberToken, wasDone } from '../../../src/operation/item/client-token.ts';
import { tokensTree } from '../../../src/table/system.ts';
import { decodeItem } from '../../../src/value/codec.ts';
import { wireReader } from '../../../src/value/wire.ts';
import { MapReader } from '../../support/map-reader.ts';

type Actions = Parameters<typeof digestOf>[0];
const digest = (...actions: Actions): string => hexOf(digestOf(actions, wireReader));
const put = { TableName: 'Tab', Item: { p: { S: 'a' }, n: { N: '10' } } };
const named = {
  ...put,
  ConditionExpression: '#a = #b',
  ExpressionAttributeNames: { '#a': 'x', '#b': 'y' },
};

describe('a digest', () => {
  test('has its bytes', () => {
    expect(digest(['Put', put])).toBe('50805fe889e421f77c9ed35844111225');
  });

  test.each([
    ['members in another order', { Item: put.Item, TableName: 'Tab' }],
    ['attributes in another order', { ...put, Item: { n: { N: '10' }, p: { S: 'a' } } }],
    ['a number in another spelling', { ...put, Item: { ...put.Item, n: { N: '1e1' } } }],
    ['a member that is absent', { ...put, ConditionExpression: undefined }],
  ])('is the same with %s', (_, other) => {
    expect(digest(['Put', other])).toBe(digest(['Put', put]));
  });

  test('tells different requests apart', () => {
    const all = [
      digest(['Put', put]),
      digest(['Put', put], ['Put', put]),
      digest(['Delete', put]),
      digest(['Put', { ...put, TableName: 'tab' }]),
      digest(['Put', { ...put, Item: { p: { S: 'a' } } }]),
      digest(['Put', { ...put, ConditionExpression: 'Tab' }]),
      digest(['Put', named]),
      digest(['Put', { ...named, ExpressionAttributeNames: { '#a': 'y', '#b': 'x' } }]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('a token', () => {
  const now = 1_700_000_000_000;
  const token = { token: 'tok', digest: Uint8Array.of(1, 2, 3) };
  let reader: MapReader;
  const remember = (name: string, nowMs: number): void => {
    reader.apply(rememberToken(reader, { ...token, token: name }, nowMs));
  };

  beforeEach(() => {
    reader = new MapReader();
  });

  test('is stored twice: by its name and by its time', () => {
    remember('tok', now);
    const cursor = reader.range(tokensTree, {});
    const entries: [string, unknown][] = [];
    while (cursor.next()) entries.push([hexOf(cursor.key), decodeItem(cursor.value)]);
    expect(entries).toEqual([
      [
        '00746f6b',
        new Map<string, unknown>([
          ['digest', { type: 'B', value: token.digest }],
          ['expires', { type: 'N', value: '1700000600000' }],
        ]),
      ],
      ['010000018bcfee8fc0746f6b', new Map()],
    ]);
  });

  test('was done until it expires', () => {
    expect(wasDone(reader, token, now)).toBe(false);
    remember('tok', now);
    expect(wasDone(reader, token, now + clientTokenLifeMs - 1)).toBe(true);
    expect(wasDone(reader, token, now + clientTokenLifeMs)).toBe(false);
    expect(wasDone(reader, { ...token, token: 'other' }, now)).toBe(false);
  });

  test('with another digest is refused', () => {
    remember('tok', now);
    expect(() => wasDone(reader, { ...token, digest: Uint8Array.of(9) }, now)).toThrow(
      expect.objectContaining({ name: 'IdempotentParameterMismatchException' }),
    );
  });

  test('removes itself and at most four others when they have expired', () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) remember(name, now);
    remember('a', now + clientTokenLifeMs);
    // Its own old entries are replaced, and three of the first four by time are others.
    expect(reader.counters(tokensTree).entries).toBe(2 + 2);
    expect(wasDone(reader, { ...token, token: 'a' }, now + clientTokenLifeMs)).toBe(true);
  });

  test('leaves those that live alone', () => {
    remember('a', now);
    remember('b', now + clientTokenLifeMs - 1);
    expect(reader.counters(tokensTree).entries).toBe(4);
  });
});
