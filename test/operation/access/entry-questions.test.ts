import { expect, test } from 'vitest';
import { readAccess } from '../../../src/host/access/config.ts';
import { judgeOf } from '../../../src/operation/access/judge.ts';
import { internal, Pair, putText, remove } from '../../support/replica-pair.ts';
import { engineCaller } from '../../support/replica.ts';

const policies = (Statement: object): Parameters<typeof judgeOf>[0]['policies'] => {
  const file = {
    policies: { own: { Version: '2012-10-17', Statement } },
    keys: [{ accessKeyId: 'A', secretAccessKey: 'a secret that is long', policies: 'own' }],
  };
  return readAccess(file, '.', {}).keys.get('A')?.policies ?? [];
};

test('an entry is judged item by item, as the same writes would be', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(pair.hub, 'ada', 'there');
  await pair.sync(a);
  await putText(a, 'ada', 'own');
  await putText(a, 'bob', 'another’s');
  await remove(a, 'ada');
  const Statement = {
    Effect: 'Allow',
    Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
    Resource: 'arn:aws:dynamodb:*:*:table/Things',
    Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['ada'] } },
  };
  const judgeBy = (statement: object) =>
    judgeOf({ arn: 'ada', policies: policies(statement), variables: new Map() });
  const may = async (Entry: Uint8Array, statement: object): Promise<boolean> => {
    const call = { operation: 'JudgeEntry', input: { Entry }, form: 'plain' } as const;
    const request = { ...call, caller: engineCaller, judge: judgeBy(statement) };
    return pair.hub.engine.call(request).then(
      () => true,
      () => false,
    );
  };
  const entries = await pair.prepared(a);
  const judged = (statement: object): Promise<readonly boolean[]> =>
    Promise.all(entries.map((one) => may(one, statement)));
  expect(await judged(Statement)).toEqual([true, false, true]);
  expect(await judged({ ...Statement, Action: 'dynamodb:PutItem' })).toEqual([true, false, false]);
  expect(await judged({ ...Statement, Resource: '*', Action: 'dynamodb:Get*' })).toEqual([
    false,
    false,
    false,
  ]);
  await internal(pair.hub, 'ListReplicated');
});
