/**
 * In some worlds each table has a stream, and its records are to say where their changes were made
 * and the stamp of the version that each has left (docs/adr/0018).
 *
 * Known are the commits that each disk has taken, with the version in each; of an image, by its
 * mark, the stamps under which hubs have answered for it or told of it; and whose ids those are.
 */
import { hexOf, mapKey } from '../../src/base/bytes.ts';
import type { Stamp } from '../../src/base/hlc.ts';
import type { Commit } from '../../src/log/commit.ts';
import { readTurns } from '../../src/log/record.ts';
import { metaKey, type WriteBatch } from '../../src/port/store.ts';
import { decodeEntry, isOffered } from '../../src/replica/entry.ts';
import type { PageChange } from '../../src/replica/page.ts';
import { decodeVersion } from '../../src/replica/version.ts';
import { placeOfNumber } from '../../src/stream/sequence.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { tableInput } from '../support/engine.ts';
import { engineCaller, type Stored } from '../support/replica.ts';
import { type AskStream, readStream, type RecordInfo } from '../support/streams.ts';
import { itemOf } from './judge.ts';
import { metaIn } from './sites.ts';
import type { Station } from './sync-station.ts';

/** Drawn by itself, so that the other worlds are as they were. */
export function hasStreams(seed: number): boolean {
  return [0, 6, 11].includes(seed % 13);
}

export const streamFaults: readonly string[] = [
  'record of a change here',
  'record of a change elsewhere',
  'record of what shows again',
  'record without a version',
];

const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
export const streamedTable: object = { ...tableInput, StreamSpecification };

interface Told extends RecordInfo {
  readonly origin?: 'here' | 'elsewhere';
  readonly stamp?: Pick<Stamp, 'ms' | 'counter'> & { readonly replica: string };
}

/** What the commit of a record says, and the images of the record by their marks. */
interface Found {
  readonly station: Station;
  readonly record: Told;
  readonly now: string | undefined;
  readonly before: string | undefined;
}

interface Says {
  violate(what: string): void;
  fire(what: string): void;
}

export class StreamBook {
  readonly #says: Says;
  /** By station: of the disk that it has now, commits by their numbers. */
  readonly #commits = new Map<Station, { lives: number; written: Map<number, Commit> }>();
  /** By mark of an image. */
  readonly #stamps = new Map<string, Set<string>>();
  /** Names of stations, by their ids. */
  readonly #owners = new Map<string, string>();

  constructor(says: Says, stations: readonly Station[]) {
    this.#says = says;
    for (const one of stations) this.#follow(one);
  }

