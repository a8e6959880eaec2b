import { describe, expect, test } from 'vitest';
import { tailLeastBytes } from '../../src/base/memory-limits.ts';
import { prng } from '../../src/base/prng.ts';
import { StoreFailure, type WriteBatch } from '../../src/port/store.ts';
import type { Item } from '../../src/value/value.ts';
import {
  ask,
  countOf,
  fill,
  find,
  gate,
  holdPages,
  makeTable,
  openRig,
  put,
  quiet,
  type Rig,
  refusal,
} from '../support/engine.ts';

const full = 'InternalServerError The disk or the storage quota is full; nothing was written';

function appends(batches: readonly WriteBatch[]): number {
  return batches.filter(({ add = [] }) => add.length > 0).length;
}

async function ready(more: object = {}): Promise<Rig> {
  const rig = await openRig({ tailBytes: 200_000, ...more });
  await makeTable(rig);
  return rig;
}

/** Adds one to the counter `n` of an item. */
function count(rig: Rig, p: string): Promise<object> {
  return ask(rig, 'UpdateItem', {
    TableName: 'Things',
    Key: { p: { S: p } },
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
    ReturnValues: 'UPDATED_NEW',
  });
}

/** What the counter is in an answer to `count`. */
function countIn(answer: { readonly Attributes?: Item }): unknown {
  return answer.Attributes?.get('n')?.value;
}

async function counted(rig: Rig, p: string): Promise<unknown> {
  return (await find(rig, p))?.get('n')?.value;
}

const onlyNew = { ConditionExpression: 'attribute_not_exists(p)' };
function create(rig: Rig, p: string): Promise<object> {
  return ask(rig, 'PutItem', { TableName: 'Things', Item: { p: { S: p } }, ...onlyNew });
}

describe('a turn', () => {
  test('takes all writes of one task, in order, with one append', async () => {
    const rig = await ready();
    const before = appends(rig.store.batches);
    const answers = await Promise.all([count(rig, 'a'), count(rig, 'a'), count(rig, 'a')]);
    expect(appends(rig.store.batches) - before).toBe(1);
    expect(answers.map(countIn)).toEqual(['1', '2', '3']);
    expect(await counted(rig, 'a')).toBe('3');
  });

  test('answers nobody before its append is stored, refusals included', async () => {
    const rig = await ready();
    await put(rig, 'there');
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    let answered = 0;
    const note = (): void => {
      answered += 1;
    };
    const calls = [put(rig, 'a').then(note), create(rig, 'there').catch(note)];
    await quiet();
    expect(answered).toBe(0);
    expect(await ask(rig, 'GetItem', { TableName: 'Things', Key: { p: { S: 'a' } } })).toEqual({});
    held.open();
    await Promise.all(calls);
    expect(answered).toBe(2);
  });

  test('is decided on top of the one that is being appended', async () => {
    const rig = await ready();
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const first = count(rig, 'a');
    await quiet();
    const others = [count(rig, 'a'), refusal(create(rig, 'a'))];
    await quiet();
    held.open();
    await first;
    expect((await Promise.all(others))[1]).toMatch(/^ConditionalCheckFailed/);
    expect(await counted(rig, 'a')).toBe('2');
  });

  test('that lost a race is planned and decided again on the new head', async () => {
    const rig = await ready();
    const other = await openRig({ disk: rig.store.disk });
    await put(other, 'a');
    expect(await refusal(create(rig, 'a'))).toMatch(/^ConditionalCheckFailed/);
    await ask(other, 'DeleteTable', { TableName: 'Things' });
    expect(await refusal(put(rig, 'b'))).toMatch(/^ResourceNotFound/);
    expect(rig.engine.status().lostRaces).toBeGreaterThan(0);
  });

  test('that wrote nothing is refused only on the head', async () => {
    const rig = await ready();
    await put(rig, 'a');
    const other = await openRig({ disk: rig.store.disk });
    await ask(other, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'a' } } });
    expect(await refusal(create(rig, 'a'))).toBeUndefined();
  });

  test('of very many refusals is decided again without harm', async () => {
    const rig = await ready();
    await put(rig, 'a');
    const other = await openRig({ disk: rig.store.disk });
    const reads = rig.store.reads;
    rig.store.hooks.read = async () => {
      if (rig.store.reads === reads + 1) await put(other, 'b');
    };
    const calls = Array.from({ length: 99_000 }, () => refusal(create(rig, 'a')));
    const told = await Promise.all(calls);
    expect(told.every((error) => error?.startsWith('ConditionalCheckFailed'))).toBe(true);
  }, 60_000);
});

