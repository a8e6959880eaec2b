import { describe, expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import type { FaultKind } from '../../src/port/fault.ts';
import { createMemory, openMemory } from '../../src/storage/memory.ts';
import { storeSuite } from '../suite/store.ts';

storeSuite('memory', async () => {
  const disk = createMemory();
  return { open: async () => openMemory(disk), dispose: async () => {} };
});

let seed = 0;
storeSuite('memory under a seeded scheduler', async () => {
  const disk = createMemory({ undo: true });
  const chance = prng(seed++);
  const settle = async (): Promise<void> => {
    for (let hops = chance.below(5); hops > 0; hops -= 1) await Promise.resolve();
  };
  return { open: async () => openMemory(disk, { settle }), dispose: async () => {} };
});

const all = { from: 0, to: 1000 };
const log = (key: number, ...bytes: number[]) =>
  ({ space: 'log', key, value: Uint8Array.from(bytes) }) as const;

describe('a memory disk', () => {
  test('counts the bytes of its values', async () => {
    const disk = createMemory();
    const store = openMemory(disk);
    await store.write({ add: [log(1, 1, 2, 3), log(2, 1)] });
    expect(disk.bytes).toBe(4);
    await store.write({ put: [log(1, 1)], remove: [{ space: 'log', from: 2, to: 2 }] });
    expect(disk.bytes).toBe(1);
  });

  test('believes who says that it is the only one', () => {
    expect(openMemory(createMemory(), { exclusive: true }).exclusive).toBe(true);
    expect(openMemory(createMemory()).exclusive).toBe(false);
  });
});

describe('a power loss', () => {
  async function written(): Promise<ReturnType<typeof createMemory>> {
    const disk = createMemory({ undo: true });
    const store = openMemory(disk);
    await store.write({ add: [log(1, 1)] });
    await store.write({ add: [log(2, 2)], strict: true });
    await store.write({ add: [log(3, 3)] });
    await store.write({ put: [log(1, 9)], remove: [{ space: 'log', from: 2, to: 3 }] });
    await store.write({ add: [log(4, 4)] });
    return disk;
  }

  // Rows: writes kept of the three that are volatile, and the log afterwards.
  const rows: readonly (readonly [number, readonly (readonly number[])[]])[] = [
    [
      0,
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      1,
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ],
    [2, [[1, 9]]],
    [
      3,
      [
        [1, 9],
        [4, 4],
      ],
    ],
    [
      9,
      [
        [1, 9],
        [4, 4],
      ],
    ],
  ];
  test.each(rows)('that keeps %i writes undoes the others as a suffix', async (keep, left) => {
    const disk = await written();
    expect(disk.volatileWrites).toBe(3);
    disk.powerLoss(keep);
    expect(disk.volatileWrites).toBe(0);
    const [records = []] = await openMemory(disk).scan([{ space: 'log', ...all }]);
    expect(records.map(({ key, value }) => [key, ...value])).toEqual(left);
  });

  test('leaves the stores that were open dead', async () => {
    const disk = createMemory({ undo: true });
    const store = openMemory(disk);
    disk.powerLoss(0);
    await expect(store.get('log', 1)).rejects.toMatchObject({ why: 'lost' });
    await expect(store.scan([])).rejects.toMatchObject({ why: 'lost' });
    expect(await store.write({ add: [log(1, 1)] })).toMatchObject({ kind: 'unknown' });
    expect(disk.bytes).toBe(0);
  });

  test('reaches a call that still waits for its turn', async () => {
    const disk = createMemory({ undo: true });
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store = openMemory(disk, { settle: () => gate });
    const write = store.write({ add: [log(1, 1)] });
    disk.powerLoss(0);
    release();
    expect(await write).toMatchObject({ kind: 'unknown' });
    expect(disk.bytes).toBe(0);
  });
});

describe('a fault', () => {
  const rows: readonly (readonly [FaultKind, object, number])[] = [
    ['full', { kind: 'refused', why: 'full' }, 0],
    ['lost', { kind: 'unknown' }, 0],
    ['lost-after', { kind: 'unknown' }, 1],
  ];
  test.each(rows)('%s at a write answers so', async (kind, answer, bytes) => {
    const disk = createMemory();
    let next: FaultKind | undefined = kind;
    const store = openMemory(disk, {
      fault: (site) => {
        const now = site === 'store.write' ? next : undefined;
        next = undefined;
        return now;
      },
    });
    expect(await store.write({ add: [log(1, 1)] })).toMatchObject(answer);
    expect(disk.bytes).toBe(bytes);
    expect((await store.write({ add: [log(2, 1)] })).kind).toBe('done');
  });

  test.each(['store.get', 'store.scan'] as const)('at %s is a lost read', async (at) => {
    const store = openMemory(createMemory(), {
      fault: (site) => (site === at ? 'lost' : undefined),
    });
    const get = store.get('log', 1);
    const scan = store.scan([{ space: 'log', ...all }]);
    const [struck, spared] = at === 'store.get' ? [get, scan] : [scan, get];
    await expect(struck).rejects.toMatchObject({ name: 'StoreFailure', why: 'lost' });
    await expect(spared).resolves.not.toThrow();
  });
});
