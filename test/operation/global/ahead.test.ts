import { expect, test } from 'vitest';
import { Ahead } from '../../../src/operation/global/ahead.ts';
import { takeTreeIds } from '../../../src/table/system-items.ts';
import { MapReader } from '../../support/map-reader.ts';

test('a second change sees the first, and both are one write of what was there before', () => {
  const reader = new MapReader();
  reader.apply([takeTreeIds(reader, 1).mutation]);
  const ahead = new Ahead(reader);
  const first = takeTreeIds(ahead, 1);
  ahead.write([first.mutation]);
  const second = takeTreeIds(ahead, 2);
  ahead.write([second.mutation]);
  expect(second.ids[0]).toBe((first.ids[0] ?? 0) + 1);
  const mutations = ahead.mutations();
  expect(mutations).toHaveLength(1);
  expect(mutations[0]?.sizeBefore).toBe(first.mutation.sizeBefore);
  reader.apply(mutations);
  expect(takeTreeIds(reader, 1).ids[0]).toBe((second.ids[1] ?? 0) + 1);
});
