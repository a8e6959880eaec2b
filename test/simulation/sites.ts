/**
 * The places where an engine asks something of its store, told from what it asks: each is a named
 * site of the Fault port with the purpose added, and the simulation makes each of them fail.
 */
import { decodeMeta, type Meta } from '../../src/pager/meta.ts';
import type { FaultSite } from '../../src/port/fault.ts';
import {
  markKey,
  metaKey,
  type ScanRange,
  type Space,
  type WriteBatch,
} from '../../src/port/store.ts';

export const sites = [
  'store.get meta',
  'store.get mark',
  'store.get list',
  'store.scan catch-up',
  'store.scan recover',
  'store.scan load',
  'store.write open',
  'store.write append',
  'store.write append-parts',
  'store.write withdraw',
  'store.write turnstile',
  'store.write reserve',
  'store.write take-over',
  'store.write slice',
  'store.write commit',
  'store.write sweep',
  'store.write swept',
  'store.write swept-dead',
  'store.write trim',
  'store.write barrier',
] as const satisfies readonly `${FaultSite} ${string}`[];

export type Site = (typeof sites)[number];

export function siteOfGet(space: Space, key: number): Site {
  if (space === 'meta' && key === markKey) return 'store.get mark';
  return space === 'page' ? 'store.get list' : 'store.get meta';
}

export function siteOfScan(ranges: readonly ScanRange[]): Site {
  if (ranges.some(({ space }) => space === 'page')) return 'store.scan load';
  const log = ranges.find(({ space }) => space === 'log');
  return log?.limit === undefined ? 'store.scan recover' : 'store.scan catch-up';
}

/** `stored` is the meta record as it is now. */
export function siteOfWrite(batch: WriteBatch, stored: Uint8Array | undefined): Site {
  const { add = [], put = [], remove = [] } = batch;
  if (add.length > 0) return add.length > 1 ? 'store.write append-parts' : 'store.write append';
  const ofMeta = put.filter(({ space }) => space === 'meta');
  if (ofMeta.some(({ key }) => key === markKey)) return 'store.write barrier';
  const meta = ofMeta.find(({ key }) => key === metaKey);
  if (meta === undefined) {
    return remove.some(({ space }) => space === 'log')
      ? 'store.write withdraw'
      : 'store.write sweep';
  }
  if (stored === undefined) return 'store.write open';
  return siteOfMeta(metaOf(stored), metaIn(meta.value));
}

/** What changes in the meta record says what the change is for. */
function siteOfMeta(before: Meta | undefined, after: Meta): Site {
  if (before === undefined || after.checkpoint !== before.checkpoint) return 'store.write commit';
  if (after.trimmed !== before.trimmed) return 'store.write trim';
  if (after.reservation !== undefined && after.lastNumber !== before.lastNumber) {
    return before.reservation === undefined ? 'store.write reserve' : 'store.write take-over';
  }
  if (after.dead.length < before.dead.length) return 'store.write swept-dead';
  if (after.unswept.length < before.unswept.length) return 'store.write swept';
  const slices = (meta: Meta): number | undefined => meta.reservation?.slices;
  if (slices(after) !== slices(before)) return 'store.write slice';
  return 'store.write turnstile';
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

/** Undefined when it is damaged. */
function metaOf(stored: Uint8Array): Meta | undefined {
  try {
    return metaIn(stored);
  } catch {
    return undefined;
  }
}
