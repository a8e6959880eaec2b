import { describe, expect, test } from 'vitest';
import { type ClockReading, clockZero, compareReadings } from '../../src/base/hlc.ts';
import { logDamageTriesMax } from '../../src/base/limits.ts';
import { asideKey, logNoteKey } from '../../src/engine/log-damage.ts';
import { metaCopyKey } from '../../src/engine/meta-update.ts';
import { readWholeTurns } from '../../src/log/record.ts';
import type { Hint } from '../../src/port/hint.ts';
import { metaKey, StoreFailure, type WriteBatch, type WriteResult } from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import {
  ask,
  countOf,
  damage,
  fill,
  find,
  keysOf,
  makeTable,
  metaOf,
  openRig,
  put,
  quiet,
  refusal,
  type Rig,
  TestTime,
} from '../support/engine.ts';

/** A table and `turns` items `k<n>`, each a turn of its own; the position of each. */
async function logged(turns: number): Promise<{ rig: Rig; positions: number[] }> {
  const rig = await openRig();
  await makeTable(rig);
  const positions: number[] = [];
  for (let id = 0; id < turns; id += 1) {
    await put(rig, `k${id}`);
    positions.push(rig.engine.status().head);
  }
  return { rig, positions };
}

/** The clock of the last turn that is whole. */
function lastClock(disk: MemoryDisk): ClockReading {
  const to = Number.MAX_SAFE_INTEGER;
  const first = metaOf(disk).position + 1;
  const records = disk.spaces.log.scan({ space: 'log', from: first, to });
  return readWholeTurns(records).turns.at(-1)?.header.clock ?? clockZero;
}

function hints(): () => Hint {
  const heard = new Set<(position: number) => void>();
  return () => {
    let mine: ((position: number) => void) | undefined;
    return {
      tell: (position) => {
        for (const each of heard) if (each !== mine) each(position);
      },
      listen: (listener) => {
        mine = listener;
        heard.add(listener);
      },
      close: () => undefined,
    };
  };
}

async function isThere(rig: Rig, from: number, to: number): Promise<readonly boolean[]> {
  const ids = Array.from({ length: to - from }, (_, index) => from + index);
  return Promise.all(ids.map(async (id) => (await find(rig, `k${id}`)) !== undefined));
}

