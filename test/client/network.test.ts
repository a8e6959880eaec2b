import { afterEach, expect, test, vi } from 'vitest';
import { watchNetwork } from '../../src/client/network.ts';

afterEach(() => vi.unstubAllGlobals());

test('hints come of the network and of who looks, until nobody listens', () => {
  const page = new EventTarget();
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
  const serviceWorker = new EventTarget();
  vi.stubGlobal('window', page);
  vi.stubGlobal('document', document);
  vi.stubGlobal('navigator', { serviceWorker });
  let hints = 0;
  const leave = watchNetwork(() => {
    hints += 1;
  });
  const events = [
    [page, new Event('online')],
    [page, new Event('offline')],
    [document, new Event('visibilitychange')],
    [page, new Event('pageshow')],
    [serviceWorker, new MessageEvent('message', { data: 'tidetable:sync' })],
    [serviceWorker, new MessageEvent('message', { data: 'another' })],
  ] as const;
  const counts = events.map(([at, event]) => {
    at.dispatchEvent(event);
    return hints;
  });
  expect(counts).toEqual([1, 1, 1, 2, 3, 3]);
  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  expect(hints).toBe(4);
  leave();
  for (const [at, event] of events) at.dispatchEvent(event);
  expect(hints).toBe(4);
});

test('where there is no page there is nothing to see', () => {
  watchNetwork(() => {
    throw new Error('no hint');
  })();
});
