/** L17: five minutes of a wrong policy are not every user's business. */
import { describe, expect, test } from 'vitest';
import { readPolicy } from '../../../src/access/policy.ts';
import { scopeOf } from '../../../src/operation/access/scope.ts';
import type { ScopeOf } from '../../../src/operation/request.ts';
import { againKey } from '../../../src/replica/again.ts';
import { decodeQuarantined } from '../../../src/replica/quarantine.ts';
import { ask, makeTable, openRig, type Rig, TestTime } from '../../support/engine.ts';
import { copyOf, engineCaller, Stored } from '../../support/replica.ts';
import {
  edit,
  internal,
  Pair,
  putText,
  remove,
  textAt,
  transact,
} from '../../support/replica-pair.ts';

function allowing(reads: readonly string[], writes: readonly string[] = reads): ScopeOf {
  const allow = (Action: readonly string[], keys: readonly string[]): object => {
    const LeadingKeys = { 'dynamodb:LeadingKeys': [...keys, 'nobody'] };
    const Condition = { 'ForAllValues:StringEquals': LeadingKeys };
    return { Effect: 'Allow', Action, Resource: '*', Condition };
  };
  const Statement = [
    allow(['dynamodb:Query'], reads),
    allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], writes),
  ];
  const policies = [readPolicy({ Version: '2012-10-17', Statement }, 'p')];
  return (context) => scopeOf({ arn: 'ada', policies, variables: new Map() }, context);
}

const right = allowing(['x', 'y', 'z']);

async function world(): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  for (const p of ['x', 'y']) await putText(pair.hub, p, 'first');
  pair.scopes = () => right;
  const a = await pair.device();
  await pair.sync(a);
  return { pair, a };
}

/** For a while the policies are wrong; meanwhile the device is in touch. */
async function wrongly(pair: Pair, a: Rig, wrong: ScopeOf, meanwhile?: () => Promise<unknown>) {
  pair.scopes = () => wrong;
  pair.refusals = () => 'AccessDenied';
  await pair.sync(a);
  const { length } = (await Stored.of(a.store.disk)).book(8);
  await meanwhile?.();
  pair.refusals = () => undefined;
  pair.scopes = () => right;
  await pair.sync(a);
  return length;
}

async function left(a: Rig): Promise<readonly string[]> {
  const stored = await Stored.of(a.store.disk);
  expect(stored.reader.get(stored.self.book, againKey)).toBeUndefined();
  expect(stored.entries()).toEqual([]);
  return stored.book(8).map(([, bytes]) => decodeQuarantined(bytes).code);
}

