import { expect, test } from 'vitest';
import { AccessFault, Fields } from '../../../src/host/access/fields.ts';

const fields = new Fields(
  { text: 'x', none: '', n: 5, list: ['a', 'b'], mixed: ['a', 1] },
  'keys[0]',
  ['text', 'none', 'n', 'list', 'mixed', 'absent'],
);

test('members are read by name', () => {
  expect([fields.text('text'), fields.optionalText('absent')]).toEqual(['x', undefined]);
  expect([fields.number('n', 1, 9), fields.number('absent', 1, 9)]).toEqual([5, 1]);
  expect([fields.texts('text'), fields.texts('list')]).toEqual([['x'], ['a', 'b']]);
  expect([fields.list('list').length, fields.list('absent')]).toEqual([2, []]);
  expect(new Fields(JSON.parse('{"__proto__":1}'), '', undefined).entries()).toEqual([
    ['__proto__', 1],
  ]);
});

test.each([
  [() => fields.text('none'), 'keys[0].none must be a text'],
  [() => fields.text('absent'), 'keys[0].absent must be a text'],
  [() => fields.number('n', 1, 4), 'keys[0].n must be a number above 0, at most 4'],
  [() => fields.number('text', 1, 4), 'keys[0].text must be a number above 0, at most 4'],
  [() => fields.texts('mixed'), 'keys[0].mixed must be a text, or a list of texts'],
  [() => fields.texts('absent'), 'keys[0].absent must be a text, or a list of texts'],
  [() => fields.list('text'), 'keys[0].text must be a list'],
  [() => new Fields({ b: 1 }, 'x', ['a']), 'x.b is not known; there are a'],
  [() => new Fields({ b: 1 }, '', ['a']), 'b is not known; there are a'],
  [() => new Fields([], 'x', ['a']), 'x must be an object'],
])('refusals name the member (%#)', (read, message) => {
  expect(read).toThrow(new AccessFault(message));
});
