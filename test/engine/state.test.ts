import { describe, expect, test } from 'vitest';
import { tailLeastBytes } from '../../src/base/memory-limits.ts';
import { Layer } from '../../src/log/tail.ts';
import { type EngineState, LayeredReader } from '../../src/engine/state.ts';
import type { Commit } from '../../src/log/commit.ts';
import { openTestState } from '../support/engine.ts';

const MB = 1024 * 1024;
const tree = 200;
const key = (text: string): Uint8Array => new TextEncoder().encode(text);

function commitOf(sequence: number, puts: Readonly<Record<string, string | undefined>>): Commit {
  return {
    sequence,
    stamp: { ms: sequence, counter: 0, replica: new Uint8Array(16) },
    transaction: 0,
    transactionEnd: true,
    caller: 'user',
    units: 0,
    table: tree,
    mutations: Object.entries(puts).map(([name, value]) => ({
      tree,
      key: key(name),
      value: value === undefined ? undefined : key(value),
      sizeBefore: value === undefined ? 1 : undefined,
      sizeAfter: value === undefined ? undefined : 1,
    })),
  };
}

function show(reader: LayeredReader): string {
  const cursor = reader.range(tree, {});
  const entries: string[] = [];
  for (let count = 0; count < 100 && cursor.next(); count += 1) {
    entries.push(
      `${new TextDecoder().decode(cursor.key)}=${new TextDecoder().decode(cursor.value)}`,
    );
  }
  const gotten = entries.map((entry) => {
    const name = entry.slice(0, entry.indexOf('='));
    const value = reader.get(tree, key(name));
    return `${name}=${new TextDecoder().decode(value)}`;
  });
  expect(gotten).toEqual(entries);
  return `${entries.join(' ')} (${reader.counters(tree).entries})`;
}

function layer(position: number, puts: Readonly<Record<string, string | undefined>>): Layer {
  const made = new Layer();
  made.apply(commitOf(position, puts), position);
  return made;
}

function write(state: EngineState, puts: Readonly<Record<string, string | undefined>>): void {
  state.head += 1;
  const commits = [commitOf(state.head, puts)];
  state.applyCommits(commits, state.head);
  state.log.add(100, commits);
}

describe('the layers', () => {
  test('are read newest first: turn, flight, tail, frozen tail', async () => {
    const { state } = await openTestState();
    write(state, { a: 'frozen', b: 'frozen', c: 'frozen', d: 'frozen' });
    state.freeze();
    write(state, { b: undefined });
    write(state, { b: 'tail', c: 'tail', d: undefined });
    const reader = new LayeredReader(state, layer(9, { d: 'turn' }));
    reader.flight = layer(8, { c: undefined });
    expect(show(reader)).toBe('a=frozen b=tail d=turn (4)');
    expect(show(state.published)).toBe('a=frozen b=tail c=tail (4)');
    expect(reader.get(tree, key('c'))).toBeUndefined();
  });

  test('a checkpoint reads its own alone', async () => {
    const { state } = await openTestState();
    write(state, { a: 'old' });
    const frozen = state.freeze();
    write(state, { a: 'new', b: 'new' });
    expect(show(new LayeredReader(state, undefined, frozen))).toBe('a=old (1)');
  });

  test('thawed, the frozen tail is under the newer one, and its log counts again', async () => {
    const { state } = await openTestState();
    write(state, { a: 'old', b: 'old' });
    state.freeze();
    expect(state.log.bytes).toBe(0);
    write(state, { a: 'new' });
    state.thaw();
    expect(show(state.published)).toBe('a=new b=old (3)');
    expect([state.frozen, state.log.bytes]).toEqual([undefined, 200]);
    state.thaw();
    expect(state.log.bytes).toBe(200);
  });

  test('together take their room from the cache, which keeps a quarter', async () => {
    const { state } = await openTestState({ cacheBytes: 24 * MB });
    expect(state.cache.maxBytes).toBe(24 * MB);
    write(state, { a: 'x'.repeat(tailLeastBytes - 1000) });
    expect(state.cache.maxBytes).toBe(24 * MB);
    write(state, { a: 'x'.repeat(tailLeastBytes + 3 * MB) });
    expect(state.cache.maxBytes / MB).toBeCloseTo(21, 1);
    state.freeze();
    write(state, { a: 'x'.repeat(4 * MB) });
    expect(state.cache.maxBytes / MB).toBeCloseTo(17, 1);
    state.lentBytes = 8 * MB;
    write(state, { b: 'x' });
    expect(state.cache.maxBytes / MB).toBeCloseTo(9, 1);
    state.lentBytes = 24 * MB;
    state.fitCache();
    expect(state.cache.maxBytes).toBe(6 * MB);
  });

  test('two tails are never frozen at once', async () => {
    const { state } = await openTestState();
    write(state, { a: 'x' });
    state.freeze();
    expect(() => state.freeze()).toThrow('two frozen tails');
  });
});

describe('what is remembered of tables', () => {
  test('is void when a system tree changed, and only then', async () => {
    const { state } = await openTestState();
    const before = state.catalog();
    write(state, { a: 'x' });
    expect(state.catalog()).toBe(before);
    const [mutation] = commitOf(1, { a: 'x' }).mutations;
    if (mutation === undefined) throw new Error('no mutation');
    state.jobsNoted = false;
    state.applyCommits([{ ...commitOf(2, {}), mutations: [{ ...mutation, tree: 1 }] }], 2);
    expect(state.catalog()).not.toBe(before);
    expect(state.jobsNoted).toBe(true);
  });

  test('starting over forgets everything', async () => {
    const { state } = await openTestState();
    const before = state.catalog();
    write(state, { a: 'x' });
    state.freeze();
    write(state, { b: 'x' });
    state.startOver({ ...state.meta, position: 7, sequence: 70 }, state.metaBytes);
    expect(show(state.published)).toBe(' (0)');
    expect([state.head, state.sequence, state.log.bytes, state.startedAt]).toEqual([7, 70, 0, 7]);
    expect(state.catalog()).not.toBe(before);
    expect(state.headSeenMs).toBe(Number.NEGATIVE_INFINITY);
  });
});
