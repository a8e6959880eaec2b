/** Replicas whose book or versions have lost pages, and what all must come to again. */
import { expect } from 'vitest';
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import type { Damage } from '../../src/engine/engine-types.ts';
import { decodeJoined } from '../../src/replica/book.ts';
import { damagePage, pagesAt } from './damage.ts';
import { openRig, openTestState, refusal, type Rig } from './engine.ts';
import { entriesOf, Stored } from './replica.ts';
import { Pair, putText, remove, transact } from './replica-pair.ts';

export const storedOf = async (rig: Rig): Promise<Stored> =>
  Stored.loaded((await openTestState({ disk: rig.store.disk })).state);

export type Part = 'book' | 'versions';
/** Of leaves: all, every other, the first, the last. */
export type Which = 'all' | 'odd' | 'first' | 'last';

export const cases: readonly [Part, Which][] = [
  ['book', 'all'],
  ['book', 'odd'],
  ['book', 'first'],
  ['book', 'last'],
  ['versions', 'all'],
  ['versions', 'odd'],
];
/** Makes keys long, so that there are several leaves. */
export const long: string = 'k'.repeat(150);

/**
 * Its pages are spoilt while it is closed; the next engine finds out and mends it. By a key: the
 * leaf that has it.
 */
export async function spoil(
  rig: Rig,
  part: Part,
  which: Which | Uint8Array,
): Promise<{ rig: Rig; told: Damage[] }> {
  await rig.engine.checkpoint();
  const { self, table } = await storedOf(rig);
  const tree = part === 'book' ? self.book : (table.replica?.versions ?? 0);
  const { disk } = rig.store;
  const leaves = await pagesAt(disk, tree, 1);
  const named = {
    all: leaves,
    odd: leaves.filter((_, index) => index % 2 === 1),
    first: leaves.slice(0, 1),
    last: leaves.slice(-1),
  };
  const chosen =
    typeof which === 'string'
      ? named[which]
      : leaves.filter(({ from }) => compareBytes(from, which) <= 0).slice(-1);
  expect(chosen.length).toBeGreaterThan(0);
  for (const { id } of chosen) damagePage(disk, id);
  await rig.engine.close().catch(() => undefined);
  const told: Damage[] = [];
  const next = await openRig({ disk, time: rig.time, onDamage: (one) => told.push(one) });
  await meet(next, chosen.length);
  return { rig: next, told };
}

/** All leaves of them are lost; it is reopened, and they are made anew. */
export async function lose(rig: Rig, ...parts: readonly Part[]): Promise<Rig> {
  await rig.engine.checkpoint();
  const { self, table } = await storedOf(rig);
  const { disk } = rig.store;
  const trees = { book: self.book, versions: table.replica?.versions ?? 0 };
  const leaves = await Promise.all(parts.map((part) => pagesAt(disk, trees[part], 1)));
  for (const { id } of leaves.flat()) damagePage(disk, id);
  await rig.engine.close().catch(() => undefined);
  const next = await openRig({ disk, time: rig.time });
  expect(await refusal(putText(next, 'other', 'met'))).toMatch(/^DamagedData/);
  await next.engine.scrub();
  await next.engine.idle();
  expect(next.engine.status().damage).toMatchObject([{ kind: 'entries', state: 'repaired' }]);
  return next;
}

/** Writes until all damage has been met and mended. */
async function meet(rig: Rig, pages: number): Promise<void> {
  for (let round = 0; round <= pages + 1; round += 1) {
    const met = await Promise.all(
      Array.from({ length: 300 }, (_, n) => refusal(putText(rig, `${long}${n}`, `m${n}`))),
    );
    await rig.engine.scrub();
    await rig.engine.idle();
    if (met.every((error) => error === undefined)) return;
    expect(met.find((error) => error !== undefined)).toMatch(/^DamagedData/);
  }
  expect.unreachable('it stays damaged');
}

/** All that a device and its hub hold is the same, and nothing is left over. */
export async function same(pair: Pair, rigs: readonly Rig[]): Promise<void> {
  for (const rig of rigs) await pair.sync(rig);
  for (const rig of rigs) expect((await pair.sync(rig)).phase).toBe('live');
  const shown = async (rig: Rig): Promise<readonly string[]> => {
    const { reader, table } = await storedOf(rig);
    return entriesOf(reader, table.tree).map(([key, value]) => `${hexOf(key)} ${hexOf(value)}`);
  };
  const hub = await storedOf(pair.hub);
  // Of deleted items a device knows those that it has heard of.
  const stamps = (stored: Stored): readonly string[] =>
    stored
      .versions()
      .filter((version) => !version.isDeleted)
      .map(({ stamp, isDeleted }) => `${stamp.ms} ${hexOf(stamp.replica)} ${isDeleted}`);
  for (const rig of rigs) {
    expect(await shown(rig)).toEqual(await shown(pair.hub));
    const stored = await storedOf(rig);
    expect(stamps(stored)).toEqual(stamps(hub));
    expect([stored.entries(), stored.book(3), stored.book(4)]).toEqual([[], [], []]);
  }
  expect(hub.feed()).toHaveLength(hub.versions().length);
  const joined = hub.versions().filter(({ isJoined }) => isJoined).length;
  const live = hub.book(6).reduce((sum, [, value]) => sum + decodeJoined(value).live, 0);
  expect(live).toBe(joined);
}

/** A device that is in touch with its hub. */
export async function begun(): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  const a = await pair.device();
  await pair.sync(a);
  return { pair, a };
}

export async function filled(): Promise<{ pair: Pair; a: Rig; b: Rig }> {
  const pair = await Pair.open();
  const [a, b] = [await pair.device(), await pair.device()];
  const ids = Array.from({ length: 300 }, (_, n) => n);
  await Promise.all(ids.map((n) => putText(pair.hub, `${long}${n}`, 'begun')));
  await Promise.all(
    ids.slice(0, 40).map((n) => transact(pair.hub, [`${long}${n}`, `t${n}`], 'both')),
  );
  await pair.sync(a);
  await pair.sync(b);
  for (const rig of [pair, a, b]) rig.time.pass(5000);
  await Promise.all(ids.slice(0, 30).map((n) => remove(pair.hub, `t${n}`)));
  return { pair, a, b };
}
