import { describe, expect, test } from 'vitest';
import type { ToDevice, ToHub } from '../../src/replica/message.ts';
import { type DeviceLink, runDevice, runHub } from '../../src/sync/run-session.ts';
import { quiet, type Rig } from '../support/engine.ts';
import { Pair, putText, textAt } from '../support/replica-pair.ts';

/** Both ends of a connection in memory, and the messages that `drop` takes away. */
function connect(
  pair: Pair,
  device: Rig,
  drop: (message: ToHub | ToDevice) => boolean = () => false,
): { readonly link: DeviceLink; readonly closed: () => boolean } {
  let toHub: (message: ToHub) => void = () => undefined;
  let toDevice: (message: ToDevice) => void = () => undefined;
  let isClosed = false;
  const back = {
    send: (message: ToDevice): void => {
      if (!drop(message)) toDevice(message);
    },
    listen: (heard: (message: ToHub) => void): void => {
      toHub = heard;
    },
    close: (): void => undefined,
  };
  runHub(pair.hub.engine, back, () => undefined);
  const there = {
    send: (message: ToHub): void => {
      if (!drop(message)) toHub(message);
    },
    listen: (heard: (message: ToDevice) => void): void => {
      toDevice = heard;
    },
    close: (): void => undefined,
  };
  const link = runDevice(device.engine, there, device.time.scheduler, () => {
    isClosed = true;
  });
  return { link, closed: () => isClosed };
}

async function untilLive(link: DeviceLink): Promise<void> {
  for (let round = 0; round < 200 && link.session.phase !== 'live'; round += 1) await quiet(5);
}

describe('a link', () => {
  test('brings what both have to the other, and again when something moved', async () => {
    const pair = await Pair.open();
    const device = await pair.device();
    await putText(device, 'a', 'of the device');
    await putText(pair.hub, 'b', 'of the hub');
    const { link } = connect(pair, device);
    await untilLive(link);
    expect([await textAt(pair.hub, 'a'), await textAt(device, 'b')]).toEqual([
      'of the device',
      'of the hub',
    ]);
    await putText(device, 'a', 'again');
    link.moved();
    await quiet(5);
    await untilLive(link);
    expect(await textAt(pair.hub, 'a')).toBe('again');
  });

  test('asks again for what was lost', async () => {
    const pair = await Pair.open();
    const device = await pair.device();
    await putText(device, 'a', 'one');
    const lost = new Set<string>();
    const { link } = connect(pair, device, ({ kind }) => {
      if (lost.has(kind)) return false;
      lost.add(kind);
      return true;
    });
    await untilLive(link);
    expect(lost.size).toBe(8);
    expect(await textAt(pair.hub, 'a')).toBe('one');
  });

  test('is closed when its database fails, and says nothing afterwards', async () => {
    const pair = await Pair.open();
    const device = await pair.device();
    await device.engine.close();
    const { closed, link } = connect(pair, device);
    await quiet(5);
    expect([closed(), link.session.phase]).toEqual([true, 'offline']);
    link.moved();
    link.close();
    expect(link.session.phase).toBe('offline');
  });
});
