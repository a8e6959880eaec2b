/** A device whose principal may see more, or less, than before (shared/SYNC-scenarios.md). */
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import { readPolicy } from '../../../src/access/policy.ts';
import { scopeOf } from '../../../src/operation/access/scope.ts';
import type { ScopeOf } from '../../../src/operation/request.ts';
import { readLink } from '../../../src/replica/link.ts';
import type { Page } from '../../../src/replica/message.ts';
import { decodeQuarantined } from '../../../src/replica/quarantine.ts';
import { readScope } from '../../../src/replica/scope.ts';
import { ask, find, indexInput, type Output, refusal, type Rig } from '../../support/engine.ts';
import { entriesOf, Stored } from '../../support/replica.ts';
import {
  edit,
  internal,
  keyOf,
  Pair,
  putText,
  remove,
  textAt,
  transact,
} from '../../support/replica-pair.ts';

const user = 'arn:aws:iam::000000000000:user/ada';

/** Reads and writes these partition keys; `put` alone where it says so. */
function only(keys: readonly string[], put: readonly string[] = keys): ScopeOf {
  const allow = (Action: string | readonly string[], values: readonly string[]): object => ({
    Effect: 'Allow',
    Action,
    Resource: '*',
    Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': values } },
  });
  const none = ['nobody has it'];
  const Statement = [
    allow(['dynamodb:Query', 'dynamodb:GetItem'], keys.length > 0 ? keys : none),
    allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], put.length > 0 ? put : none),
  ];
  const policies = [readPolicy({ Version: '2012-10-17', Statement }, 'p')];
  return (context) => scopeOf({ arn: user, policies, variables: new Map() }, context);
}

const storedOf = (rig: Rig): Promise<Stored> => Stored.of(rig.store.disk);
const denied = (action: string): string =>
  `User: ${user} is not authorized to perform: dynamodb:${action} on resource: ` +
  'arn:aws:dynamodb:local:000000000000:table/Things ' +
  `because no identity-based policy allows the dynamodb:${action} action`;

async function scoped(...keys: readonly string[]): Promise<{ pair: Pair; a: Rig }> {
  const pair = await Pair.open();
  for (const p of ['x', 'y', 'z']) await putText(pair.hub, p, `secret-${p}`);
  pair.scopes = () => only(keys);
  const a = await pair.device();
  await pair.sync(a);
  return { pair, a };
}

async function quarantined(rig: Rig): Promise<readonly (readonly [string, number])[]> {
  const stored = await storedOf(rig);
  return stored.book(8).map(([, value]) => {
    const { code, entry } = decodeQuarantined(value);
    return [code, entry.seq];
  });
}

