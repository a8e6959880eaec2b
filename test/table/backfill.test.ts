import { describe, expect, test } from 'vitest';
import { compareBytes, hexOf } from '../../src/base/bytes.ts';
import { backfillSliceItems } from '../../src/base/limits.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import type { Mutation } from '../../src/log/commit.ts';
import { advanceJob } from '../../src/table/backfill.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { droppedTrees, findJob, firstJob, jobItem } from '../../src/table/jobs.ts';
import { jobKey, jobsTree } from '../../src/table/system.ts';
import { putSystemItem } from '../../src/table/system-items.ts';
import { MapReader } from '../support/map-reader.ts';
import { World } from '../support/run.ts';
import { attribute, globalIndex, hash, range, simpleTable } from '../support/table-inputs.ts';

/** Refuses a mutation that is wrong about what was there: counters would drift for ever. */
class StrictReader extends MapReader {
  readonly #sizes = new Map<string, number>();

  override apply(mutations: readonly Mutation[]): void {
    for (const { tree, key, sizeBefore, sizeAfter } of mutations) {
      const name = `${tree} ${hexOf(key)}`;
      expect(sizeBefore, `size before of ${name}`).toBe(this.#sizes.get(name));
      if (sizeAfter === undefined) this.#sizes.delete(name);
      else this.#sizes.set(name, sizeAfter);
    }
    super.apply(mutations);
  }
}

class StrictWorld extends World {
  override readonly reader: MapReader = new StrictReader();
}

const named = { TableName: 'Simple' };
const schema = [hash('g'), hash('h'), range('r')];
const definitions = [attribute('g'), attribute('h', 'N'), attribute('r', 'B')];
const projection = { ProjectionType: 'INCLUDE', NonKeyAttributes: ['v'] };
const byG = globalIndex('byG', schema, projection);
const createIndex = {
  ...named,
  AttributeDefinitions: definitions,
  GlobalSecondaryIndexUpdates: [{ Create: byG }],
};
const withIndex = simpleTable({
  AttributeDefinitions: [attribute('a'), ...definitions],
  GlobalSecondaryIndexes: [byG],
});

/** An item of one of many kinds, all legal for a table that has the index. */
function item(random: Prng, a: string): object {
  const sparse = random.below(4);
  return {
    a: { S: a },
    ...(sparse !== 0 && { g: { S: `g${random.below(7)}` } }),
    ...(sparse !== 1 && { h: { N: String(random.below(3)) } }),
    r: { B: ['AA==', 'AAA=', '/w=='][random.below(3)] },
    v: { S: `v${random.u32()}` },
    w: { S: 'not projected' },
  };
}

/** What both worlds are given, alike. */
type Write = readonly [operation: string, input: object];
function write(random: Prng): Write {
  const a = `item${random.below(1200)}`;
  if (random.chance(0.3)) return ['DeleteItem', { ...named, Key: { a: { S: a } } }];
  if (random.chance(0.3)) {
    const values = { ':g': { S: `g${random.below(7)}` } };
    const update = { UpdateExpression: 'SET g = :g', ExpressionAttributeValues: values };
    return ['UpdateItem', { ...named, Key: { a: { S: a } }, ...update }];
  }
  return ['PutItem', { ...named, Item: item(random, a) }];
}

function put(world: World, random: Prng, count: number): void {
  for (let at = 0; at < count; at += 1) {
    world.run('PutItem', { ...named, Item: item(random, `item${at}`) });
  }
}

function indexOf(world: World): { readonly tree: number; readonly status: string } {
  const table = createCatalog(world.reader).table('Simple');
  const index = table.indexes[0];
  if (index === undefined) throw new Error('there is no index');
  return index;
}

/** Keys and values of the index. */
function entriesOf(world: World): readonly (readonly [string, string])[] {
  const cursor = world.reader.range(indexOf(world).tree, {});
  const entries: [string, string][] = [];
  while (cursor.next()) entries.push([hexOf(cursor.key), hexOf(cursor.value)]);
  return entries;
}

function jobOf(world: World): string {
  const job = firstJob(world.reader);
  if (job === undefined) throw new Error('there is no job');
  return job;
}

describe('a backfill', () => {
  test.each([1, 2, 3])(
    'of 1,000 items, broken off at every slice amid writes, is as made at creation (seed %d)',
    { timeout: 60_000 },
    (seed) => {
      const [late, early] = [new StrictWorld(), new StrictWorld()];
      late.run('CreateTable', simpleTable());
      early.run('CreateTable', withIndex);
      put(late, prng(seed), 1000);
      put(early, prng(seed), 1000);
      late.run('UpdateTable', createIndex);
      const random = prng(seed + 100);
      let cursor: Uint8Array | undefined;
      for (let slice = 1; ; slice += 1) {
        const job = jobOf(late);
        const { Done } = late.run('AdvanceJob', { Job: job });
        const now = findJob(late.reader, job)?.cursor;
        expect(Done).toBe(now === undefined);
        if (now === undefined) {
          expect(slice).toBeGreaterThanOrEqual(1000 / backfillSliceItems / 1.5);
          break;
        }
        expect(cursor === undefined || compareBytes(cursor, now) < 0).toBe(true);
        cursor = now;
        expect(slice).toBeLessThan(20);
        for (let at = 0; at < 60; at += 1) {
          // A slice that was decided but lost its race leaves nothing, and is decided again later.
          advanceJob(late.reader, createCatalog(late.reader), job);
          const [operation, input] = write(random);
          late.run(operation, input);
          early.run(operation, input);
        }
      }
      expect(firstJob(late.reader)).toBeUndefined();
      expect(indexOf(late)).toMatchObject({ status: 'ACTIVE', backfilling: false });
      expect(entriesOf(late).length).toBeGreaterThan(300);
      expect(entriesOf(late)).toEqual(entriesOf(early));
      expect(late.reader.counters(indexOf(late).tree)).toEqual(
        early.reader.counters(indexOf(early).tree),
      );
    },
  );

  test('takes at most a slice at a time, and starts over after nothing was applied', () => {
    const world = new StrictWorld();
    world.run('CreateTable', simpleTable());
    put(world, prng(1), backfillSliceItems + 1);
    world.run('UpdateTable', createIndex);
    const job = jobOf(world);
    const step = (): ReturnType<typeof advanceJob> =>
      advanceJob(world.reader, createCatalog(world.reader), job);
    expect(step()).toEqual(step());
    expect(step().mutations.length).toBeLessThanOrEqual(backfillSliceItems + 1);
    expect(world.run('AdvanceJob', { Job: job })).toEqual({ Done: false });
    expect(world.run('AdvanceJob', { Job: job })).toEqual({ Done: true });
    expect(world.run('AdvanceJob', { Job: job })).toEqual({ Done: true });
  });

  test('ends a slice at its bytes, too', () => {
    const world = new StrictWorld();
    world.run('CreateTable', simpleTable());
    for (const a of ['1', '2', '3']) {
      world.run('PutItem', { ...named, Item: { a: { S: a }, w: { S: 'x'.repeat(300_000) } } });
    }
    world.run('UpdateTable', createIndex);
    const answers = Array.from(
      { length: 4 },
      () => world.run('AdvanceJob', { Job: 'backfill/101' })['Done'],
    );
    expect(answers).toEqual([false, false, false, true]);
  });

  test('skips items whose values cannot be keys of the index', () => {
    const world = new StrictWorld();
    world.run('CreateTable', simpleTable());
    const good = { g: { S: 'g' }, h: { N: '1' }, r: { B: 'AA==' } };
    const rows: readonly object[] = [
      good,
      { ...good, g: { N: '1' } },
      { ...good, g: { NULL: true } },
      { ...good, g: { S: '' } },
      { ...good, r: { B: '' } },
      { ...good, g: { S: 'x'.repeat(2049) } },
      { ...good, r: { B: 'A'.repeat(1368) } },
      { g: good.g, h: good.h },
    ];
    for (const [at, row] of rows.entries()) {
      world.run('PutItem', { ...named, Item: { a: { S: `${at}` }, ...row } });
    }
    world.run('UpdateTable', createIndex);
    expect(world.run('AdvanceJob', { Job: jobOf(world) })).toEqual({ Done: true });
    expect(entriesOf(world)).toHaveLength(1);
  });

  test('whose index is deleted leaves its tree among the dropped ones and no job', () => {
    const world = new StrictWorld();
    world.run('CreateTable', simpleTable());
    put(world, prng(1), backfillSliceItems + 1);
    world.run('UpdateTable', createIndex);
    const job = jobOf(world);
    const { tree } = indexOf(world);
    world.run('AdvanceJob', { Job: job });
    world.run('UpdateTable', {
      ...named,
      GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byG' } }],
    });
    expect(firstJob(world.reader)).toBeUndefined();
    expect(droppedTrees(world.reader, 10)).toEqual([tree]);
    expect(world.run('AdvanceJob', { Job: job })).toEqual({ Done: true });
  });

  test.each([
    ['full', false],
    ['gone with its table', true],
  ])('removes its job when the index it was for is %s', (_how, dropped) => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    world.run('UpdateTable', createIndex);
    const id = jobOf(world);
    const job = findJob(world.reader, id);
    if (job === undefined) throw new Error('there is no job');
    world.run('AdvanceJob', { Job: id });
    if (dropped) {
      world.run('DeleteTable', named);
      world.run('CreateTable', withIndex);
    }
    // As if an engine had written it late.
    world.reader.apply([putSystemItem(world.reader, jobsTree, jobKey(id), jobItem(job))]);
    expect(world.run('AdvanceJob', { Job: id })).toEqual({ Done: true });
    expect(firstJob(world.reader)).toBeUndefined();
    expect(entriesOf(world)).toEqual([]);
  });
});
