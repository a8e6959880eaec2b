/** A device whose book or versions have lost pages. */
import { describe, expect, test } from 'vitest';
import { cases, filled, long, same, spoil } from '../support/replica-damage.ts';
import { edit, putText, remove, textAt, transact } from '../support/replica-pair.ts';

describe('a device that has lost a part', () => {
  test.each(cases)('of its %s (%s) loses no edit', async (part, which) => {
    const { pair, a, b } = await filled();
    const ids = Array.from({ length: 200 }, (_, n) => n);
    await Promise.all(ids.map((n) => putText(a, `${long}${n}`, `mine ${n}`)));
    await Promise.all(ids.map((n) => putText(a, `n${n}`, `new ${n}`)));
    for (const n of ids.slice(0, 20)) await edit(a, `n${n}`, `again ${n}`);
    await transact(a, ['x', 'y'], 'together');
    await remove(a, `${long}250`);
    const { rig, told } = await spoil(a, part, which);
    expect(told.map(({ state }) => state)).toContain('repaired');
    expect((await pair.prepared(rig)).length).toBeGreaterThan(0);
    await same(pair, [rig, b]);
    for (const n of ids) {
      const wanted = n < 20 ? `again ${n}` : `new ${n}`;
      expect(await textAt(pair.hub, `n${n}`)).toBe(wanted);
    }
    expect(await textAt(pair.hub, 'x')).toBe('together');
    expect(await textAt(pair.hub, 'y')).toBe('together');
    expect(await textAt(pair.hub, `${long}250`)).toBe('m250');
  });
});
