import { expect, test } from 'vitest';
import { calledWrites, requestOf } from '../../../src/operation/replica/hub-call.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { encodeInput } from '../../../src/replica/request.ts';
import { internal, Pair, text, textAt } from '../../support/replica-pair.ts';

const Input = encodeInput({ TableName: 'Things', Item: { p: { S: 'k' }, ...text('v') } });
const asked = { Operation: 'PutItem', Form: 'json', Input } as const;

test('what a hub may be asked to write are operations on items', () => {
  expect([...calledWrites].filter((name) => findOperation(name)?.kind !== 'write')).toEqual([]);
  expect(requestOf(asked)).toEqual({ operation: 'PutItem', form: 'json', input: Input });
});

test('a call is written and remembered in one commit, and read back the next time', async () => {
  const pair = await Pair.open();
  const { hub, time } = pair;
  const ids = { ReplicaId: '01'.repeat(16), Id: '02'.repeat(16), Principal: 'ada' };
  const call = { ...ids, ...asked, Ms: time.wallMs };
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