describe('L17: edits refused by a wrong policy', () => {
  test('are offered once more, in their order, by themselves', async () => {
    const { pair, a } = await world();
    await edit(a, 'x', 'second');
    await edit(a, 'x', 'third');
    await transact(a, ['y', 'z'], 'both');
    expect(await wrongly(pair, a, allowing(['x', 'y', 'z'], []))).toBe(3);
    expect(await left(a)).toEqual([]);
    for (const rig of [a, pair.hub]) {
      expect(await textAt(rig, 'x')).toBe('third');
      expect([await textAt(rig, 'y'), await textAt(rig, 'z')]).toEqual(['both', 'both']);
    }
  });

  test('also where what they are about was taken and came back', async () => {
    const { pair, a } = await world();
    await edit(a, 'x', 'second');
    await remove(a, 'y');
    expect(await wrongly(pair, a, allowing(['z']))).toBe(2);
    expect(await left(a)).toEqual([]);
    expect(await textAt(pair.hub, 'x')).toBe('second');
    expect(await textAt(pair.hub, 'y')).toBeUndefined();
  });

  test('not where the item is another by now: that is for the user', async () => {
    const { pair, a } = await world();
    await edit(a, 'x', 'second');
    await putText(a, 'z', 'new');
    const others = (): Promise<unknown> =>
      Promise.all([putText(pair.hub, 'x', 'of another'), putText(pair.hub, 'z', 'of another')]);
    expect(await wrongly(pair, a, allowing(['y']), others)).toBe(2);
    expect(await left(a)).toEqual(['ScopeLost', 'ScopeLost']);
    expect(await textAt(a, 'x')).toBe('of another');
    expect(await textAt(pair.hub, 'z')).toBe('of another');
  });

  test('not where they are not allowed yet, nor what was refused for another reason', async () => {
    const { pair, a } = await world();
    await edit(a, 'x', 'second');
    await edit(a, 'y', 'second');
    pair.refusals = () => 'Malformed';
    await pair.sync(a);
    await edit(a, 'x', 'third');
    pair.scopes = () => allowing(['x', 'y'], ['y']);
    await pair.sync(a);
    pair.refusals = () => undefined;
    pair.scopes = () => allowing(['x', 'y'], ['y', 'z']);
    await pair.sync(a);
    expect(await left(a)).toEqual(['Malformed', 'Malformed', 'ScopeLost']);
  });

  test.each([
    ['is free is still on that condition', ['x'], ['KeyTaken']],
    ['of each is free, as a transaction, too', ['x', 'y'], ['Changed']],
  ])('one on condition that the key %s', async (_, keys, codes) => {
    const pair = await Pair.open();
    const time = new TestTime();
    const a = await openRig({ time });
    await makeTable(a);
    for (const p of keys) await putText(a, p, 'older');
    await ask(a, 'OpenReplica', { Role: 'device' }, { caller: engineCaller });
    const named = { TableName: 'Things', Global: pair.global };
    await ask(a, 'ReplicateTable', named, { caller: engineCaller });
    if (keys.length > 1) await transact(a, keys, 'both');
    await a.engine.idle();
    pair.refusals = () => 'AccessDenied';
    await pair.sync(a);
    pair.refusals = () => undefined;
    await putText(pair.hub, 'x', 'of another');
    for (const one of [time, pair.time]) one.pass(1000);
    await internal(a, 'OfferAgain', { After: 0, Offered: [] });
    await pair.sync(a);
    expect(await left(a)).toEqual(codes);
    for (const rig of [a, pair.hub]) expect(await textAt(rig, 'x')).toBe('of another');
  });

  test('no row that was offered to a hub that was set back: it may be deleted by now', async () => {
    const pair = await Pair.open();
    pair.scopes = () => right;
    const [a, b] = [await pair.device(), await pair.device()];
    await pair.hub.engine.barrier();
    const disk = copyOf(pair.hub.store.disk);
    await putText(a, 'x', 'first');
    for (const one of [a, b]) await pair.sync(one);
    const hub = await openRig({ disk, time: pair.time });
    await internal(hub, 'StartHub');
    const now = new Pair(hub, pair.time, pair.global);
    now.scopes = () => right;
    now.refusals = () => 'AccessDenied';
    await now.sync(a);
    now.refusals = () => undefined;
    await now.sync(b);
    expect(await textAt(hub, 'x')).toBe('first');
    expect(await wrongly(now, a, allowing(['y']), () => remove(hub, 'x'))).toBe(1);
    expect(await left(a)).toEqual(['AccessDenied']);
    for (const rig of [a, hub]) expect(await textAt(rig, 'x')).toBeUndefined();
  });

  test('although the connection was lost before all was here', async () => {
    const { pair, a } = await world();
    await edit(a, 'x', 'second');
    pair.scopes = () => allowing(['y']);
    await pair.sync(a);
    const { Scope } = (await internal(pair.hub, 'GreetReplica', await internal(a, 'ReadLink'), {
      scope: right,
    })) as { readonly Scope: Uint8Array };
    const { ScopeHash: Asked } = await internal(a, 'ReadLink');
    pair.scopes = () => right;
    expect(await internal(a, 'TakeScope', { Asked, Scope })).toMatchObject({ IsTaken: true });
    await pair.sync(a);
    expect(await left(a)).toEqual([]);
    expect(await textAt(pair.hub, 'x')).toBe('second');
  });
});
