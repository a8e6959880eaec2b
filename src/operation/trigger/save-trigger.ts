/**
 * SaveTrigger: a trigger's holder says how far a lane is, what it could not deliver, and that it is
 * alive. It is decided at the head: who does not hold the trigger any more changes nothing.
 *
 * A place and the dead letters before it are one commit, so neither is there without the other.
 */
import {
  deadLetterBytesMax,
  deadLettersBytesMax,
  deadLettersMax,
  triggerBatchMax,
  triggerLanesMax,
} from '../../base/trigger-limits.ts';
import { changeKey, comparePlaces } from '../../log/change.ts';
import type { Mutation } from '../../log/commit.ts';
import { boolean, type InputOf, integer, list, string, struct } from '../../shape/constructors.ts';
import { findShard, getStream } from '../../stream/streams.ts';
import {
  dropLetter,
  forgetShards,
  isAtEnd,
  type KeptLetter,
  letterMutation,
  listLetters,
  progressOf,
  putPlaces,
  putTrigger,
  streamAfter,
  type Trigger,
} from '../../stream/trigger-state.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type Operation, operation } from '../operation.ts';
import { systemCommit } from '../table/stored.ts';
import { knownTrigger, lanesShape, placeIn, triggerName } from './shared.ts';

const failedShape = struct({
  Numbers: list(string(), { min: 1, max: triggerBatchMax }).required,
  Condition: string().required,
  Error: string().required,
  Attempts: integer().required,
  /** What to do when there is no room: nothing is saved, or the oldest letters go. */
  DropOldest: boolean,
});

const shape = struct({
  Name: triggerName.required,
  Owner: string().required,
  Lanes: lanesShape.required,
  Shard: string(),
  Lane: integer({ min: 0, max: triggerLanesMax - 1 }),
  After: string(),
  Failed: failedShape,
  /** The stream is off and done, and the table has another one. */
  Advance: boolean,
  Release: boolean,
});

type Input = InputOf<typeof shape>;
type Failed = InputOf<typeof failedShape>;

export interface SaveOutput {
  /** False: another holds it, and nothing was saved. */
  readonly Held: boolean;
  /** There is no room for dead letters, and nothing was saved. */
  readonly Blocked: boolean;
}

/** A trigger on its way through one commit. */
interface Draft {
  trigger: Trigger;
  readonly mutations: Mutation[];
}

export const SaveTrigger: Operation = operation({
  name: 'SaveTrigger',
  kind: 'write',
  internal: true,
  input: shape,
  check: (input) => input,
  plan: (input) => input,
  decide(input, { reader, nowMs }) {
    const trigger = knownTrigger(reader, input.Name);
    if (trigger.owner !== input.Owner) {
      return { output: { Held: false, Blocked: false } satisfies SaveOutput };
    }
    const draft: Draft = { trigger, mutations: [] };
    if (input.Failed !== undefined && !keep(reader, draft, input, input.Failed, nowMs)) {
      return { output: { Held: true, Blocked: true } satisfies SaveOutput };
    }
    const isDone = savePlace(reader, draft, input);
    if (isDone || input.Advance === true) moveOn(reader, draft);
    const { trigger: next, mutations } = draft;
    const owner = input.Release === true ? '' : next.owner;
    const header = putTrigger(reader, { ...next, owner, beat: next.beat + 1 });
    const output: SaveOutput = { Held: true, Blocked: false };
    return { output, commits: [systemCommit([header, ...mutations])] };
  },
});

/** The lane's new place; whether its shard is done now. A place never goes back. */
function savePlace(reader: TreeReader, draft: Draft, input: Input): boolean {
  const { Shard, Lane, After, Lanes } = input;
  if (Shard === undefined || Lane === undefined || After === undefined) return false;
  const found = progressOf(reader, draft.trigger, Lanes).find(({ id }) => id === Shard);
  // It was trimmed meanwhile: what comes after it may be read.
  if (found === undefined) return true;
  const after = placeIn(After);
  const places = found.places.map((place, lane) => {
    return lane === Lane && comparePlaces(after, place) > 0 ? after : place;
  });
  const isDone = isAtEnd(places, found.shard.end);
  draft.mutations.push(putPlaces(reader, draft.trigger.name, Shard, isDone ? [] : places));
  return isDone;
}

