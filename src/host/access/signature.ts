/**
 * Signature Version 4, verified: the canonical request, what is signed of it, and the comparison.
 *
 * The host, the date, the target and the body are always signed; a request that leaves one of them
 * out could be sent again as another. Signatures have no nonce: within 15 minutes the same request
 * can be sent again, and a write is safe from that by its ClientRequestToken or its condition.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { DynamoError } from '../../base/errors.ts';
import { wellFormed } from '../../value/text.ts';
import type { HttpRequest } from '../../wire/dispatch.ts';
import { invalidSignature, type Signature } from '../../wire/sigv4.ts';

export type SignedHead = Pick<HttpRequest, 'method' | 'url' | 'headers'>;

export interface Dated extends Signature {
  readonly date: string;
}

const alwaysSigned: readonly (readonly [header: string, shown: string])[] = [
  ['host', 'Host'],
  ['x-amz-target', 'X-Amz-Target'],
];

/** The refusal of a signature that leaves out what must not be changed. */
export function unsignedRefusal(head: SignedHead, signature: Dated): DynamoError | undefined {
  const signed = new Set(signature.signedHeaders.toLowerCase().split(';'));
  const dated = head.headers['x-amz-date'] ? 'X-Amz-Date' : 'Date';
  const dateNames = signature.inQuery ? [] : [[dated.toLowerCase(), dated] as const];
  for (const [header, shown] of [...alwaysSigned, ...dateNames]) {
    if (signed.has(header)) continue;
    return invalidSignature(`'${shown}' must be a 'SignedHeader' in the AWS Authorization.`);
  }
  return undefined;
}

/** The refusal of a signature that another secret made, or of another request; else undefined. */
export function secretRefusal(
  head: SignedHead,
  body: Uint8Array,
  signature: Dated,
  secret: string,
): DynamoError | undefined {
  const canonical = canonicalRequest(head, body, signature);
  const scope = signature.credential.split('/').slice(1);
  const toSign = [
    signature.algorithm,
    signature.date,
    scope.join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  const expected = createHmac('sha256', key).update(toSign).digest();
  // Anything that is not 64 digits becomes fewer bytes, and is unequal at once.
  const given = Buffer.from(signature.value, 'hex');
  const isWhole = /^[0-9a-f]{64}$/.test(signature.value);
  if (isWhole && timingSafeEqual(given, expected)) return undefined;
  return invalidSignature(
    'The request signature we calculated does not match the signature you provided. Check your AWS ' +
      'Secret Access Key and signing method. Consult the service documentation for details.\n\n' +
      `The Canonical String for this request should have been\n'${canonical}'\n\n` +
      `The String-to-Sign should have been\n'${toSign}'\n`,
  );
}

function canonicalRequest(
  { method, url, headers }: SignedHead,
  body: Uint8Array,
  { signedHeaders }: Dated,
): string {
  const [path = '/', query = ''] = splitOnce(url.replace(/^https?:\/\/[^/?]*/i, ''), '?');
  const names = signedHeaders.toLowerCase().split(';');
  return [
    method,
    (path || '/').split('/').map(encoded).join('/'),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    createHash('sha256').update(body).digest('hex'),
  ].join('\n');
}

/** In order of names, then of values; the signature itself is not signed. */
function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .map((part) => splitOnce(part, '=').map((text) => encoded(decoded(text))))
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a = '', x = ''], [b = '', y = '']) => order(a, b) || order(x, y))
    .map(([name = '', value = '']) => `${name}=${value}`)
    .join('&');
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function splitOnce(text: string, by: string): readonly [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + by.length)];
}

/** A text that is not well encoded stands for itself, and will fit no signature. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986: letters, digits and `-._~` as they are. A lone surrogate is replaced. */
function encoded(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(/[!'()*]/g, (letter) => {
    return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}
