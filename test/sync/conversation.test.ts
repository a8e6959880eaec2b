import { expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { Alarm } from '../../src/sync/alarm.ts';
import { Conversation } from '../../src/sync/conversation.ts';
import { HttpLink } from '../../src/sync/http-link.ts';
import { describeDevice } from '../../src/sync/look.ts';
import { Pace } from '../../src/sync/pace.ts';
import { Poison } from '../../src/sync/poison.ts';
import type { SyncStatus } from '../../src/sync/sync-types.ts';
import { openNearHub, portsOf } from '../support/hubs.ts';
import { hashOf } from '../support/sync.ts';

test('sets the clock by the middle of the way there and back', async () => {
  const near = await openNearHub();
  const engine = await openNodeDatabase({ memory: true });
  const wayMs = 300;
  const way = () => new Promise((resolve) => setTimeout(resolve, wayMs));
  const ports = portsOf(engine, async (url, init) => {
    await way();
    const answer = await near.fetch(url, init);
    await way();
    return answer;
  });
  const over = new AbortController();
  const conversation = new Conversation({
    ...ports,
    tables: ['Notes'],
    link: new HttpLink({ ...ports, url: 'http://hub', token: async () => undefined }),
    alarm: new Alarm(ports.scheduler),
    signal: over.signal,
    report: ({ state }) => {
      if (state === 'live') over.abort();
    },
    tell: () => undefined,
    alive: () => undefined,
    poison: new Poison(),
    pace: new Pace(),
  });
  await conversation.run().catch(() => undefined);
  // Both have the clock of this machine: what the answer's way took is no difference of theirs.
  expect(Math.abs((await describeDevice(engine)).OffsetMs ?? wayMs)).toBeLessThan(wayMs / 2);
  await Promise.all([engine.close(), near.engine.close()]);
});

test('goes on until all is sent and taken; another principal touches nothing', async () => {
  const near = await openNearHub();
  const engine = await openNodeDatabase({ memory: true });
  const ports = portsOf(engine, near.fetch);
  near.visitor = (token = '') => {
    return { caller: { ...owner, principal: token }, judge: () => undefined };
  };
  const talk = async (token: string, until: (status: Partial<SyncStatus>) => boolean) => {
    const over = new AbortController();
    const link = new HttpLink({ ...ports, url: 'http://hub', token: async () => token });
    const conversation = new Conversation({
      ...ports,
      tables: ['Notes'],
      link,
      alarm: new Alarm(ports.scheduler),
      signal: over.signal,
      report: (news) => {
        if (until(news)) over.abort();
      },
      tell: () => undefined,
      alive: () => undefined,
      poison: new Poison(),
      pace: new Pace(),
    });
    await conversation.run().catch((error: Error) => {
      if (!over.signal.aborted) throw error;
    });
  };
  await talk('ada', ({ state }) => state === 'live');
  const input = { TableName: 'Notes', Item: { id: 'a', v: 'of ada' } };
  await engine.call({ operation: 'PutItem', input, form: 'plain', caller: owner });
  await near.put('b', 'of the hub');
  expect((await describeDevice(engine)).Principal).toBe('ada');
  await expect(talk('bob', () => false)).rejects.toMatchObject({ why: 'needs-auth' });
  expect((await describeDevice(engine)).Pending).toBe(1);
  await talk('ada', ({ state }) => state === 'live');
  expect(await hashOf(engine)).toBe(await hashOf(near.engine));
  await Promise.all([engine.close(), near.engine.close()]);
});
