import { expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { Scratch } from '../../src/replica/scratch.ts';
import { openTestState } from '../support/engine.ts';

test('what was changed is read as changed, and written once', async () => {
  const { state } = await openTestState();
  const scratch = new Scratch(state.published);
  const [key, other] = [utf8('k'), utf8('o')];
  scratch.set(200, key, utf8('one'));
  scratch.set(200, key, utf8('other'));
  scratch.set(200, other, utf8('gone'));
  scratch.set(200, other, undefined);
  expect(scratch.get(200, key)).toEqual(utf8('other'));
  expect(scratch.get(200, other)).toBeUndefined();
  const expected = { tree: 200, key, value: utf8('other'), sizeBefore: undefined, sizeAfter: 5 };
  expect(scratch.mutations()).toEqual([expected]);
});
