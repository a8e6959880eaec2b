/**
 * Whether bytes occur inside bytes, in time linear in both (Knuth, Morris and Pratt).
 *
 * Both sides of `contains` come from callers and may be 400 KB, so the naive search, whose worst
 * case is their product, could hold the engine for minutes.
 */

export function findBytes(bytes: Uint8Array, part: Uint8Array): boolean {
  if (part.length === 0) return true;
  if (part.length > bytes.length) return false;
  const borders = bordersOf(part);
  let matched = 0;
  for (const byte of bytes) {
    while (matched > 0 && part[matched] !== byte) matched = borders[matched - 1] as number;
    if (part[matched] === byte) matched += 1;
    if (matched === part.length) return true;
  }
  return false;
}

/** For each prefix of `part`, the length of its longest proper prefix that is also its suffix. */
function bordersOf(part: Uint8Array): Uint32Array {
  const borders = new Uint32Array(part.length);
  let border = 0;
  for (let at = 1; at < part.length; at += 1) {
    while (border > 0 && part[border] !== part[at]) border = borders[border - 1] as number;
    if (part[border] === part[at]) border += 1;
    borders[at] = border;
  }
  return borders;
}
