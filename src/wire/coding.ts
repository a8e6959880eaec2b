/**
 * Content codings: what of a request's headers says which, and what a host must be able to do.
 *
 * `Accept-Encoding` is read as the service was seen to read it, broken headers too: a quality is
 * what follows the first `q=`, one that is no number counts as 1, `identity` counts for nothing.
 */

export type Coding = 'gzip' | 'deflate';

/** `large`: the text is longer than the bound; `broken`: it is not of that coding. */
export type Decoded = Uint8Array | 'large' | 'broken';

export interface Codings {
  /** Stops at the bound and not after it: a few bytes can stand for gigabytes. */
  decode(coding: Coding, body: Uint8Array, bytesMax: number): Promise<Decoded>;
  encode(coding: Coding, body: Uint8Array): Promise<Uint8Array>;
}

const codings: readonly Coding[] = ['gzip', 'deflate'];

/** What Content-Encoding names; `unknown` when no host could undo it. */
export function codingOf(header: string | undefined): Coding | 'none' | 'unknown' {
  const name = header?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return 'none';
  return codings.find((coding) => coding === name) ?? 'unknown';
}

/** What Accept-Encoding likes best; undefined for an answer as it is. */
export function codingWanted(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined;
  const entries = header.split(',').map(entryOf);
  const named = entries.filter(({ name }) => codings.some((coding) => coding === name));
  const any = entries.find(({ name }) => name === '*');
  const other = codings.find((coding) => named.every(({ name }) => name !== coding));
  // Named codings stand before the one that the star means, so they win where both are as good.
  const liked =
    any === undefined || other === undefined ? named : [...named, { ...any, name: other }];
  let best: { readonly name: string; readonly quality: number } | undefined;
  for (const entry of liked) {
    if (entry.quality > (best?.quality ?? 0)) best = entry;
  }
  return best?.name as Coding | undefined;
}

function entryOf(text: string): { readonly name: string; readonly quality: number } {
  const [name = '', ...parameters] = text.split(';');
  const quality = parameters.find((parameter) => parameter.includes('q='));
  return {
    name: name.trim().toLowerCase(),
    quality: quality === undefined ? 1 : qualityOf(quality.slice(quality.indexOf('q=') + 2)),
  };
}

function qualityOf(text: string): number {
  const digits = text.trim();
  return /^-?\d+(?:\.\d*)?$/.test(digits) ? Math.min(Number(digits), 1) : 1;
}
