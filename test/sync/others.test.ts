/** What the hub's record of a principal's replicas tells a new one (docs/failures.md). */
import { afterEach, expect, test } from 'vitest';
import { type Device, openDevice } from '../support/sync.ts';
import { openNearHub } from '../support/hubs.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const told = ({ events }: Device): readonly unknown[] =>
  events.filter(({ type }) => type === 'others');

test('a database is told at its first contact how many others there are, and never again', async () => {
  const near = await openNearHub();
  ends.push(() => near.engine.close());
  const open = async (): Promise<Device> => {
    const one = await openDevice('http://hub', { fetch: near.fetch });
    await one.settled();
    return one;
  };
  const a = await open();
  ends.push(() => a.close());
  expect(told(a)).toEqual([]);
  await a.put('n', 'kept');
  await a.settled();
  // All that is here was cleared by the browser, or it is another device: nobody can tell.
  const b = await open();
  ends.push(() => b.close());
  expect(told(b)).toEqual([{ type: 'others', others: 1 }]);
  expect(await b.note('n')).toBe('kept');
  b.client.pause();
  await b.when(({ state }) => state === 'paused', 'paused');
  b.client.resume();
  await b.settled();
  expect(told(b)).toHaveLength(1);
  const c = await open();
  ends.push(() => c.close());
  expect(told(c)).toEqual([{ type: 'others', others: 2 }]);
  expect(told(a)).toEqual([]);
});
