import { expect, test } from 'vitest';
import { type MaintenanceLink, maintainThrough } from '../../src/client/maintain.ts';
import type { Maintenance } from '../../src/wire/control.ts';

const proxied = <T extends object>(told: T): T => Object.assign(told, { proxied: true });

/** A link to a worker that takes its time, until it is told to end. */
function slowLink() {
  const asked: { id: number; work: Maintenance; told: unknown }[] = [];
  const cancelled: number[] = [];
  let finish: (value: unknown) => void = () => undefined;
  const link: MaintenanceLink = {
    control: {
      maintain: (id, work, told) => {
        asked.push({ id, work, told });
        return new Promise((resolve) => {
          finish = (value) => resolve({ value });
        });
      },
      cancel: async (id) => void cancelled.push(id),
    },
    ask: async (work) => {
      const outcome = await work();
      if (outcome.error !== undefined) throw new Error(outcome.error.message);
      return outcome.value;
    },
  };
  return { link, asked, cancelled, finish: (value: unknown) => finish(value) };
}

test('own options go with the work, those of the page stay, progress is a proxy', async () => {
  const { link, asked, finish } = slowLink();
  const { signal } = new AbortController();
  const onProgress = (): void => undefined;
  const sizes = maintainThrough(link, proxied, 'sizes', { pages: true, signal, onProgress });
  expect(asked[0]?.told).toBe(onProgress);
  expect(onProgress).toHaveProperty('proxied', true);
  expect(asked[0]?.work).toEqual({ name: 'sizes', pages: true });
  finish('report');
  expect(await sizes).toBe('report');
});

test('the signal ends the work in the worker, and no later work', async () => {
  const { link, asked, cancelled, finish } = slowLink();
  const controller = new AbortController();
  const { signal } = controller;
  const scrub = maintainThrough(link, proxied, 'scrub', { signal });
  controller.abort();
  expect(cancelled).toEqual([asked[0]?.id]);
  finish('early');
  expect(await scrub).toBe('early');
  await expect(maintainThrough(link, proxied, 'scrub', { signal })).rejects.toThrow('abort');
  expect(asked.length).toBe(1);
});

test('works have ids of their own', async () => {
  const { link, asked, finish } = slowLink();
  for (const name of ['compact', 'repair'] as const) {
    const done = maintainThrough(link, proxied, name, {});
    finish('done');
    await done;
  }
  expect(new Set(asked.map(({ id }) => id)).size).toBe(2);
});
