import { describe, expect, test, vi } from 'vitest';
import { turnBytesAim, turnSliceBytes } from '../../src/base/limits.ts';
import type { WriteBatch } from '../../src/port/store.ts';
import { ask, gate, makeTable, openRig, put, quiet, type Rig } from '../support/engine.ts';

const itemBytes = 30_000;
const perSlice = Math.ceil(turnSliceBytes / itemBytes);
const perTurn = Math.ceil(turnBytesAim / itemBytes);
const count = 3 * perTurn;

function large(rig: Rig, p: string): Promise<object> {
  const Item = { p: { S: p }, filler: { S: 'x'.repeat(itemBytes) } };
  return ask(rig, 'PutItem', { TableName: 'Things', Item });
}

/** How many of them each append holds, nearly: what is written besides is small. */
function itemsOf(batches: readonly WriteBatch[]): number[] {
  return batches
    .map(({ add = [] }) => add.reduce((sum, { value }) => sum + value.length, 0))
    .map((bytes) => Math.round(bytes / itemBytes))
    .filter((items) => items > 0);
}

describe('a turn of many calls', () => {
  test('begins with a slice, and grows by slices while the one before is written', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const breathe = vi.spyOn(rig.time.scheduler, 'breathe');
    const calls = Array.from({ length: count }, (_, at) => large(rig, `${at}`));
    await quiet();
    // The first one is under way; the second was decided in four goes.
    expect(breathe).toHaveBeenCalledTimes(turnBytesAim / turnSliceBytes - 1);
    held.open();
    await Promise.all(calls);
    expect(itemsOf(rig.store.batches).slice(0, 2)).toEqual([perSlice, perTurn]);
    expect(itemsOf(rig.store.batches).reduce((sum, items) => sum + items, 0)).toBe(count);
  });

  test('is not waited for by one that finds nobody before it', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const breathe = vi.spyOn(rig.time.scheduler, 'breathe');
    await put(rig, 'a');
    await Promise.all([put(rig, 'b'), put(rig, 'c')]);
    expect(breathe).not.toHaveBeenCalled();
  });
});
