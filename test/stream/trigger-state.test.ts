/** The items of a trigger: header, places, dead letters, and what is forgotten with a shard. */
import { describe, expect, test } from 'vitest';
import { putShard, putStream, type Shard, shardId, type Stream } from '../../src/stream/streams.ts';
import {
  dropLetter,
  findTrigger,
  forgetShards,
  type KeptLetter,
  letterMutation,
  listLetters,
  progressOf,
  putPlaces,
  putTrigger,
  removeTrigger,
  streamAfter,
  type Trigger,
} from '../../src/stream/trigger-state.ts';
import { MapReader } from '../support/map-reader.ts';

const trigger: Trigger = {
  name: '__proto__',
  table: 'T',
  label: '1',
  tree: 101,
  start: { ms: 0, sequence: 0 },
  owner: '',
  locked: false,
  beat: 0,
  letters: { count: 0, bytes: 0, next: 0, dropped: 0 },
  trimmed: 0,
};

const stream: Stream = {
  table: 'T',
  label: '1',
  arn: 'arn:aws:dynamodb:local:000000000000:table/T/stream/1',
  tableId: 'id',
  view: 'NEW_IMAGE',
  keys: { hash: [{ name: 'a', type: 'S' }], range: [] },
  createdMs: 5,
};

function shardOf(tree: number, more: Partial<Shard> = {}): Shard {
  const start = { ms: 1, sequence: 1 };
  return { tree, openedMs: 4, idMs: 4, from: 0, to: 2 ** 32, start, ...more };
}

function letter(id: number): KeptLetter {
  const { arn, view, keys } = stream;
  const told = { shard: 's', first: '1', last: '2', count: 1, condition: 'c', error: 'e' };
  return {
    letter: { id, stream: { arn, view, keys }, ...told, attempts: 1, failedMs: 5, missing: 0 },
    records: [{ key: new Uint8Array([1]), value: new Uint8Array([2, 3]) }],
    bytes: 5,
  };
}

describe('a trigger', () => {
  test('is found by its name, whatever that is', () => {
    const reader = new MapReader();
    expect(findTrigger(reader, '__proto__')).toBeUndefined();
    reader.apply([putTrigger(reader, trigger)]);
    expect(findTrigger(reader, '__proto__')).toEqual(trigger);
    expect(findTrigger(reader, '__proto')).toBeUndefined();
  });

  test('is removed with all that is kept of it, and nothing of another', () => {
    const reader = new MapReader();
    const other = { ...trigger, name: '__proto__2' };
    for (const one of [trigger, other]) {
      reader.apply([
        putTrigger(reader, one),
        putPlaces(reader, one.name, 's', []),
        letterMutation(reader, one.name, letter(0)),
      ]);
    }
    reader.apply(removeTrigger(reader, trigger.name));
    expect(findTrigger(reader, trigger.name)).toBeUndefined();
    expect(listLetters(reader, trigger.name, 9)).toEqual([]);
    expect(findTrigger(reader, other.name)).toEqual(other);
    expect(listLetters(reader, other.name, 9)).toHaveLength(1);
  });
});

describe('progress', () => {
  const end = { ms: 9, sequence: 9 };
  const parent = shardOf(101, { closedMs: 9, end });
  const child = shardOf(102, { idMs: 9, parent: shardId(parent) });

  function world(): MapReader {
    const reader = new MapReader();
    reader.apply([putTrigger(reader, trigger), putStream(reader, stream)]);
    reader.apply([putShard(reader, stream, parent), putShard(reader, stream, child)]);
    return reader;
  }

  test('begins at the start, and a child waits for its parent', () => {
    const [first, second] = progressOf(world(), trigger, 2);
    expect(first).toMatchObject({ isDone: false, isReady: true, id: shardId(parent) });
    expect(first?.places).toEqual([trigger.start, trigger.start]);
    expect(second).toMatchObject({ isDone: false, isReady: false });
  });

  test('a shard is done when all its lanes are at its end', () => {
    const reader = world();
    reader.apply([putPlaces(reader, trigger.name, shardId(parent), [end, trigger.start])]);
    expect(progressOf(reader, trigger, 2).map(({ isDone }) => isDone)).toEqual([false, false]);
    reader.apply([putPlaces(reader, trigger.name, shardId(parent), [end, end])]);
    const [first, second] = progressOf(reader, trigger, 2);
    expect([first?.isDone, second?.isReady]).toEqual([true, true]);
    reader.apply([putPlaces(reader, trigger.name, shardId(parent), [])]);
    expect(progressOf(reader, trigger, 5)[0]?.isDone).toBe(true);
  });

  test('a parent that was trimmed holds up nobody, and is forgotten', () => {
    const reader = world();
    const orphan = shardOf(103, { idMs: 10, parent: 'shardId-gone' });
    reader.apply([putShard(reader, stream, orphan)]);
    reader.apply([putPlaces(reader, trigger.name, 'shardId-gone', [trigger.start])]);
    reader.apply([putPlaces(reader, trigger.name, 'shardId-done', [])]);
    const listed = progressOf(reader, trigger, 1);
    expect(listed[2]?.isReady).toBe(true);
    const { mutations, count } = forgetShards(reader, trigger.name, listed);
    expect([mutations.length, count]).toEqual([2, 1]);
  });

  test('goes on to the next stream when this one is off and done', () => {
    const reader = world();
    const next = { ...stream, label: '2', arn: `${stream.arn}2` };
    reader.apply([putStream(reader, next), putShard(reader, next, shardOf(110))]);
    const done = progressOf(reader, trigger, 1).map((one) => ({ ...one, isDone: true }));
    expect(streamAfter(reader, trigger, done)).toBeUndefined();
    reader.apply([putStream(reader, { ...stream, disabledMs: 9 })]);
    expect(streamAfter(reader, trigger, progressOf(reader, trigger, 1))).toBeUndefined();
    expect(streamAfter(reader, trigger, done)).toEqual({ label: '2', tree: 110 });
    expect(streamAfter(reader, { ...trigger, label: '2', tree: 110 }, [])).toBeUndefined();
    // A clock was set back: the label is less, and the stream is later all the same.
    const later = { ...stream, label: '0', arn: `${stream.arn}0` };
    reader.apply([putStream(reader, later), putShard(reader, later, shardOf(120))]);
    expect(streamAfter(reader, trigger, done)?.label).toBe('2');
    reader.apply([putStream(reader, { ...next, disabledMs: 9 })]);
    expect(streamAfter(reader, { ...trigger, label: '2', tree: 110 }, [])?.label).toBe('0');
  });
});

test('dead letters keep records and order, and go one by one', () => {
  const reader = new MapReader();
  for (const id of [2, 0, 300]) reader.apply([letterMutation(reader, 't', letter(id))]);
  expect(listLetters(reader, 't', 9).map(({ letter: { id } }) => id)).toEqual([0, 2, 300]);
  expect(listLetters(reader, 't', 1, 0)).toEqual([letter(2)]);
  const dropped = dropLetter(reader, 't', 2);
  expect(dropped?.bytes).toBe(5);
  reader.apply(dropped?.mutations ?? []);
  expect(dropLetter(reader, 't', 2)).toBeUndefined();
});