describe('a device in a scope', () => {
  test('is given what is in it, and nothing else', async () => {
    const { pair, a } = await scoped('x', 'y');
    expect((await storedOf(a)).versions()).toHaveLength(2);
    expect(await textAt(a, 'x')).toBe('secret-x');
    const given = pair.said.flatMap((one) => {
      if (one.kind === 'page') return [one.Changes];
      return one.kind === 'chunk' ? [one.Items] : [];
    });
    expect(given.length).toBeGreaterThan(0);
    const all = Buffer.concat(given).toString('latin1');
    expect(all).toContain('secret-y');
    expect(all).not.toContain('secret-z');
    await putText(pair.hub, 'z', 'secret-again');
    await putText(pair.hub, 'y', 'more');
    await pair.sync(a);
    expect(await textAt(a, 'y')).toBe('more');
    expect((await storedOf(a)).versions()).toHaveLength(2);
    const { reader, self } = await storedOf(pair.hub);
    const last = Math.max(...(await storedOf(pair.hub)).versions().map(({ place = 0 }) => place));
    const own = await storedOf(a);
    expect(readLink(own.reader, own.self.book).link.cursor).toBe(last);
    expect(reader.get(self.book, Uint8Array.of(0))).toBeDefined();
  });

  test('has of a transaction the items that it may see', async () => {
    const { pair, a } = await scoped('x', 'y');
    await transact(pair.hub, ['x', 'z', 'y'], 'all');
    await pair.sync(a);
    expect([await textAt(a, 'x'), await textAt(a, 'y')]).toEqual(['all', 'all']);
    expect((await storedOf(a)).versions()).toHaveLength(2);
  });

  test('U24: refuses a call on a key outside at once, with the words of IAM', async () => {
    const { pair, a } = await scoped('x');
    const Item = { p: { S: 'z' } };
    const TableName = 'Things';
    const calls: readonly (readonly [string, object, string])[] = [
      ['GetItem', keyOf('z'), 'GetItem'],
      ['PutItem', { TableName, Item }, 'PutItem'],
      ['UpdateItem', { ...keyOf('z'), UpdateExpression: 'REMOVE v' }, 'UpdateItem'],
      ['DeleteItem', keyOf('z'), 'DeleteItem'],
      ['BatchGetItem', { RequestItems: { Things: { Keys: [Item] } } }, 'BatchGetItem'],
      [
        'BatchWriteItem',
        { RequestItems: { Things: [{ PutRequest: { Item } }] } },
        'BatchWriteItem',
      ],
      ['TransactGetItems', { TransactItems: [{ Get: keyOf('z') }] }, 'GetItem'],
      ['TransactWriteItems', { TransactItems: [{ Put: { TableName, Item } }] }, 'PutItem'],
    ];
    for (const [operation, input, action] of calls) {
      expect(await refusal(ask(a, operation, input)), operation).toBe(
        `AccessDeniedException ${denied(action)}`,
      );
    }
    expect((await ask(a, 'Scan', { TableName }))['Count']).toBe(1);
    await putText(a, 'x', 'allowed');
    await pair.sync(a);
    expect(await textAt(pair.hub, 'x')).toBe('allowed');
    expect((await storedOf(a)).book(8)).toHaveLength(0);
  });

  test('writes what it may not read, where it may', async () => {
    const { pair, a } = await scoped('x');
    pair.scopes = () => only(['x'], ['x', 'inbox']);
    await pair.sync(a);
    await putText(a, 'inbox', 'hello');
    await pair.sync(a);
    expect(await textAt(pair.hub, 'inbox')).toBe('hello');
    expect(await refusal(find(a, 'inbox'))).toContain(denied('GetItem'));
  });
});

