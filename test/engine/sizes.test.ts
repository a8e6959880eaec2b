import { describe, expect, test } from 'vitest';
import { fill, makeTable, openRig } from '../support/engine.ts';

describe('sizes', () => {
  test('by table and index: items and bytes at once, pages when they are asked for', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 300, 500);
    await rig.engine.checkpoint();
    await fill(rig, 10, 500, 1000);
    const { reads } = rig.store;
    const plain = await rig.engine.sizes();
    expect(rig.store.reads).toBe(reads);
    const [table] = plain.tables;
    expect(table).toMatchObject({ name: 'Things', items: 310, indexes: [] });
    expect(table?.itemBytes).toBeGreaterThan(310 * 500);
    expect(plain.logBytes).toBeGreaterThan(10 * 500);
    expect(table).not.toHaveProperty('pageRecords');
    const whole = await rig.engine.sizes({ pages: true });
    const [same] = whole.tables;
    expect(same?.pageBytes).toBeGreaterThan(300 * 500);
    expect(same?.pageRecords).toBeGreaterThan(4);
    expect(whole.pageBytes).toBeGreaterThan(same?.pageBytes ?? 0);
    const signal = AbortSignal.abort();
    await expect(rig.engine.sizes({ pages: true, signal })).rejects.toThrow('aborted');
  });
});
