import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter, fromHex, utf8 } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { decodeCommits, writeCommits } from '../../src/log/codec.ts';
import type { Commit } from '../../src/log/commit.ts';
import { commitOf } from '../support/tree-world.ts';

const engine = fromHex('000102030405060708090a0b0c0d0e0f');
const replica = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');

function encodeCommits(commits: readonly Commit[]): Uint8Array {
  const writer = new ByteWriter();
  writeCommits(writer, commits);
  return writer.take();
}

describe('commits as bytes', () => {
  test('any commits are read back as they were', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const natural = fc.oneof(fc.nat(300), fc.maxSafeNat());
    const maybe = <T>(what: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(what, { nil: undefined });
    const id = fc.constantFrom(engine, replica);
    const commit: fc.Arbitrary<Commit> = fc.record({
      sequence: natural,
      stamp: fc.record({ ms: fc.nat(3), counter: fc.nat(0xffff), replica: id }),
      origin: maybe(id),
      transaction: fc.nat(2),
      transactionEnd: fc.boolean(),
      caller: fc.constantFrom('user', 'ttl', 'sync', 'backfill', 'engine'),
      units: natural,
      table: fc.nat(2),
      mutations: fc.array(
        fc.record({
          tree: fc.nat(2),
          key: bytes,
          value: maybe(bytes),
          sizeBefore: maybe(natural),
          sizeAfter: maybe(natural),
          before: maybe(bytes),
          recorded: maybe(fc.record({ tree: fc.nat(), images: fc.nat(3) })),
          isVersion: maybe(fc.constant(true)),
        }),
        { maxLength: 5 },
      ),
      attach: maybe(
        fc.array(
          fc.record({
            tree: natural,
            page: natural,
            height: natural,
            entries: natural,
            bytes: natural,
          }),
          { maxLength: 3 },
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 20 }), (list) => {
        expect(decodeCommits(encodeCommits(list))).toEqual(list);
      }),
      { numRuns: 150 },
    );
  });
  test('a version of an item is told by a flag, which adds no byte', () => {
    const version = { tree: 101, key: utf8('k'), value: utf8('v'), sizeBefore: 1, sizeAfter: 1 };
    const plain = encodeCommits([commitOf([version])]);
    const marked = encodeCommits([commitOf([{ ...version, isVersion: true }])]);
    const at = plain.length - 8;
    expect(marked).toEqual(plain.with(at, (plain[at] ?? 0) + 128));
  });

  test('a value that two trees share is written once, and is one value again', () => {
    const value = utf8('v'.repeat(500));
    const shared = commitOf(
      [
        { tree: 100, key: utf8('key'), value, sizeBefore: undefined, sizeAfter: 9 },
        { tree: 101, key: utf8('entry'), value, sizeBefore: undefined, sizeAfter: 9 },
      ],
      1,
    );
    const bytes = encodeCommits([shared]);
    expect(bytes.length).toBeLessThan(600);
    const [decoded] = decodeCommits(bytes);
    const whole = shared.mutations.map((one) => ({ ...one, before: undefined }));
    expect(decoded?.mutations).toEqual(whole);
    expect(decoded?.mutations[1]?.value).toBe(decoded?.mutations[0]?.value);
  });
  test('a put that follows another costs little more than its key and its value', () => {
    const put = (sequence: number): Commit =>
      commitOf(
        [{ tree: 100, key: utf8('key'), value: utf8('value'), sizeBefore: 9, sizeAfter: 9 }],
        sequence,
      );
    const one = encodeCommits([put(1)]).length;
    expect(encodeCommits([put(1), put(2)]).length - one).toBeLessThanOrEqual(3 + 5 + 12);
  });

  test.each<[string, string]>([
    ['a first commit that leans on one before it', '01 01 00'],
    ['an unknown caller', '01 00 05'],
    ['bytes after the last commit', '00 00'],
  ])('are refused: %s', (_name, hex) => {
    expect(() => decodeCommits(fromHex(hex.replaceAll(' ', '')))).toThrow(Corruption);
  });
});
