import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../src/base/bytes.ts';
import { firstUserTree, treeKey, treeOfKey } from '../../src/table/system.ts';

describe('the key of a tree', () => {
  const trees = [0, 1, 255, 256, firstUserTree * 1000, 2 ** 32, Number.MAX_SAFE_INTEGER];

  test.each(trees)('says %d', (tree) => {
    expect(treeKey(tree)).toHaveLength(8);
    expect(treeOfKey(treeKey(tree))).toBe(tree);
  });

  test('sorts as the number does', () => {
    for (let at = 1; at < trees.length; at += 1) {
      const [before = 0, after = 0] = [trees[at - 1], trees[at]];
      expect(compareBytes(treeKey(before), treeKey(after))).toBe(-1);
    }
  });

  test.each([-1, 0.5, 2 ** 53])('is not made of %d', (tree) => {
    expect(() => treeKey(tree)).toThrow('not a tree id');
  });
});
