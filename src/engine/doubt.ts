/**
 * Counters in doubt: a repair has begun to put items back, or to give some up, and no whole scrub
 * that began later has ended.
 *
 * A repair ends with such a scrub. Where it was interrupted the note stays in the store, with the
 * commits that it is about or without them, and the next engine that finds it scrubs as soon as
 * nobody writes (docs/formats/meta.md). Those commits leave a mark: a scrub that sees it change
 * does not settle what stood when it began. The note names the pages that were given up: nothing
 * else does when the repair ends before it has removed them.
 */
import { ByteReader, ByteWriter, equalBytes } from '../base/bytes.ts';
import { crc32c } from '../base/checksum.ts';
import { checkpointSpan, doubtPagesMax } from '../base/limits.ts';
import { pageRange } from '../pager/versions.ts';
import { type SpaceKeys, StoreFailure, type WriteBatch } from '../port/store.ts';
import type { EngineState } from './state.ts';

/** Where in space meta the note is. */
export const doubtKey = 5;

const nonceBytes = 8;
/** A checksum of all but itself follows, where pages are named. */
const pagesAt = nonceBytes + 4;

/**
 * Before each change that may put counters off: a scrub that began earlier does not settle it.
 * `page` is about to be given up.
 */
export async function noteDoubt(state: EngineState, page?: number): Promise<void> {
  const standing = await readDoubt(state);
  const pages = new Set(standing === undefined ? [] : pagesIn(standing));
  if (page !== undefined) pages.add(page);
  // The first have gone long since.
  const value = noteOf(state.options.random.bytes(nonceBytes), [...pages].slice(-doubtPagesMax));
  await writeOurs(state, { put: [{ space: 'meta', key: doubtKey, value }] });
}

/** What is in doubt just now; undefined: nothing. */
export function readDoubt({ options }: EngineState): Promise<Uint8Array | undefined> {
  return options.store.get('meta', doubtKey);
}

/**
 * A whole scrub has ended that began when `doubt` stood. Pages that were given up go with it, but
 * for those of `damaged`: they are on record, and for a repair to come.
 */
export async function settleDoubt(
  state: EngineState,
  doubt: Uint8Array,
  damaged: ReadonlySet<number>,
): Promise<void> {
  const now = await readDoubt(state);
  if (now === undefined || !equalBytes(now, doubt)) return;
  const gone = pagesIn(doubt).filter((page) => !damaged.has(page));
  const records = gone.map((page) => recordsOf(page));
  await writeOurs(state, {
    remove: [{ space: 'meta', from: doubtKey, to: doubtKey }, ...records],
  });
}

/** All versions of a page, and of so many that follow it. */
export function recordsOf(page: number, pages = 1): SpaceKeys {
  const { from } = pageRange(page, 0);
  const { to } = pageRange(page + pages - 1, checkpointSpan - 1);
  return { space: 'page', from, to };
}

function noteOf(nonce: Uint8Array, pages: readonly number[]): Uint8Array {
  if (pages.length === 0) return nonce;
  const writer = new ByteWriter(64);
  writer.raw(nonce);
  writer.u32(0);
  for (const page of pages) writer.varint(page);
  writer.patchU32(nonceBytes, checksumOf(writer.view()));
  return writer.take();
}

/** None where the note itself is damaged: records that stay are better than pages that go. */
function pagesIn(doubt: Uint8Array): readonly number[] {
  if (doubt.length <= pagesAt) return [];
  const reader = new ByteReader(doubt, nonceBytes);
  if (reader.u32() !== checksumOf(doubt)) return [];
  const pages: number[] = [];
  for (let count = 0; count < doubtPagesMax && !reader.done; count += 1) {
    pages.push(reader.varint());
  }
  return pages;
}

function checksumOf(note: Uint8Array): number {
  return crc32c(note.subarray(pagesAt), crc32c(note.subarray(0, nonceBytes)));
}

async function writeOurs({ options }: EngineState, batch: WriteBatch): Promise<void> {
  const whole = { ...batch, expectMeta: (meta: Uint8Array | undefined) => meta !== undefined };
  // Doing it twice is doing it once: an unknown outcome is simply tried again.
  let result = await options.store.write(whole);
  if (result.kind === 'unknown') result = await options.store.write(whole);
  if (result.kind !== 'done') throw new StoreFailure('lost', 'a note was not written', result);
}
