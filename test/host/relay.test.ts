import { expect, test } from 'vitest';
import { broadcastRelay } from '../../src/host/relay.ts';

test('tabs of one database hear one another, and nothing that is not theirs', async () => {
  const [a, b, other] = ['notes', 'notes', 'tasks'].map(broadcastRelay);
  const heard: string[] = [];
  a?.listen((message) => heard.push(JSON.stringify(message)));
  const stranger = new BroadcastChannel('tidetable:notes:sync');
  stranger.postMessage('hello');
  other?.tell({ wish: 'pause' });
  b?.tell({ wish: 'resume' });
  await expect.poll(() => heard).toEqual(['{"wish":"resume"}']);
  stranger.close();
  for (const one of [a, b, other]) one?.close();
});