/** Forgets shards that are gone; goes on to the table's next stream when this one is done. */
function moveOn(reader: TreeReader, draft: Draft): void {
  const { trigger, mutations } = draft;
  const next = { ...trigger, ...streamAfter(reader, trigger, progressOf(reader, trigger, 1)) };
  const listed = progressOf(reader, next, 1);
  const { mutations: gone, count } = forgetShards(reader, trigger.name, listed);
  const just = new Set(mutations.map(({ key }) => key.join()));
  mutations.push(...gone.filter(({ key }) => !just.has(key.join())));
  draft.trigger = { ...next, trimmed: trigger.trimmed + count };
}

/** Puts the records into dead letters; false when there is no room for them. */
function keep(
  reader: TreeReader,
  draft: Draft,
  { Shard = '' }: Input,
  failed: Failed,
  nowMs: number,
): boolean {
  const { trigger } = draft;
  const stream = getStream(reader, trigger);
  const shard = findShard(reader, trigger, Shard);
  // Their shard was trimmed: there is nothing left to keep.
  if (stream === undefined || shard === undefined) return true;
  const letters: KeptLetter[] = [];
  const { arn, view, keys } = stream;
  let { next } = trigger.letters;
  for (const numbers of partsOf(reader, shard.tree, failed.Numbers)) {
    const records = numbers.flatMap((number) => recordAt(reader, shard.tree, number));
    const letter = {
      id: next++,
      shard: Shard,
      stream: { arn, view, keys },
      first: numbers[0] ?? '',
      last: numbers.at(-1) ?? '',
      count: numbers.length,
      condition: failed.Condition,
      error: failed.Error,
      attempts: failed.Attempts,
      failedMs: nowMs,
      missing: numbers.length - records.length,
    };
    letters.push({ letter, records, bytes: bytesOf(records) });
  }
  if (!makeRoom(reader, draft, letters, failed.DropOldest === true)) return false;
  const { count, bytes, dropped } = draft.trigger.letters;
  const added = letters.reduce((sum, letter) => sum + letter.bytes, 0);
  draft.mutations.push(...letters.map((letter) => letterMutation(reader, trigger.name, letter)));
  draft.trigger = {
    ...draft.trigger,
    letters: { count: count + letters.length, bytes: bytes + added, next, dropped },
  };
  return true;
}

/** Drops the oldest letters where that is wished; whether there is room for the new ones. */
function makeRoom(
  reader: TreeReader,
  draft: Draft,
  letters: readonly KeptLetter[],
  dropOldest: boolean,
): boolean {
  let { count, bytes, dropped, next } = draft.trigger.letters;
  const wanted = letters.reduce((sum, letter) => sum + letter.bytes, 0);
  const isFull = (): boolean =>
    count > 0 && (count + letters.length > deadLettersMax || bytes + wanted > deadLettersBytesMax);
  if (isFull() && !dropOldest) return false;
  for (let after = -1; isFull(); ) {
    const [oldest] = listLetters(reader, draft.trigger.name, 1, after);
    if (oldest === undefined) break;
    after = oldest.letter.id;
    draft.mutations.push(...(dropLetter(reader, draft.trigger.name, after)?.mutations ?? []));
    count -= 1;
    bytes -= oldest.bytes;
    dropped += 1;
  }
  draft.trigger = { ...draft.trigger, letters: { count, bytes, dropped, next } };
  return true;
}

/** Numbers in pieces whose records fit a letter, at least one in each. */
function* partsOf(
  reader: TreeReader,
  tree: number,
  numbers: readonly string[],
): Generator<readonly string[], void, void> {
  let part: string[] = [];
  let bytes = 0;
  for (const number of numbers) {
    const size = bytesOf(recordAt(reader, tree, number));
    if (part.length > 0 && bytes + size > deadLetterBytesMax) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(number);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function recordAt(reader: TreeReader, tree: number, number: string): KeptLetter['records'] {
  const key = changeKey(placeIn(number));
  const value = reader.get(tree, key);
  return value === undefined ? [] : [{ key, value: value.slice() }];
}

function bytesOf(records: KeptLetter['records']): number {
  return records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
}
