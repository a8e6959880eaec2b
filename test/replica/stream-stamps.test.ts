/**
 * U15: what our own API tells of a replicated table's records besides: whether the change was made
 * here, and the stamp of the version that it left (docs/adr/0018).
 */
import { describe, expect, test } from 'vitest';
import type { Outcomes } from '../../src/replica/message.ts';
import type { StreamRecord } from '../../src/stream/record.ts';
import { ask, makeTable, openRig, type Output, type Rig } from '../support/engine.ts';
import { engineCaller, entriesOf, Stored } from '../support/replica.ts';
import { must } from '../../src/base/assert.ts';
import { encodeChanges } from '../../src/replica/page.ts';
import { edit, internal, Pair, putText, remove, transact } from '../support/replica-pair.ts';
import { type AskStream, readStream } from '../support/streams.ts';
import { sell, stock, stocked } from '../support/sales.ts';
import { hexOf } from '../../src/base/bytes.ts';

const views = ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'] as const;

async function listen(
  rig: Rig,
  StreamViewType: (typeof views)[number] = 'NEW_AND_OLD_IMAGES',
): Promise<void> {
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  await ask(rig, 'UpdateTable', { TableName: 'Things', StreamSpecification });
}

async function world(view = views[0] as (typeof views)[number]): Promise<{
  pair: Pair;
  hub: Rig;
  a: Rig;
  b: Rig;
}> {
  const pair = await Pair.open();
  const [a, b] = [await pair.device(), await pair.device()];
  for (const one of [a, b]) await pair.sync(one);
  for (const one of [pair.hub, a, b]) await listen(one, view);
  return { pair, hub: pair.hub, a, b };
}

async function recordsOf(
  rig: Rig,
  form: 'plain' | 'json' | 'wire' = 'plain',
): Promise<readonly StreamRecord[]> {
  const asked: AskStream = (operation, input) => ask(rig, operation, input, { form });
  const { Table } = await ask(rig, 'DescribeTable', { TableName: 'Things' });
  const { LatestStreamArn } = Table as { readonly LatestStreamArn: string };
  return (await readStream(asked, LatestStreamArn)) as readonly StreamRecord[];
}

/** `EVENT key origin replica`, and whether the stamp is the one that the version has now. */
async function told(rig: Rig): Promise<readonly string[]> {
  const stored = await Stored.of(rig.store.disk);
  const held = stored.versions().map(({ stamp }) => ({ ...stamp, replica: hexOf(stamp.replica) }));
  return (await recordsOf(rig)).map(({ eventName, dynamodb, origin, stamp }) => {
    const key = [...dynamodb.Keys.values()][0]?.value;
    const isHeld = held.some((one) => JSON.stringify(one) === JSON.stringify(stamp));
    return `${eventName} ${key} ${origin} ${stamp?.replica ?? 'nobody'}${isHeld ? ' held' : ''}`;
  });
}

async function idOf(rig: Rig): Promise<string> {
  return hexOf((await Stored.of(rig.store.disk)).self.id);
}

const heldBy = (lines: readonly string[], id: string): readonly string[] =>
  lines.map((line) => `${line} ${id} held`);