describe('a scope that changes', () => {
  test('gives what was gained, although it lies before the cursor', async () => {
    const { pair, a } = await scoped('x');
    pair.scopes = () => only(['x', 'z']);
    await pair.sync(a);
    expect(await textAt(a, 'z')).toBe('secret-z');
    expect((await storedOf(a)).versions()).toHaveLength(2);
  });

  test('takes what was lost: edits go to quarantine, the rest is gone', async () => {
    const { pair, a } = await scoped('x', 'y', 'z');
    await edit(a, 'z', 'mine');
    await edit(a, 'x', 'kept');
    pair.scopes = () => only(['x', 'y']);
    await pair.sync(a);
    expect(await quarantined(a)).toEqual([['ScopeLost', 1]]);
    const stored = await storedOf(a);
    expect(stored.versions()).toHaveLength(2);
    expect([stored.entries().length, stored.book(3).length, stored.book(4).length]).toEqual([
      0, 0, 0,
    ]);
    expect(await textAt(pair.hub, 'z')).toBe('secret-z');
    expect(await textAt(pair.hub, 'x')).toBe('kept');
  });

  test('withdraws a transaction whole, with what was made on it', async () => {
    const { pair, a } = await scoped('x', 'y', 'z');
    await transact(a, ['y', 'z'], 'both');
    await edit(a, 'y', 'on it');
    await putText(a, 'x', 'apart');
    pair.scopes = () => only(['x', 'y']);
    await pair.sync(a);
    expect(await quarantined(a)).toEqual([
      ['ScopeLost', 1],
      ['DependsOnRefused', 2],
    ]);
    expect(await textAt(a, 'y')).toBe('secret-y');
    expect(await textAt(pair.hub, 'y')).toBe('secret-y');
    expect(await textAt(pair.hub, 'x')).toBe('apart');
  });

  test('withdraws what may be read still, and not written', async () => {
    const { pair, a } = await scoped('x', 'y');
    await remove(a, 'y');
    pair.scopes = () => only(['x', 'y'], ['x']);
    await pair.sync(a);
    expect(await quarantined(a)).toEqual([['ScopeLost', 1]]);
    expect(await textAt(a, 'y')).toBe('secret-y');
  });

  test('U21: comes back, and what is there then is the hub’s', async () => {
    const { pair, a } = await scoped('x', 'z');
    pair.scopes = () => only(['x']);
    await pair.sync(a);
    await putText(pair.hub, 'z', 'newer');
    await pair.sync(a);
    pair.scopes = () => only(['x', 'z']);
    await pair.sync(a);
    expect(await textAt(a, 'z')).toBe('newer');
    expect((await storedOf(a)).versions()).toHaveLength(2);
  });

  test('K2: a page that was read before it, and comes after, is not taken', async () => {
    const { pair, a } = await scoped('x', 'z');
    await putText(pair.hub, 'z', 'late');
    const { ReplicaId, Epoch, Cursor } = await internal(a, 'ReadLink');
    const at = { Epoch: String(Epoch), Cursor: Number(Cursor), Reach: 0 };
    const pull = { kind: 'pull', number: 9, ...at } as const;
    const { kind: _, number: __, ...page } = (await pair.tell(pull, String(ReplicaId))) as Page;
    const { ScopeHash } = page;
    pair.scopes = () => only(['x']);
    const { Scope } = (await internal(pair.hub, 'GreetReplica', await internal(a, 'ReadLink'), {
      scope: only(['x']),
    })) as { readonly Scope?: Uint8Array };
    const taken = await internal(a, 'TakeScope', { Asked: ScopeHash, Scope });
    expect(taken).toMatchObject({ IsTaken: true, Purged: 1, Gained: 0 });
    const input = { ...page, Epoch, Asked: Cursor };
    expect(await internal(a, 'TakePage', input)).toEqual({ IsTaken: false, IsOfScope: false });
    expect((await storedOf(a)).versions()).toHaveLength(1);
    // Nor is a scope that answers a hello of before.
    expect(await internal(a, 'TakeScope', { Asked: ScopeHash, Scope })).toEqual({ IsTaken: false });
    expect((await pair.sync(a)).phase).toBe('live');
  });

  test('is taken before anything is pushed, and asked for anew when a page is of another', async () => {
    const { pair, a } = await scoped('x', 'z');
    await edit(a, 'z', 'never sent');
    pair.said.length = 0;
    pair.scopes = () => only(['x']);
    await pair.sync(a);
    const pushed = pair.said.flatMap((one) => (one.kind === 'push' ? one.Entries : []));
    expect(Buffer.concat(pushed).toString('latin1')).not.toContain('never sent');
    let asked = 0;
    pair.scopes = () => {
      asked += 1;
      return asked < 2 ? only(['x']) : only(['x', 'y']);
    };
    await putText(pair.hub, 'y', 'seen at last');
    await pair.sync(a);
    expect(await textAt(a, 'y')).toBe('seen at last');
  });

  test('U22: ranges that are still in it go on loading, the others stop and are purged', async () => {
    const pair = await Pair.open();
    const names = ['x', 'y', 'z'];
    for (const p of names) await putText(pair.hub, p, `secret-${p}`);
    const a = await pair.device();
    pair.scopes = () => only(names);
    await internal(a, 'TakeGreeting', {
      ...(await internal(pair.hub, 'GreetReplica', await internal(a, 'ReadLink'))),
      ...{ AskedEpoch: '', Asked: 0 },
    });
    const greeted = { scope: only(names) };
    const hello = await internal(a, 'ReadLink');
    const { Scope } = await internal(pair.hub, 'GreetReplica', hello, greeted);
    await internal(a, 'TakeScope', { Asked: hello['ScopeHash'], Scope });
    // One of its three ranges is here, and the next on its way, when the policies change.
    const chunks: Output[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { ReplicaId, Epoch, Reach, Load } = await internal(a, 'PreparePush');
      const wish = { ReplicaId, Epoch, Reach, ...(Load as object) };
      chunks.push({ ...wish, ...(await internal(pair.hub, 'ReadSnapshot', wish, greeted)) });
      if (n === 0)
        expect(await internal(a, 'TakeChunk', chunks[0])).toMatchObject({ IsTaken: true });
    }
    const here = await Promise.all(names.map((p) => textAt(a, p)));
    const lost = names.find((_, at) => here[at] !== undefined) as string;
    const kept = names.filter((p) => p !== lost);
    pair.scopes = () => only(kept);
    pair.said.length = 0;
    await pair.sync(a);
    expect(await internal(a, 'TakeChunk', chunks[1])).toMatchObject({ IsTaken: false });
    expect((await storedOf(a)).versions()).toHaveLength(2);
    for (const p of kept) expect(await textAt(a, p)).toBe(`secret-${p}`);
    // What is in scope was loaded by chunks, and not by the feed from its beginning.
    const loaded = pair.said.filter((one) => one.kind === 'chunk' && one.Count > 0);
    expect(loaded).toHaveLength(2);
  });

  test('ends: without policies everything is there again', async () => {
    const { pair, a } = await scoped('x');
    pair.scopes = () => undefined;
    await pair.sync(a);
    expect(await textAt(a, 'z')).toBe('secret-z');
    const { reader, self, table } = await storedOf(a);
    expect(readScope(reader, self.book).scope).toBeUndefined();
    expect(table.replica?.scope).toBeUndefined();
  });
});

