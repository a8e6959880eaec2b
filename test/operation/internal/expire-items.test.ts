import { describe, expect, test } from 'vitest';
import { expiryBatchItems, expiryChangeMs } from '../../../src/base/limits.ts';
import { ExpireItems } from '../../../src/operation/internal/expire-items.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import { expiryIndex } from '../../../src/table/expiry.ts';
import { firstJob } from '../../../src/table/jobs.ts';
import { ItemWorld } from '../../support/item-world.ts';
import { askWorld, readStream, told } from '../../support/streams.ts';

const now = 1_700_000_000;
const both = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };

function expiring(): ItemWorld {
  const world = new ItemWorld();
  world.table('Tab', ['p:S', 's:S'], {
    global: { byG: { keys: ['g:S'] } },
    local: { byL: { keys: ['p:S', 'l:S'] } },
  });
  world.run('UpdateTable', { TableName: 'Tab', StreamSpecification: both });
  world.run('UpdateTimeToLive', {
    TableName: 'Tab',
    TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
  });
  return world;
}

function put(world: ItemWorld, s: string, ttl: object, more: object = {}): void {
  const Item = { p: { S: 'p' }, s: { S: s }, g: { S: 'g' }, l: { S: 'l' }, ttl, ...more };
  world.run('PutItem', { TableName: 'Tab', Item });
}

function expire(world: ItemWorld, more: object = {}): Record<string, unknown> {
  world.caller = 'ttl';
  const answer = world.run('ExpireItems', { Table: 'Tab', ...more }, 'plain');
  world.caller = 'user';
  return answer;
}

function left(world: ItemWorld, IndexName?: string): readonly unknown[] {
  const { Items } = world.call('Scan', { TableName: 'Tab', ...(IndexName && { IndexName }) });
  return (Items as { s: { S: string } }[]).map(({ s }) => s.S).sort();
}