describe('a call that ends', () => {
  test('before its turn is answered at once, and writes nothing', async () => {
    const rig = await ready();
    const held = gate();
    rig.store.hooks.write = () => held.opened.then(() => undefined);
    const first = put(rig, 'a');
    await quiet();
    const aborter = new AbortController();
    const late = put(rig, 'late', {}, { deadlineMs: rig.time.monoMs - 1 });
    const cut = put(rig, 'cut', {}, { signal: aborter.signal });
    aborter.abort();
    held.open();
    expect(await refusal(late)).toMatch(/^TimeoutError/);
    await first;
    await refusal(cut);
    expect(await find(rig, 'late')).toBeUndefined();
  });

  test('while its turn is appended is told that the write stands', async () => {
    const rig = await ready();
    const aborter = new AbortController();
    rig.store.hooks.written = () => {
      aborter.abort();
      return undefined;
    };
    const call = put(rig, 'a', {}, { signal: aborter.signal });
    await expect(call).rejects.toMatchObject({ name: 'AbortError', mayHaveBeenApplied: true });
    expect(await find(rig, 'a')).toBeDefined();
  });
});

describe('a disk that is full', () => {
  test('refuses writes whole, answers reads, and takes writes again later', async () => {
    const rig = await ready();
    await put(rig, 'a');
    rig.store.hooks.write = () => ({ kind: 'refused', why: 'full' });
    const told = await Promise.all(['b', 'c'].map((p) => refusal(put(rig, p))));
    expect(told).toEqual([full, full]);
    expect(await find(rig, 'a')).toBeDefined();
    expect(await find(rig, 'b')).toBeUndefined();
    // A refusal in the same turn saw what did not happen: it is decided again.
    const mixed = await Promise.all([refusal(create(rig, 'd')), refusal(create(rig, 'd'))]);
    expect(mixed).toEqual([full, full]);
    delete rig.store.hooks.write;
    await ask(rig, 'DeleteItem', { TableName: 'Things', Key: { p: { S: 'a' } } });
    await put(rig, 'b');
    expect([await find(rig, 'a'), (await find(rig, 'b')) !== undefined]).toEqual([undefined, true]);
  });
});

describe('a call whose pages are absent', () => {
  test('does not keep others waiting, and comes back when they are there', async () => {
    const first = await ready();
    await fill(first, 400, 1000);
    await first.engine.checkpoint();
    const rig = await openRig({ disk: first.store.disk });
    await put(rig, 'warm');
    const held = gate();
    rig.store.hooks.read = (spaces) => (spaces.includes('page') ? held.opened : undefined);
    const cold = create(rig, 'k7');
    await quiet();
    // A table that is in memory: it needs no page.
    let over = false;
    const warm = put(rig, 'warm').then(() => {
      over = true;
    });
    await quiet(200);
    expect(over).toBe(true);
    held.open();
    expect(await refusal(cold)).toMatch(/^ConditionalCheckFailed/);
    await warm;
  });

  test('is told when they cannot be read', async () => {
    const first = await ready();
    await fill(first, 40, 1000);
    await first.engine.checkpoint();
    const rig = await openRig({ disk: first.store.disk });
    rig.store.hooks.read = (spaces) => {
      if (spaces.includes('page')) throw new StoreFailure('lost', 'cut');
    };
    expect(await refusal(create(rig, 'k7'))).toMatch(/could not be used: cut/);
    delete rig.store.hooks.read;
    expect(await refusal(create(rig, 'k7'))).toMatch(/^ConditionalCheckFailed/);
  });
});

