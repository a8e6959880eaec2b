/** A hub is asked to carry something out, by messages as they come from a network. */
import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { hubCallBytesMax } from '../../src/base/replica-limits.ts';
import type { HubCall } from '../../src/replica/message.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { decodeOutput } from '../../src/replica/request-input.ts';
import { HubCalls } from '../../src/sync/hub-calls.ts';
import type { HubVisitor } from '../../src/sync/tables.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { openNearHub } from '../support/hubs.ts';

const count = {
  TableName: 'Notes',
  Key: { id: 'count' },
  UpdateExpression: 'ADD n :one',
  ExpressionAttributeValues: { ':one': 1 },
  ReturnValues: 'ALL_NEW',
};

function call(Id: number, Operation: string, input: object): HubCall {
  const id = Id.toString(16).padStart(32, '0');
  return { kind: 'call', number: 3, Id: id, Operation, Form: 'plain', Input: encodeInput(input) };
}

function counted(output: Uint8Array): unknown {
  const { Attributes } = decodeOutput(output) as {
    readonly Attributes: { item?(): ReadonlyMap<string, { readonly value: unknown }> };
  };
  const item = Attributes.item?.() ?? (Attributes as ReadonlyMap<string, { value: unknown }>);
  return item.get('n')?.value;
}

describe('a call to the hub', () => {
  test('is carried out once, however often its message comes', async () => {
    const { engine } = await openNearHub();
    const calls = new HubCalls(engine);
    const both = [1, 2].map(() => calls.answer(call(1, 'UpdateItem', count), 'a'));
    const [first, second] = await Promise.all(both);
    const again = await calls.answer(call(1, 'UpdateItem', count), 'a');
    expect([first, second, again].map((one) => counted(one?.Output as Uint8Array))).toEqual(
      Array(3).fill('1'),
    );
    expect(first).toMatchObject({ kind: 'answer', number: 3, IsRefused: false });
    // Another call, and one of another speaker under the same id.
    await calls.answer(call(2, 'UpdateItem', count), 'a');
    const other = await calls.answer(call(1, 'UpdateItem', count), 'b');
    expect(counted(other.Output)).toBe('3');
    await engine.close();
  });

  test('is refused as DynamoDB refuses it, with what the error says besides', async () => {
    const { engine } = await openNearHub();
    const calls = new HubCalls(engine);
    await calls.answer(call(1, 'UpdateItem', count), 'a');
    const condition = {
      TableName: 'Notes',
      Item: { id: 'count' },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    const { IsRefused, Output } = await calls.answer(call(2, 'PutItem', condition), 'a');
    const said = decodeOutput(Output) as { members: { Item: ReadonlyMap<string, object> } };
    expect([IsRefused, said]).toMatchObject([true, { name: 'ConditionalCheckFailedException' }]);
    expect(said.members.Item).toBeDefined();
    for (const [Operation, name] of [
      ['CreateTable', 'UnknownOperationException'],
      ['TakeEntry', 'UnknownOperationException'],
    ] as const) {
      const refused = await calls.answer(call(3, Operation, {}), Operation);
      expect(decodeOutput(refused.Output)).toMatchObject({ name });
    }
    const broken = { ...call(4, 'PutItem', {}), Input: new Uint8Array([99]) };
    const { Output: text } = await calls.answer(broken, 'a');
    expect(decodeOutput(text)).toMatchObject({ name: 'SerializationException' });
    await engine.close();
  });

  test('is judged by the caller’s own policies', async () => {
    const { engine } = await openNearHub();
    const visitor = {
      caller: { kind: 'user', principal: 'ada' },
      judge: (operation: string) => {
        throw new DynamoError('AccessDeniedException', operation);
      },
    } as unknown as HubVisitor;
    const { Output } = await new HubCalls(engine).answer(
      call(1, 'UpdateItem', count),
      'a',
      visitor,
    );
    expect(decodeOutput(Output)).toMatchObject({ name: 'AccessDeniedException' });
    await engine.close();
  });

  test('is remembered within a bound of bytes; what failed is not', async () => {
    let carried = 0;
    let isBroken = false;
    const engine = fakeEngine(({ operation }) => {
      if (isBroken) throw new Error('no store');
      if (operation === 'PutItem') carried += 1;
      return { Place: 1, old: new Uint8Array(Math.floor(hubCallBytesMax / 4) + 1) };
    });
    const calls = new HubCalls(engine);
    for (const id of [1, 2, 3, 4]) await calls.answer(call(id, 'PutItem', {}), 'a');
    await calls.answer(call(4, 'PutItem', {}), 'a');
    expect(carried).toBe(4);
    await calls.answer(call(1, 'PutItem', {}), 'a');
    expect(carried).toBe(5);
    isBroken = true;
    await expect(calls.answer(call(9, 'PutItem', {}), 'a')).rejects.toThrow('no store');
    isBroken = false;
    await calls.answer(call(9, 'PutItem', {}), 'a');
    expect(carried).toBe(6);
  });
});
