import { expect, test } from 'vitest';
import { createInlineWorker } from '../../../src/client/inline-worker.ts';
import { channelVersion } from '../../../src/wire/channel.ts';

test('the inlined worker answers a handshake', async () => {
  const worker = createInlineWorker();
  const control = new MessageChannel();
  const data = new MessageChannel();
  const answer = new Promise<unknown>((resolve) => {
    control.port1.onmessage = ({ data: message }) => resolve(message);
  });
  worker.postMessage({ tidetable: channelVersion }, [control.port2, data.port2]);
  // Comlink's own message: apply the function at a path.
  control.port1.postMessage({ id: '1', type: 'APPLY', path: ['hello'], argumentList: [] });
  expect(await answer).toMatchObject({ id: '1', value: channelVersion });
  worker.terminate();
});
