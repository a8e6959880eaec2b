import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../src/table/catalog.ts';
import { restoreItem } from '../../src/table/restore.ts';
import { World } from '../support/run.ts';
import { attribute, globalIndex, hash, simpleTable } from '../support/table-inputs.ts';

function world(): World {
  const made = new World();
  made.run(
    'CreateTable',
    simpleTable({
      AttributeDefinitions: [attribute('a'), attribute('g')],
      GlobalSecondaryIndexes: [globalIndex('byG', [hash('g')])],
    }),
  );
  return made;
}

/** An item as it is stored: key and value. */
function saved(g: string) {
  const other = world();
  other.run('PutItem', { TableName: 'Simple', Item: { a: { S: 'k' }, g: { S: g } } });
  const table = createCatalog(other.reader).table('Simple');
  const cursor = other.reader.range(table.tree, {});
  cursor.next();
  return { key: cursor.key.slice(), value: cursor.value.slice() };
}

describe('a saved item', () => {
  test('is put back with its entries; one that stands is left alone', () => {
    const { reader } = world();
    const table = createCatalog(reader).table('Simple');
    const mutations = restoreItem(reader, table, saved('g'));
    expect(mutations.map(({ tree }) => tree)).toEqual([table.tree, table.indexes[0]?.tree]);
    reader.apply(mutations.slice(1));
    expect(restoreItem(reader, table, saved('g'))).toHaveLength(1);
  });

  test('stays away where something newer is, and when it is not what it should be', () => {
    const { reader } = world();
    const table = createCatalog(reader).table('Simple');
    const { key, value } = saved('g');
    expect(restoreItem(reader, table, { key: key.slice(0, -1), value })).toEqual([]);
    expect(restoreItem(reader, table, { key, value: value.slice(0, 3) })).toEqual([]);
    reader.apply(restoreItem(reader, table, saved('newer')));
    expect(restoreItem(reader, table, { key, value })).toEqual([]);
  });
});
