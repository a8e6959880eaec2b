import { expect, test } from 'vitest';
import { AssertionFailure } from '../../src/base/assert.ts';
import { itemOfKey } from '../../src/table/key-item.ts';
import { joinKey } from '../../src/value/key.ts';
import type { KeyValue } from '../../src/value/value.ts';

const keys = {
  hash: [{ name: 'owner', type: 'S' as const }],
  range: [{ name: 'id', type: 'N' as const }],
};

test('a key gives back the attributes that it was made of', () => {
  const owner: KeyValue = { type: 'S', value: 'ada\u0000' };
  const id: KeyValue = { type: 'N', value: '-12.5' };
  const item = itemOfKey({ keys }, joinKey([owner], [id]));
  expect([...item]).toEqual([
    ['owner', owner],
    ['id', id],
  ]);
  expect(() => itemOfKey({ keys }, joinKey([owner], []))).toThrow(AssertionFailure);
});
