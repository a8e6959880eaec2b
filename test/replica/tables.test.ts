import { expect, test } from 'vitest';
import { byGlobal, byTree, replicatedTables } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { putTable } from '../../src/table/system-items.ts';
import { MapReader } from '../support/map-reader.ts';
import { tableState } from '../support/table-states.ts';

test('tables that are replicated are found by name among replicas and by tree', () => {
  const reader = new MapReader();
  const replica = { role: 'hub', versions: 101, global: 'g' } as const;
  reader.apply([putTable(reader, tableState({ name: 'Shared', tree: 100, replica }))]);
  reader.apply([putTable(reader, tableState({ name: 'Own', tree: 102 }))]);
  const catalog = createCatalog(reader);
  expect(replicatedTables(catalog).map(({ name }) => name)).toEqual(['Shared']);
  expect(byGlobal(catalog).get('g')?.name).toBe('Shared');
  expect(byTree(catalog).get(100)?.name).toBe('Shared');
  expect(byTree(catalog).get(102)).toBeUndefined();
});
