import { expect, test } from 'vitest';
import { readLink } from '../../../src/replica/link.ts';
import type { Output, Rig } from '../../support/engine.ts';
import { internal, Pair, putText, textAt } from '../../support/replica-pair.ts';
import { Stored } from '../../support/replica.ts';

/** What comes behind the device's cursor, as the hub says it. */
async function pageFor(pair: Pair, device: Rig): Promise<Output> {
  const { Epoch, Cursor: Asked, Reach } = await internal(device, 'PreparePush');
  const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach });
  return { ...page, Epoch, Asked };
}

async function syncedMs(rig: Rig): Promise<number> {
  const { reader, self } = await Stored.of(rig.store.disk);
  return readLink(reader, self.book).link.syncedMs;
}

test('a page is taken once, and not where the cursor is elsewhere by now', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await pair.sync(a);
  await putText(pair.hub, 'k', 'one');
  const page = await pageFor(pair, a);
  expect(await internal(a, 'TakePage', page)).toEqual({ IsTaken: true, Count: 1 });
  expect(await textAt(a, 'k')).toBe('one');
  await putText(pair.hub, 'k', 'two');
  await pair.sync(a);
  expect(await internal(a, 'TakePage', page)).toEqual({ IsTaken: false });
  expect(await textAt(a, 'k')).toBe('two');
});

test('all counts as taken at a time only where no range is under way', async () => {
  const pair = await Pair.open();
  for (const p of ['a', 'b', 'c']) await putText(pair.hub, p, 'one');
  const a = await pair.device();
  await pair.sync(a);
  const first = await syncedMs(a);
  for (const { time } of [pair, a]) time.pass(24 * 3600 * 1000);
  await pair.sync(a);
  expect(await syncedMs(a)).toBeGreaterThan(first);
  const b = await pair.device();
  const link = await internal(b, 'ReadLink');
  const greeting = await internal(pair.hub, 'GreetReplica', link);
  await internal(b, 'TakeGreeting', { ...greeting, AskedEpoch: '', Asked: 0 });
  const met = await syncedMs(b);
  expect(met).toBe(pair.time.wallMs);
  const { ReplicaId, Epoch, Reach, Load } = await internal(b, 'PreparePush');
  const asked = { ReplicaId, Epoch, Reach, ...(Load as object) };
  const chunk = await internal(pair.hub, 'ReadSnapshot', { ...asked, Bytes: 1 });
  expect(await internal(b, 'TakeChunk', { ...asked, ...chunk })).toMatchObject({ IsTaken: true });
  for (const { time } of [pair, b]) time.pass(24 * 3600 * 1000);
  await putText(pair.hub, 'd', 'one');
  const page = await pageFor(pair, b);
  expect(await internal(b, 'TakePage', page)).toEqual({ IsTaken: true, Count: 0 });
  expect(await syncedMs(b)).toBe(met);
  await pair.sync(b);
  expect(await syncedMs(b)).toBe(pair.time.wallMs);
});
