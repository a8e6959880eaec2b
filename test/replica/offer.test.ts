import { expect, test } from 'vitest';
import { compareStamps } from '../../src/base/hlc.ts';
import { prng } from '../../src/base/prng.ts';
import { dropRows, offerRows } from '../../src/replica/offer.ts';
import { decodeEntry, type Entry } from '../../src/replica/entry.ts';
import { Display } from '../../src/replica/shown.ts';
import { beginSurvey, sliceOfSurvey } from '../../src/replica/survey.ts';
import { byGlobal, replicatedTables } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import type { Rig } from '../support/engine.ts';
import { Stored } from '../support/replica.ts';
import { Pair, putText, transact } from '../support/replica-pair.ts';

const replica = new Uint8Array(16).fill(9);

async function synced(): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  const a = await pair.device();
  await transact(a, ['x', 'y'], 'together');
  await putText(a, 'k', 'alone');
  await pair.sync(a);
  return { pair, a };
}

async function contextOf(rig: Rig): Promise<{
  context: Parameters<typeof offerRows>[0];
  rows: Parameters<typeof offerRows>[1];
  stored: Stored;
}> {
  const stored = await Stored.of(rig.store.disk);
  const { reader, self } = stored;
  const catalog = createCatalog(reader);
  const display = new Display(reader, self.book, 2 ** 40);
  const context = { reader, book: self.book, tables: byGlobal(catalog), display };
  const { rows } = sliceOfSurvey(reader, replicatedTables(catalog), beginSurvey('offer'));
  return { context, rows, stored };
}

/** Those that were made, in their order. */
function entriesOf(
  { display }: Parameters<typeof offerRows>[0],
  { self }: Stored,
): readonly Entry[] {
  return display
    .drafts()
    .flatMap((draft) => draft.mutations)
    .filter(({ tree, key }) => tree === self.book && key[0] === 2)
    .map(({ value }) => decodeEntry(value ?? new Uint8Array()));
}

test('rows become entries of their own time and of this replica, a transaction one', async () => {
  const { a } = await synced();
  const { context, rows, stored } = await contextOf(a);
  offerRows(context, rows, { kind: 'offer', replica, ids: prng(1) });
  const entries = entriesOf(context, stored);
  expect(entries.map((entry) => entry.mutations.length).sort()).toEqual([1, 2]);
  const held = stored.versions().map(({ stamp }) => stamp.ms);
  for (const { stamp, confirm } of entries) {
    expect([stamp.replica, confirm]).toEqual([replica, 'offer']);
    expect(held).toContain(stamp.ms);
  }
});

test('the newest go first, so that the hub never has half of a transaction', async () => {
  const { pair, a } = await synced();
  for (const key of ['x', 'k', 'a', 'b', 'c']) await putText(a, key, 'later');
  await pair.sync(a);
  const { context, rows, stored } = await contextOf(a);
  offerRows(context, rows, { kind: 'offer', replica, ids: prng(1) });
  const entries = entriesOf(context, stored);
  expect(entries.map(({ seq }) => seq)).toEqual(
    entries.map((_, at) => at + (entries[0]?.seq ?? 0)),
  );
  const stamps = entries.map(({ stamp }) => stamp);
  expect(stamps).toHaveLength(6);
  expect(stamps.toSorted(compareStamps).toReversed()).toEqual(stamps);
});

test('rows that have moved on meanwhile are left', async () => {
  const { a } = await synced();
  const { rows } = await contextOf(a);
  for (const key of ['k', 'x', 'y']) await putText(a, key, 'newer');
  const { context } = await contextOf(a);
  offerRows(context, rows, { kind: 'offer', replica, ids: prng(1) });
  dropRows(context, rows);
  expect(context.display.drafts()).toEqual([]);
});