describe('K3: what was lost is unreadable', () => {
  test('in items, indexes, streams, versions, bases, outbox, log and pages', async () => {
    const { pair, a } = await scoped('x', 'z');
    await ask(a, 'UpdateTable', indexInput);
    await a.engine.idle();
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
    await ask(a, 'UpdateTable', { TableName: 'Things', StreamSpecification });
    const put = {
      TableName: 'Things',
      Item: { p: { S: 'z' }, g: { S: 'secret-g' }, v: { S: 'secret-new' } },
    };
    await ask(pair.hub, 'PutItem', put);
    await pair.sync(a);
    await edit(a, 'z', 'mine-of-z');
    await edit(a, 'x', 'mine-of-x');
    pair.scopes = () => only(['x']);
    await pair.sync(a);
    const stored = await storedOf(a);
    const { table, self, reader } = stored;
    const trees = [
      table.tree,
      table.replica?.versions ?? 0,
      ...table.indexes.map(({ tree }) => tree),
      ...(table.stream?.shards.map(({ tree }) => tree) ?? []),
    ];
    expect(table.indexes.length).toBeGreaterThan(0);
    const bytes = (tree: number): string =>
      Buffer.concat(entriesOf(reader, tree).flat()).toString('latin1');
    for (const tree of trees) {
      expect(bytes(tree)).not.toMatch(/secret-(z|new|g)|mine-of-z/);
      expect(bytes(tree)).not.toContain(Buffer.from(utf8('z\0\u0001')).toString('latin1'));
    }
    // What the user wrote is kept for the user, in quarantine alone.
    const book = entriesOf(reader, self.book).filter(([key]) => key[0] !== 8);
    expect(Buffer.concat(book.flat()).toString('latin1')).not.toMatch(/secret|mine-of-z/);
    const shard = await ask(a, 'DescribeStream', {
      StreamArn: `${table.arn}/stream/${table.stream?.label}`,
    });
    const { Shards } = shard['StreamDescription'] as { Shards: { ShardId: string }[] };
    const { ShardIterator } = await ask(a, 'GetShardIterator', {
      StreamArn: `${table.arn}/stream/${table.stream?.label}`,
      ShardId: Shards[0]?.ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await ask(a, 'GetRecords', { ShardIterator });
    const keys = (Records as { dynamodb: { Keys: ReadonlyMap<string, { value: unknown }> } }[]).map(
      ({ dynamodb }) => dynamodb.Keys.get('p')?.value,
    );
    expect(keys).toEqual(['x']);
    await a.engine.checkpoint();
    await a.engine.compact();
    const held = [
      ...a.store.disk.spaces.log.scan({ space: 'log', from: 0, to: Number.MAX_SAFE_INTEGER }),
    ];
    const log = Buffer.concat(held.map(({ value }) => value)).toString('latin1');
    expect(log).not.toMatch(/secret-(z|new|g)/);
  });

  test('counters are those of what is left', async () => {
    const { pair, a } = await scoped('x', 'y', 'z');
    await edit(a, 'z', 'mine');
    pair.scopes = () => only(['y']);
    await pair.sync(a);
    const { reader, self, table } = await storedOf(a);
    for (const tree of [self.book, table.replica?.versions ?? 0, table.tree]) {
      const entries = entriesOf(reader, tree);
      expect(reader.counters(tree).entries, String(tree)).toBe(entries.length);
    }
  });
});
