import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { ShortNames, wholeNames } from '../../src/replica/names.ts';

const stampOf = (of: number): { ms: number; counter: number; replica: Uint8Array } => ({
  ms: 1_760_000_000_000 + of,
  counter: of,
  replica: new Uint8Array(16).fill(of % 2),
});

test.each([
  ['whole', wholeNames, wholeNames, 4 * (1 + 5 + 24)],
  ['short', new ShortNames(), new ShortNames(), 2 * (1 + 1 + 5) + 2 + 2 * 16 + 4 * 9],
])('%s names come back as they were', (_, out, back, length) => {
  const writer = new ByteWriter();
  for (let of = 0; of < 4; of += 1) {
    out.putTable(writer, `name${of % 2}`);
    out.putStamp(writer, stampOf(of));
  }
  expect(writer.length).toBe(length);
  const reader = new ByteReader(writer.take());
  for (let of = 0; of < 4; of += 1) {
    expect(back.table(reader)).toBe(`name${of % 2}`);
    expect(back.stamp(reader)).toEqual(stampOf(of));
  }
  expect(reader.done).toBe(true);
});

test('a number that was not given is refused', () => {
  const bytes = new Uint8Array(40).fill(1);
  expect(() => new ShortNames().table(new ByteReader(bytes))).toThrow(Corruption);
  expect(() => new ShortNames().stamp(new ByteReader(bytes))).toThrow(Corruption);
});
