import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { put } from '../../src/replica/book.ts';
import { encodeLink, linkKey, readLink } from '../../src/replica/link.ts';
import { MapReader } from '../support/map-reader.ts';

test('a link has the bytes of docs/formats/replica.md, and begins with nothing', () => {
  const reader = new MapReader();
  expect(readLink(reader, 200).link).toMatchObject({ cursor: 0, sent: 0 });
  const epoch = new Uint8Array(16).fill(0xee);
  const link = {
    ...{ epoch, cursor: 300, reach: 301, sent: 2, seen: { ms: 5, counter: 1 }, principal: 'ada' },
    ...{ hub: new Uint8Array(16).fill(0xbb), syncedMs: 300, safe: 7 },
  };
  const bytes = `10${'ee'.repeat(16)}ac02ad0202050103616461` + `10${'bb'.repeat(16)}ac0207`;
  expect(hexOf(encodeLink(link))).toBe(bytes);
  reader.apply([put(200, linkKey, undefined, encodeLink(link))]);
  expect(readLink(reader, 200).link).toEqual(link);
  // One byte more where the hub had more than the page that was taken last.
  expect(hexOf(encodeLink({ ...link, isOpen: true }))).toBe(`${bytes}01`);
  expect(hexOf(encodeLink({ ...link, isOpen: false }))).toBe(bytes);
  const open = encodeLink({ ...link, isOpen: true });
  reader.apply([put(200, linkKey, encodeLink(link), open)]);
  expect(readLink(reader, 200).link).toEqual({ ...link, isOpen: true });
});
