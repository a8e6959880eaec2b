import { conflictsTable } from '../../../src/replica/conflict.ts';
import { expect, test } from 'vitest';
import { internal, Pair, putText } from '../../support/replica-pair.ts';
import { openRig } from '../../support/engine.ts';
import { replicaOperations } from '../../../src/operation/replica/rows.ts';

test('a database says what it is, and how far', async () => {
  const rig = await openRig({ operations: replicaOperations });
  expect(await internal(rig, 'DescribeReplica')).toEqual({ Role: 'none' });
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'one');
  await putText(a, 'l', 'two');
  expect(await internal(a, 'DescribeReplica')).toMatchObject({
    ...{ Role: 'device', Pending: 2, NextSeq: 3, Cursor: 0, Quarantined: 0, Principal: '' },
  });
  pair.refusals = () => 'AccessDenied';
  await pair.sync(a);
  expect(await internal(a, 'DescribeReplica')).toMatchObject({ Pending: 0, Quarantined: 2 });
  const before = await internal(pair.hub, 'DescribeReplica');
  await putText(pair.hub, 'm', 'three');
  const { Role, Place } = await internal(pair.hub, 'DescribeReplica');
  expect([Role, Number(Place) > Number(before['Place'])]).toEqual(['hub', true]);
});

test('tables that take part are listed by both their names', async () => {
  const pair = await Pair.open();
  const log = { TableName: conflictsTable, Global: conflictsTable };
  const Tables = [{ TableName: 'Things', Global: pair.global }, log];
  expect(await internal(pair.hub, 'ListReplicated')).toEqual({
    Tables,
    Former: [pair.global, conflictsTable].sort(),
  });
});
