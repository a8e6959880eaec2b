import { describe, expect, test } from 'vitest';
import { decodeIterator, encodeIterator, type ShardIterator } from '../../src/stream/iterator.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/a|1|b/stream/2026-01-01T00:00:00.000';
const iterator: ShardIterator = {
  arn,
  shard: 'shardId-00000001767225600000-0000006b',
  kind: 'after',
  place: { ms: 1_767_225_600_123, sequence: 2 ** 52 },
  issuedMs: 1_767_225_700_000,
};

describe('an iterator', () => {
  test.each(['horizon', 'at', 'after'] as const)('of the kind %s is read back', (kind) => {
    expect(decodeIterator(encodeIterator({ ...iterator, kind }))).toEqual({ ...iterator, kind });
  });

  test('begins with the ARN of its stream, and fits into what a caller may send', () => {
    const text = encodeIterator(iterator);
    expect(text.startsWith(`${arn}|1|`)).toBe(true);
    expect(text.length).toBeLessThan(1024);
  });

  test('that was changed anywhere is none', () => {
    const text = encodeIterator(iterator);
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'A' ? 'B' : 'A';
      expect(decodeIterator(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
      expect(decodeIterator(text.slice(0, at))).toBeUndefined();
    }
  });

  test.each(['', 'garbage', '|1|', `${arn}|1|`, `${arn}|1|AAAA`, `${arn}|2|AAAAAAAAAAAA`])(
    '%j is none',
    (text) => {
      expect(decodeIterator(text)).toBeUndefined();
    },
  );
});
