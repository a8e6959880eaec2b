import { describe, expect, test } from 'vitest';
import {
  ask,
  makeTable,
  openRig,
  put,
  tableInput,
  type Output,
  type Rig,
} from '../../support/engine.ts';
import { engineCaller, openReplica, Stored } from '../../support/replica.ts';

const internal = (rig: Rig, name: string, input: object): Promise<Output> =>
  ask(rig, name, input, { caller: engineCaller });

describe('OpenReplica', () => {
  test('gives the database an id, once', async () => {
    const rig = await openRig();
    const first = await internal(rig, 'OpenReplica', { Role: 'device' });
    expect(first['ReplicaId']).toMatch(/^[0-9a-f]{32}$/);
    expect(await internal(rig, 'OpenReplica', { Role: 'device' })).toEqual(first);
    const other = internal(rig, 'OpenReplica', { Role: 'hub' });
    await expect(other).rejects.toThrow('a device already');
  });

  test('cannot be asked by users', async () => {
    const rig = await openRig();
    const call = ask(rig, 'OpenReplica', { Role: 'device' });
    await expect(call).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });
});

describe('ReplicateTable', () => {
  test('is refused where there is no replica', async () => {
    const rig = await openRig();
    await makeTable(rig);
    const replicate = (): Promise<Output> =>
      internal(rig, 'ReplicateTable', {
        TableName: 'Things',
      });
    await expect(replicate()).rejects.toThrow('no replica');
    await internal(rig, 'OpenReplica', { Role: 'device' });
    await put(rig, 'a');
    expect(await replicate()).toMatchObject({ Global: expect.any(String) });
  });

  test('is done once, under one name', async () => {
    const rig = await openReplica('device', {}, 'the-hubs-id');
    const again = { TableName: 'Things', Global: 'the-hubs-id' };
    expect(await internal(rig, 'ReplicateTable', again)).toEqual({ Global: 'the-hubs-id' });
    const other = internal(rig, 'ReplicateTable', { ...again, Global: 'another' });
    await expect(other).rejects.toThrow('replicated already');
  });

  test('of a hub names no table as another one is to be named', async () => {
    const rig = await openRig();
    await internal(rig, 'OpenReplica', { Role: 'hub' });
    await makeTable(rig);
    await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Others' });
    const idOf = async (TableName: string): Promise<unknown> => {
      const { Table } = await ask(rig, 'DescribeTable', { TableName });
      return (Table as { readonly TableId: string }).TableId;
    };
    const [things, others] = [await idOf('Things'), await idOf('Others')];
    const wish = { TableName: 'Things', Global: others };
    expect(await internal(rig, 'ReplicateTable', wish)).toEqual({ Global: things });
    const other = await internal(rig, 'ReplicateTable', { TableName: 'Others' });
    expect(other).toEqual({ Global: others });
  });

  test('makes a dropped table take its versions along', async () => {
    const rig = await openReplica('device');
    await put(rig, 'a');
    const { table } = await Stored.of(rig.store.disk);
    await ask(rig, 'DeleteTable', { TableName: 'Things' });
    await rig.engine.checkpoint();
    await makeTable(rig);
    const fresh = await Stored.of(rig.store.disk);
    expect(fresh.table.replica).toBeUndefined();
    expect(fresh.reader.counters(table.replica?.versions ?? 0).entries).toBe(0);
    // What was written is still to be sent.
    expect(fresh.entries()).toHaveLength(1);
  });

  test('sends an import through the log', async () => {
    const rig = await openReplica('device');
    const session = await rig.engine.import({ table: 'Things', form: 'wire' });
    await session.write({ items: [{ p: { S: 'a' } }] });
    await session.finish();
    expect((await Stored.of(rig.store.disk)).entries()).toHaveLength(1);
  });
});