describe('U15: a record of a replicated table says', () => {
  test('that a device has made its own write, and when', async () => {
    const { a } = await world();
    await putText(a, 'x', 'mine');
    const [record] = await recordsOf(a);
    const [version] = (await Stored.of(a.store.disk)).versions();
    expect(record?.origin).toBe('here');
    expect(record?.stamp).toEqual({ ...version?.stamp, replica: await idOf(a) });
  });

  test('of what came by the feed, or in an entry, who wrote it elsewhere', async () => {
    const { pair, hub, a, b } = await world();
    await putText(a, 'x', 'of a');
    await transact(a, ['y', 'z'], 'of a');
    for (const one of [a, b]) await pair.sync(one);
    const lines = ['INSERT x', 'INSERT y', 'INSERT z'];
    const id = await idOf(a);
    const at = (where: string): readonly string[] =>
      heldBy(
        lines.map((line) => `${line} ${where}`),
        id,
      );
    expect(await told(a)).toEqual(at('here'));
    for (const one of [hub, b]) expect(await told(one)).toEqual(at('elsewhere'));
    const stamps = await Promise.all([hub, a, b].map(async (one) => await recordsOf(one)));
    for (const some of stamps) {
      expect(some.map(({ stamp }) => stamp)).toEqual(stamps[0]?.map(({ stamp }) => stamp));
    }
  });

  test.each(views)(
    'the same of a deletion, and of changes and their images, with %s',
    async (view) => {
      const { pair, hub, a, b } = await world(view);
      await putText(a, 'x', 'of a');
      await pair.sync(a);
      await pair.sync(b);
      await remove(b, 'x');
      await pair.sync(b);
      await pair.sync(a);
      const [one, other] = [await idOf(a), await idOf(b)];
      expect(await told(a)).toEqual([`INSERT x here ${one}`, `REMOVE x elsewhere ${other} held`]);
      expect(await told(b)).toEqual([`INSERT x elsewhere ${one}`, `REMOVE x here ${other} held`]);
      // Images are what they were.
      for (const rig of [hub, a, b]) {
        const [insert, gone] = (await recordsOf(rig)).map(({ dynamodb }) => dynamodb);
        const item = { p: { type: 'S', value: 'x' }, v: { type: 'S', value: 'of a' } };
        const image = (some: typeof insert, of: 'NewImage' | 'OldImage'): object | undefined =>
          some?.[of] && Object.fromEntries(some[of].item());
        expect(image(insert, 'NewImage')).toEqual(/NEW/.test(view) ? item : undefined);
        expect(image(gone, 'OldImage')).toEqual(/OLD/.test(view) ? item : undefined);
      }
    },
  );

  test('that a refusal was a change here, and whose version shows again', async () => {
    const { pair, hub, a, b } = await world();
    await putText(hub, 'x', 'old');
    for (const one of [a, b]) await pair.sync(one);
    await edit(a, 'x', 'mine');
    await putText(a, 'y', 'new');
    pair.refusals = () => 'AccessDenied';
    await pair.sync(a);
    const [own, hubs] = [await idOf(a), await idOf(hub)];
    expect(await told(a)).toEqual([
      `INSERT x elsewhere ${hubs} held`,
      `MODIFY x here ${own}`,
      `INSERT y here ${own}`,
      `MODIFY x here ${hubs} held`,
      // Nothing is known of it any more.
      'REMOVE y here nobody',
    ]);
  });

  test('that what was made here shows again, where that is what superseded a later edit', async () => {
    const { pair, a } = await world();
    await putText(a, 'x', 'one');
    await pair.sync(a);
    const stored = await Stored.of(a.store.disk);
    const { stamp } = must(stored.versions()[0], 'a version');
    const [key, image] = must(entriesOf(stored.reader, stored.table.tree)[0], 'an item');
    await edit(a, 'x', 'two');
    const ReplicaId = await idOf(a);
    await pair.prepared(a);
    const Changes = encodeChanges([{ table: pair.global, key, stamp, image }]);
    const outcome = { Seq: 2, Kind: 'superseded', Code: '', Ms: 1, Counter: 0, Changes };
    await internal(a, 'TakeOutcome', { ReplicaId, ...outcome });
    expect((await told(a)).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'INSERT x here',
      'MODIFY x here',
      'MODIFY x here',
    ]);
  });

  test('that what a refusal brings of others, over what others wrote, was made elsewhere', async () => {
    const { pair, hub, a } = await world();
    await putText(hub, 'x', 'old');
    await pair.sync(a);
    await edit(a, 'x', 'mine');
    pair.time.pass(5000);
    await putText(hub, 'x', 'first');
    const { Epoch, Cursor: Asked, Reach } = await internal(a, 'PreparePush');
    const page = await internal(hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach });
    await internal(a, 'TakePage', { ...page, Epoch, Asked });
    await putText(hub, 'x', 'second');
    pair.refusals = () => 'AccessDenied';
    const ReplicaId = await idOf(a);
    const Entries = await pair.prepared(a);
    const answer = await pair.tell({ kind: 'push', number: 1, Entries }, ReplicaId);
    const [outcome] = (answer as Outcomes).Outcomes;
    await internal(a, 'TakeOutcome', { ReplicaId, ...outcome });
    const hubs = await idOf(hub);
    expect((await told(a)).slice(1)).toEqual([
      `MODIFY x here ${ReplicaId}`,
      `MODIFY x elsewhere ${hubs}`,
      `MODIFY x elsewhere ${hubs} held`,
    ]);
  });

  test('that what the hub made of a request is a change of the device that asked', async () => {
    const { pair, a, b } = await stocked(5);
    for (const one of [pair.hub, a, b]) await listen(one);
    await sell(a);
    await pair.sync(a);
    await pair.sync(b);
    const id = await idOf(a);
    const places = (await Promise.all([a, b, pair.hub].map(told))).map((lines) => lines.at(-1));
    expect(places[1]).toBe(`MODIFY stock elsewhere ${id} held`);
    expect(places[2]).toBe(`MODIFY stock elsewhere ${id} held`);
    expect(places[0]).toMatch(`MODIFY stock here ${id}`);
  });

  test('that what the hub made of a guess is of here, over what others wrote too', async () => {
    const { pair, a } = await stocked(5);
    await sell(a);
    const write = (rig: Rig, n: number): Promise<object> =>
      ask(rig, 'PutItem', { TableName: 'Things', Item: stock(n) });
    await write(a, 7);
    pair.time.pass(5000);
    await write(pair.hub, 0);
    const { Epoch, Cursor: Asked, Reach } = await internal(a, 'PreparePush');
    const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked, Reach });
    await listen(a);
    await internal(a, 'TakePage', { ...page, Epoch, Asked });
    await pair.sync(a);
    const origins = (await recordsOf(a)).map(({ origin, dynamodb }) => {
      return [origin, dynamodb.NewImage?.item().get('n')?.value];
    });
    expect(origins[0]).toEqual(['elsewhere', expect.anything()]);
    expect(origins.slice(1).map(([origin]) => origin)).not.toContain('elsewhere');
    expect(String(origins.at(-1)?.[1])).toBe('7');
  });

  test('that nobody in particular has let an item expire', async () => {
    const { pair, hub, a } = await world();
    const TimeToLiveSpecification = { AttributeName: 'n', Enabled: true };
    await ask(hub, 'UpdateTimeToLive', { TableName: 'Things', TimeToLiveSpecification });
    const n = { N: String(Math.floor(pair.time.wallMs / 1000) - 10) };
    await ask(hub, 'PutItem', { TableName: 'Things', Item: { p: { S: 'x' }, n } });
    await ask(hub, 'ExpireItems', { Table: 'Things' }, { caller: { kind: 'ttl', principal: '' } });
    await pair.sync(a);
    const nobody = '00'.repeat(16);
    expect((await told(hub)).at(-1)).toBe(`REMOVE x here ${nobody} held`);
  });

  test('the same once the log was read anew, and once it is in pages', async () => {
    const { pair, a, b } = await world();
    await putText(a, 'x', 'of a');
    await pair.sync(a);
    await pair.sync(b);
    await remove(b, 'x');
    const before = await recordsOf(b);
    expect(before.every(({ stamp }) => stamp !== undefined)).toBe(true);
    const marks = (some: readonly StreamRecord[]): object[] =>
      some.map(({ origin, stamp }) => ({ origin, stamp }));
    await b.engine.close();
    const anew = await openRig({ disk: b.store.disk, time: pair.time });
    expect(marks(await recordsOf(anew))).toEqual(marks(before));
    await anew.engine.checkpoint();
    await anew.engine.close();
    const paged = await openRig({ disk: b.store.disk, time: pair.time });
    expect(marks(await recordsOf(paged))).toEqual(marks(before));
    expect(await paged.engine.scrub()).toMatchObject({ damagedPages: 0, counters: 0 });
  });
});

