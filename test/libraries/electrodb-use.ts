/**
 * ElectroDB as its users use it: an entity with two access patterns, and a transaction.
 *
 * `raw` pages by LastEvaluatedKey: its cursors are text made with Node's Buffer.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Entity, Service } from 'electrodb';
import { expect } from 'vitest';
import { createSingleTable } from './single-table.ts';

export async function useElectrodb(
  client: DynamoDBClient,
  pager: 'cursor' | 'raw' = 'cursor',
): Promise<void> {
  const table = 'Electro';
  await createSingleTable(client, table);
  const tasks = new Entity(
    {
      model: { entity: 'task', version: '1', service: 'work' },
      attributes: {
        project: { type: 'string', required: true },
        id: { type: 'string', required: true },
        owner: { type: 'string', required: true },
        state: { type: ['open', 'closed'] as const, default: 'open' },
        points: { type: 'number', default: 0 },
        labels: { type: 'set', items: 'string' },
        notes: { type: 'list', items: { type: 'string' } },
      },
      indexes: {
        byProject: {
          pk: { field: 'pk', composite: ['project'] },
          sk: { field: 'sk', composite: ['id'] },
        },
        byOwner: {
          index: 'gs1',
          pk: { field: 'gs1pk', composite: ['owner'] },
          sk: { field: 'gs1sk', composite: ['project', 'id'] },
        },
      },
    },
    { client, table },
  );
  const service = new Service({ tasks }, { client, table });

  await tasks.create({ project: 'a', id: '1', owner: 'ada', labels: ['x', 'y'] }).go();
  await expect(tasks.create({ project: 'a', id: '1', owner: 'bob' }).go()).rejects.toThrow(
    'The conditional request failed',
  );
  const others = Array.from({ length: 30 }, (_unused, at) => {
    return { project: 'b', id: String(at).padStart(2, '0'), owner: at % 3 === 0 ? 'ada' : 'bob' };
  });
  expect((await tasks.put(others).go()).unprocessed).toEqual([]);

  const { data } = await tasks.get({ project: 'a', id: '1' }).go();
  expect(data).toEqual({
    project: 'a',
    id: '1',
    owner: 'ada',
    state: 'open',
    points: 0,
    labels: ['x', 'y'],
  });
  const changed = await tasks
    .patch({ project: 'a', id: '1' })
    .set({ state: 'closed' })
    .add({ points: 3, labels: ['z'] })
    .append({ notes: ['done'] })
    .where(({ state }, { eq }) => eq(state, 'open'))
    .go({ response: 'all_new' });
  expect(changed.data).toMatchObject({ state: 'closed', points: 3, notes: ['done'] });
  expect([...(changed.data?.labels ?? [])].sort()).toEqual(['x', 'y', 'z']);

  const between = await tasks.query
    .byProject({ project: 'b' })
    .between({ id: '05' }, { id: '09' })
    .go();
  expect(between.data.map(({ id }) => id)).toEqual(['05', '06', '07', '08', '09']);
  const first = await tasks.query.byProject({ project: 'b' }).go({ limit: 7, pager });
  const rest = await tasks.query
    .byProject({ project: 'b' })
    .go({ cursor: first.cursor, pager, pages: 'all' });
  expect(first.data.length + rest.data.length).toBe(30);
  const owned = await tasks.query
    .byOwner({ owner: 'ada' })
    .where(({ points }, { gte }) => gte(points, 1))
    .go({ pages: 'all' });
  expect(owned.data.map(({ id }) => id)).toEqual(['1']);
  expect((await tasks.scan.go({ pages: 'all' })).data).toHaveLength(31);
  const several = await tasks
    .get([
      { project: 'b', id: '00' },
      { project: 'b', id: 'none' },
    ])
    .go();
  expect(several.data.map(({ id }) => id)).toEqual(['00']);

  const refused = await service.transaction
    .write((entities) => [
      entities.tasks.delete({ project: 'b', id: '00' }).commit(),
      entities.tasks.create({ project: 'a', id: '1', owner: 'eve' }).commit(),
    ])
    .go();
  expect([refused.canceled, refused.data.map(({ code }) => code)]).toEqual([
    true,
    ['None', 'ConditionalCheckFailed'],
  ]);
  const done = await service.transaction
    .write((entities) => [
      entities.tasks.delete({ project: 'b', id: '00' }).commit(),
      entities.tasks.create({ project: 'c', id: '1', owner: 'eve' }).commit(),
    ])
    .go();
  expect(done.canceled).toBe(false);
  await tasks.remove({ project: 'c', id: '1' }).go();
  expect((await tasks.scan.go({ pages: 'all' })).data).toHaveLength(30);
}