describe('ExpireItems', () => {
  test("is the engine's own", () => {
    expect(findOperation('ExpireItems')).toBe(ExpireItems);
    expect(ExpireItems).toMatchObject({ internal: true, kind: 'write' });
  });

  test('deletes what is over, its index entries too, and nothing else', () => {
    const world = expiring();
    put(world, 'over', { N: String(now - 1) });
    put(world, 'now', { N: String(now) });
    put(world, 'text', { S: String(now - 1) });
    put(world, 'ancient', { N: '17' });
    expect(left(world)).toHaveLength(4);
    expect(expire(world)).toEqual({ Deleted: 1 });
    for (const index of [undefined, 'byG', 'byL']) {
      expect(left(world, index)).toEqual(['ancient', 'now', 'text']);
    }
    const { tree } = expiryIndex(createCatalog(world.reader).table('Tab')) ?? { tree: 0 };
    expect(world.reader.counters(tree).entries).toBe(2);
    expect(expire(world)).toEqual({ Deleted: 0 });
    world.nowMs += 1000;
    expect(expire(world)).toEqual({ Deleted: 1 });
  });

  test('deletes an item once that has two entries, as damage may leave it', () => {
    const world = expiring();
    put(world, 'twice', { N: String(now - 9) });
    const { tree } = expiryIndex(createCatalog(world.reader).table('Tab')) ?? { tree: 0 };
    const cursor = world.reader.range(tree, {});
    expect(cursor.next()).toBe(true);
    const value = cursor.value.slice();
    const stale = { tree, key: cursor.key.slice(), value, sizeBefore: undefined, sizeAfter: 9 };
    put(world, 'twice', { N: String(now - 5) });
    world.reader.apply([stale]);
    expect(world.reader.counters(tree).entries).toBe(2);
    const { commits = [] } = world.effect('ExpireItems', { Table: 'Tab' });
    expect(commits).toHaveLength(1);
    expect(expire(world)).toEqual({ Deleted: 1 });
    expect(left(world)).toEqual([]);
  });

  test('leaves an item whose time was moved, or taken away', () => {
    const world = expiring();
    for (const s of ['moved', 'text', 'gone', 'over']) put(world, s, { N: String(now - 1) });
    const update = (s: string, UpdateExpression: string, values?: object): void => {
      const Key = { p: { S: 'p' }, s: { S: s } };
      const names = { ExpressionAttributeNames: { '#t': 'ttl' } };
      const given = values && { ExpressionAttributeValues: values };
      world.run('UpdateItem', { TableName: 'Tab', Key, UpdateExpression, ...names, ...given });
    };
    update('moved', 'SET #t = :t', { ':t': { N: String(now + 60) } });
    update('text', 'SET #t = :t', { ':t': { S: 'never' } });
    update('gone', 'REMOVE #t');
    expect(expire(world)).toEqual({ Deleted: 1 });
    expect(left(world)).toEqual(['gone', 'moved', 'text']);
  });

  test('goes by the attribute that is specified now, once that was changed', () => {
    const world = expiring();
    const over = { N: String(now - 1) };
    put(world, 'first', over);
    put(world, 'second', { S: 'no time' }, { other: over });
    for (const [Enabled, AttributeName] of [
      [false, 'ttl'],
      [true, 'other'],
    ] as const) {
      world.nowMs += expiryChangeMs;
      const TimeToLiveSpecification = { Enabled, AttributeName };
      world.run('UpdateTimeToLive', { TableName: 'Tab', TimeToLiveSpecification });
    }
    for (let Job = firstJob(world.reader); Job !== undefined; Job = firstJob(world.reader)) {
      world.run('AdvanceJob', { Job }, 'plain');
    }
    expect(expire(world)).toEqual({ Deleted: 1 });
    expect(left(world)).toEqual(['first']);
  });

  test('is one record of the stream for each, with the identity of the service', async () => {
    const world = expiring();
    put(world, 'over', { N: String(now - 1) });
    expire(world);
    put(world, 'other', { N: String(now + 5) });
    world.run('DeleteItem', { TableName: 'Tab', Key: { p: { S: 'p' }, s: { S: 'other' } } });
    const { Streams } = world.call('ListStreams', { TableName: 'Tab' });
    const [stream] = Streams as { StreamArn: string }[];
    const records = await readStream(askWorld(world), stream?.StreamArn ?? '');
    const all = records.map((record) => [told(record)[0], record.userIdentity]);
    expect(all).toEqual([
      ['INSERT', undefined],
      ['REMOVE', { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' }],
      ['INSERT', undefined],
      ['REMOVE', undefined],
    ]);
    const [, , newImage, oldImage] = told(records[1] as (typeof records)[number]);
    expect(newImage).toBeUndefined();
    expect(oldImage).toMatchObject({ s: { S: 'over' } });
  });

  test('goes in batches, by items and by bytes', () => {
    const world = expiring();
    for (let id = 0; id < expiryBatchItems + 1; id += 1) put(world, `k${id}`, { N: `${now - 1}` });
    const first = expire(world);
    expect(first).toMatchObject({ Deleted: expiryBatchItems, Next: expect.any(String) });
    expect(expire(world, { After: first['Next'] })).toEqual({ Deleted: 1 });
    const filler = { v: { S: 'x'.repeat(200_000) } };
    for (const s of ['a', 'b', 'c']) put(world, s, { N: `${now - 1}` }, filler);
    const large = expire(world);
    expect(large).toMatchObject({ Deleted: 2, Next: expect.any(String) });
    expect(expire(world, { After: large['Next'] })).toEqual({ Deleted: 1 });
    expect(left(world)).toEqual([]);
  });

  test('keeps what the collection counts', () => {
    const world = expiring();
    put(world, 'a', { N: String(now - 1) });
    put(world, 'b', { N: String(now + 1) });
    expire(world);
    const Key = { p: { S: 'p' }, s: { S: 'b' } };
    const ask = { TableName: 'Tab', Key, ReturnItemCollectionMetrics: 'SIZE' };
    expect(world.call('DeleteItem', ask)).toMatchObject({
      ItemCollectionMetrics: { SizeEstimateRangeGB: [0, 1] },
    });
    const table = createCatalog(world.reader).table('Tab');
    expect(world.reader.counters(table.collections?.tree ?? 0).entries).toBe(0);
  });

  test('consumes no units', () => {
    const world = expiring();
    put(world, 'over', { N: String(now - 1) });
    const effect = world.effect('ExpireItems', { Table: 'Tab' });
    expect(effect.commits?.map(({ units }) => units)).toEqual([0]);
  });

  test.each(['Tab', 'Nobody'])('does nothing where nothing expires: %s', (Table) => {
    const world = new ItemWorld();
    world.table('Tab', ['p:S']);
    expect(world.run('ExpireItems', { Table }, 'plain')).toEqual({ Deleted: 0 });
  });

  test('takes an attribute that is a key', () => {
    const world = new ItemWorld();
    world.table('Tab', ['p:S', 'at:N']);
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'at' };
    world.run('UpdateTimeToLive', { TableName: 'Tab', TimeToLiveSpecification });
    for (const at of [now - 1, now + 1]) {
      world.run('PutItem', { TableName: 'Tab', Item: { p: { S: 'p' }, at: { N: String(at) } } });
    }
    expect(expire(world)).toEqual({ Deleted: 1 });
    expect(world.call('Scan', { TableName: 'Tab' })['Count']).toBe(1);
  });
});
