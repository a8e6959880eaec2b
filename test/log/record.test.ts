import { describe, expect, test } from 'vitest';
import { fromHex, hexOf, utf8 } from '../../src/base/bytes.ts';
import { recordBytesMax } from '../../src/base/limits.ts';
import { prng } from '../../src/base/prng.ts';
import type { Commit } from '../../src/log/commit.ts';
import {
  Corruption,
  encodeTurn,
  peekRecord,
  readTurns,
  type TurnHeader,
} from '../../src/log/record.ts';
import type { StoreRecord } from '../../src/port/store.ts';

const engine = fromHex('000102030405060708090a0b0c0d0e0f');
const replica = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
const header: TurnHeader = {
  position: 7,
  engine,
  turn: 3,
  clock: { ms: 0x0123456789ab, counter: 5 },
};

const commits: readonly Commit[] = [
  {
    sequence: 300,
    stamp: { ms: 1700000000000, counter: 0, replica },
    origin: undefined,
    transaction: 0,
    transactionEnd: true,
    caller: 'user',
    units: 2,
    table: 100,
    mutations: [
      {
        tree: 100,
        key: utf8('k1'),
        value: utf8('value'),
        sizeBefore: undefined,
        sizeAfter: 9,
        before: undefined,
      },
      {
        tree: 101,
        key: utf8('i'),
        value: undefined,
        sizeBefore: 200,
        sizeAfter: undefined,
        before: utf8('old'),
      },
    ],
    attach: undefined,
  },
  {
    sequence: 301,
    stamp: { ms: 1700000000000, counter: 1, replica },
    origin: engine,
    transaction: 9,
    transactionEnd: false,
    caller: 'backfill',
    units: 4,
    table: 100,
    mutations: [],
    attach: [{ tree: 102, page: 2 ** 28, height: 2, entries: 4000, bytes: 1200000 }],
  },
];

function stored(first: TurnHeader, list: readonly Commit[]): StoreRecord[] {
  return encodeTurn(first, list).map((value, at) => ({ key: first.position + at, value }));
}

function large(length: number, seed: number): Commit {
  const [first] = commits as [Commit];
  const value = prng(seed).bytes(length);
  const mutation = { ...(first.mutations[0] as Commit['mutations'][0]), value };
  return { ...first, mutations: [mutation] };
}

/** The turn of `commits`, as a record of one format. */
function golden(format: number, checksum: string): string {
  return [
    `5454544c 0${format}00 0000 0700000000000000 000102030405060708090a0b0c0d0e0f`,
    `0300000000000000 00000000 01000000 ab8967452301 0500 58000000 ${checksum}`,
    '02',
    '20 00 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff ac02 80d095ffbc31 00 02 64',
    '02 15 026b31 0576616c7565 09 0a 65 0169 c801 036f6c64',
    'df 03 01 10 000102030405060708090a0b0c0d0e0f 09 04 00 01 66 8080808001 02 a01f 809f49',
  ]
    .join('')
    .replaceAll(' ', '');
}

describe('a log record', () => {
  test('has the bytes of docs/formats/log.md', () => {
    const records = encodeTurn(header, commits);
    expect(records.map(hexOf)).toEqual([golden(2, '01e95b21')]);
  });

  test('of format 1 is read, with its CRC-32C', () => {
    const value = fromHex(golden(1, '75e529c3'));
    expect(readTurns([{ key: 7, value }]).turns).toMatchObject([{ header, commits }]);
    for (let at = 0; at < value.length; at += 1) {
      const damaged = value.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      expect(() => peekRecord(damaged, 7)).toThrow(Corruption);
    }
  });

  test('is read back whole, values as views of its bytes', () => {
    const records = stored(header, commits);
    const { turns, next } = readTurns(records);
    expect(turns).toEqual([{ header, records: 1, bytes: records[0]?.value.length, commits }]);
    expect(next).toBe(8);
    const value = turns[0]?.commits[0]?.mutations[0]?.value;
    expect(value?.buffer).toBe(records[0]?.value.buffer);
  });

  test('shares nothing with the turn that is encoded next, a long or a failed one', () => {
    const first = encodeTurn(header, commits);
    const wanted = first.map(hexOf);
    encodeTurn(header, [large(3_000_000, 1)]);
    const broken = { ...commits[0], sequence: -1 } as Commit;
    expect(() => encodeTurn(header, [large(1000, 2), broken])).toThrow('not a safe integer');
    expect(first.map(hexOf)).toEqual(wanted);
    expect(encodeTurn(header, commits).map(hexOf)).toEqual(wanted);
  });

  test('tells whose it is without its commits', () => {
    const [record] = encodeTurn(header, commits) as [Uint8Array];
    const { turn, clock } = header;
    expect(peekRecord(record, 7)).toEqual({ engine, turn, clock, part: 0, parts: 1 });
  });

  test('any changed byte is noticed', () => {
    const [record] = encodeTurn(header, commits) as [Uint8Array];
    for (let at = 0; at < record.length; at += 1) {
      const damaged = record.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      expect(() => readTurns([{ key: 7, value: damaged }])).toThrow(Corruption);
      expect(() => peekRecord(damaged, 7)).toThrow(Corruption);
    }
    for (let length = 0; length < record.length; length += 1) {
      const cut = record.slice(0, length);
      expect(() => readTurns([{ key: 7, value: cut }])).toThrow(Corruption);
    }
  });
});

describe('a turn of many records', () => {
  const turn = [large(150_000, 1), large(10, 2), large(61_000, 3)];
  const records = stored(header, turn);

  test('has no record above the limit, and is joined again', () => {
    expect(records.length).toBe(4);
    for (const { value } of records) expect(value.length).toBeLessThanOrEqual(recordBytesMax);
    const after = { ...header, position: 11, turn: 4 };
    const { turns, next } = readTurns([...records, ...stored(after, commits)]);
    expect(turns.map((one) => [one.header.position, one.records])).toEqual([
      [7, 4],
      [11, 1],
    ]);
    expect(next).toBe(12);
    const sum = records.reduce((total, { value }) => total + value.length, 0);
    expect(turns[0]?.bytes).toBe(sum);
    expect(turns[0]?.commits).toEqual(turn);
  });

  test('is left alone until it is whole', () => {
    const before = stored({ ...header, position: 6 }, commits);
    for (let count = 0; count < records.length; count += 1) {
      const { turns, next } = readTurns([...before, ...records.slice(0, count)]);
      expect([turns.length, next]).toEqual([1, 7]);
    }
  });

  test.each<[string, (all: StoreRecord[]) => StoreRecord[]]>([
    ['begins in its middle', (all) => all.slice(1)],
    ['misses a part', (all) => all.filter((_, at) => at !== 1)],
    [
      'has a part at another position',
      (all) => [...all.slice(0, 3), { ...all[3], key: 99 } as never],
    ],
    [
      'has a part of another turn',
      (all) => [...all.slice(0, 2), ...stored({ ...header, turn: 99 }, turn).slice(2)],
    ],
    [
      'has a part of another engine',
      (all) => [...all.slice(0, 2), ...stored({ ...header, engine: replica }, turn).slice(2)],
    ],
    ['is followed by a gap', (all) => [...all, ...stored({ ...header, position: 12 }, commits)]],
  ])('is refused when it %s', (_name, damage) => {
    expect(() => readTurns(damage([...records]))).toThrow(Corruption);
  });

  test('no records hold no turn', () => {
    expect(readTurns([])).toEqual({ turns: [], next: 0 });
  });
});
