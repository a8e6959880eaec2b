import { describe, expect, test } from 'vitest';
import { ByteWriter, fromHex } from '../../src/base/bytes.ts';
import { DynamoError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { encodeEntry } from '../../src/replica/entry.ts';
import type { Greeting, Snapshot } from '../../src/replica/message.ts';
import { wholeTable, writeRange } from '../../src/replica/range.ts';
import { decodeFrame, encodeFrame, WireFault } from '../../src/replica/wire.ts';
import { syncCaller } from '../../src/sync/tables.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import { fill, openRig } from '../support/engine.ts';
import { openNearHub } from '../support/hubs.ts';
import { openReplica } from '../support/replica.ts';
import { storedOf } from '../support/replica-damage.ts';

const replicaId = 'ab'.repeat(16);
const hello = encodeFrame({
  replicaId,
  message: {
    ...{ kind: 'hello', number: 1, ReplicaId: replicaId, First: 1, Settled: 0 },
    ...{ Epoch: '', Cursor: 0, Known: 0 },
  },
});

describe('a hub', () => {
  test('answers a frame with a frame, and what is none with a fault', async () => {
    const { hub, engine } = await openNearHub();
    const { message } = decodeFrame(await hub.answer(hello, undefined));
    expect(message).toMatchObject({ kind: 'greeting', number: 1, MarkSeq: 0 });
    await expect(hub.answer(new Uint8Array(50), undefined)).rejects.toThrow(WireFault);
    await engine.close();
  });

  test('lets nobody speak for the replica of another principal', async () => {
    const { hub, engine } = await openNearHub();
    const as = (principal: string): Parameters<typeof hub.answer>[1] => {
      return { caller: { ...owner, principal }, judge: () => undefined };
    };
    await hub.answer(hello, as('ada'));
    await hub.answer(hello, as('ada'));
    const denied = { name: 'AccessDeniedException' };
    await expect(hub.answer(hello, as('bob'))).rejects.toMatchObject(denied);
    const entry = encodeEntry({
      seq: 1,
      id: new Uint8Array(16),
      stamp: { ms: 1, counter: 0, replica: fromHex(replicaId) },
      mutations: [],
    });
    const push = { kind: 'push', number: 2, Entries: [entry] } as const;
    const frame = encodeFrame({ replicaId, message: push });
    await expect(hub.answer(frame, as('bob'))).rejects.toMatchObject(denied);
    const { message } = decodeFrame(await hub.answer(frame, as('ada')));
    expect(message).toMatchObject({ Outcomes: [{ Seq: 1, Kind: 'applied' }] });
    await engine.close();
  });

  test('gives no chunk of a table to who may not read all of it', async () => {
    const { hub, engine, put } = await openNearHub();
    await put('a', 'secret');
    const { message: greeting } = decodeFrame(await hub.answer(hello, undefined));
    const begin = { operation: 'ReplicateTable', input: { TableName: 'Notes' } };
    const known = await engine.call({ ...begin, form: 'plain', caller: syncCaller });
    await engine.idle();
    const writer = new ByteWriter();
    writeRange(writer, wholeTable((known as { Global: string }).Global));
    const snapshot: Snapshot = {
      kind: 'snapshot',
      ...{ number: 2, Reach: 0, WithDeleted: false, After: new Uint8Array() },
      ...{ Epoch: (greeting as Greeting).Epoch, Range: writer.take() },
    };
    const frame = encodeFrame({ replicaId, message: snapshot });
    const visitor = { caller: owner, judge: () => undefined };
    const scope = { user: 'ada', tables: new Map() };
    const refused = await hub.answer(frame, { ...visitor, scope: () => scope });
    expect(decodeFrame(refused).message).toMatchObject({ Refusal: 'OutOfScope', Count: 0 });
    const given = await hub.answer(frame, visitor);
    expect(decodeFrame(given).message).toMatchObject({ Refusal: '', Count: 1, IsHeld: true });
    await engine.close();
  });

  test('of a database that is a device is none', async () => {
    const engine = await openNodeDatabase({ memory: true });
    const input = { Role: 'device' };
    await engine.call({ operation: 'OpenReplica', input, form: 'plain', caller: syncCaller });
    const hub = await openHub(engine);
    await expect(hub.answer(hello, undefined)).rejects.toThrow(DynamoError);
    await engine.close();
  });

  test('begins an epoch at each start, once it has been one', async () => {
    const { hub, engine } = await openNearHub();
    const epochOf = async (one: typeof hub): Promise<unknown> => {
      const { message } = decodeFrame(await one.answer(hello, undefined));
      return 'Epoch' in message ? message.Epoch : undefined;
    };
    const first = await epochOf(hub);
    expect(await epochOf(hub)).toBe(first);
    expect(await epochOf(await openHub(engine))).not.toBe(first);
    await engine.close();
  });

  test('whose book is damaged begins when that is made anew', async () => {
    const rig = await openReplica('hub');
    await openHub(rig.engine);
    await fill(rig, 20);
    await rig.engine.checkpoint();
    const { disk } = rig.store;
    const { self } = await storedOf(rig);
    for (const { id } of await pagesAt(disk, self.book, 1)) damagePage(disk, id);
    await rig.engine.close();
    const { engine } = await openRig({ disk, time: rig.time });
    const hub = await openHub(engine);
    const { message } = decodeFrame(await hub.answer(hello, undefined));
    expect(message).toMatchObject({ kind: 'greeting', number: 1, MarkSeq: 0 });
    expect(engine.status().damage).toMatchObject([{ kind: 'entries', state: 'repaired' }]);
    await engine.close();
  });

  test('pokes when a replicated item has changed, and not otherwise', async () => {
    const near = await openNearHub();
    const { hub, engine } = near;
    const tables = { kind: 'tables', number: 1, Tables: '[{"TableName":"Notes"}]' } as const;
    await hub.answer(encodeFrame({ replicaId, message: tables }), undefined);
    let pokes = 0;
    const leave = await hub.listen(() => {
      pokes += 1;
    });
    await near.put('a', 'one');
    await expect.poll(() => pokes).toBe(1);
    const input = { ...notesOf('Plain') };
    await engine.call({ operation: 'CreateTable', input, form: 'plain', caller: owner });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pokes).toBe(1);
    leave();
    await near.put('a', 'two');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pokes).toBe(1);
    await engine.close();
  });

  test('watches its database once, for all that listen, and keeps none that it has refused', async () => {
    const engine = await openNodeDatabase({ memory: true });
    await engine.call({
      operation: 'CreateTable',
      input: notesOf('Notes'),
      form: 'plain',
      caller: owner,
    });
    let watching = 0;
    let isDamaged = false;
    const watched = new Proxy(engine, {
      get: (target, name: keyof Engine) => {
        if (name === 'watch') {
          return (look: () => void) => {
            watching += 1;
            const leave = engine.watch(look);
            return () => {
              watching -= 1;
              leave();
            };
          };
        }
        if (name === 'call') {
          return (request: Parameters<Engine['call']>[0]) => {
            const fails = isDamaged && request.operation === 'DescribeReplica';
            return fails ? Promise.reject(new Error('damaged')) : engine.call(request);
          };
        }
        const value: unknown = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const hub = await openHub(watched);
    const leaves = await Promise.all([1, 2, 3].map(() => hub.listen(() => undefined)));
    expect(watching).toBe(1);
    for (const leave of leaves) leave();
    expect(watching).toBe(0);
    isDamaged = true;
    let pokes = 0;
    await expect(hub.listen(() => (pokes += 1))).rejects.toThrow('damaged');
    isDamaged = false;
    const leave = await hub.listen(() => undefined);
    await engine.call({
      operation: 'ReplicateTable',
      input: { TableName: 'Notes' },
      form: 'plain',
      caller: syncCaller,
    });
    const input = { TableName: 'Notes', Item: { id: 'a' } };
    await engine.call({ operation: 'PutItem', input, form: 'plain', caller: owner });
    await new Promise((resolve) => setTimeout(resolve, 100));
    leave();
    expect([pokes, watching]).toEqual([0, 0]);
    await engine.close();
  });
});

function notesOf(TableName: string): object {
  return {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
}
