import { expect, test } from 'vitest';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { type SyncNews, SyncServer } from '../../src/sync/serve-sync.ts';
import { openNearHub, portsOf } from '../support/hubs.ts';

test('a page hears news when it asks, brings tokens, and hears the end', async () => {
  const near = await openNearHub();
  const tokens: (string | undefined)[] = [];
  near.visitor = (token) => {
    tokens.push(token);
    return undefined;
  };
  const engine = await openNodeDatabase({ memory: true });
  const server = new SyncServer(portsOf(engine, near.fetch));
  const call = (operation: string, input: object = {}): Promise<object> =>
    new Promise((resolve, reject) => {
      server.submit({ operation, input, form: 'plain', caller: owner }, ({ output, error }) => {
        if (error === undefined) resolve(output);
        else reject(error);
      });
    });
  await call('SyncOpen', { Url: 'http://hub', Tables: ['Notes'], HasToken: true });
  await expect(call('SyncOpen', { Url: 'http://hub', HasToken: true })).rejects.toThrow(TypeError);
  let state: string | undefined;
  for (let turn = 0; turn < 50 && state !== 'live'; turn += 1) {
    const news = (await call('SyncNext')) as SyncNews;
    state = news.Status?.state ?? state;
    if (news.Token !== undefined) {
      await call('SyncToken', { Number: news.Token.Number, Token: 'secret' });
    }
  }
  expect(state).toBe('live');
  expect(new Set(tokens)).toEqual(new Set(['secret']));
  expect(await call('SyncAsk', { Operation: 'ListQuarantine', Input: {} })).toEqual({ Writes: [] });
  const stranger = call('SyncAsk', { Operation: 'OpenReplica', Input: { Role: 'hub' } });
  await expect(stranger).rejects.toThrow('Sync has no OpenReplica');
  await call('SyncPause');
  await call('SyncResume');
  const closing = call('SyncClose');
  let isOver = false;
  for (let turn = 0; turn < 50 && !isOver; turn += 1) {
    isOver = ((await call('SyncNext')) as SyncNews).End === true;
  }
  await closing;
  expect(isOver).toBe(true);
  await Promise.all([engine.close(), near.engine.close()]);
});