describe('U15: neither is told', () => {
  test.each(['json', 'wire'] as const)('in DynamoDB’s shape: %s', async (form) => {
    const { a } = await world();
    await putText(a, 'x', 'mine');
    const [record] = await recordsOf(a, form);
    expect(record?.eventName).toBe('INSERT');
    expect(record).not.toHaveProperty('origin');
    expect(record).not.toHaveProperty('stamp');
  });

  test('of a table that is not replicated, whose records have no byte of it', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await listen(rig);
    await putText(rig, 'x', 'v');
    const [record] = await recordsOf(rig);
    expect(record).not.toHaveProperty('origin');
    expect(record).not.toHaveProperty('stamp');
    expect(record?.dynamodb.NewImage?.stamp).toBeUndefined();
  });

  test('of what was recorded before the table was replicated', async () => {
    const rig = await openRig();
    await makeTable(rig);
    await listen(rig);
    await putText(rig, 'x', 'of before');
    await ask(rig, 'OpenReplica', { Role: 'hub' }, { caller: engineCaller });
    await ask(rig, 'ReplicateTable', { TableName: 'Things' }, { caller: engineCaller });
    await putText(rig, 'y', 'of after');
    const records = await recordsOf(rig);
    expect(records.map(({ origin }) => origin)).toEqual([undefined, 'here']);
    expect(records.map(({ stamp }) => stamp?.replica)).toEqual([undefined, await idOf(rig)]);
  });
});

describe('U15: a trigger is given', () => {
  async function given(rig: Rig, form: 'plain' | 'wire', pattern?: object): Promise<Output[]> {
    const more = { caller: engineCaller, form } as const;
    const Patterns = pattern && [JSON.stringify(pattern)];
    const Name = 'every';
    await internal(
      rig,
      'OpenTrigger',
      { Name, Table: 'Things', StartingPosition: 'TRIM_HORIZON', Patterns },
      more,
    );
    const asked = { Name, Lanes: 1, On: 'every' };
    const { Lanes } = await internal(rig, 'PeekTrigger', asked, more);
    const pages = (Lanes as readonly object[]).map((at) =>
      internal(
        rig,
        'ReadTrigger',
        { ...asked, ...at, Limit: 1000, Bytes: 1_000_000, Patterns },
        more,
      ),
    );
    return (await Promise.all(pages)).flatMap(({ Records }) => Records as Output[]);
  }

  test('them with plain values, and Lambda’s event without', async () => {
    const { pair, hub, a } = await world();
    await putText(hub, 'x', 'of the hub');
    await putText(a, 'y', 'of a');
    await pair.sync(a);
    const plain = await given(a, 'plain');
    const origins = plain.map(({ origin, stamp }) => [
      origin,
      (stamp as { replica: string }).replica,
    ]);
    expect(origins).toEqual([
      ['here', await idOf(a)],
      ['elsewhere', await idOf(hub)],
    ]);
    expect(await given(a, 'plain', { origin: ['elsewhere'] })).toHaveLength(1);
    for (const record of await given(a, 'wire')) {
      expect(record).not.toHaveProperty('origin');
      expect(record).not.toHaveProperty('stamp');
    }
  });
});
