import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter, hexOf } from '../../src/base/bytes.ts';
import { crc32c } from '../../src/base/checksum.ts';
import { wireBytesMax } from '../../src/base/replica-limits.ts';
import { type Base, encodeEntry, type Entry } from '../../src/replica/entry.ts';
import type { Framed } from '../../src/replica/message.ts';
import { encodeChanges, type PageChange } from '../../src/replica/page.ts';
import { encodeRange, isEmptyRange, wholeTable } from '../../src/replica/range.ts';
import { decodeFrame, encodeFrame, syncProtocol, WireFault } from '../../src/replica/wire.ts';

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const id = bytesOf(16).map(hexOf);
const count = fc.maxSafeNat();
const stamp = fc.record({
  ms: fc.nat(2 ** 31).map((n) => n * 1000),
  counter: fc.nat(0xffff),
  replica: fc.constantFrom(1, 2, 3).map((of) => new Uint8Array(16).fill(of)),
});
const base: fc.Arbitrary<Base> = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.record({ kind: fc.constant('stamp' as const), stamp }),
  fc.record({ kind: fc.constant('on' as const), seq: count, isRead: fc.boolean() }),
);
const place = { table: fc.constantFrom('notes', 'tasks'), key: fc.uint8Array({ maxLength: 40 }) };
const image = fc.option(fc.uint8Array({ maxLength: 400 }), { nil: undefined });
const mutation = fc.record({ ...place, base, isDeleted: fc.boolean(), image });
const entry: fc.Arbitrary<Entry> = fc.record({
  seq: count,
  id: bytesOf(16),
  stamp,
  voidedBy: fc.option(fc.integer({ min: 1 }), { nil: undefined }),
  mutations: fc.array(mutation, { maxLength: 5 }),
});
const change: fc.Arbitrary<PageChange> = fc.record({ ...place, stamp, image });
const epoch = fc.oneof(fc.constant(''), id);
const outcome = fc.record({
  Seq: count,
  Kind: fc.constantFrom('applied' as const, 'superseded' as const, 'refused' as const),
  Code: fc.constantFrom('', 'AccessDenied'),
  Ms: count,
  Counter: fc.nat(0xffff),
});
const number = count;
const bytes = fc.uint8Array({ maxLength: 20 });
const range = fc
  .record({ table: fc.string(), from: bytes, to: fc.option(bytes, { nil: undefined }) })
  .filter((one) => !isEmptyRange(one) && one.to?.length !== 0)
  .map(encodeRange);