describe('a damaged turn of the log', () => {
  test.each([
    ['the last', 9, false],
    ['one in the middle', 4, false],
    ['the first', 0, false],
    ['the last, above a checkpoint', 9, true],
    ['one in the middle, above a checkpoint', 6, true],
  ])('%s: all before it is there, and the rest is set aside', async (_name, bad, checkpoint) => {
    const { rig, positions } = await logged(10);
    if (checkpoint) {
      await rig.engine.checkpoint();
      for (let id = 5; id < 10; id += 1) {
        await put(rig, `k${id}`, { v: { S: 'second' } });
        positions[id] = rig.engine.status().head;
      }
    }
    const { disk } = rig.store;
    const [first = 0, last = 0] = [positions[bad], positions[9]];
    const kept = disk.spaces.log.get(first + (bad === 9 ? 0 : 1))?.slice();
    damage(disk, 'log', first);
    const { sequence } = rig.engine.status();
    const other = await openRig({ disk });
    const [note] = other.engine.status().damage;
    expect(note).toMatchObject({ kind: 'log', state: 'lost', from: first, to: last });
    expect(note?.what).toMatch(bad === 9 ? /the last turn/ : /\d turns after it/);
    expect(await isThere(other, 0, 10)).toEqual(
      Array.from({ length: 10 }, (_, id) => checkpoint || id < bad),
    );
    const aside = keysOf(disk, 'meta').filter((key) => key > logNoteKey);
    expect(aside).toEqual(
      Array.from({ length: last - first + 1 }, (_, index) => asideKey + first + index),
    );
    if (bad !== 9) expect(disk.spaces.meta.get(asideKey + first + 1)).toEqual(kept);
    // Life goes on, above all that was there; the loss stays visible.
    await put(other, 'new');
    expect(other.engine.status().sequence).toBeGreaterThan(sequence);
    await other.engine.checkpoint();
    const again = await openRig({ disk });
    expect(await find(again, 'new')).toBeDefined();
    expect(again.engine.status().damage).toMatchObject([{ kind: 'log', from: first }]);
  });

  test.each([
    ['many commits', 20, 10],
    ['many records', 1, 300_000],
  ])(
    'at the end, of %s: none of its numbers and stamps is given out again',
    async (_name, items, bytes) => {
      const { rig } = await logged(2);
      const before = rig.engine.status();
      await fill(rig, items, bytes, 20);
      const { sequence, head } = rig.engine.status();
      expect(sequence).toBe(before.sequence + items);
      const { disk } = rig.store;
      const stamp = lastClock(disk);
      damage(disk, 'log', before.head + 1);
      // The wall clock is behind, so it makes no stamps different.
      const time = new TestTime();
      time.wallMs -= 60_000;
      const other = await openRig({ disk, time });
      expect(other.engine.status().damage).toMatchObject([{ from: before.head + 1, to: head }]);
      await put(other, 'new');
      expect(other.engine.status().sequence).toBeGreaterThan(sequence);
      expect(compareReadings(lastClock(disk), stamp)).toBeGreaterThan(0);
    },
  );

  test('does not wait for a sweep that nobody makes', async () => {
    const { rig } = await logged(20);
    const { disk } = rig.store;
    // As if the tab had been closed between a checkpoint and its sweep.
    let isMade = false;
    rig.store.hooks.write = ({ strict }) => {
      if (isMade) return { kind: 'refused', why: 'closed' };
      isMade = strict === true;
      return undefined;
    };
    await refusal(rig.engine.checkpoint());
    expect(metaOf(disk).unswept).toHaveLength(1);
    rig.store.hooks.write = () => undefined;
    await put(rig, 'kept');
    await put(rig, 'lost');
    damage(disk, 'log', rig.engine.status().head);
    const other = await openRig({ disk });
    expect(await countOf(other)).toBe(21);
  });

  test('of many records, or one that is missing, is set aside too', async () => {
    const { rig } = await logged(2);
    const before = rig.engine.status().head;
    await fill(rig, 1, 300_000, 50);
    const { disk } = rig.store;
    await put(rig, 'after');
    disk.spaces.log.removeRange(before + 2, before + 2);
    const other = await openRig({ disk });
    expect(await countOf(other)).toBe(2);
    const third = await logged(3);
    third.rig.store.disk.spaces.log.removeRange(third.positions[1] ?? 0, third.positions[1] ?? 0);
    const fourth = await openRig({ disk: third.rig.store.disk });
    expect(await isThere(fourth, 0, 3)).toEqual([true, false, false]);
  });

  test('that another engine has in memory is saved by it: nothing is lost', async () => {
    const { rig, positions } = await logged(0);
    expect(positions).toEqual([]);
    const bus = hints();
    const { disk } = rig.store;
    const writer = await openRig({ disk, hint: bus() });
    for (let id = 0; id < 5; id += 1) await put(writer, `k${id}`);
    damage(disk, 'log', writer.engine.status().head - 2);
    const opener = await openRig({ disk, hint: bus() });
    expect(await isThere(opener, 0, 5)).toEqual([true, true, true, true, true]);
    expect(opener.engine.status().damage).toEqual([]);
  });

  test('met by an engine that runs is told of, and heals when the writer saves it', async () => {
    const { rig } = await logged(1);
    const bus = hints();
    const { disk } = rig.store;
    const writer = await openRig({ disk, hint: bus() });
    const reader = await openRig({ disk, hint: bus() });
    await put(writer, 'k1');
    // Before the hint of the put arrives.
    damage(disk, 'log', writer.engine.status().head);
    expect(await refusal(find(reader, 'k1'))).toMatch(/^DamagedData The log is damaged .*asked/);
    await quiet();
    expect(await find(reader, 'k1')).toBeDefined();
  });

  test('a checkpoint of what was set aside meanwhile does not count', async () => {
    const { rig } = await logged(2);
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    const { head } = rig.engine.status();
    for (const id of [2, 3, 4]) await put(rig, `k${id}`);
    // While it is about to be made, another opens that can read nothing above the last one.
    rig.store.hooks.write = async ({ strict }) => {
      if (strict !== true) return undefined;
      rig.store.hooks.write = () => undefined;
      damage(disk, 'log', head + 1);
      const other = await openRig({ disk });
      expect(await countOf(other)).toBe(2);
      return undefined;
    };
    await rig.engine.checkpoint().catch(() => undefined);
    const { position, trimmed } = metaOf(disk);
    expect(position).toBeGreaterThanOrEqual(trimmed);
    const third = await openRig({ disk });
    expect(await isThere(third, 0, 5)).toEqual([true, true, false, false, false]);
    await put(third, 'k9');
    expect(await countOf(rig)).toBe(3);
  });

  test('an engine that stood above the damage starts over, and none can write over the cut', async () => {
    const { rig, positions } = await logged(4);
    const { disk } = rig.store;
    damage(disk, 'log', positions[2] ?? 0);
    const other = await openRig({ disk });
    // It offers its turn at the old head, finds the fence, and decides again.
    await put(rig, 'mine');
    await put(other, 'theirs');
    for (const each of [rig, other, await openRig({ disk })]) {
      expect(await isThere(each, 0, 4)).toEqual([true, true, false, false]);
      expect(await find(each, 'mine')).toBeDefined();
      expect(await find(each, 'theirs')).toBeDefined();
    }
  });

  test('with whole turns after it is left alone when that was asked for', async () => {
    const { rig, positions } = await logged(5);
    const { disk } = rig.store;
    const log = keysOf(disk, 'log');
    damage(disk, 'log', positions[2] ?? 0);
    const error = await refusal(openRig({ disk, damagedLog: 'refuse' }));
    expect(error).toMatch(/^DamagedData The log is damaged at position \d+ .* 2 turns/);
    expect(keysOf(disk, 'log')).toEqual(log);
    expect(keysOf(disk, 'meta')).toEqual([metaKey, metaCopyKey]);
  });

  test('is named: a record missing above the checkpoint, a last turn that is cut short', async () => {
    const { rig } = await logged(3);
    await rig.engine.checkpoint();
    for (let id = 3; id < 6; id += 1) await put(rig, `k${id}`);
    const { disk } = rig.store;
    const next = metaOf(disk).position + 1;
    disk.spaces.log.removeRange(next, next);
    const other = await openRig({ disk });
    expect(other.engine.status().damage[0]?.what).toContain(`: record ${next} is missing.`);
    expect(await isThere(other, 0, 6)).toEqual([true, true, true, false, false, false]);
    const { rig: third } = await logged(2);
    await fill(third, 1, 300_000, 50);
    const { head } = third.engine.status();
    third.store.disk.spaces.log.removeRange(head, head);
    const fourth = await openRig({ disk: third.store.disk });
    expect(fourth.engine.status().damage[0]?.what).toContain(': its last turn is not whole.');
    expect(await isThere(fourth, 0, 2)).toEqual([true, true]);
  });

  test('is set aside once, by whichever of two engines that open is first', async () => {
    const { rig, positions } = await logged(6);
    const { disk } = rig.store;
    damage(disk, 'log', positions[3] ?? 0);
    let first: Rig | undefined;
    const second = await openRig({
      disk,
      storeHooks: {
        write: async ({ put: records = [] }) => {
          if (first !== undefined || !records.some(({ key }) => key >= asideKey)) return undefined;
          first = await openRig({ disk });
          await put(first, 'mine');
          return undefined;
        },
      },
    });
    expect(first).toBeDefined();
    for (const each of [second, await openRig({ disk })]) {
      expect(await isThere(each, 0, 6)).toEqual([true, true, true, false, false, false]);
      expect(await find(each, 'mine')).toBeDefined();
    }
    expect(keysOf(disk, 'meta').filter((key) => key === logNoteKey)).toHaveLength(1);
  });

  test('that reads well at the last look is no damage: nothing is lost or set aside', async () => {
    const { rig, positions } = await logged(4);
    const { disk } = rig.store;
    const [bad = 0] = positions.slice(-1);
    const good = disk.spaces.log.get(bad) as Uint8Array;
    damage(disk, 'log', bad);
    let looks = 0;
    // Spoilt on the way for the opening and for the first look after it has waited.
    const read = (spaces: readonly string[]): void => {
      if (spaces[0] === 'log') looks += 1;
      if (looks === 3) disk.spaces.log.put(bad, good);
    };
    const other = await openRig({ disk, storeHooks: { read } });
    expect(looks).toBeGreaterThanOrEqual(3);
    expect(other.engine.status().damage).toEqual([]);
    expect(await isThere(other, 0, 4)).toEqual([true, true, true, true]);
    expect(keysOf(disk, 'meta').filter((key) => key >= logNoteKey)).toEqual([]);
  });

  test('that reads well when all tries are over is no damage either', async () => {
    const { rig, positions } = await logged(4);
    const { disk } = rig.store;
    const [bad = 0] = positions.slice(-1);
    const good = disk.spaces.log.get(bad) as Uint8Array;
    damage(disk, 'log', bad);
    let tries = 0;
    // Another engine is at it each time.
    const write = ({ put: puts = [] }: WriteBatch): WriteResult | undefined => {
      if (!puts.some(({ key }) => key === asideKey + bad)) return undefined;
      tries += 1;
      if (tries === logDamageTriesMax) disk.spaces.log.put(bad, good);
      return { kind: 'refused', why: 'meta' };
    };
    const other = await openRig({ disk, storeHooks: { write } });
    expect(tries).toBe(logDamageTriesMax);
    expect(await isThere(other, 0, 4)).toEqual([true, true, true, true]);
  });

  test('that is trimmed while it is looked at is read again from the checkpoint that holds it', async () => {
    const { rig, positions } = await logged(4);
    const { disk } = rig.store;
    damage(disk, 'log', positions.at(-1) as number);
    let looks = 0;
    // Whoever wrote it has it in memory, and is asked for a checkpoint of it.
    const read = async (spaces: readonly string[]): Promise<void> => {
      if (spaces[0] === 'log') looks += 1;
      if (looks !== 3) return;
      looks += 1;
      await rig.engine.checkpoint();
    };
    const other = await openRig({ disk, storeHooks: { read } });
    expect(looks).toBeGreaterThan(3);
    expect(keysOf(disk, 'log')).toEqual([]);
    expect(other.engine.status().damage).toEqual([]);
    expect((await other.engine.sizes()).tables[0]?.items).toBe(4);
    expect(await isThere(other, 0, 4)).toEqual([true, true, true, true]);
  });

  test('is left as it is when the store fails while it is looked at', async () => {
    const { rig, positions } = await logged(4);
    const { disk } = rig.store;
    damage(disk, 'log', positions[2] ?? 0);
    const before = [keysOf(disk, 'log'), keysOf(disk, 'meta')];
    let fails = false;
    const hint: Hint = {
      // The opener asks for help: it has seen the damage.
      tell: () => {
        fails = true;
      },
      listen: () => undefined,
      close: () => undefined,
    };
    const read = (): void => {
      if (fails) throw new StoreFailure('lost', 'the disk has gone');
    };
    const error = await refusal(openRig({ disk, hint, storeHooks: { read } }));
    expect(error).toMatch(/^StoreFailure the disk has gone/);
    expect([keysOf(disk, 'log'), keysOf(disk, 'meta')]).toEqual(before);
  });

  test('is set aside whole or not yet, whichever write is the last', async () => {
    for (let nth = 1; nth <= 8; nth += 1) {
      const { rig, positions } = await logged(6);
      const { disk } = rig.store;
      damage(disk, 'log', positions[3] ?? 0);
      let writes = 0;
      const broken = await openRig({ disk: (await openRig()).store.disk });
      expect(broken).toBeDefined();
      const opening = openRigThatFails(disk, () => {
        writes += 1;
        return writes >= nth;
      });
      await refusal(opening);
      const other = await openRig({ disk });
      expect(await isThere(other, 0, 6)).toEqual([true, true, true, false, false, false]);
      expect(other.engine.status().damage).toMatchObject([{ kind: 'log', from: positions[3] }]);
      await put(other, 'k3');
      await other.engine.checkpoint();
      expect(metaOf(disk).dead).toEqual([]);
    }
  });
});

/** Opens an engine whose store fails every write from when `fails` says so. */
function openRigThatFails(disk: Rig['store']['disk'], fails: () => boolean): Promise<unknown> {
  return openRig({
    disk,
    storeHooks: { write: () => (fails() ? { kind: 'refused', why: 'closed' } : undefined) },
  }).then(({ engine }) => {
    if (engine.status().damage.length === 0) throw new StoreFailure('lost', 'not cut');
    return ask({ engine }, 'ListTables');
  });
}
