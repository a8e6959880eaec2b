/** Finding and spoiling the pages of a tree in a memory disk. */
import { walkRoots } from '../../src/engine/damage.ts';
import { readDoubt } from '../../src/engine/doubt.ts';
import { PageLoader } from '../../src/engine/load.ts';
import { type Visit, walkTree } from '../../src/engine/page-walk.ts';
import { pageKey } from '../../src/pager/versions.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { countersTree } from '../../src/table/system.ts';
import {
  ask,
  damage,
  fill,
  indexInput,
  keysOf,
  makeTable,
  openRig,
  openTestState,
  put,
  type Rig,
} from './engine.ts';

const engineAsks = { form: 'plain', caller: { kind: 'engine', principal: 'engine' } } as const;

/** The pages of one tree at the store's checkpoint. */
export async function pagesOf(disk: MemoryDisk, tree: number): Promise<readonly Visit[]> {
  const { state } = await openTestState({ disk });
  const visits: Visit[] = [];
  for await (const each of walkRoots(state)) {
    if (each.tree !== tree) continue;
    for await (const visit of walkTree(state, state.meta, each.root)) visits.push(visit);
  }
  return visits;
}

/** Pages of one height: 1 leaves, 2 their parents, 0 pieces of large values. */
export async function pagesAt(
  disk: MemoryDisk,
  tree: number,
  height: number,
): Promise<readonly Visit[]> {
  return (await pagesOf(disk, tree)).filter((visit) => visit.height === height);
}

/** Spoils every record of a page. */
export function damagePage(disk: MemoryDisk, id: number): void {
  for (const key of keysOf(disk, 'page')) {
    if (key >= pageKey(id, 0) && key < pageKey(id + 1, 0)) damage(disk, 'page', key);
  }
}

let lost = 10_000;

/** Puts a page of a system tree on record that no tree has; its id. */
export async function noteLost(rig: Rig): Promise<number> {
  lost += 1;
  const input = { Tree: countersTree, Page: lost, Height: 1, From: 'ff', To: 'ff00' };
  await ask(rig, 'NoteDamage', input, engineAsks);
  return lost;
}

/** What a repair leaves that was interrupted when it had given a page up. */
export async function leaveDoubt(rig: Rig): Promise<void> {
  const Page = await noteLost(rig);
  await ask(rig, 'GiveUp', { Tree: countersTree, Page, IsLost: false }, engineAsks);
}

/** Whether an engine that opens now would count anew what a repair has done. */
export async function isDoubted(disk: MemoryDisk): Promise<boolean> {
  const { state } = await openTestState({ disk });
  return (await readDoubt(state, new PageLoader(state))) !== undefined;
}

/** What each of `count` items of fill() is found as: its id, or the name of the error. */
export async function outcomes(rig: Rig, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, id) => id);
  return Promise.all(
    ids.map(async (id) => {
      try {
        const input = { TableName: 'Things', Key: { p: { S: `k${id}` } } };
        const found = await ask(rig, 'GetItem', input);
        return found['Item'] === undefined ? 'absent' : 'found';
      } catch (error) {
        return (error as Error).name;
      }
    }),
  );
}

export function tally(outcomes: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** Another engine writes and makes a checkpoint at each of the next `times` reads of pages. */
export async function moveUnder({ store }: Pick<Rig, 'store'>, times: number): Promise<void> {
  const other = await openRig({ disk: store.disk });
  let done = 0;
  store.hooks.read = async (spaces) => {
    if (done >= times || !spaces.includes('page')) return;
    done += 1;
    await put(other, `moved${done}`);
    await other.engine.checkpoint();
  };
}

/** A table of 600 items in about 25 leaves, all in pages. */
export async function stored(count = 600, bytes = 1000): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await fill(rig, count, bytes);
  await rig.engine.checkpoint();
  return rig;
}

export async function withIndex(): Promise<Rig> {
  const rig = await openRig();
  await makeTable(rig);
  await ask(rig, 'UpdateTable', indexInput);
  await rig.engine.idle();
  const ids = Array.from({ length: 300 }, (_, id) => id);
  await Promise.all(
    ids.map((id) => put(rig, `k${id}`, { g: { S: `g${id % 7}` }, v: { S: 'x'.repeat(400) } })),
  );
  await rig.engine.checkpoint();
  return rig;
}
