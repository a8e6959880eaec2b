/** Ours: what an engine holds in memory. Bytes unless the name says otherwise. */
const MB = 1024 * 1024;

/** A tail is set aside for a checkpoint at so much, and so many eighths of the cache's bound; */
export const tailLeastBytes: number = 12 * MB;
export const tailCacheEighths: number = 1;
/** both tails, where no checkpoint can be made, have at most so much more than the cache leaves. */
export const tailRefusedBytesMax: number = 30 * MB;
/** What an entry of the tail costs besides its bytes. */
export const tailEntryBytes: number = 200;
/** The cache keeps this part of its bound whatever the tails have. */
export const cacheLeastShare: number = 4;
/** Pages that a call of many items asks for at once: some megabytes. */
export const scoutPagesMax: number = 128;
/** A write that would bring pages waits while others have so many that cannot go: about 6 MB. */
export const pinnedPagesMax: number = 256;
/** What lives as long as one another is copied into buffers of this size, */
export const arenaChunkBytes: number = 64 * 1024;
/** unless it is longer. */
export const arenaBytesMax: number = 4096;
/** The buffer that turns are encoded in is kept unless a long one has made it larger. */
export const turnBufferBytesMax: number = 2 * MB;
