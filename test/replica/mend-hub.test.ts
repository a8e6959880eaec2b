/** A hub whose book or versions have lost pages. */
import { describe, expect, test } from 'vitest';
import { cases, filled, same, spoil } from '../support/replica-damage.ts';
import { Pair, putText, textAt } from '../support/replica-pair.ts';

describe('a hub that has lost a part', () => {
  test.each(cases)('of its %s (%s) has what it had', async (part, which) => {
    const { pair, a, b } = await filled();
    await putText(a, 'late', 'offline');
    const { rig: hub, told } = await spoil(pair.hub, part, which);
    expect(told.map(({ state }) => state)).toContain('repaired');
    const mended = new Pair(hub, pair.time, pair.global);
    await same(mended, [a, b]);
    expect(await textAt(hub, 'late')).toBe('offline');
    expect(await textAt(b, 't5')).toBeUndefined();
    expect(await textAt(b, 't35')).toBe('both');
  });
});
