import { afterEach, describe, expect, test, vi } from 'vitest';
import { broadcastHint } from '../../src/host/hint.ts';
import type { Hint } from '../../src/port/hint.ts';

const hints: Hint[] = [];
afterEach(() => {
  for (const hint of hints.splice(0)) hint.close();
  vi.unstubAllGlobals();
});

function newHint(name: string): { readonly hint: Hint; readonly heard: number[] } {
  const hint = broadcastHint(name);
  if (hint === undefined) throw new Error('no BroadcastChannel');
  hints.push(hint);
  const heard: number[] = [];
  hint.listen((position) => heard.push(position));
  return { hint, heard };
}

describe('a hint over BroadcastChannel', () => {
  test('reaches the others of its name, and not itself', async () => {
    const one = newHint('a');
    const two = newHint('a');
    const other = newHint('b');
    const stranger = new BroadcastChannel('tidetable:a');
    stranger.postMessage('not a position');
    stranger.close();
    one.hint.tell(7);
    await expect.poll(() => two.heard).toEqual([7]);
    expect([one.heard, other.heard]).toEqual([[], []]);
  });

  test('is absent where there is no BroadcastChannel', () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    expect(broadcastHint('a')).toBeUndefined();
  });
});
