/** Two tabs of a device: engines over one store, each with a client of its own. */
import { afterEach, expect, test } from 'vitest';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { replicaOperations } from '../../src/operation/replica/rows.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import { createMemory, openMemory } from '../../src/storage/memory.ts';
import type { RelayMessage } from '../../src/sync/client.ts';
import { initialStatus } from '../../src/sync/initial-status.ts';
import { carryOut } from '../../src/sync/settled.ts';
import { owner } from '../../src/operation/request.ts';
import type { Fetch } from '../../src/sync/http-link.ts';
import { describeDevice } from '../../src/sync/look.ts';
import type { SyncStatus } from '../../src/sync/sync-types.ts';
import { converged, type Device, openDevice } from '../support/sync.ts';
import { type NearHub, openNearHub } from '../support/hubs.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A tab as it is without Web Locks: nobody says which one leads. */
async function tabs(near: NearHub, ...fetches: readonly Fetch[]): Promise<readonly Device[]> {
  const disk = createMemory();
  const opened: Device[] = [];
  for (const fetch of fetches) {
    const engine = await openEngine({
      store: openMemory(disk),
      ...{ clock: systemClock, random: systemRandom, scheduler: systemScheduler },
      ...{ operations: replicaOperations, scrub: false },
    });
    const table = opened.length === 0 ? {} : { table: null };
    const one = await openDevice('http://hub', { engine, fetch, ...table });
    ends.push(() => one.close());
    await one.settled();
    opened.push(one);
  }
  ends.unshift(() => near.engine.close());
  return opened;
}

async function count({ engine }: Device): Promise<void> {
  const input = {
    Operation: 'UpdateItem',
    Input: {
      TableName: 'Notes',
      Key: { id: 'count' },
      UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': 1 },
    },
    Mode: 'confirm',
  };
  const request = { operation: 'SyncCall', input, form: 'plain', caller: owner } as const;
  await carryOut(engine, () => Promise.reject(new Error('not asked')), request);
}

async function counted({ engine }: Pick<NearHub, 'engine'>): Promise<unknown> {
  const input = { TableName: 'Notes', Key: { id: 'count' } };
  const { Item } = (await engine.call({
    ...{ operation: 'GetItem', input, form: 'plain', caller: owner },
  })) as { readonly Item?: { item(): ReadonlyMap<string, { readonly value: unknown }> } };
  return Item?.item().get('n')?.value;
}

test('two tabs without Web Locks both talk to the hub, and nothing is done twice', async () => {
  const near = await openNearHub();
  const [a, b] = (await tabs(near, near.fetch, near.fetch)) as [Device, Device];
  expect([a.client.status.leads, b.client.status.leads]).toEqual([true, true]);
  for (let n = 0; n < 10; n += 1) {
    await Promise.all([count(a), count(b), a.put(`a${n}`, 'of a'), b.put(`b${n}`, 'of b')]);
    await near.put(`hub${n}`, 'of the hub');
  }
  await Promise.all([a.settled(), b.settled()]);
  await converged(a.engine, b.engine, near.engine);
  expect(await counted(near)).toBe('20');
  expect(a.client.status.quarantined).toBe(0);
});

test('P5: a tab that leads, is frozen and overtaken takes nothing back when it wakes', async () => {
  const near = await openNearHub();
  let thaw: () => void = () => undefined;
  let isFreezing = false;
  const frozen = new Promise<void>((resolve) => {
    thaw = resolve;
  });
  const kinds: string[] = [];
  const [a, b] = (await tabs(
    near,
    async (url, init) => {
      const answer = await near.fetch(url, init);
      if (!url.endsWith('/pokes') && isFreezing) {
        kinds.push(decodeFrame(init.body).message.kind);
        // The hub has answered, and the tab hears of it much later.
        await frozen;
      }
      return answer;
    },
    near.fetch,
  )) as [Device, Device];
  isFreezing = true;
  await count(a);
  await expect.poll(() => kinds.length).toBeGreaterThan(0);
  for (let n = 0; n < 5; n += 1) {
    await b.put('x', `later ${n}`);
    await near.put('y', `later ${n}`);
    await b.settled();
  }
  const { Cursor: before } = await describeDevice(b.engine);
  isFreezing = false;
  thaw();
  await a.settled();
  expect((await describeDevice(a.engine)).Cursor).toBeGreaterThanOrEqual(before);
  await converged(a.engine, b.engine, near.engine);
  expect([await counted(near), await a.note('x'), await a.note('y')]).toEqual([
    ...['1', 'later 4', 'later 4'],
  ]);
});

test('what is pending a tab knows itself, whatever who leads has said before it heard of it', async () => {
  const near = await openNearHub();
  const first = await openDevice('http://hub', { fetch: near.fetch });
  await first.settled();
  await first.client.close();
  const { engine } = first;
  let hear: (message: RelayMessage) => void = () => undefined;
  const tab = await openDevice('http://hub', {
    ...{ engine, fetch: near.fetch },
    lock: {
      hold: (_, signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    },
    relay: {
      tell: () => undefined,
      listen: (heard) => {
        hear = heard;
      },
      close: () => undefined,
    },
  });
  const says = (more: Partial<SyncStatus>): void =>
    hear({ event: { type: 'status', status: { ...initialStatus, leads: true, ...more } } });
  says({ state: 'live' });
  await tab.put('a', '1');
  await tab.client.refresh();
  for (const pending of [0, 7]) {
    says({ state: 'live', pending, quarantined: pending, heardAt: pending });
    // As drain() looks at it.
    expect(tab.client.status).toMatchObject({ state: 'live', pending: 1, quarantined: 0 });
    expect(tab.client.status).toMatchObject({ leads: false, heardAt: pending });
  }
  await tab.close();
  await near.engine.close();
});
