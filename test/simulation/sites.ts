/**
 * The places where an engine asks something of its store, told from what it asks: each is a named
 * site of the Fault port with the purpose added, and the simulation makes each of them fail.
 *
 * Every kind of write has a site of its own, by what it visibly changes; one that is of no kind
 * known here is a mistake of this file, and fails the world. A change of the meta record is told
 * from the record that its engine has read, which may not be the stored one any more.
 */
import { assert } from '../../src/base/assert.ts';
import { emptyBytes, equalBytes } from '../../src/base/bytes.ts';
import { checkpointSpan } from '../../src/base/limits.ts';
import { countedKey, givenKey } from '../../src/engine/doubt.ts';
import { asideKey, logNoteKey } from '../../src/engine/log-damage.ts';
import { type Build, decodeMeta, type Meta } from '../../src/pager/meta.ts';
import type { FaultSite } from '../../src/port/fault.ts';
import {
  markKey,
  metaKey,
  type ScanRange,
  type Space,
  type SpaceKeys,
  type SpaceRecord,
  type WriteBatch,
} from '../../src/port/store.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';

/** Those that a device comes to by itself. */
export const sites = [
  'store.get meta',
  'store.get mark',
  'store.get list',
  'store.scan catch-up',
  'store.scan recover',
  'store.scan load',
  'store.write open',
  'store.write restore',
  'store.write append',
  'store.write append-parts',
  'store.write withdraw',
  'store.write turnstile',
  'store.write leave',
  'store.write reserve',
  'store.write take-over',
  'store.write slice',
  'store.write commit',
  'store.write sweep',
  'store.write sweep-dead',
  'store.write swept',
  'store.write swept-dead',
  'store.write swept-again',
  'store.write trim',
  'store.write barrier',
  'store.write build-begin',
  'store.write build-slice',
  'store.write build-count',
  'store.write build-end',
  'store.write build-free',
  'store.write aside',
  'store.write cut',
  'store.write forget-log',
  'store.write give-up',
  'store.write given-up',
  'store.write settle',
] as const satisfies readonly `${FaultSite} ${string}`[];

/** Those of them that fail in runs of many seeds only: a repair gives a page, or a log up. */
export const repairSites = [
  'store.write forget-log',
  'store.write give-up',
  'store.write given-up',
  'store.write settle',
] as const satisfies readonly (typeof sites)[number][];

/** And those of replicas only: worlds of several devices come to them. */
export const replicaSites = [
  'store.write mend',
] as const satisfies readonly `${FaultSite} ${string}`[];

export type Site = (typeof sites)[number] | (typeof replicaSites)[number];

export function siteOfGet(space: Space, key: number): Site {
  if (space === 'meta' && key === markKey) return 'store.get mark';
  return space === 'page' ? 'store.get list' : 'store.get meta';
}

export function siteOfScan(ranges: readonly ScanRange[]): Site {
  if (ranges.some(({ space }) => space === 'page')) return 'store.scan load';
  const log = ranges.find(({ space }) => space === 'log');
  return log?.limit === undefined ? 'store.scan recover' : 'store.scan catch-up';
}

/** Throws AssertionFailure on a write of a kind that has no site. */
export function siteOfWrite(batch: WriteBatch, disk: MemoryDisk): Site {
  noteMeta(disk);
  const meta = batch.put?.find(({ space, key }) => space === 'meta' && key === metaKey);
  const site = meta === undefined ? siteOfParts(batch) : siteOfMeta(batch, meta.value, disk);
  assert(site !== undefined, `a write without a site: ${told(batch)}`);
  return site;
}

/** What a write without the meta record puts and removes says what it is for. */
const ofParts: Readonly<Record<string, Site>> = {
  '+log': 'store.write append',
  '-log': 'store.write withdraw',
  mark: 'store.write barrier',
  '-versions': 'store.write sweep',
  '-dead': 'store.write sweep-dead',
  page: 'store.write build-slice',
  '-pages': 'store.write build-free',
  // With a mark in front of many that are gone.
  '-pages page': 'store.write build-free',
  aside: 'store.write aside',
  note: 'store.write give-up',
  // By the repair, or by the scrub after one that was interrupted.
  '-note -pages': 'store.write given-up',
  '-note -pages counted': 'store.write settle',
  counted: 'store.write settle',
  // A scrub after which nothing is to be removed, and that could not count all.
  '': 'store.write settle',
};

function siteOfParts(batch: WriteBatch): Site | undefined {
  const site = ofParts[told(batch)];
  if (site === 'store.write append' && (batch.add ?? []).length > 1) {
    return 'store.write append-parts';
  }
  // A build has many pages in a row; those that a replica has lost go each by itself.
  const isMend = site === 'store.write build-free' && batch.remove?.every(isOnePage) === true;
  return isMend ? 'store.write mend' : site;
}

