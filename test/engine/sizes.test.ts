import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src/engine/engine-types.ts';
import { moveUnder } from '../support/damage.ts';
import { ask, fill, makeTable, openRig, tableInput } from '../support/engine.ts';

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

  test('what no checkpoint has seen yet has items, and no pages', async () => {
    const rig = await openRig();
    expect(await rig.engine.sizes({ pages: true })).toMatchObject({ tables: [], pageRecords: 0 });
    await makeTable(rig);
    await fill(rig, 10);
    await rig.engine.checkpoint();
    await ask(rig, 'CreateTable', { ...tableInput, TableName: 'New' });
    const told: Progress[] = [];
    const { tables } = await rig.engine.sizes({ pages: true, onProgress: (at) => told.push(at) });
    expect(tables).toMatchObject([
      { name: 'New', items: 0, pageRecords: 0, pageBytes: 0 },
      { name: 'Things', items: 10, pageRecords: 1 },
    ]);
    expect(told.at(-1)?.done).toBe(told.length);
    expect(told.at(-1)?.total).toBe(told.length);
  });

  test('are counted anew when another engine makes a checkpoint meanwhile', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await fill(rig, 300, 500);
    await rig.engine.checkpoint();
    await moveUnder(rig, 2);
    const { tables } = await rig.engine.sizes({ pages: true });
    expect(tables[0]).toMatchObject({ name: 'Things', items: 302 });
    expect(tables[0]?.pageBytes).toBeGreaterThan(300 * 500);
    await moveUnder(rig, Number.POSITIVE_INFINITY);
    await expect(rig.engine.sizes({ pages: true })).rejects.toThrow(/too fast to count pages/);
  });
});