  #follow(station: Station): void {
    station.wrote = ({ add = [] }: WriteBatch) => {
      const { lives } = station;
      const known = this.#commits.get(station);
      const book = known?.lives === lives ? known : { lives, written: new Map<number, Commit>() };
      this.#commits.set(station, book);
      // What a stale engine writes where the log was trimmed already nobody reads.
      const meta = station.disk.memory.spaces.meta.get(metaKey);
      const trimmed = meta === undefined ? 0 : metaIn(meta).trimmed;
      const records = add.filter(({ space, key }) => space === 'log' && key > trimmed);
      for (const { commits } of readTurns(records).turns)
        for (const commit of commits) book.written.set(commit.sequence, commit);
    };
  }

  /** A hub has answered for an entry. */
  answered(input: object, output: object): void {
    const { Kind, Ms: ms, Counter: counter } = output as Readonly<Record<string, unknown>>;
    const entry = decodeEntry((input as { readonly Entry: Uint8Array }).Entry);
    const { replica } = entry.stamp;
    if (Kind === undefined || isOffered(entry.confirm)) return;
    for (const { image } of entry.mutations) {
      const w = image && markOf(decodeItem(image).get('w')?.value);
      if (w === undefined) continue;
      this.#owners.set(hexOf(replica), w.split('-', 1)[0] ?? '');
      if (Kind !== 'refused') this.#note(w, { ms: Number(ms), counter: Number(counter), replica });
    }
  }

  /** A hub has told of items. */
  told(changes: readonly PageChange[]): void {
    for (const { stamp, image } of changes) {
      const w = image && markOf(decodeItem(image).get('w')?.value);
      if (w !== undefined) this.#note(w, stamp);
    }
  }

  /** `isWhole`: nobody has lost anything, and nobody is somebody else. */
  async judge(
    stations: readonly Station[],
    storedOf: (station: Station) => Promise<Stored>,
    isWhole: boolean,
  ): Promise<void> {
    const all = new Map<Station, Stored>();
    for (const one of stations) all.set(one, await storedOf(one));
    for (const [{ name }, { self }] of all) this.#owners.set(hexOf(self.id), name);
    for (const [station, stored] of all) {
      const { engine } = await station.anyTab();
      const ask: AskStream = async (operation, input) => {
        const request = { operation, input, form: 'plain', caller: engineCaller } as const;
        return (await engine.call(request)) as Readonly<Record<string, unknown>>;
      };
      const { Table } = await ask('DescribeTable', { TableName: 'Things' });
      const { LatestStreamArn } = Table as { readonly LatestStreamArn: string };
      for (const record of (await readStream(ask, LatestStreamArn)) as readonly Told[]) {
        const { NewImage, OldImage } = record.dynamodb;
        const now = NewImage && markOf(itemOf(NewImage).get('w')?.value);
        const before = OldImage && markOf(itemOf(OldImage).get('w')?.value);
        const found = { station, record, now, before };
        const isTold = this.#checkVersion(found, stored);
        if (isTold && isWhole) this.#checkOrigin(found, stored);
        if (isTold && isWhole) this.#checkImage(found);
      }
    }
  }

  /** The version that the record names is the one in its commit. */
  #checkVersion({ station, record }: Found, { table }: Stored): boolean {
    const { sequence = 0 } = placeOfNumber(record.dynamodb.SequenceNumber) ?? {};
    const commit = this.#commits.get(station)?.written.get(sequence);
    const change = commit?.mutations.find(({ tree }) => tree === table.tree);
    if (commit === undefined || change === undefined) {
      // It was there when the station was another one.
      if (station.lives === 0) this.#violate(station, record, 'is of a change that nobody made');
      return false;
    }
    const { versions } = table.replica ?? {};
    const version = commit.mutations.find(({ tree, key }) => {
      return tree === versions && mapKey(key) === mapKey(change.key);
    });
    const stamp = version?.value && decodeVersion(version.value).stamp;
    // Of what a loss has made unknown there is none.
    const left = stamp && stamp.ms > 0 ? stamp : undefined;
    if (textOf(left) !== textOf(record.stamp))
      this.#violate(station, record, `is of the version ${textOf(left)}`);
    if ((version === undefined) !== (record.origin === undefined))
      this.#violate(station, record, 'does not say whether it was made here');
    if (version !== undefined && left === undefined) this.#says.fire('record without a version');
    return record.stamp !== undefined;
  }

  /** Whose version it is, there it was made; but where what shows again is another's. */
  #checkOrigin({ station, record, before }: Found, { self }: Stored): void {
    const owner = this.#owners.get(record.stamp?.replica ?? '');
    const isOwn = owner === station.name;
    if (owner === undefined) return;
    this.#says.fire(`record of a change ${record.origin}`);
    if (isOwn && record.origin !== 'here')
      this.#violate(station, record, 'is of a change that was made here');
    if (isOwn || record.origin !== 'here') return;
    // An own edit went, or an own deletion.
    const mayShowAgain = before === undefined || before.startsWith(`${station.name}-`);
    if (self.role === 'device' && mayShowAgain) this.#says.fire('record of what shows again');
    else this.#violate(station, record, `is of a change of ${owner}, after ${before}`);
  }

  /** What others wrote has the stamp that a hub has given it, or let it have. */
  #checkImage({ station, record, now }: Found): void {
    const stamps = now === undefined ? undefined : this.#stamps.get(now);
    if (record.origin !== 'elsewhere' || stamps === undefined) return;
    if (!stamps.has(textOf(record.stamp))) this.#violate(station, record, `is of ${now}`);
  }

  #note(w: string, stamp: Stamp): void {
    const known = this.#stamps.get(w) ?? new Set<string>();
    this.#stamps.set(w, known.add(textOf(stamp)));
  }

  #violate({ name }: Station, { dynamodb, origin, stamp }: Told, what: string): void {
    const number = dynamodb.SequenceNumber;
    this.#says.violate(`${name}: the record ${number} (${origin}, ${textOf(stamp)}) ${what}`);
  }
}

function markOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.includes('-') ? value : undefined;
}

function textOf(stamp: Stamp | Told['stamp']): string {
  if (stamp === undefined) return 'none';
  const { ms, counter, replica } = stamp;
  return `${ms}.${counter}.${typeof replica === 'string' ? replica : hexOf(replica)}`;
}