function isOnePage({ from, to }: SpaceKeys): boolean {
  return Math.floor(from / checkpointSpan) === Math.floor(to / checkpointSpan);
}

/** The kinds of what a batch adds, removes and puts. */
function told({ add = [], put = [], remove = [] }: WriteBatch): string {
  const added = add.map(({ space }) => `+${space}`);
  const removed = [...new Set(remove.map(kindOfKeys))].sort();
  return [...new Set([...added, ...removed, ...put.map(kindOf)])].join(' ');
}

function kindOf({ space, key }: SpaceRecord): string {
  if (space !== 'meta') return space;
  if (key === markKey) return 'mark';
  if (key === countedKey) return 'counted';
  if (key >= asideKey) return 'aside';
  return key >= givenKey ? 'note' : `meta ${key}`;
}

function kindOfKeys({ space, from, to }: SpaceKeys): string {
  if (space === 'log') return '-log';
  if (space === 'meta') return from >= givenKey && from < asideKey ? '-note' : `-meta ${from}`;
  if (from % checkpointSpan > 0) return '-dead';
  return to % checkpointSpan === checkpointSpan - 1 ? '-pages' : '-versions';
}

function siteOfMeta(batch: WriteBatch, bytes: Uint8Array, disk: MemoryDisk): Site | undefined {
  const { add = [], remove = [], expectMeta } = batch;
  if (expectMeta?.(undefined) === true) return 'store.write open';
  // Who puts the copy in its place expects whatever is damaged, and nobody else does.
  if (expectMeta?.(emptyBytes) === true) return 'store.write restore';
  const before = metasOf(disk).findLast((known) => expectMeta?.(known) === true);
  if (before === undefined) return undefined;
  const site = siteOfChange(metaIn(before), metaIn(bytes));
  if (site === 'store.write trim' && add.length > 0) return 'store.write cut';
  if (site !== undefined || !equalBytes(bytes, before)) return site;
  if (remove.some(({ space, from }) => space === 'meta' && from === logNoteKey)) {
    return 'store.write forget-log';
  }
  // Another engine has done the same meanwhile.
  return remove.every(({ space }) => space === 'page') ? 'store.write swept-again' : undefined;
}

/** What changes in the meta record says what the change is for. */
function siteOfChange(before: Meta, after: Meta): Site | undefined {
  if (after.checkpoint !== before.checkpoint) return 'store.write commit';
  if (after.trimmed !== before.trimmed) return 'store.write trim';
  if (after.lastNumber !== before.lastNumber) {
    return before.reservation === undefined ? 'store.write reserve' : 'store.write take-over';
  }
  if (after.dead.length < before.dead.length) return 'store.write swept-dead';
  if (after.unswept.length < before.unswept.length) return 'store.write swept';
  const { reservation, turnstile, builds = [] } = after;
  if (reservation?.slices !== before.reservation?.slices) return 'store.write slice';
  if (turnstile?.count !== before.turnstile?.count) {
    return turnstile === undefined ? 'store.write leave' : 'store.write turnstile';
  }
  return siteOfBuilds(before.builds ?? [], builds);
}

function siteOfBuilds(before: readonly Build[], after: readonly Build[]): Site | undefined {
  const known = new Map(before.map(({ number, slices }) => [number, slices]));
  if (after.some(({ number }) => !known.has(number))) return 'store.write build-begin';
  if (after.length < before.length) return 'store.write build-end';
  if (after.some(({ number, slices }) => known.get(number) !== slices)) {
    return 'store.write build-count';
  }
  // What became of the first try is unknown: who begins again stands last.
  const isMoved = after.some(({ number }, at) => number !== before[at]?.number);
  return isMoved ? 'store.write build-begin' : undefined;
}

/** Sound meta records that a disk has had, the newest last: a writer has read one of them. */
const ofDisks = new WeakMap<MemoryDisk, Uint8Array[]>();

function metasOf(disk: MemoryDisk): readonly Uint8Array[] {
  return ofDisks.get(disk) ?? [];
}

/** To be called whenever the meta record is read or written. */
export function noteMeta(disk: MemoryDisk): void {
  const stored = disk.spaces.meta.get(metaKey);
  const known = ofDisks.get(disk) ?? [];
  if (stored === undefined || stored === known.at(-1) || !isSound(stored)) return;
  ofDisks.set(disk, known);
  known.push(stored);
}

const decoded = new WeakMap<Uint8Array, Meta>();

/** A meta record that is written, or stored: such bytes are never changed in place. */
export function metaIn(bytes: Uint8Array): Meta {
  const known = decoded.get(bytes);
  if (known !== undefined) return known;
  const meta = decodeMeta(bytes);
  decoded.set(bytes, meta);
  return meta;
}

function isSound(stored: Uint8Array): boolean {
  try {
    return metaIn(stored) !== undefined;
  } catch {
    return false;
  }
}
