/** The log of conflicts over two devices of one principal, each with its own copy of it. */
import { expect, test } from 'vitest';
import { conflictsDefinition, conflictsTable } from '../../../src/replica/conflict.ts';
import { ask, type Rig } from '../../support/engine.ts';
import { internal, Pair, putText } from '../../support/replica-pair.ts';

async function withLog(pair: Pair): Promise<Rig> {
  const device = await pair.device();
  await ask(device, 'CreateTable', conflictsDefinition);
  await internal(device, 'ReplicateTable', { TableName: conflictsTable, Global: conflictsTable });
  return device;
}

async function clash(): Promise<{ pair: Pair; a: Rig; b: Rig }> {
  const pair = await Pair.open();
  const [a, b] = [await withLog(pair), await withLog(pair)];
  await putText(pair.hub, 'k', 'base');
  await pair.sync(a);
  await pair.sync(b);
  await putText(a, 'k', 'older');
  await pair.sync(a);
  for (const { time } of [pair, a, b]) time.pass(5000);
  await putText(b, 'k', 'newer');
  await pair.sync(b);
  await pair.sync(a);
  return { pair, a, b };
}

test('U10: who lost sees it on the device, with the image that lost and both stamps', async () => {
  const { a, b } = await clash();
  const { Conflicts } = await internal(a, 'ListConflicts');
  expect(Conflicts).toMatchObject([
    { table: 'Things', key: { p: 'k' }, lost: { p: 'k', v: 'older' } },
  ]);
  const [one] = Conflicts as readonly { readonly lostAt: number; readonly wonAt: number }[];
  expect(one?.wonAt).toBeGreaterThan(one?.lostAt ?? 0);
  // The log of another author is not one's own.
  expect((await internal(b, 'ListConflicts'))['Conflicts']).toEqual([]);
});

test('what the user has decided about is forgotten, on the hub too', async () => {
  const { pair, a } = await clash();
  const { Conflicts } = await internal(a, 'ListConflicts');
  const Ids = (Conflicts as readonly { readonly id: string }[]).map(({ id }) => id);
  const asked = { Ids: [...Ids, 'unknown'] };
  expect(await internal(a, 'DiscardConflicts', asked)).toEqual({ Discarded: 1 });
  await pair.sync(a);
  const scan = (rig: Rig): Promise<object> => ask(rig, 'Scan', { TableName: conflictsTable });
  expect(await scan(pair.hub)).toMatchObject({ Count: 0 });
  expect(await internal(a, 'ListConflicts')).toEqual({ Conflicts: [] });
});

test('a database without the log has no conflicts to tell of', async () => {
  const pair = await Pair.open();
  const device = await pair.device();
  expect(await internal(device, 'ListConflicts')).toEqual({ Conflicts: [] });
  expect(await internal(device, 'DiscardConflicts', { Ids: ['x'] })).toEqual({ Discarded: 0 });
});
