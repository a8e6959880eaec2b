import { expect, test } from 'vitest';
import { readState } from '../../src/replica/book.ts';
import { beginBook, findSelf, putSelf } from '../../src/replica/self.ts';
import { replicaTree } from '../../src/table/system.ts';
import { putSystemItem } from '../../src/table/system-items.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { MapReader } from '../support/map-reader.ts';

const self = { role: 'device', id: new Uint8Array(16).fill(4), book: 200 } as const;

test('a database is no replica until it says so', () => {
  const reader = new MapReader();
  expect(findSelf(reader)).toBeUndefined();
  reader.apply([putSelf(reader, self), beginBook(self.book)]);
  expect(findSelf(reader)).toEqual({ ...self, offsetMs: undefined });
  expect(readState(reader, self.book)).toEqual({ next: 1, clock: { ms: 0, counter: 0 } });
  reader.apply([putSelf(reader, { ...self, offsetMs: -63_072_000_000 })]);
  expect(findSelf(reader)?.offsetMs).toBe(-63_072_000_000);
});

test('a description that is none is not believed', () => {
  const reader = new MapReader();
  const item = new Map([['role', { type: 'S', value: 'both' } as const]]);
  reader.apply([putSystemItem(reader, replicaTree, utf8('self'), item)]);
  expect(() => findSelf(reader)).toThrow('malformed');
});