describe('a mistake of ours', () => {
  test('in encoding a turn is answered, and the loop goes on', async () => {
    const source = prng(5);
    let broken = false;
    const random = { bytes: (length: number) => source.bytes(broken ? length - 1 : length) };
    const disk = (await ready()).store.disk;
    broken = true;
    const rig = await openRig({ disk, random });
    for (let tries = 0; tries < 3; tries += 1) {
      expect(await refusal(put(rig, 'a'))).toMatch(/^InternalServerError .*engine id/);
    }
    expect(await find(rig, 'a')).toBeUndefined();
    await rig.engine.close();
  });
});

describe('a tail at its bound', () => {
  test('becomes pages before more is written', async () => {
    const rig = await ready();
    for (let round = 0; round < 8; round += 1) await fill(rig, 100, 500, round * 100);
    expect(rig.engine.status().checkpoints).toBeGreaterThan(0);
    expect(rig.engine.status().tailBytes).toBeLessThan(400_000);
  });

  test('takes writes again as soon as it is set aside, before it is pages', async () => {
    const rig = await ready();
    await fill(rig, 300, 500);
    const held = holdPages(rig);
    await put(rig, 'more');
    expect(rig.engine.status()).toMatchObject({ checkpoints: 0 });
    expect(rig.engine.status().tailBytes).toBeGreaterThan(200_000);
    // One more tail's worth is taken, and no more than that.
    await fill(rig, 300, 500, 300);
    let isTaken = false;
    const late = put(rig, 'late').then(() => {
      isTaken = true;
    });
    await quiet(200);
    expect(isTaken).toBe(false);
    held.open();
    await late;
    expect(await find(rig, 'late')).toBeDefined();
    expect(rig.engine.status().checkpoints).toBeGreaterThan(0);
    await rig.engine.close();
  });

  test('takes its room from the cache', async () => {
    const rig = await ready({ cacheBytes: 1_000_000, tailBytes: 2 * tailLeastBytes });
    await fill(rig, 400, 3000);
    await rig.engine.checkpoint();
    await countOf(rig);
    const { cacheBytes: before } = rig.engine.status();
    expect(before).toBeGreaterThan(800_000);
    const held = holdPages(rig);
    await fill(rig, 900, 14_000, 1000);
    const { cacheBytes, tailBytes } = rig.engine.status();
    expect(tailBytes).toBeGreaterThan(tailLeastBytes + 200_000);
    expect(cacheBytes).toBeLessThanOrEqual(1_000_000 - (tailBytes - tailLeastBytes));
    held.open();
    await rig.engine.close();
  });

  test('does not wait for itself when the checkpoint has dropped a table', async () => {
    const rig = await ready();
    await ask(rig, 'CreateTable', {
      TableName: 'Other',
      AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    await ask(rig, 'DeleteTable', { TableName: 'Other' });
    for (let round = 0; round < 8; round += 1) await fill(rig, 100, 500, round * 100);
    expect(rig.engine.status().checkpoints).toBeGreaterThan(0);
  }, 10_000);

  test('counts what was set aside: nothing is let in above three bounds while that becomes pages', async () => {
    const rig = await ready();
    rig.store.hooks.write = ({ put: puts = [] }) => {
      const isPage = puts.some(({ space }) => space === 'page');
      return isPage ? { kind: 'refused', why: 'full' } : undefined;
    };
    for (let round = 0; round < 14; round += 1) {
      await fill(rig, 100, 500, round * 100).catch(() => undefined);
    }
    const { tailBytes: before } = rig.engine.status();
    expect(before).toBeGreaterThan(600_000);
    const held = holdPages(rig);
    const made = rig.engine.checkpoint();
    await quiet();
    let isTaken = false;
    const late = put(rig, 'late').then(() => {
      isTaken = true;
    });
    await quiet();
    expect(isTaken).toBe(false);
    expect(rig.engine.status().tailBytes).toBe(before);
    held.open();
    await Promise.all([made, late]);
    expect(rig.engine.status().tailBytes).toBeLessThan(200_000);
    await rig.engine.close();
  });

  test('is not all that counts: one item written again and again has a long log', async () => {
    const rig = await ready({ tailBytes: 1e9, checkpointBytes: 20_000 });
    rig.store.hooks.write = ({ put: puts = [] }) => {
      const isPage = puts.some(({ space }) => space === 'page');
      return isPage ? { kind: 'refused', why: 'full' } : undefined;
    };
    let refused = 0;
    for (let round = 0; round < 40; round += 1) {
      const all = Array.from({ length: 10 }, (_, n) => {
        return put(rig, 'hot', { v: { S: `${round} ${n} ${'x'.repeat(500)}` } });
      });
      const ended = await Promise.allSettled(all);
      refused += ended.filter(({ status }) => status === 'rejected').length;
    }
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(400);
    const { logBytes, tailBytes } = rig.engine.status();
    expect(tailBytes).toBeLessThan(20_000);
    expect(logBytes).toBeLessThan(7 * 20_000);
    rig.store.hooks.write = undefined;
    await put(rig, 'hot', { v: { S: 'last' } });
    expect(rig.engine.status().checkpoints).toBeGreaterThan(0);
    expect((await find(rig, 'hot'))?.get('v')).toEqual({ type: 'S', value: 'last' });
    expect(rig.engine.status().logBytes).toBeLessThan(20_000);
    await rig.engine.close();
  });

  test('waits for a dead engine to lose its reservation, then makes the checkpoint', async () => {
    const dead = await ready();
    const never = new Promise<undefined>(() => undefined);
    dead.store.hooks.write = ({ put: puts = [] }) => {
      return puts.some(({ space }) => space === 'page') ? never : undefined;
    };
    await put(dead, 'a');
    void dead.engine.checkpoint();
    await quiet();
    const rig = await openRig({ disk: dead.store.disk, time: dead.time, tailBytes: 200_000 });
    const fromMs = rig.time.monoMs;
    for (let round = 0; round < 12; round += 1) await fill(rig, 100, 500, round * 100);
    expect(rig.engine.status().checkpoints).toBeGreaterThan(0);
    expect(rig.time.monoMs - fromMs).toBeLessThan(10_000);
    // The one that is set aside, and the one after it.
    expect(rig.engine.status().tailBytes).toBeLessThan(500_000);
  });

  test('waits for as long as another engine gets on with its checkpoint', async () => {
    const slow = await ready({ tailBytes: 10_000_000 });
    await fill(slow, 2500, 500);
    slow.store.hooks.write = async ({ put: puts = [] }) => {
      if (!puts.some(({ space }) => space === 'page')) return undefined;
      await quiet(60);
      slow.time.pass(3000);
      return undefined;
    };
    const rig = await openRig({ disk: slow.store.disk, time: slow.time, tailBytes: 200_000 });
    const fromMs = rig.time.monoMs;
    const made = slow.engine.checkpoint();
    await quiet();
    expect(rig.engine.status().tailBytes).toBeGreaterThan(600_000);
    await put(rig, 'a');
    await made;
    expect(rig.time.monoMs - fromMs).toBeGreaterThan(10_000);
    expect(rig.engine.status().tailBytes).toBeLessThan(200_000);
  });

  test('that cannot be shortened refuses writes in the end, and still answers reads', async () => {
    const rig = await ready();
    rig.store.hooks.write = ({ add = [] }) => {
      return add.length > 0 ? undefined : { kind: 'refused', why: 'full' };
    };
    const told = new Set<string | undefined>();
    for (let id = 0; id < 1000; id += 1) {
      told.add(await refusal(put(rig, `k${id}`, { v: { S: 'x'.repeat(500) } })));
    }
    expect(told).toEqual(
      new Set([
        undefined,
        'InternalServerError The log could not be shortened; nothing was written',
      ]),
    );
    expect(rig.engine.status().tailBytes).toBeLessThan(650_000);
    expect(await find(rig, 'k1')).toBeDefined();
    delete rig.store.hooks.write;
    await put(rig, 'later');
    expect(await find(rig, 'later')).toBeDefined();
  });
});
