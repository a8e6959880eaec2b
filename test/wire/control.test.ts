import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { isHandshake, maintain } from '../../src/wire/control.ts';

test.each([
  [{ tidetable: 1 }, true],
  [{ tidetable: 99 }, true],
  [{ type: 'hello' }, false],
  ['tidetable', false],
  [null, false],
  [undefined, false],
])('%j is a handshake: %s', (message, expected) => {
  expect(isHandshake(message)).toBe(expected);
});

test('maintenance goes to the method of its name, with its own options and the common ones', async () => {
  const asked: unknown[] = [];
  const engine = {
    repair: async (options: object) => {
      asked.push(options);
      return 'done';
    },
  } as unknown as Engine;
  const { signal } = new AbortController();
  expect(await maintain(engine, { name: 'repair', salvage: true }, { signal })).toBe('done');
  expect(asked).toEqual([{ salvage: true, signal }]);
});
