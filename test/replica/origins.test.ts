/**
 * U16: which changes count as made at a replica, so that of the triggers on all replicas one runs
 * for each write (docs/adr/0018). Told by what triggers would be given there.
 */
import { describe, expect, test } from 'vitest';
import type { Outcomes } from '../../src/replica/message.ts';
import { conflictsTable } from '../../src/replica/conflict.ts';
import { encodeInput } from '../../src/replica/request.ts';
import type { StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { ask, makeTable, openRig, type Output, type Rig } from '../support/engine.ts';
import { copyOf, engineCaller } from '../support/replica.ts';
import { edit, internal, Pair, putText, remove, text, transact } from '../support/replica-pair.ts';
import { sell, stock, stocked } from '../support/sales.ts';

type On = 'origin' | 'hub' | 'every';
const places: readonly On[] = ['origin', 'hub', 'every'];
const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };

interface Told {
  readonly eventName: string;
  readonly dynamodb: { readonly Keys: Item; NewImage?: StoredItem; OldImage?: StoredItem };
}

/** A trigger of each place, which begins now. */
async function listen(rigs: readonly Rig[], TableName = 'Things'): Promise<void> {
  for (const rig of rigs) {
    await ask(rig, 'UpdateTable', { TableName, StreamSpecification });
    for (const on of places) {
      const Name = `${TableName} ${on}`;
      const input = { Name, Table: TableName, StartingPosition: 'LATEST' };
      await internal(rig, 'OpenTrigger', input, { caller: engineCaller });
    }
  }
}

/** What the trigger of that place is given, as `EVENT key before>after`. */
async function heard(rig: Rig, On: On, table = 'Things'): Promise<readonly string[]> {
  const asked = { Name: `${table} ${On}`, Lanes: 1, On };
  const { Lanes } = await internal(rig, 'PeekTrigger', asked, { caller: engineCaller });
  const lines: string[] = [];
  for (const at of Lanes as readonly object[]) {
    const input = { ...asked, ...at, Lanes: 1, Limit: 1000, Bytes: 1_000_000 };
    const page = await internal(rig, 'ReadTrigger', input, { caller: engineCaller });
    for (const { eventName, dynamodb } of page['Records'] as readonly Told[]) {
      const { Keys, OldImage, NewImage } = dynamodb;
      const key = [...Keys.values()].at(-1)?.value;
      lines.push(`${eventName} ${String(key)} ${shown(OldImage)}>${shown(NewImage)}`);
    }
  }
  return lines;
}

function shown(image: StoredItem | undefined): string {
  const item = image?.item();
  return String((item?.get('n') ?? item?.get('v'))?.value ?? '');
}

const origins = (...rigs: readonly Rig[]): Promise<readonly (readonly string[])[]> =>
  Promise.all(rigs.map((rig) => heard(rig, 'origin')));

async function world(): Promise<{ pair: Pair; hub: Rig; a: Rig; b: Rig }> {
  const pair = await Pair.open();
  const [a, b] = [await pair.device(), await pair.device()];
  for (const one of [a, b]) await pair.sync(one);
  await listen([pair.hub, a, b]);
  return { pair, hub: pair.hub, a, b };
}

async function meet(pair: Pair, ...devices: readonly Rig[]): Promise<void> {
  for (const one of [...devices, ...devices]) {
    await pair.sync(one);
    for (const { time } of [pair, ...devices]) time.pass(1000);
  }
}

/** The hub's answers to what a device has to say, which it has not been given. */
async function answersTo(pair: Pair, device: Rig): Promise<Outcomes['Outcomes']> {
  const ReplicaId = String((await internal(device, 'ReadLink'))['ReplicaId']);
  const push = { kind: 'push', number: 1, Entries: await pair.prepared(device) } as const;
  return ((await pair.tell(push, ReplicaId)) as Outcomes).Outcomes;
}

