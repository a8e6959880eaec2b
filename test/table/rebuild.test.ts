import { describe, expect, test } from 'vitest';
import { advanceJob } from '../../src/table/backfill.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { backfillJobId, droppedTrees, findJob } from '../../src/table/jobs.ts';
import { rebuildIndex } from '../../src/table/rebuild.ts';
import { World } from '../support/run.ts';
import { attribute, globalIndex, hash, simpleTable } from '../support/table-inputs.ts';

const withGlobal = simpleTable({
  AttributeDefinitions: [attribute('a'), attribute('g')],
  GlobalSecondaryIndexes: [globalIndex('byG', [hash('g')])],
});

describe('rebuilding an index', () => {
  test('drops its tree, and fills an empty one from the table', () => {
    const world = new World();
    world.run('CreateTable', withGlobal);
    const found = () => {
      const table = createCatalog(world.reader).find('Simple');
      const index = table?.indexes[0];
      if (table === undefined || index === undefined) throw new Error('no index');
      return { table, index };
    };
    const before = found();
    world.reader.apply(rebuildIndex(world.reader, before.table, before.index));
    const { table, index } = found();
    expect(index.tree).not.toBe(before.index.tree);
    expect(index).toMatchObject({ name: 'byG', backfilling: true, status: 'CREATING' });
    expect(droppedTrees(world.reader, 10)).toEqual([before.index.tree]);
    const id = backfillJobId(index.tree);
    expect(findJob(world.reader, id)).toMatchObject({ table: table.name, tree: index.tree });
    const { mutations, done } = advanceJob(world.reader, createCatalog(world.reader), id);
    expect(done).toBe(true);
    world.reader.apply(mutations);
    expect(found().index).toMatchObject({ backfilling: false, status: 'ACTIVE' });
    // Again, while it is being filled: the job of the first tree goes with it.
    world.reader.apply(rebuildIndex(world.reader, found().table, found().index));
    const second = found().index.tree;
    world.reader.apply(rebuildIndex(world.reader, found().table, found().index));
    expect(findJob(world.reader, backfillJobId(second))).toBeUndefined();
  });
});
