import { expect, test } from 'vitest';
import { leadKey, moveInLead } from '../../src/replica/lead.ts';
import { hexOf } from '../../src/base/bytes.ts';
import { joinKey } from '../../src/value/key.ts';

const key = joinKey([{ type: 'S', value: 'ada' }], [{ type: 'S', value: 'n' }]);
const replica = { role: 'hub', versions: 200, global: 'g' } as const;

test('an item moves from one place of its partition to the next', () => {
  const moved = moveInLead(9, { ...replica, lead: 'S' }, { tree: 7, key }, 3, 4);
  const lead = key.slice(0, 4 + 'ada'.length + 2);
  expect(moved.map(({ tree, key: at, value }) => [tree, hexOf(at), value && hexOf(value)])).toEqual(
    [
      [9, hexOf(leadKey(7, lead, 3)), undefined],
      [9, hexOf(leadKey(7, lead, 4)), '6e0001'],
    ],
  );
  expect(hexOf(leadKey(7, lead, 3))).toBe(`0f0000000000000007${hexOf(lead)}0000000000000003`);
});

test('a table without a sort key has no such order', () => {
  expect(moveInLead(9, replica, { tree: 7, key }, 3, 4)).toEqual([]);
});
