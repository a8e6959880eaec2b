import { afterEach, describe, expect, test } from 'vitest';
import { Connection } from '../../src/client/connection.ts';
import type { Answer, Request } from '../../src/operation/request.ts';
import { NumberValue } from '../../src/value/number-value.ts';
import { plainReader } from '../../src/value/plain.ts';
import { channelVersion } from '../../src/wire/channel.ts';
import { serveChannel } from '../../src/wire/serve.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Both ends over a real MessageChannel; the engine answers with the item it was given. */
function connect(): Connection {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const submit = ({ input }: Request, done: (answer: Answer) => void): void => {
    const item = plainReader.item((input as { Item: unknown }).Item);
    done({ output: { Items: [item, item], Count: 2 } });
  };
  serveChannel({ engine: { submit }, clock: { wallMs: () => 0, monoMs: () => 0 } }, port2);
  return new Connection(port1);
}

describe('the channel over a MessageChannel', () => {
  test('carries every type of value there and back', async () => {
    const Item = {
      text: 'räksmörgås',
      number: -1.5,
      big: new NumberValue('1234567890.12345678901234567890'),
      flag: false,
      nothing: null,
      bytes: new Uint8Array([0, 255]),
      set: new Set([1, 2]),
      list: ['a', [1, {}]],
      map: { deep: { deeper: true } },
    };
    const { Items, Count } = (await connect().call('Any', { Item })) as {
      Items: readonly (typeof Item)[];
      Count: number;
    };
    expect(Count).toBe(2);
    const [first, second] = Items;
    expect(first).toEqual({ ...Item, big: new NumberValue('1234567890.1234567890123456789') });
    expect(second).toEqual(first);
    expect(second).not.toBe(first);
  });

  test('a version is a whole number', () => {
    expect(Number.isInteger(channelVersion)).toBe(true);
  });
});
