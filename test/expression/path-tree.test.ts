import { describe, expect, test } from 'vitest';
import { pathTree, pick, rootsTree, valueAt } from '../../src/expression/path-tree.ts';
import type { Path } from '../../src/expression/refusals.ts';
import { item, plainOf, refusalOf, value, worked } from './fixture.ts';

function tree(...paths: Path[]) {
  return pathTree(
    'Update',
    paths.map((path, at) => [path, at] as const),
  );
}

describe('two paths', () => {
  const refused = (what: string, one: string, two: string): string =>
    `Invalid UpdateExpression: Two document paths ${what} with each other; ` +
    `must remove or rewrite one of these paths; path one: ${one}, path two: ${two}`;
  test.each<[Path, Path, string]>([
    [['a'], ['b'], 'no refusal'],
    [['a', 0], ['a', 1], 'no refusal'],
    [['a', 'b'], ['a', 'c'], 'no refusal'],
    [['a'], ['a'], refused('overlap', '[a]', '[a]')],
    [['a'], ['a', 'b'], refused('overlap', '[a]', '[a, b]')],
    [['a', 'b'], ['a'], refused('overlap', '[a, b]', '[a]')],
    [['a', 0], ['a', 0, 'c'], refused('overlap', '[a, [0]]', '[a, [0], c]')],
    [['a', 'b'], ['a', 0], refused('conflict', '[a, b]', '[a, [0]]')],
    [['a', 0, 'x'], ['a', 'b', 'x'], refused('conflict', '[a, [0], x]', '[a, b, x]')],
  ])('%j and %j: %s', (one, two, message) => {
    expect(refusalOf(() => tree(one, two))).toBe(message);
  });

  test('that overlap are reported before two that conflict', () => {
    const message = refusalOf(() => tree(['a', 'b'], ['a', 0], ['c'], ['c', 'd']));
    expect(message).toContain('overlap');
    expect(message).toContain('path one: [c], path two: [c, d]');
  });
});

test('indexes are in ascending order', () => {
  const list = tree(['a', 10], ['a', 9], ['a', 1]).children.get('a');
  expect([...(list?.children.keys() ?? [])]).toEqual([1, 9, 10]);
});

test('values are found by path', () => {
  expect(valueAt(worked, ['m', 'y', 'z'])).toEqual(value(2));
  expect(valueAt(worked, ['a', 1])).toEqual(value(3));
  for (const path of [['q'], ['m', 0], ['a', 'x'], ['a', 9], ['t', 'x'], ['m', 'q', 'r']]) {
    expect(valueAt(worked, path)).toBeUndefined();
  }
});

test('names such as __proto__ are data', () => {
  const odd = item(JSON.parse('{"__proto__": {"constructor": 1}}'));
  expect(valueAt(odd, ['__proto__', 'constructor'])).toEqual(value(1));
  expect(pick(tree(['__proto__', 'constructor'], ['toString']), odd)).toEqual(odd);
});

test('a tree of roots takes dots literally', () => {
  const dotted = item({ 'm.x': 1, m: { x: 2 } });
  expect(plainOf(pick(rootsTree([['m.x', true]]), dotted))).toEqual({ 'm.x': 1 });
});
