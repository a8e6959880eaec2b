import { expect, test } from 'vitest';
import { isHandshake } from '../../src/wire/control.ts';

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
