import { describe, expect, test } from 'vitest';
import { knownTable, systemCommit } from '../../../src/operation/table/stored.ts';
import { putTable } from '../../../src/table/system-items.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { MapReader } from '../../support/map-reader.ts';
import { refusal } from '../../support/table-inputs.ts';
import { tableState } from '../../support/table-states.ts';

describe('a stored table', () => {
  test('is found by name and ARN, and its size before is that of the last time', () => {
    const reader = new MapReader();
    const table = tableState();
    const first = putTable(reader, table);
    expect(first.sizeBefore).toBeUndefined();
    reader.apply(systemCommit([first]).mutations);
    expect(putTable(reader, table).sizeBefore).toBe(first.sizeAfter);
    const catalog = createCatalog(reader);
    expect(knownTable(catalog, 'Notes')).toEqual(table);
    expect(knownTable(catalog, table.arn)).toEqual(table);
  });

  test('that is absent is told by its name', () => {
    const catalog = createCatalog(new MapReader());
    for (const name of ['Notes', tableState().arn]) {
      expect(refusal(() => knownTable(catalog, name))).toEqual({
        name: 'ResourceNotFoundException',
        message: 'Requested resource not found: Table: Notes not found',
      });
    }
  });

  test("is the engine's own state and costs the caller nothing", () => {
    expect(systemCommit([])).toEqual({ table: 0, mutations: [], units: 0 });
  });
});
