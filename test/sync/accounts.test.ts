/**
 * Tokens that end at any message, and a user who signs out meanwhile while another signs in: drawn
 * from seeds, over the client and the hub as they are.
 */
import { expect, test } from 'vitest';
import { prng } from '../../src/base/prng.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { decodeFrame } from '../../src/replica/wire.ts';
import type { Fetch } from '../../src/sync/http-link.ts';
import { describeDevice } from '../../src/sync/look.ts';
import { openNearHub, response } from '../support/hubs.ts';
import { hashOf, openDevice } from '../support/sync.ts';

const seeds = Array.from({ length: 10 }, (_, at) => at + 1);

let refusals = 0;
let mismatches = 0;

test.each(seeds)('nothing of one account is said as another (seed %i)', async (seed) => {
  const random = prng(seed);
  const near = await openNearHub();
  near.visitor = (token = '') => {
    const [principal = ''] = token.split(' ');
    return { caller: { ...owner, principal }, judge: () => undefined };
  };
  const engine = await openNodeDatabase({ memory: true });
  let isOver = false;
  let number = 0;
  let current = '';
  /** What was said as somebody else, but for what says who that is. */
  const others: string[] = [];
  const fetch: Fetch = async (url, init) => {
    const { authorization = '' } = init.headers;
    if (!isOver && random.chance(0.12)) current = '';
    if (authorization !== `Bearer ${current}`) {
      refusals += 1;
      return response(401, '{}');
    }
    if (url.endsWith('/pokes')) return near.fetch(url, init);
    const { kind } = decodeFrame(init.body).message;
    if (current.startsWith('bob')) {
      mismatches += 1;
      if (kind !== 'tables') others.push(kind);
    }
    return near.fetch(url, init);
  };
  const token = async (): Promise<string> => {
    number += 1;
    // The database is made for who comes with it first.
    const isKnown = (await describeDevice(engine).catch(() => undefined))?.Principal === 'ada';
    current = `${isKnown && !isOver && random.chance(0.4) ? 'bob' : 'ada'} ${number}`;
    return current;
  };
  const device = await openDevice('http://hub', { fetch, token, engine });
  const { client } = device;
  const leave = client.on((event) => {
    if (event.type !== 'status') return;
    const { state } = event.status;
    if (state === 'needs-auth' || state === 'offline') setTimeout(() => client.resume(), 0);
  });
  for (let at = 0; at < 25; at += 1) {
    await device.put(`${random.below(6)}`, `${at}`);
    await near.put(`${random.below(6)}`, `hub ${at}`);
    await new Promise((resolve) => setTimeout(resolve, random.below(15)));
  }
  isOver = true;
  await device.settled();
  expect(others).toEqual([]);
  expect((await describeDevice(engine)).Principal).toBe('ada');
  await expect.poll(() => hashOf(engine)).toBe(await hashOf(near.engine));
  leave();
  await device.close();
  await near.engine.close();
});

test('tokens have ended, and another account has come', () => {
  expect(Math.min(refusals, mismatches)).toBeGreaterThan(seeds.length);
});
