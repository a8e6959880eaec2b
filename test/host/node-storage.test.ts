import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { isInMemory, nodeStorage } from '../../src/host/node-storage.ts';

test('a folder has a size and a limit, and memory is said to be memory', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tidetable-'));
  const memory = await openNodeDatabase({ memory: true });
  const folder = await openNodeDatabase({ data });
  try {
    expect(await nodeStorage(memory)).toEqual({ mode: 'memory' });
    const { mode, persisted, usage = 0, quota = 0 } = (await nodeStorage(folder)) ?? {};
    expect([mode, persisted]).toEqual(['file', true]);
    expect(usage).toBeGreaterThan(0);
    expect(quota).toBeGreaterThanOrEqual(usage);
    expect([isInMemory(memory), isInMemory(folder)]).toEqual([true, false]);
    const unheard = {} as Engine;
    expect([isInMemory(unheard), await nodeStorage(unheard)]).toEqual([false, undefined]);
  } finally {
    await Promise.all([memory.close(), folder.close()]);
    rmSync(data, { recursive: true, force: true });
  }
});

test('a file that is gone is still a file', async () => {
  const data = mkdtempSync(join(tmpdir(), 'tidetable-'));
  const engine = await openNodeDatabase({ data });
  await engine.close();
  rmSync(data, { recursive: true, force: true });
  expect(await nodeStorage(engine)).toEqual({ mode: 'file', persisted: true });
});
