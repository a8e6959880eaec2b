import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../src/table/catalog.ts';
import { encodeTable } from '../../src/table/description.ts';
import type { TableState } from '../../src/table/state.ts';
import { catalogKey, catalogTree } from '../../src/table/system.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';

function readerOf(...tables: readonly TableState[]): MapReader {
  const reader = new MapReader();
  for (const table of tables) {
    const key = catalogKey(table.name);
    const value = encodeTable(table);
    reader.apply([{ tree: catalogTree, key, value, sizeBefore: undefined, sizeAfter: 1 }]);
  }
  return reader;
}

const notFound = { name: 'ResourceNotFoundException', message: 'Requested resource not found' };

describe('the catalog', () => {
  const notes = tableState({ name: 'Notes' });
  const catalog = createCatalog(
    readerOf(
      notes,
      tableState({ name: 'busy', status: 'UPDATING' }),
      tableState({ name: 'new', status: 'CREATING' }),
      tableState({ name: 'bulk', status: 'building' }),
      tableState({ name: 'Zoo' }),
    ),
  );

  test('finds a table by name and by its own ARN', () => {
    expect(catalog.find('Notes')).toEqual(notes);
    expect(catalog.find(notes.arn)).toBe(catalog.find('Notes'));
    expect(catalog.table(notes.arn).name).toBe('Notes');
    expect(catalog.table('busy').status).toBe('UPDATING');
  });

  test.each([
    'absent',
    'bulk',
    'arn:aws:dynamodb:elsewhere:000000000000:table/Notes',
    'arn:aws:dynamodb:local:000000000000:table/absent',
    'arn:aws:dynamodb:local:000000000000:table/Notes/index/byDate',
  ])('%s is not there', (name) => {
    expect(catalog.find(name)).toBeUndefined();
    expect(() => catalog.table(name)).toThrow(expect.objectContaining(notFound));
  });

  test('has a table that is being created, but not for items', () => {
    expect(catalog.find('new')?.status).toBe('CREATING');
    expect(() => catalog.table('new')).toThrow(expect.objectContaining(notFound));
  });

  test('names tables in byte order after any name, and none that is being built', () => {
    expect(catalog.names(undefined, 10)).toEqual(['Notes', 'Zoo', 'busy', 'new']);
    expect(catalog.names('Notes', 2)).toEqual(['Zoo', 'busy']);
    expect(catalog.names('Nothing', 1)).toEqual(['Zoo']);
    expect(catalog.names('new', 10)).toEqual([]);
  });

  test('made again over changed bytes says what they say now', () => {
    const reader = readerOf(notes);
    expect(createCatalog(reader).find('Notes')?.deletionProtection).toBe(false);
    const value = encodeTable({ ...notes, deletionProtection: true });
    const key = catalogKey('Notes');
    reader.apply([{ tree: catalogTree, key, value, sizeBefore: 1, sizeAfter: 1 }]);
    expect(createCatalog(reader).find('Notes')?.deletionProtection).toBe(true);
  });
});
