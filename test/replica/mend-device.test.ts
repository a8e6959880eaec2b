/** A device whose book or versions have lost pages. */
import { describe, expect, test } from 'vitest';
import { decodeEntry } from '../../src/replica/entry.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import { ask, openRig, refusal } from '../support/engine.ts';
import {
  begun,
  cases,
  filled,
  long,
  lose,
  same,
  spoil,
  storedOf,
} from '../support/replica-damage.ts';
import {
  answerFirst,
  edit,
  internal,
  putText,
  remove,
  textAt,
  transact,
} from '../support/replica-pair.ts';
import { waitingOf } from '../support/sales.ts';

describe('a device that has lost a part', () => {
  test.each(cases)('of its %s (%s) loses no edit', async (part, which) => {
    const { pair, a, b } = await filled();
    const ids = Array.from({ length: 200 }, (_, n) => n);
    await Promise.all(ids.map((n) => putText(a, `${long}${n}`, `mine ${n}`)));
    await Promise.all(ids.map((n) => putText(a, `n${n}`, `new ${n}`)));
    for (const n of ids.slice(0, 20)) await edit(a, `n${n}`, `again ${n}`);
    await transact(a, ['x', 'y'], 'together');
    await remove(a, `${long}250`);
    const { rig, told } = await spoil(a, part, which);
    expect(told.map(({ state }) => state)).toContain('repaired');
    expect((await pair.prepared(rig)).length).toBeGreaterThan(0);
    await same(pair, [rig, b]);
    for (const n of ids) {
      const wanted = n < 20 ? `again ${n}` : `new ${n}`;
      expect(await textAt(pair.hub, `n${n}`)).toBe(wanted);
    }
    expect(await textAt(pair.hub, 'x')).toBe('together');
    expect(await textAt(pair.hub, 'y')).toBe('together');
    expect(await textAt(pair.hub, `${long}250`)).toBe('m250');
  });
});

describe('what is lost', () => {
  test('of an edit that a later one had written over is told as not taken', async () => {
    const { a } = await begun();
    await putText(a, 'h', 'first');
    await putText(a, 'k', 'one');
    await putText(a, 'k', 'two');
    const rig = await lose(a, 'book');
    const { Fates } = await internal(rig, 'EntryFates', { Seqs: [1, 2, 3] });
    expect(Fates).toEqual(['pending', 'refused', 'pending']);
  });

  test('of an edit below what the hub has sent since is told as not taken, and counted', async () => {
    const { pair, a } = await begun();
    await putText(a, 'k', 'one');
    await transact(a, ['k', 'l'], 'two');
    await answerFirst(pair, a, ['k', 'l']);
    expect([await textAt(a, 'k'), await textAt(a, 'l')]).toEqual(['theirs', 'theirs']);
    expect(await waitingOf(a)).toHaveLength(1);
    const { rig, told } = await spoil(a, 'book', 'all');
    expect(told.map(({ what }) => what).join()).toMatch(/ lost: 1\./);
    const { Fates } = await internal(rig, 'EntryFates', { Seqs: [2] });
    expect(Fates).toEqual(['refused']);
    await same(pair, [rig]);
    expect([await textAt(pair.hub, 'k'), await textAt(pair.hub, 'l')]).toEqual([
      'theirs',
      'theirs',
    ]);
  });

  test.each(['book', 'versions'] as const)('of the %s: no absence is known', async (part) => {
    const { pair, a } = await begun();
    await putText(a, 'here', 'mine');
    await pair.sync(a);
    const rig = await lose(a, part);
    const Item = { p: { S: 'free' }, v: { S: 'mine' } };
    const ConditionExpression = 'attribute_not_exists(p)';
    await ask(rig, 'PutItem', { TableName: 'Things', Item, ConditionExpression });
    expect((await waitingOf(rig)).at(-1)).toBe('request');
    await putText(pair.hub, 'free', 'theirs');
    await same(pair, [rig]);
    expect(await textAt(rig, 'free')).toBe('theirs');
  });

  test('of both: an item that may be an edit of this device alone is entered', async () => {
    const { pair, a } = await begun();
    await putText(a, 'k', 'mine');
    const rig = await lose(a, 'book', 'versions');
    await same(pair, [rig]);
    expect(await textAt(pair.hub, 'k')).toBe('mine');
  });

  test('of an edit that the hub has refused: what read it is refused too', async () => {
    const { pair, a } = await begun();
    const x = `${long}x`;
    await putText(a, x, 'not allowed');
    const { ReplicaId } = await internal(a, 'ReadLink');
    pair.refusals = (_, entry) => (decodeEntry(entry).seq === 1 ? 'AccessDenied' : undefined);
    const push = { kind: 'push', number: 1, Entries: await pair.prepared(a) } as const;
    await pair.tell(push, String(ReplicaId));
    for (let n = 0; n < 300; n += 1) await putText(a, `${long}other ${n}`, 'mine');
    await edit(a, x, 'made on it');
    const { rig } = await spoil(a, 'book', 'first');
    expect((await storedOf(rig)).entries()[0]?.seq).toBeGreaterThan(1);
    await same(pair, [rig]);
    expect([await textAt(pair.hub, x), await textAt(rig, x)]).toEqual([undefined, undefined]);
  });

  test('of the items themselves, and given up: they come from the hub again', async () => {
    const { pair, a } = await begun();
    for (const p of ['one', 'two']) await putText(pair.hub, p, 'theirs');
    await pair.sync(a);
    await putText(a, 'two', 'mine');
    await a.engine.checkpoint();
    const { table } = await storedOf(a);
    for (const { id } of await pagesAt(a.store.disk, table.tree, 1)) damagePage(a.store.disk, id);
    await a.engine.close();
    const rig = await openRig({ disk: a.store.disk, time: a.time });
    expect(await refusal(putText(rig, 'one', 'met'))).toMatch(/^DamagedData/);
    await rig.engine.repair();
    expect(await textAt(rig, 'one')).toBeUndefined();
    await same(pair, [rig]);
    expect([await textAt(rig, 'one'), await textAt(rig, 'two')]).toEqual(['theirs', 'mine']);
  });
});
