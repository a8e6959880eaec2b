import { describe, expect, test } from 'vitest';
import { readTableDurability } from '../../src/engine/durability.ts';
import type { Durability } from '../../src/operation/request.ts';
import type { WriteBatch } from '../../src/port/store.ts';
import { ask, find, openRig, put, type Rig, refusal, tableInput } from '../support/engine.ts';

const [s, r, u] = ['strict', 'relaxed', undefined] as const;
type Wish = Durability | undefined;

const notSafe =
  'InternalServerError The write is stored, but it is not known whether it survives a loss of power';

async function ready(database: Wish, table: Wish, other: Wish = undefined): Promise<Rig> {
  const tableDurability = new Map<string, Durability>();
  if (table !== undefined) tableDurability.set('Things', table);
  if (other !== undefined) tableDurability.set('Others', other);
  const rig = await openRig({ durability: database, tableDurability });
  await ask(rig, 'CreateTable', tableInput);
  await ask(rig, 'CreateTable', { ...tableInput, TableName: 'Others' });
  return rig;
}

function lastAppend({ store }: Rig): WriteBatch | undefined {
  return store.batches.findLast(({ add = [] }) => add.length > 0);
}

function strictWrites({ store }: Rig): number {
  return store.batches.filter(({ strict }) => strict === true).length;
}

const putOf = (p: string) => ({ Item: { p: { S: p } } });
const transact = (...tables: string[]) => ({
  TransactItems: tables.map((TableName) => ({ Put: { TableName, ...putOf('t') } })),
});
const batch = (...tables: string[]) => ({
  RequestItems: Object.fromEntries(
    tables.map((TableName) => [TableName, [{ PutRequest: putOf('b') }]]),
  ),
});

describe('a write is strict', () => {
  test.each<[string, Wish, Wish, Wish, boolean]>([
    ['when nobody says', u, u, u, false],
    ['in a strict database', s, u, u, true],
    ['in a strict table', u, s, u, true],
    ['in a relaxed table of a strict database', s, r, u, false],
    ['in a strict call', r, r, s, true],
    ['in a relaxed call on a strict table', s, s, r, false],
  ])('%s: %s %s %s -> %s', async (_name, database, table, call, wanted) => {
    const rig = await ready(database, table);
    await put(rig, 'a', {}, { durability: call });
    expect(lastAppend(rig)?.strict).toBe(wanted);
  });

  test.each<[string, object, Wish, Wish, boolean]>([
    ['TransactWriteItems', transact('Things', 'Others'), u, s, true],
    ['TransactWriteItems', transact('Things', 'Others'), r, r, false],
    ['TransactWriteItems', transact('Things'), u, s, false],
    ['BatchWriteItem', batch('Things', 'Others'), s, r, true],
    ['BatchWriteItem', batch('Others'), s, u, false],
  ])('%s %o over tables that say %s and %s -> %s', async (name, input, one, two, wanted) => {
    const rig = await ready('relaxed', one, two);
    await ask(rig, name, input);
    expect(lastAppend(rig)?.strict).toBe(wanted);
  });

  test('with all of its turn', async () => {
    const rig = await ready(u, u);
    const before = rig.store.batches.length;
    await Promise.all([put(rig, 'a'), put(rig, 'b', {}, { durability: 'strict' }), put(rig, 'c')]);
    expect(rig.store.batches.slice(before).map(({ strict }) => strict)).toEqual([true]);
    const { sequence, durableSeq } = rig.engine.status();
    expect(durableSeq).toBe(sequence);
  });
});

describe('a strict write that changes nothing', () => {
  test('is answered when what it found is durable, and not before', async () => {
    const rig = await ready(u, u);
    await put(rig, 'a');
    const { sequence, durableSeq } = rig.engine.status();
    expect(durableSeq).toBeLessThan(sequence);
    await put(rig, 'a', {}, { durability: 'strict' });
    expect(rig.engine.status()).toMatchObject({ sequence, durableSeq: sequence });
    const barriers = strictWrites(rig);
    await put(rig, 'a', {}, { durability: 'strict' });
    expect(strictWrites(rig)).toBe(barriers);
  });

  test('is an error when that cannot be done; relaxed ones beside it are not', async () => {
    const rig = await ready(u, u);
    await put(rig, 'a');
    rig.store.hooks.write = ({ strict }) =>
      strict === true ? { kind: 'refused', why: 'full' } : undefined;
    const strict = refusal(put(rig, 'a', {}, { durability: 'strict' }));
    const relaxed = refusal(put(rig, 'a'));
    expect([await strict, await relaxed]).toEqual([notSafe, undefined]);
  });
});

describe('a strict turn whose first attempt had an unknown outcome', () => {
  /** The append is carried out, and its answer lost. */
  function loseAnswer({ store }: Rig): void {
    store.hooks.written = ({ add = [] }) => {
      if (add.length === 0) return undefined;
      delete store.hooks.written;
      return { kind: 'unknown' };
    };
  }

  test('is answered after a barrier', async () => {
    const rig = await ready(u, u);
    loseAnswer(rig);
    await put(rig, 'a', {}, { durability: 'strict' });
    expect(rig.store.batches.at(-1)).toMatchObject({ strict: true, put: [{ space: 'meta' }] });
    const { sequence, durableSeq } = rig.engine.status();
    expect(durableSeq).toBe(sequence);
  });

  test('is an error when there can be no barrier, though the write stands', async () => {
    const rig = await ready(u, u);
    loseAnswer(rig);
    rig.store.hooks.write = ({ put: puts = [] }) =>
      puts.length > 0 ? { kind: 'refused', why: 'full' } : undefined;
    expect(await refusal(put(rig, 'a', {}, { durability: 'strict' }))).toBe(notSafe);
    expect(await find(rig, 'a')).toBeDefined();
  });
});

test('tableDurability knows two words, and any name', () => {
  expect(readTableDurability(undefined).size).toBe(0);
  const given = JSON.parse('{ "__proto__": "strict", "a": "relaxed" }') as Record<
    string,
    Durability
  >;
  expect([...readTableDurability(given)]).toEqual([
    ['__proto__', 'strict'],
    ['a', 'relaxed'],
  ]);
  const wrong = { a: 'safe' as Durability };
  expect(() => readTableDurability(wrong)).toThrow("tableDurability of a is 'relaxed' or 'strict'");
});
