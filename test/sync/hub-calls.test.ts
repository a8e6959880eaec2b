/** A hub is asked to carry something out, by messages as they come from a network. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { hubCallKeptMs } from '../../src/base/replica-limits.ts';
import type { HubCall } from '../../src/replica/message.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { decodeOutput } from '../../src/replica/request-input.ts';
import { encodeFrame } from '../../src/replica/wire.ts';
import type { Hub } from '../../src/sync/hub.ts';
import { HubCalls, type Speaker } from '../../src/sync/hub-calls.ts';
import type { HubVisitor } from '../../src/sync/tables.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { type NearHub, openNearHub } from '../support/hubs.ts';
import { notes } from '../support/sync.ts';

const count = {
  TableName: 'Notes',
  Key: { id: 'count' },
  UpdateExpression: 'ADD n :one',
  ExpressionAttributeValues: { ':one': 1 },
  ReturnValues: 'ALL_NEW',
};

const first = { TableName: 'Notes', ConditionExpression: 'attribute_not_exists(id)' };
const Ms = Date.now();
const a: Speaker = { replicaId: '0a'.repeat(16), principal: 'ada' };

function call(Id: number, Operation: string, input: object): HubCall {
  const id = Id.toString(16).padStart(32, '0');
  const said = { Operation, Form: 'plain', Input: encodeInput(input) } as const;
  return { kind: 'call', number: 3, Id: id, Ms, ...said };
}

function counted(output: Uint8Array): unknown {
  const { Attributes } = decodeOutput(output) as {
    readonly Attributes: { item?(): ReadonlyMap<string, { readonly value: unknown }> };
  };
  const item = Attributes.item?.() ?? (Attributes as ReadonlyMap<string, { value: unknown }>);
  return item.get('n')?.value;
}

async function openedHub(): Promise<NearHub> {
  const near = await openNearHub();
  await greet(near.hub, a);
  return near;
}

async function greet(hub: Hub, { replicaId, principal }: Speaker): Promise<void> {
  const asked = { ReplicaId: replicaId, First: 1, Settled: 0, Epoch: '', Cursor: 0, Known: 0 };
  const message = { kind: 'hello', number: 1, ...asked } as const;
  const caller = { ...owner, principal };
  await hub.answer(encodeFrame({ replicaId, message }), { caller, judge: () => undefined });
}

describe('a call to the hub', () => {
  test('is carried out once, however often its message comes', async () => {
    const { engine, hub } = await openedHub();
    const calls = new HubCalls(engine);
    const both = [1, 2].map(() => calls.answer(call(1, 'UpdateItem', count), a));
    const [first, second] = await Promise.all(both);
    const again = await calls.answer(call(1, 'UpdateItem', count), a);
    expect([first, second, again].map((one) => counted(one?.Output as Uint8Array))).toEqual(
      Array(3).fill('1'),
    );
    expect(first).toMatchObject({ kind: 'answer', number: 3, IsRefused: false });
    // Another call, and one of another speaker under the same id.
    await calls.answer(call(2, 'UpdateItem', count), a);
    const eve = { replicaId: '0e'.repeat(16), principal: 'eve' };
    await greet(hub, eve);
    const other = await calls.answer(call(1, 'UpdateItem', count), eve);
    expect(counted(other.Output)).toBe('3');
    await engine.close();
  });

  test('is refused as DynamoDB refuses it, with what the error says besides', async () => {
    const { engine } = await openedHub();
    const calls = new HubCalls(engine);
    await calls.answer(call(1, 'UpdateItem', count), a);
    const condition = {
      TableName: 'Notes',
      Item: { id: 'count' },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    const { IsRefused, Output } = await calls.answer(call(2, 'PutItem', condition), a);
    const said = decodeOutput(Output) as { members: { Item: ReadonlyMap<string, object> } };
    expect([IsRefused, said]).toMatchObject([true, { name: 'ConditionalCheckFailedException' }]);
    expect(said.members.Item).toBeDefined();
    for (const [Operation, name] of [
      ['CreateTable', 'UnknownOperationException'],
      ['TakeEntry', 'UnknownOperationException'],
    ] as const) {
      const refused = await calls.answer(call(3, Operation, {}), a);
      expect(decodeOutput(refused.Output)).toMatchObject({ name });
    }
    const broken = { ...call(4, 'PutItem', {}), Input: new Uint8Array([99]) };
    const { Output: text } = await calls.answer(broken, a);
    expect(decodeOutput(text)).toMatchObject({ name: 'SerializationException' });
    await engine.close();
  });

  test('of a replica that has not said hello here is not carried out, and may be sent again', async () => {
    const { engine, hub } = await openedHub();
    const calls = new HubCalls(engine);
    const eve = { replicaId: '0e'.repeat(16), principal: 'eve' };
    const early = calls.answer(call(1, 'UpdateItem', count), eve);
    await expect(early).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    await greet(hub, eve);
    const { Output } = await calls.answer(call(1, 'UpdateItem', count), eve);
    expect(counted(Output)).toBe('1');
    await engine.close();
  });

  test('is judged by the caller’s own policies', async () => {
    const { engine } = await openedHub();
    const visitor = {
      caller: { kind: 'user', principal: 'ada' },
      judge: (operation: string) => {
        throw new DynamoError('AccessDeniedException', operation);
      },
    } as unknown as HubVisitor;
    const { Output } = await new HubCalls(engine).answer(call(1, 'UpdateItem', count), a, visitor);
    expect(decodeOutput(Output)).toMatchObject({ name: 'AccessDeniedException' });
    await engine.close();
  });

  test('is carried out once by a hub that was killed before it could answer', async () => {
    const data = mkdtempSync(join(tmpdir(), 'tidetable-'));
    const counts: unknown[] = [];
    try {
      for (let life = 0; life < 3; life += 1) {
        const engine = await openNodeDatabase({ data });
        if (life === 0) {
          await engine.call({
            operation: 'CreateTable',
            input: notes,
            form: 'plain',
            caller: owner,
          });
        }
        const hub = await openHub(engine);
        if (life === 0) await greet(hub, a);
        else (await hub.listen(() => undefined))();
        const calls = new HubCalls(engine);
        const { Output } = await calls.answer(call(1, 'UpdateItem', count), a);
        counts.push(counted(Output));
        // What its own first try has made is no reason to refuse it.
        const isFirst = { ...first, Item: { id: 'free' } };
        counts.push((await calls.answer(call(2, 'PutItem', isFirst), a)).IsRefused);
        await engine.close();
      }
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
    expect(counts).toEqual(['1', false, '1', false, '1', false]);
  });

  test('is not carried out when it is older than what is remembered', async () => {
    const { engine } = await openedHub();
    const calls = new HubCalls(engine);
    for (const ms of [Ms - 2 * hubCallKeptMs, Ms + 2 * hubCallKeptMs]) {
      const late = calls.answer({ ...call(1, 'UpdateItem', count), Ms: ms }, a);
      await expect(late).rejects.toThrow('too old');
    }
    const { Output } = await calls.answer(call(1, 'UpdateItem', count), a);
    expect(counted(Output)).toBe('1');
    await engine.close();
  });

  test('that failed in the hub itself is nobody’s refusal', async () => {
    const engine = fakeEngine(() => {
      throw new Error('no store');
    });
    const calls = new HubCalls(engine);
    await expect(calls.answer(call(9, 'PutItem', {}), a)).rejects.toThrow('no store');
  });

  test('that only reads is carried out each time', async () => {
    const { engine } = await openedHub();
    const calls = new HubCalls(engine);
    const all = { Statement: 'SELECT * FROM Notes' };
    const seen: unknown[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { Output } = await calls.answer(call(5, 'ExecuteStatement', all), a);
      seen.push((decodeOutput(Output) as { readonly Items: readonly object[] }).Items.length);
      await calls.answer(call(6, 'UpdateItem', count), a);
    }
    expect(seen).toEqual([0, 1]);
    await engine.close();
  });
});
