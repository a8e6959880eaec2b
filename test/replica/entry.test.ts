import { describe, expect, test } from 'vitest';
import { fromHex, hexOf, utf8 } from '../../src/base/bytes.ts';
import { Corruption } from '../../src/base/corruption.ts';
import { decodeEntry, encodeEntry, type Entry } from '../../src/replica/entry.ts';

const replica = new Uint8Array(16).fill(0xab);
const id = new Uint8Array(16).fill(0xcd);
const stamp = { ms: 5, counter: 1, replica };
const stamped = `0000000000050001${'ab'.repeat(16)}`;
const key = Uint8Array.of(9);

const whole: Entry = {
  seq: 3,
  id,
  stamp,
  voidedBy: undefined,
  mutations: [
    { table: 'T', key, base: { kind: 'none' }, isDeleted: false, image: Uint8Array.of(1, 2) },
    { table: 'T', key, base: { kind: 'stamp', stamp }, isDeleted: true, image: undefined },
    {
      table: 'T',
      key,
      base: { kind: 'on', seq: 2, isRead: true },
      isDeleted: false,
      image: undefined,
    },
  ],
};

describe('an entry', () => {
  test('has the bytes of docs/formats/replica.md', () => {
    const golden = [
      `03${'cd'.repeat(16)}${stamped}0003`,
      '1001540109020102',
      `090154${'0109'}${stamped}`,
      `060154${'0109'}02`,
    ].join('');
    expect(hexOf(encodeEntry(whole))).toBe(golden);
    expect(decodeEntry(encodeEntry(whole))).toEqual(whole);
  });

  test('that was withdrawn says by which refusal', () => {
    const withdrawn = { ...whole, voidedBy: 2, mutations: [] };
    expect(decodeEntry(encodeEntry(withdrawn))).toEqual(withdrawn);
  });

  test.each([
    ['free', '01'],
    ['unchanged', '02'],
    ['always', '0700'],
  ] as const)('that waits for the hub’s word says on what: %s', (confirm, golden) => {
    const waiting = { ...whole, confirm };
    expect(hexOf(encodeEntry(waiting))).toBe(hexOf(encodeEntry(whole)) + golden);
    expect(decodeEntry(encodeEntry(waiting))).toEqual(waiting);
  });

  test('that is to be executed carries the request, and how long it is good', () => {
    const request = { operation: 'PutItem', form: 'plain', input: Uint8Array.of(9, 0) } as const;
    const sent = { ...whole, confirm: 'request', expiresMs: 300, request } as const;
    const golden = `08ac0207${hexOf(utf8('PutItem'))}02020900`;
    expect(hexOf(encodeEntry(sent))).toBe(hexOf(encodeEntry(whole)) + golden);
    expect(decodeEntry(encodeEntry(sent))).toEqual(sent);
  });

  test('of a kind, or with a request of a form, that nobody knows is none', () => {
    const whatever = hexOf(encodeEntry(whole));
    expect(() => decodeEntry(fromHex(`${whatever}0900`))).toThrow(Corruption);
    expect(() => decodeEntry(fromHex(`${whatever}0000`))).toThrow(Corruption);
    expect(() => decodeEntry(fromHex(`${whatever}08000141070100`))).toThrow(Corruption);
  });

  test('with bytes after it, or too many items, is none', () => {
    const bytes = encodeEntry(whole);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => decodeEntry(longer)).toThrow(Corruption);
    const mutations = Array.from({ length: 101 }, () => whole.mutations[1] as never);
    expect(() => decodeEntry(encodeEntry({ ...whole, mutations }))).toThrow(Corruption);
  });
});
