import { describe, expect, test } from 'vitest';
import { checkSelect, indexToRead, reachBackOf } from '../../../src/operation/item/select.ts';
import type { IndexState } from '../../../src/table/state.ts';
import { index, keys, table } from '../../support/tables.ts';

const roots = (
  ...names: string[]
): { roots: ReadonlySet<string>; nestedRoots: ReadonlySet<string> } => ({
  roots: new Set(names),
  nestedRoots: new Set(),
});
const condition = (...names: string[]): Parameters<typeof reachBackOf>[4] => ({
  holds: () => true,
  ...roots(...names),
});
const projection = (...names: string[]): Parameters<typeof reachBackOf>[3] => ({
  project: (item) => item,
  ...roots(...names),
});
const keysOnly = { projection: { type: 'KEYS_ONLY', names: [] } } as const;
const local = index('loc', 101, keys('p:S', 'l:S'), { kind: 'local', ...keysOnly });
const global = index('glo', 102, keys('g:S'), keysOnly);
const whole = index('who', 103, keys('p:S', 'w:S'), { kind: 'local' });
const base = table(keys('p:S', 's:S'), { indexes: [local, global, whole] });

describe('an index to read', () => {
  const read = (state: Partial<IndexState>, more: object = {}): unknown => {
    const one = index('idx', 101, keys('g:S'), state);
    return indexToRead(table(keys('p:S'), { indexes: [one] }), { IndexName: 'idx', ...more });
  };

  test.each([
    [
      'a name nobody has',
      {},
      { IndexName: 'nope' },
      'The table does not have the specified index: nope',
    ],
    [
      'one of the engine',
      { kind: 'system' },
      {},
      'The table does not have the specified index: idx',
    ],
    [
      'one being deleted',
      { status: 'DELETING' },
      {},
      'The table does not have the specified index: idx',
    ],
    [
      'one being filled',
      { status: 'CREATING', backfilling: true },
      {},
      'Cannot read from backfilling global secondary index: idx',
    ],
    [
      'a global one, consistently',
      {},
      { ConsistentRead: true },
      'Consistent reads are not supported on global secondary indexes',
    ],
  ] as const)('is not %s', (_, state, more, message) => {
    expect(() => read(state, more)).toThrow(
      expect.objectContaining({ name: 'ValidationException', message }),
    );
  });

  test('may be a local one consistently, one that is updated, or none', () => {
    expect(read({ kind: 'local' }, { ConsistentRead: true })).toBeDefined();
    expect(read({ status: 'UPDATING' }, { ConsistentRead: false })).toBeDefined();
    expect(indexToRead(base, { ConsistentRead: true })).toBeUndefined();
  });
});

describe('reaching back to the table', () => {
  const no = { forFilter: false, forResult: false };
  test.each([
    ['all of a global index', global, 'ALL_ATTRIBUTES', undefined, undefined, no],
    ['all of an index with projection ALL', whole, 'ALL_ATTRIBUTES', undefined, undefined, no],
    ['what a local index projects', local, undefined, undefined, undefined, no],
    ['keys of a local index', local, undefined, projection('p', 's', 'l'), condition('l'), no],
    [
      'all of a local index',
      local,
      'ALL_ATTRIBUTES',
      undefined,
      undefined,
      { ...no, forResult: true },
    ],
    [
      'more than keys',
      local,
      undefined,
      projection('p', 'x'),
      undefined,
      { ...no, forResult: true },
    ],
    ['a filter on more', local, undefined, undefined, condition('x'), { ...no, forFilter: true }],
  ] as const)('for %s', (_, of, select, projected, filter, expected) => {
    expect(reachBackOf(base, of, select, projected, filter)).toEqual(expected);
  });
});

test('AttributesToGet is named where it stands beside another Select', () => {
  expect(() => checkSelect('Scan', { Select: 'COUNT', AttributesToGet: ['a'] })).toThrow(
    'Cannot specify the AttributesToGet when choosing to get only the Count',
  );
  expect(() =>
    checkSelect('Scan', { Select: 'SPECIFIC_ATTRIBUTES', AttributesToGet: ['a'] }),
  ).not.toThrow();
});
