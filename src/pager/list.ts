/**
 * The list of a checkpoint: the pages it wrote and freed, in records of its own.
 *
 * Who adopts a checkpoint drops these pages from its cache; who sweeps it deletes the versions they
 * replaced. Part i of the list is page id i (below `listPages`) under the checkpoint's number; a
 * part is written anew with every slice that extends it (docs/formats/page.md).
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { Corruption } from '../base/corruption.ts';
import { listPages, recordBytesMax } from '../base/limits.ts';
import { checkPageRecord, pageHeaderBytes, seal, writePageHeader } from './page.ts';

export interface ListEntry {
  readonly page: number;
  /**
   * - `image`: every older version of the page is replaced.
   * - `delta`: the older versions are still needed.
   * - `freed`: no version of the page is needed, this checkpoint's own included.
   */
  readonly kind: 'image' | 'delta' | 'freed';
}

const kinds: readonly ListEntry['kind'][] = ['image', 'delta', 'freed'];

/** How many entries a part may have: one takes at most five bytes. */
export const listEntriesMax: number = Math.floor((recordBytesMax - pageHeaderBytes - 8) / 5);

/**
 * The record of part `part` of the list of checkpoint `number`; its key is pageKey(part, number).
 */
export function encodeList(
  number: number,
  part: number,
  entries: readonly ListEntry[],
): Uint8Array {
  assert(part < listPages, `a list of more than ${listPages} parts`);
  assert(entries.length <= listEntriesMax, `${entries.length} entries in a part of a list`);
  const writer = new ByteWriter(pageHeaderBytes + 8 + entries.length * 5);
  for (let at = 0; at < pageHeaderBytes; at += 4) writer.u32(0);
  writer.varint(entries.length);
  for (const { page, kind } of entries) writer.varint(page * 4 + kinds.indexOf(kind));
  const bytes = writer.take();
  writePageHeader(bytes, { kind: 'list', id: part, checkpoint: number, previous: 0 });
  seal(bytes);
  return bytes;
}

/** Throws Corruption when the record is damaged, or is not this part of this list. */
export function decodeList(bytes: Uint8Array, number: number, part: number): readonly ListEntry[] {
  const header = checkPageRecord(bytes);
  if (header.kind !== 'list' || header.id !== part || header.checkpoint !== number) {
    throw new Corruption(`list ${number}, part ${part}: another record is in its place`);
  }
  const reader = new ByteReader(bytes, pageHeaderBytes);
  const count = reader.varint();
  const entries: ListEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    const code = reader.varint();
    const kind = kinds[code % 4];
    if (kind === undefined) throw new Corruption(`list ${number}: entry of kind ${code % 4}`);
    entries.push({ page: Math.floor(code / 4), kind });
  }
  return entries;
}
