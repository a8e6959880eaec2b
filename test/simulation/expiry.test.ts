/** Time to live as the simulation tells it. */
import { describe, expect, test } from 'vitest';
import type { Item, Value } from '../../src/value/value.ts';
import { emptyState, emptyTable, type ModelState } from '../model/state.ts';
import { expiryAttribute, isOver, untilQuiet } from './expiry.ts';

const wallMs = 1_000_000;
const wanted = { leastMs: 300_000, quietMs: 600_000 };
const expiring = new Map([['Alpha', expiryAttribute]]);

describe('what nothing falls due after', () => {
  // Seconds at which times of items are over, and what is waited for.
  test.each([
    { name: 'is soon where no item has a time', times: [], seconds: 300 },
    { name: 'is soon where all times are over by then', times: [900, 1200, 1299], seconds: 300 },
    { name: 'is an item whose time comes next', times: [1317], seconds: 318 },
    { name: 'is the last of those that follow one another', times: [2400, 1800], seconds: 1401 },
    { name: 'is soon where the next time is far away', times: [1900], seconds: 300 },
    { name: 'is said by whole seconds', times: [1317.5], seconds: 318 },
  ])('$name', ({ times, seconds }) => {
    const state = stateOf(times.map((time) => ({ type: 'N', value: String(time) })));
    const waitMs = untilQuiet(state, expiring, wallMs, wanted);
    expect(waitMs).toBe(seconds * 1000);
    for (const item of state.tables.get('Alpha')?.items.values() ?? []) {
      const isOverAt = (ms: number): boolean => isOver(item, expiryAttribute, ms, 5);
      expect(isOverAt(wallMs + waitMs + wanted.quietMs)).toBe(isOverAt(wallMs + waitMs));
    }
  });

  test('heeds no other types than numbers, and no table whose items last', () => {
    const text = stateOf([{ type: 'S', value: '1317' }]);
    expect(untilQuiet(text, expiring, wallMs, wanted)).toBe(wanted.leastMs);
    const number = stateOf([{ type: 'N', value: '1317' }]);
    expect(untilQuiet(number, new Map(), wallMs, wanted)).toBe(wanted.leastMs);
  });
});

function stateOf(times: readonly Value[]): ModelState {
  const items = new Map<string, Item>(
    times.map((time, at) => [`p ${at}`, new Map([[expiryAttribute, time]])]),
  );
  return { ...emptyState, tables: new Map([['Alpha', { ...emptyTable, items }]]) };
}
