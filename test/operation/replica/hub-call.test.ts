import { expect, test } from 'vitest';
import { calledWrites, requestOf } from '../../../src/operation/replica/hub-call.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { encodeInput } from '../../../src/replica/request.ts';
import { find } from '../../support/engine.ts';
import { internal, Pair, text, textAt } from '../../support/replica-pair.ts';

const Input = encodeInput({ TableName: 'Things', Item: { p: { S: 'k' }, ...text('v') } });
const asked = { Operation: 'PutItem', Form: 'json', Input } as const;

function helloOf(ReplicaId: string): object {
  const Epoch = '00'.repeat(16);
  return { ReplicaId, First: 1, Settled: 0, Epoch, Cursor: 0, Principal: 'ada' };
}

test('what a hub may be asked to write are operations on items', () => {
  expect([...calledWrites].filter((name) => findOperation(name)?.kind !== 'write')).toEqual([]);
  expect(requestOf(asked)).toEqual({ operation: 'PutItem', form: 'json', input: Input });
});

test('a call is written and remembered in one commit, and read back the next time', async () => {
  const pair = await Pair.open();
  const { hub, time } = pair;
  const ids = { ReplicaId: '01'.repeat(16), Id: '02'.repeat(16), Principal: 'ada' };
  const call = { ...ids, ...asked, Ms: time.wallMs };
  const unheard = internal(hub, 'CarryOutCall', call);
  await expect(unheard).rejects.toMatchObject({ name: 'ServiceUnavailable' });
  await internal(hub, 'GreetReplica', helloOf(ids.ReplicaId));
  const { Place: before } = await internal(hub, 'DescribeReplica');
  const output = await internal(hub, 'CarryOutCall', call);
  expect(output).toMatchObject({ IsRefused: false });
  const { Place: place } = await internal(hub, 'DescribeReplica');
  expect(Number(place)).toBeGreaterThan(Number(before));
  expect(await internal(hub, 'CarryOutCall', call)).toEqual(output);
  expect((await internal(hub, 'DescribeReplica'))['Place']).toBe(place);
  expect(await textAt(hub, 'k')).toBe('v');
  const device = await pair.device();
  await expect(internal(device, 'CarryOutCall', call)).rejects.toThrow('no hub');
});

test('a call that comes again under another account is refused, and not carried out twice', async () => {
  const pair = await Pair.open();
  const { hub, time } = pair;
  const ReplicaId = '01'.repeat(16);
  await internal(hub, 'GreetReplica', helloOf(ReplicaId));
  const Input = encodeInput({
    TableName: 'Things',
    Key: { p: { S: 'k' } },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  });
  const ids = { ReplicaId, Id: '02'.repeat(16), Ms: time.wallMs };
  const call = { ...ids, Operation: 'UpdateItem', Form: 'json', Input };
  await internal(hub, 'CarryOutCall', { ...call, Principal: 'ada' });
  const again = internal(hub, 'CarryOutCall', { ...call, Principal: 'bob' });
  await expect(again).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const item = await find(hub, 'k');
  expect(item?.get('n')).toEqual({ type: 'N', value: '1' });
});
