import { expect, test } from 'vitest';
import { globalMembers } from '../../../src/operation/global/global-description.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { World } from '../../support/run.ts';
import { simpleTable } from '../../support/table-inputs.ts';

test('a table of one region has no members, and a region that goes is shown once more', () => {
  const world = new World();
  world.run('CreateTable', simpleTable());
  const table = createCatalog(world.reader).find('Simple');
  if (table === undefined) throw new Error('no table');
  expect(globalMembers(table, world.reader)).toEqual({});
  const replica = { RegionName: 'us-east-1' };
  expect(globalMembers(table, world.reader, [{ replica, status: 'DELETING' }])).toMatchObject({
    Replicas: [{ RegionName: 'us-east-1', ReplicaStatus: 'DELETING' }],
  });
});
