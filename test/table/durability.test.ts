import { expect, test } from 'vitest';
import { durabilityOf } from '../../src/table/durability.ts';

const [s, r, u] = ['strict', 'relaxed', undefined] as const;

test.each([
  ['no table leaves it to the database', [], u],
  ['one that is strict makes the write strict', [r, u, s], s],
  ['all relaxed make it relaxed', [r, r], r],
  ['one that does not say leaves it to the database', [r, u], u],
  ['in either order', [u, r], u],
] as const)('%s', (_name, tables, wanted) => {
  expect(durabilityOf(tables.map((durability) => ({ durability })))).toBe(wanted);
});