const kinds = <K extends string>(kind: K): fc.Arbitrary<K> => fc.constant(kind);
const message: fc.Arbitrary<Framed> = fc.oneof(
  fc.record({
    kind: kinds('hello'),
    ...{ number, ReplicaId: id, First: count, Settled: count },
    ...{ Epoch: epoch, Cursor: count, Known: count },
  }),
  fc.record({
    kind: kinds('push'),
    number,
    Entries: fc.array(
      entry.map((one) => encodeEntry(one)),
      { maxLength: 6 },
    ),
  }),
  fc.record(
    {
      ...{ kind: kinds('pull'), number, Epoch: epoch, Cursor: count, Reach: count, Range: range },
      WithJoined: fc.boolean(),
      Bytes: count,
    },
    { requiredKeys: ['kind', 'number', 'Epoch', 'Cursor', 'Reach'] },
  ),
  fc.record({
    ...{ kind: kinds('survey'), number },
    Rows: fc.array(change, { maxLength: 8 }).map((all) => encodeChanges(all)),
  }),
  fc.record({
    ...{ kind: kinds('lacks'), number },
    ...{ Absent: fc.array(count, { maxLength: 9 }), Older: fc.array(count, { maxLength: 9 }) },
  }),
  fc.record(
    {
      kind: kinds('snapshot'),
      ...{ number, Epoch: epoch, Reach: count, WithDeleted: fc.boolean() },
      ...{ Range: range, After: bytes, Bytes: count },
    },
    { requiredKeys: ['kind', 'number', 'Epoch', 'Reach', 'WithDeleted', 'Range', 'After'] },
  ),
  fc.record({
    kind: kinds('chunk'),
    ...{ number, IsHeld: fc.boolean(), Refusal: fc.string(), To: bytes, Items: bytes },
    ...{ Sequence: count, MarkSeq: count, Count: count, TotalItems: count, TotalBytes: count },
  }),
  fc.record({ kind: kinds('tables'), number, Tables: fc.string() }),
  fc.record({
    kind: kinds('greeting'),
    ...{ number, ReplicaId: id, Epoch: epoch, IsHeld: fc.boolean(), IsBelow: fc.boolean() },
    ...{ IsRetired: fc.boolean(), HubId: id, Safe: count, AwayMs: count },
    ...{ MarkSeq: count, MarkId: id, Now: count, Others: fc.option(count, { nil: undefined }) },
    Forgotten: fc.option(count, { nil: undefined }),
  }),
  fc.record(
    {
      kind: kinds('outcomes'),
      number,
      Outcomes: fc.array(outcome, { maxLength: 5 }),
      Stop: fc.constantFrom('gap' as const, 'fork' as const),
    },
    { requiredKeys: ['kind', 'number', 'Outcomes'] },
  ),
  fc.record({
    kind: kinds('page'),
    ...{ number, IsHeld: fc.boolean(), Cursor: count, UpToDate: fc.boolean(), Through: count },
    Changes: fc.array(change, { maxLength: 8 }).map((all) => encodeChanges(all)),
  }),
  fc.record({
    ...{ kind: kinds('call'), number, Id: id, Ms: count },
    Operation: fc.constantFrom('PutItem', 'Query'),
    ...{ Form: fc.constantFrom('json' as const, 'wire' as const, 'plain' as const) },
    Input: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({
    ...{ kind: kinds('answer'), number, Place: count, IsRefused: fc.boolean() },
    Output: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({ kind: kinds('catalog'), number, Principal: fc.string(), Tables: fc.string() }),
);
const frame = fc.record({ replicaId: id, message });

/** A frame around any body, whose length and sum are right. */
function framed(kind: number, body: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  for (const byte of [0x74, 0x73, syncProtocol, kind]) writer.byte(byte);
  writer.u32(body.length);
  writer.u32(crc32c(body, crc32c(writer.view())));
  writer.raw(body);
  return writer.take();
}

function faultOf(bytes: Uint8Array): string | undefined {
  try {
    decodeFrame(bytes);
    return undefined;
  } catch (error) {
    // Anything else is a crash of the server.
    if (error instanceof WireFault) return error.why;
    throw error;
  }
}

const replicaId = 'ab'.repeat(16);
const none = '00'.repeat(16);
const empty = new Uint8Array(0);
const whole = encodeRange(wholeTable('t'));

/** One of each kind, as small as it goes: such a body is the likeliest to fit another kind. */
const least: { readonly [K in Framed['kind']]: Omit<Extract<Framed, { kind: K }>, 'kind'> } = {
  hello: {
    ...{ number: 0, ReplicaId: none, First: 0, Settled: 0 },
    ...{ Epoch: '', Cursor: 0, Known: 0 },
  },
  push: { number: 0, Entries: [] },
  pull: { number: 0, Epoch: '', Cursor: 0, Reach: 0 },
  survey: { number: 0, Rows: empty },
  tables: { number: 0, Tables: '' },
  snapshot: { number: 0, Epoch: '', Reach: 0, Range: whole, After: empty, WithDeleted: false },
  greeting: {
    ...{ number: 0, ReplicaId: none, Epoch: '', IsHeld: false, IsBelow: false, IsRetired: false },
    ...{ HubId: none, Safe: 0, AwayMs: 0, MarkSeq: 0, MarkId: none, Now: 0 },
  },
  outcomes: { number: 0, Outcomes: [] },
  page: { number: 0, IsHeld: false, Cursor: 0, Changes: empty, UpToDate: false, Through: 0 },
  lacks: { number: 0, Absent: [], Older: [] },
  call: { number: 0, Id: none, Ms: 0, Operation: '', Form: 'json', Input: empty },
  answer: { number: 0, Place: 0, Output: empty, IsRefused: false },
  catalog: { number: 0, Principal: '', Tables: '' },
  chunk: {
    ...{ number: 0, IsHeld: false, Refusal: '', To: empty, Sequence: 0, MarkSeq: 0 },
    ...{ Items: empty, Count: 0, TotalItems: 0, TotalBytes: 0 },
  },
};
const pull: Framed = { kind: 'pull', number: 1, Epoch: '', Cursor: 7, Reach: 9 };

describe('a frame', () => {
  test('has the bytes of docs/formats/sync-wire.md', () => {
    const body = `${'ab'.repeat(16)}01000709000000`;
    const golden = hexOf(encodeFrame({ replicaId, message: pull }));
    expect(golden.slice(0, 16)).toBe('7473010317000000');
    // By another program: CRC-32C of what is in front, then of the body.
    expect(golden.slice(16, 24)).toBe('731acaeb');
    expect(golden.slice(24)).toBe(body);
  });

  test('brings every message back as it was', () => {
    fc.assert(
      fc.property(frame, (one) => {
        expect(decodeFrame(encodeFrame(one))).toEqual(one);
      }),
    );
  });

  test('cut anywhere, or with any byte changed, is refused', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, by) => {
        const whole = encodeFrame(one);
        expect(faultOf(whole.subarray(0, at % whole.length))).toBe('malformed');
        const changed = whole.slice();
        changed[at % whole.length] = (whole[at % whole.length] as number) ^ by;
        expect(faultOf(changed)).toBeDefined();
      }),
    );
  });

  test.each(Object.keys(least))('of %s is refused with any byte in front changed', (kind) => {
    const members = least[kind as Framed['kind']];
    const whole = encodeFrame({ replicaId: none, message: { kind, ...members } as Framed });
    expect(faultOf(whole)).toBeUndefined();
    const taken: string[] = [];
    for (let at = 0; at < 12; at += 1) {
      for (let by = 1; by < 256; by += 1) {
        const changed = whole.slice();
        changed[at] = (whole[at] as number) ^ by;
        if (faultOf(changed) === undefined) taken.push(`${at}: ${changed[at]}`);
      }
    }
    expect(taken).toEqual([]);
  });

  test('of garbage is refused, and nothing breaks', () => {
    const kind = fc.constantFrom(0, 1, 2, 3, 4, 65, 66, 67, 68, 255);
    fc.assert(
      fc.property(kind, fc.uint8Array({ maxLength: 300 }), (code, body) => {
        const why = faultOf(framed(code, body));
        expect([undefined, 'malformed']).toContain(why);
      }),
      { numRuns: 2000 },
    );
  });

  test('of a message that was altered, its sum made right again, breaks nothing', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.nat(255), (one, at, by) => {
        const whole = encodeFrame(one);
        const body = whole.slice(12);
        body[at % body.length] = by;
        const why = faultOf(framed(whole[3] as number, body));
        expect([undefined, 'malformed']).toContain(why);
      }),
      { numRuns: 2000 },
    );
  });

  test('of another protocol says so, whatever its body is', () => {
    const bytes = encodeFrame({ replicaId, message: pull });
    bytes[2] = syncProtocol + 1;
    expect(faultOf(bytes)).toBe('protocol');
  });

  test('that is longer than a message may be is not looked at', () => {
    expect(faultOf(new Uint8Array(wireBytesMax + 1))).toBe('large');
  });

  test('that announces more than it has makes nothing of it', () => {
    const body = (...more: readonly number[]): Uint8Array =>
      Uint8Array.of(...new Uint8Array(16), 1, ...more);
    // A list of 2^49 entries, a page of so many bytes, a text of so many.
    const vast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    expect(faultOf(framed(2, body(...vast)))).toBe('malformed');
    expect(faultOf(framed(67, body(1, 1, ...vast)))).toBe('malformed');
    expect(faultOf(framed(4, body(...vast)))).toBe('malformed');
  });
});

