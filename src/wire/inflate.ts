/**
 * A request body out of its `Content-Encoding: gzip`, bounded.
 *
 * A few bytes of gzip can hold gigabytes of zeros, so inflating stops at the bound and not after
 * it.
 */

/** `large`: the text is longer than `bytesMax`; `broken`: it is not gzip. */
export type Inflated = Uint8Array | 'large' | 'broken';

export async function gunzip(body: Uint8Array, bytesMax: number): Promise<Inflated> {
  const reader = new Blob([body as BlobPart])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    while (length <= bytesMax) {
      const { done, value } = await reader.read();
      if (done) return join(parts, length);
      parts.push(value);
      length += value.length;
    }
  } catch {
    return 'broken';
  }
  // What is left is dropped; that the source then ends early is no news.
  reader.cancel().catch(() => undefined);
  return 'large';
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
