/**
 * Limits of what a page keeps of what it has read (client/page-cache.ts, docs/adr/0023), and of the
 * buffers that answers come in (docs/adr/0039).
 */

/** Bytes of memory that a page's kept items take, unless `open` says otherwise. */
export const pageCacheBytesDefault: number = 8_388_608;
/** A larger item is not kept: it would push out too many. */
export const keptItemBytesMax: number = 65_536;
/** What a kept item costs besides its bytes and its text: objects, and its places in maps. */
export const keptItemOverheadBytes: number = 400;
/** After so long a read goes to the worker again, which looks at what other tabs wrote. */
export const keptFreshMs: number = 25;
/** A worker knows so many keys that a page may keep; then the page forgets all, and begins anew. */
export const givenKeysMax: number = 32_768;
/** So many keys a page may keep at their first reading; those beyond them, at their second. */
export const givenFreelyMax: number = 4096;
/** Of that many first readings, at most, the worker knows that they were: four bytes for each. */
export const firstReadingsMax: number = 16_384;
/** After so many reads in a row that the page had not kept, it looks for few. */
export const missesMax: number = 4096;
/** Of so many reads the page looks for one, then, until it finds what it kept. */
export const soughtOf: number = 8;
/** A larger buffer of answers is not given to the page, to come back and be filled again. */
export const spareBytesMax: number = 2_097_152;
/** Texts of more bytes are made in a buffer of their own (value/masked-text.ts). */
export const textBufferBytesMax: number = 2_097_152;
