import { expect, test } from 'vitest';
import { listOf, membersOf, PolicyFault, templateOf } from '../../src/access/policy-members.ts';

test('members are own members, whatever their names', () => {
  const json: unknown = JSON.parse('{"__proto__": 1, "a": 2}');
  expect([...membersOf(json, 'x')]).toEqual([
    ['__proto__', 1],
    ['a', 2],
  ]);
  for (const other of [null, [], 'a', 1, undefined]) {
    expect(() => membersOf(other, 'here')).toThrow(new PolicyFault('here', 'must be an object'));
  }
});

test('a list is one value or several, within a bound', () => {
  expect([listOf('a', 'x', 2), listOf(['a', 'b'], 'x', 2)]).toEqual([['a'], ['a', 'b']]);
  expect(() => listOf([], 'here', 2)).toThrow('here must not be empty');
  expect(() => listOf([1, 2, 3], 'here', 2)).toThrow('here has 3 values, more than 2');
});

test('a text that is no template is refused with its place', () => {
  expect(() => templateOf('${x}', 'here', true)).toThrow(/^here has the variable \$\{x\}/);
  expect(templateOf('a', 'here', true).source).toBe('a');
});
