import { describe, expect, test } from 'vitest';
import { type ItemWrite, performWrite } from '../../../src/operation/item/item-write.ts';
import { putItem, unchangedItem } from '../../../src/table/items.ts';
import { itemKey } from '../../../src/table/keys.ts';
import { MapReader } from '../../support/map-reader.ts';
import { itemOf, keys, table } from '../../support/tables.ts';

const plain = table(keys('p:S'));
const item = itemOf({ p: { S: 'a' }, v: { S: 'xyz' } });
const key = itemKey(plain, item);

function write(holds: boolean | undefined, tellsOld: boolean): ItemWrite {
  return {
    table: plain,
    key,
    keyItem: item,
    condition:
      holds === undefined
        ? undefined
        : { holds: () => holds, roots: new Set(), nestedRoots: new Set() },
    tellsOld,
    apply: (_, before) => ({ change: unchangedItem(plain, before), after: before?.item() }),
  };
}

function filled(): MapReader {
  const reader = new MapReader();
  reader.apply(putItem(reader, plain, key, undefined, item).draft.mutations);
  return reader;
}

describe('a write that is performed', () => {
  test('knows what was there and what is', () => {
    for (const holds of [undefined, true]) {
      const { before, after } = performWrite(filled(), write(holds, false));
      expect(before?.item()).toEqual(item);
      expect(after).toEqual(item);
    }
    expect(performWrite(new MapReader(), write(true, false)).before).toBeUndefined();
  });

  test('is refused by its condition, with the size that was read', () => {
    expect(() => performWrite(filled(), write(false, false))).toThrow(
      expect.objectContaining({
        name: 'ConditionalCheckFailedException',
        message: 'The conditional request failed',
        members: {},
        sizeRead: 6,
      }),
    );
    expect(() => performWrite(new MapReader(), write(false, true))).toThrow(
      expect.objectContaining({ members: {}, sizeRead: 0 }),
    );
  });

  test('shows the item in the refusal where asked', () => {
    try {
      performWrite(filled(), write(false, true));
      expect.unreachable();
    } catch (fault) {
      const { Item } = (fault as { members: { Item: { item(): unknown } } }).members;
      expect(Item.item()).toEqual(item);
    }
  });
});
