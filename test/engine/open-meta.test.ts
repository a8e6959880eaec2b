import { describe, expect, test } from 'vitest';
import { metaRecoveryNumbers } from '../../src/base/limits.ts';
import { metaCopyKey } from '../../src/engine/meta-update.ts';
import { metaKey } from '../../src/port/store.ts';
import { createMemory } from '../../src/storage/memory.ts';
import { strayPages } from '../simulation/pages.ts';
import {
  countOf,
  damage,
  fill,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  refusal,
  type Rig,
} from '../support/engine.ts';

async function stored(): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, 300, 500);
  await rig.engine.checkpoint();
  await put(rig, 'above');
  return rig;
}

describe('a meta record', () => {
  test.each(['damaged', 'gone'])('that is %s is restored from its copy', async (how) => {
    const rig = await stored();
    const { disk } = rig.store;
    const before = metaOf(disk);
    // A checkpoint that fails leaves pages of a number that the copy does not know.
    rig.store.hooks.write = ({ strict }) => {
      return strict === true ? { kind: 'refused', why: 'full' } : undefined;
    };
    await fill(rig, 300, 700);
    await refusal(rig.engine.checkpoint());
    expect(metaOf(disk).lastNumber).toBe(before.lastNumber + 1);
    if (how === 'gone') disk.spaces.meta.removeRange(metaKey, metaKey);
    else damage(disk, 'meta', metaKey);
    const other = await openRig({ disk });
    expect(await countOf(other)).toBe(301);
    expect(other.engine.status().damage).toMatchObject([{ kind: 'meta', state: 'repaired' }]);
    expect(metaOf(disk).storeId).toEqual(before.storeId);
    expect(metaOf(disk).dead).toHaveLength(metaRecoveryNumbers);
    await put(other, 'more');
    await other.engine.checkpoint();
    expect(metaOf(disk).dead).toEqual([]);
    expect(strayPages(disk)).toEqual([]);
    const again = await openRig({ disk });
    expect(await countOf(again)).toBe(302);
    expect(again.engine.status().damage).toEqual([]);
  });

  test('restored again and again counts no number as dead twice, and all go at once', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    const { checkpoint } = metaOf(disk);
    for (let round = 1; round <= 5; round += 1) {
      damage(disk, 'meta', metaKey);
      await openRig({ disk });
      const { dead, lastNumber } = metaOf(disk);
      expect(dead).toHaveLength(round * metaRecoveryNumbers);
      expect(new Set(dead).size).toBe(dead.length);
      expect(lastNumber).toBe(checkpoint + dead.length);
    }
    const last = await openRig({ disk });
    await put(last, 'more');
    const before = last.store.batches.length;
    await last.engine.checkpoint();
    expect(metaOf(disk).dead).toEqual([]);
    // 320 numbers, 256 in a transaction; the others are the put's and the checkpoint's own.
    expect(last.store.batches.length - before).toBeLessThan(20);
    expect(strayPages(disk)).toEqual([]);
  });

  test('restored from its copy knows the numbers that were dead by then', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    rig.store.hooks.write = ({ strict }) => {
      return strict === true ? { kind: 'refused', why: 'full' } : undefined;
    };
    await fill(rig, 300, 700);
    await refusal(rig.engine.checkpoint());
    const failed = metaOf(disk).lastNumber;
    // The next one stands, and what is to be swept after it stays.
    rig.store.hooks.write = ({ remove = [] }) => {
      return remove.length > 0 ? { kind: 'refused', why: 'full' } : undefined;
    };
    await refusal(rig.engine.checkpoint());
    expect(metaOf(disk)).toMatchObject({ checkpoint: failed + 1, dead: [failed] });
    damage(disk, 'meta', metaKey);
    const other = await openRig({ disk });
    expect(metaOf(disk).dead).toContain(failed);
    expect(await countOf(other)).toBe(301);
    await put(other, 'more');
    await other.engine.checkpoint();
    expect(metaOf(disk).dead).toEqual([]);
    expect(strayPages(disk)).toEqual([]);
  });

  test('that is damaged with its copy is an error that says so; nothing is changed', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    damage(disk, 'meta', metaKey);
    damage(disk, 'meta', metaCopyKey);
    const records = keysOf(disk, 'page');
    expect(await refusal(openRig({ disk }))).toMatch(/^DamagedData The meta record .* its copy/);
    expect(keysOf(disk, 'page')).toEqual(records);
  });

  test('that is gone with its copy is not made anew over what is there', async () => {
    const rig = await stored();
    const { disk } = rig.store;
    disk.spaces.meta.removeRange(metaKey, metaCopyKey);
    expect(await refusal(openRig({ disk }))).toMatch(/^DamagedData/);
  });

  test('of a new store has its copy from the start', async () => {
    const disk = createMemory();
    await openRig({ disk });
    expect(disk.spaces.meta.get(metaCopyKey)).toEqual(disk.spaces.meta.get(metaKey));
  });
});