describe('bytes of a change', () => {
  const item = (length: number): Uint8Array => new Uint8Array(length).fill(7);
  const own = new Uint8Array(16).fill(1);
  const mutationOf = (at: number, length: number): Entry['mutations'][number] => ({
    table: '0e8dc0a8-7ba5-4ef5-a1f3-5f8b4a1c0f11',
    key: new Uint8Array(24).fill(at),
    base: { kind: 'stamp', stamp: { ms: 1_760_000_000_000, counter: at, replica: own } },
    isDeleted: false,
    image: item(length),
  });

  test.each([300, 1000])('of %i are at most 1.5 times them, there and back', (length) => {
    const Entries = Array.from({ length: 100 }, (_, at) =>
      encodeEntry({
        seq: 1000 + at,
        id: new Uint8Array(16).fill(at),
        stamp: { ms: 1_760_000_001_000, counter: at, replica: own },
        mutations: [mutationOf(at, length)],
      }),
    );
    const push = encodeFrame({ replicaId, message: { kind: 'push', number: 1, Entries } });
    const changes = Array.from({ length: 100 }, (_, at) => {
      const { table, key, image } = mutationOf(at, length);
      return { table, key, image, stamp: { ms: 1_760_000_001_000, counter: at, replica: own } };
    });
    const page: Framed = {
      ...{ kind: 'page', number: 1, IsHeld: true, Cursor: 100, UpToDate: true, Through: 100 },
      Changes: encodeChanges(changes),
    };
    expect(push.length / (100 * length)).toBeLessThan(1.5);
    expect(encodeFrame({ replicaId, message: page }).length / (100 * length)).toBeLessThan(1.5);
  });
});