describe('U16: a write is made', () => {
  test('on the device that wrote, and is a change on all', async () => {
    const { pair, hub, a, b } = await world();
    await putText(a, 'x', 'mine');
    await meet(pair, a, b);
    await remove(b, 'x');
    await meet(pair, b, a);
    expect(await origins(a, b, hub)).toEqual([['INSERT x >mine'], ['REMOVE x mine>'], []]);
    const all = ['INSERT x >mine', 'REMOVE x mine>'];
    for (const one of [a, b, hub]) expect(await heard(one, 'every')).toEqual(all);
  });

  test('at the hub where somebody wrote there: by its own endpoint, or by a call', async () => {
    const { pair, hub, a, b } = await world();
    await putText(hub, 'x', 'there');
    const Input = encodeInput({ TableName: 'Things', Item: { p: { S: 'y' }, ...text('called') } });
    const ids = { ReplicaId: '01'.repeat(16), Id: '02'.repeat(16), Principal: 'ada' };
    const call = { ...ids, Operation: 'PutItem', Form: 'json', Input, Ms: pair.time.wallMs };
    const hello = { First: 1, Settled: 0, Epoch: '00'.repeat(16), Cursor: 0, Principal: 'ada' };
    await internal(hub, 'GreetReplica', { ReplicaId: ids.ReplicaId, ...hello });
    for (let times = 0; times < 2; times += 1) await internal(hub, 'CarryOutCall', call);
    await meet(pair, a, b);
    const both = ['INSERT x >there', 'INSERT y >called'];
    expect(await origins(a, b, hub)).toEqual([[], [], both]);
    expect(await heard(b, 'every')).toEqual(both);
  });

  test('at the hub where it lets an item expire', async () => {
    const { pair, hub, a } = await world();
    const TimeToLiveSpecification = { AttributeName: 'n', Enabled: true };
    await ask(hub, 'UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
    const over = Math.floor(pair.time.wallMs / 1000) - 10;
    await ask(a, 'PutItem', { TableName: 'Things', Item: stock(over) });
    await meet(pair, a);
    const caller = { kind: 'ttl', principal: 'ttl' } as const;
    await ask(hub, 'ExpireItems', { Table: 'Things' }, { caller });
    await meet(pair, a);
    const gone = `REMOVE stock ${over}>`;
    expect(await origins(a, hub)).toEqual([[`INSERT stock >${over}`], [gone]]);
    expect((await heard(a, 'every')).at(-1)).toBe(gone);
  });

  test('at the hub that logs a conflict', async () => {
    const { pair, hub, a, b } = await world();
    await listen([hub], conflictsTable);
    await putText(hub, 'x', 'old');
    await meet(pair, a, b);
    await edit(a, 'x', 'of a');
    for (const { time } of [pair, a, b]) time.pass(1000);
    await edit(b, 'x', 'of b');
    await meet(pair, a, b);
    expect(await origins(a, b)).toEqual([['MODIFY x old>of a'], ['MODIFY x old>of b']]);
    expect(await heard(hub, 'origin')).toEqual(['INSERT x >old']);
    expect(await heard(hub, 'origin', conflictsTable)).toHaveLength(1);
  });
});

describe('U16: what has come of a write of a device', () => {
  test('a refusal is a change there, as the write was', async () => {
    const { pair, hub, a, b } = await world();
    await putText(hub, 'x', 'old');
    await meet(pair, a, b);
    await edit(a, 'x', 'mine');
    await transact(a, ['y', 'z'], 'new');
    pair.refusals = () => 'AccessDenied';
    await meet(pair, a, b);
    expect(await origins(b, hub)).toEqual([[], ['INSERT x >old']]);
    expect(await heard(a, 'origin')).toEqual([
      'MODIFY x old>mine',
      'INSERT y >new',
      'INSERT z >new',
      'MODIFY x mine>old',
      'REMOVE y new>',
      'REMOVE z new>',
    ]);
  });

  test('an edit that is offered once more is made there once more', async () => {
    const { pair, hub, a } = await world();
    await putText(a, 'x', 'mine');
    pair.refusals = () => 'AccessDenied';
    await meet(pair, a);
    pair.refusals = () => undefined;
    for (let step = 0; step < 3; step += 1) {
      await internal(a, 'OfferAgain', { After: 0, Offered: [] });
    }
    await meet(pair, a);
    const twice = ['INSERT x >mine', 'REMOVE x mine>', 'INSERT x >mine'];
    expect(await origins(a, hub)).toEqual([twice, []]);
    expect(await heard(hub, 'hub')).toEqual(['INSERT x >mine']);
  });

  test('what the hub makes of a request is a change there, as the guess was', async () => {
    const { pair, a, b } = await stocked(5);
    await listen([pair.hub, a, b]);
    await sell(a);
    await sell(b);
    await meet(pair, a, b);
    expect(await origins(a, b, pair.hub)).toEqual([
      ['MODIFY stock 5>4'],
      ['MODIFY stock 5>4', 'MODIFY stock 4>3'],
      [],
    ]);
    expect(await heard(pair.hub, 'hub')).toEqual(['MODIFY stock 5>4', 'MODIFY stock 4>3']);
    expect(await heard(a, 'every')).toEqual(['MODIFY stock 5>4', 'MODIFY stock 4>3']);
  });

  test('also where that comes with the feed, and not with the answer', async () => {
    const { pair, a, b } = await stocked(5);
    await listen([pair.hub, a, b]);
    await sell(a);
    await pair.sync(a);
    await sell(b);
    const [outcome] = await answersTo(pair, b);
    const { Changes: _, ...bare } = outcome as unknown as { readonly Changes?: unknown };
    await internal(b, 'TakeOutcome', {
      ReplicaId: (await internal(b, 'ReadLink'))['ReplicaId'],
      ...bare,
    });
    // Until then what was there before the guess shows: that may be what the hub has.
    const back = ['MODIFY stock 5>4', 'MODIFY stock 4>5'];
    expect(await heard(b, 'origin')).toEqual(back);
    await pair.sync(b);
    expect(await heard(b, 'origin')).toEqual([...back, 'MODIFY stock 5>3']);
  });

  test('a refused request gives way to what another has made, on the device that asked', async () => {
    const { pair, a, b } = await stocked(1);
    await listen([pair.hub, a, b]);
    await sell(a);
    await ask(b, 'PutItem', { TableName: 'Things', Item: stock(0) });
    await pair.sync(b);
    await pair.sync(a);
    expect(await origins(a, b)).toEqual([['MODIFY stock 1>0'], ['MODIFY stock 1>0']]);
  });

  test('a write that came too late is another’s change from then on', async () => {
    const { pair, a, b } = await world();
    await putText(a, 'x', 'earlier');
    for (const { time } of [pair, a, b]) time.pass(1000);
    await putText(b, 'x', 'later');
    await pair.sync(b);
    await meet(pair, a, b);
    expect(await origins(a, b)).toEqual([['INSERT x >earlier'], ['INSERT x >later']]);
    expect(await heard(a, 'every')).toEqual(['INSERT x >earlier', 'MODIFY x earlier>later']);
  });
});

describe('U16: a later deletion of which a device had not heard', () => {
  test('is another’s change where its answer tells of it', async () => {
    const { pair, hub, a } = await world();
    await putText(a, 'x', 'earlier');
    for (const { time } of [pair, a]) time.pass(1000);
    await putText(hub, 'x', 'later');
    await remove(hub, 'x');
    await meet(pair, a);
    expect(await origins(a)).toEqual([['INSERT x >earlier']]);
    expect(await heard(a, 'every')).toEqual(['INSERT x >earlier', 'REMOVE x earlier>']);
  });
});

describe('U16: what is no write', () => {
  test('an echo, a new stamp of what is there, and a chunk make no change', async () => {
    const { pair, hub, a, b } = await world();
    await putText(hub, 'x', 'old');
    const late = await pair.device(3_600_000);
    await listen([late]);
    await putText(late, 'y', 'of a fast clock');
    await meet(pair, late, a, b);
    expect(await heard(late, 'every')).toEqual(['INSERT y >of a fast clock']);
    expect(await heard(late, 'origin')).toEqual(['INSERT y >of a fast clock']);
    expect(await heard(b, 'every')).toEqual(['INSERT x >old', 'INSERT y >of a fast clock']);
  });

  test('what a hub that was set back is offered runs at the hub alone', async () => {
    const { pair, a, b } = await world();
    await pair.hub.engine.barrier();
    const disk = copyOf(pair.hub.store.disk);
    await putText(a, 'x', 'lost with the hub');
    await meet(pair, a, b);
    const hub = await openRig({ disk, time: pair.time });
    await internal(hub, 'StartHub');
    const after = new Pair(hub, pair.time, pair.global);
    await meet(after, b, a);
    const line = 'INSERT x >lost with the hub';
    expect(await origins(a, b, hub)).toEqual([[line], [], []]);
    expect(await heard(hub, 'hub')).toEqual([line]);
    for (const one of [a, b]) expect(await heard(one, 'every')).toEqual([line]);
  });
});

describe('U16: a trigger of hubs', () => {
  test('is given every change of a hub once, and nothing on a device', async () => {
    const { pair, hub, a, b } = await world();
    await putText(hub, 'x', 'there');
    await putText(a, 'y', 'mine');
    await meet(pair, a, b);
    expect(await heard(hub, 'hub')).toEqual(['INSERT x >there', 'INSERT y >mine']);
    expect([await heard(a, 'hub'), await heard(b, 'hub')]).toEqual([[], []]);
  });

  test('waits at its place until the database is a hub', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await listen([rig]);
    await putText(rig, 'x', 'of before');
    const peek = (On?: On): Promise<Output> =>
      internal(rig, 'PeekTrigger', { Name: 'Things hub', Lanes: 1, On }, { caller: engineCaller });
    expect(await peek('hub')).toMatchObject({ Known: true, Lanes: [], Advance: false });
    expect(await peek('hub')).not.toHaveProperty('OldestMs');
    expect(await peek('every')).toHaveProperty('OldestMs');
    expect(await heard(rig, 'origin')).toEqual(['INSERT x >of before']);
    await internal(rig, 'OpenReplica', { Role: 'hub' });
    expect(await heard(rig, 'hub')).toEqual(['INSERT x >of before']);
  });
});
