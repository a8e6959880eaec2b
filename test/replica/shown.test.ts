import { describe, expect, test } from 'vitest';
import { Display, findHeld, newest, shownOf } from '../../src/replica/shown.ts';
import { byGlobal } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { decodeChanges, encodeChanges } from '../../src/replica/page.ts';
import { ShortNames } from '../../src/replica/names.ts';
import { openConflicts } from '../../src/sync/conflicts.ts';
import { ask, countOf, localInput, openRig, put, refusal } from '../support/engine.ts';
import { internal, Pair } from '../support/replica-pair.ts';
import { openReplica, Stored } from '../support/replica.ts';

const at = (ms: number): { stamp: { ms: number; counter: number; replica: Uint8Array } } => ({
  stamp: { ms, counter: 0, replica: new Uint8Array(16) },
});

describe('what is shown', () => {
  test('is the newest of what there is', () => {
    const [old, young] = [
      { ...at(1), image: undefined },
      { ...at(2), image: undefined },
    ];
    expect(newest(undefined, old, young, undefined)).toBe(young);
    expect(newest(young, old)).toBe(young);
    expect(newest(undefined, undefined)).toBeUndefined();
  });

  test('changes with its version, and makes no entry', async () => {
    const rig = await openReplica('device', {}, 'g');
    await put(rig, 'a');
    const { reader, self } = await Stored.of(rig.store.disk);
    const table = byGlobal(createCatalog(reader)).get('g');
    const [entry] = (await Stored.of(rig.store.disk)).entries();
    if (table === undefined || entry === undefined) throw new Error('no table');
    const held = findHeld(reader, self.book, table, entry.mutations[0]?.key ?? new Uint8Array());
    expect(shownOf(held)?.stamp).toEqual(entry.stamp);
    const image = encodeItem(new Map([['p', { type: 'S', value: 'a' } as const]]));
    const display = new Display(reader, self.book, 10_000);
    display.show(held, { ...at(9), image: undefined }, undefined);
    display.keep(held, { ...at(9), image });
    const drafts = display.drafts();
    expect(drafts.map(({ mutations }) => mutations.length)).toEqual([2, 1]);
    expect(drafts.every(({ replicated }) => replicated === undefined)).toBe(true);
    const forgotten = new Display(reader, self.book, 10_000);
    forgotten.show(held, undefined, undefined);
    const removed = forgotten.drafts()[0]?.mutations.map(({ value }) => value);
    expect(removed).toEqual([undefined, undefined]);
  });
});

describe('what a device loads', () => {
  async function openIndexed(Role: 'device' | 'hub', table: object, Global?: string) {
    const rig = await openRig();
    await ask(rig, 'CreateTable', table);
    await internal(rig, 'OpenReplica', { Role });
    const named = Global === undefined ? {} : { Global };
    await internal(rig, 'ReplicateTable', { TableName: 'Things', ...named });
    return rig;
  }

  test('leaves the table its stream, whose item collections are counted from then on', async () => {
    const hub = await openIndexed('hub', localInput);
    await openConflicts(hub.engine);
    await internal(hub, 'StartHub');
    await put(hub, 'a', { s: { S: '1' }, l: { S: 'x' } });
    const { table } = await Stored.of(hub.store.disk);
    const stream = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' };
    const device = await openIndexed(
      'device',
      { ...localInput, StreamSpecification: stream },
      table.id,
    );
    await new Pair(hub, hub.time, table.id).sync(device);
    expect(await countOf(device)).toBe(1);
    const { Table } = await ask(device, 'DescribeTable', { TableName: 'Things' });
    expect(Table).toMatchObject({ StreamSpecification: stream });
    const { table: after } = await Stored.of(device.store.disk);
    expect(after.collections).toBeDefined();
    expect(after.stream).toBeDefined();
  });

  test('is not taken where it is no item', async () => {
    const pair = await Pair.open();
    await put(pair.hub, 'a', { v: { S: 'text' } });
    const a = await pair.device();
    const link = await internal(a, 'ReadLink');
    const greeting = await internal(pair.hub, 'GreetReplica', link);
    const { Epoch: AskedEpoch, Cursor: Asked } = link;
    await internal(a, 'TakeGreeting', { ...greeting, AskedEpoch, Asked });
    const { ReplicaId, Epoch, Reach, Load } = await internal(a, 'PreparePush');
    const asked = { ReplicaId, Epoch, Reach, ...(Load as object) };
    const chunk = await internal(pair.hub, 'ReadSnapshot', asked);
    const changes = decodeChanges(chunk['Items'] as Uint8Array, new ShortNames());
    const cut = changes.map((one) => ({ ...one, image: one.image?.subarray(0, -2) }));
    const Items = encodeChanges(cut, new ShortNames());
    const taken = internal(a, 'TakeChunk', { ...asked, ...chunk, Items });
    expect(await refusal(taken)).toContain('InternalServerError');
    expect(await countOf(a)).toBe(0);
    expect(await internal(a, 'TakeChunk', { ...asked, ...chunk })).toMatchObject({ IsTaken: true });
    expect(await countOf(a)).toBe(1);
  });
});
