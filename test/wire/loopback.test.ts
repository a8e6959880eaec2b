import { describe, expect, test } from 'vitest';
import { loopback } from '../../src/wire/loopback.ts';

describe('a loopback', () => {
  test('carries clones both ways, later and in order', async () => {
    const [one, two] = loopback();
    const heard: unknown[] = [];
    two.addEventListener('message', ({ data }) => heard.push(data));
    one.addEventListener('message', ({ data }) => heard.push(data));
    const message = { n: 1 };
    one.postMessage(message, []);
    message.n = 2;
    one.postMessage(message, []);
    two.postMessage('back', []);
    expect(heard).toEqual([]);
    await Promise.resolve();
    expect(heard).toEqual([{ n: 1 }, { n: 2 }, 'back']);
  });

  test('transfers buffers', async () => {
    const [one, two] = loopback();
    const heard: ArrayBuffer[] = [];
    two.addEventListener('message', ({ data }) => heard.push(data as ArrayBuffer));
    const buffer = new ArrayBuffer(8);
    one.postMessage(buffer, [buffer]);
    await Promise.resolve();
    expect([buffer.byteLength, heard[0]?.byteLength]).toEqual([0, 8]);
  });

  test('refuses what cannot be cloned, as a port does', () => {
    const [one] = loopback();
    expect(() => one.postMessage(() => 1, [])).toThrow(DOMException);
  });

  test('is silent once either end is closed', async () => {
    const [one, two] = loopback();
    const heard: unknown[] = [];
    two.addEventListener('message', ({ data }) => heard.push(data));
    two.close();
    one.postMessage('lost', []);
    await Promise.resolve();
    expect(heard).toEqual([]);
  });
});
