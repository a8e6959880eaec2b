/**
 * Answers of a hub to devices, compressed where that pays: chunks of a snapshot and pages are
 * mostly names of attributes, again and again.
 *
 * It is HTTP's own coding, so what a device sends and understands is the same with it and without:
 * `fetch` undoes it on the way, and the device bounds what comes out (src/sync/http-link.ts). Who
 * is on this machine gets bytes as they are: they cost less there than the time to make them fewer.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { syncCodedBytesMin } from '../base/replica-limits.ts';
import { codingWanted } from '../wire/coding.ts';
import { isLoopback } from './loopback.ts';

const compress = promisify(gzip);

export interface CodedAnswer {
  readonly bytes: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** `address`: whom the connection is from. */
export async function codedFor(
  headers: IncomingHttpHeaders,
  address: string | undefined,
  answer: Uint8Array,
): Promise<CodedAnswer> {
  const plain = { bytes: answer, headers: {} };
  if (answer.length < syncCodedBytesMin || isNear(headers, address)) return plain;
  const accepted = headers['accept-encoding'];
  const wanted = codingWanted(Array.isArray(accepted) ? accepted.join(',') : accepted);
  if (wanted !== 'gzip') return plain;
  const bytes = await compress(answer, { level: constants.Z_BEST_SPEED });
  if (bytes.length >= answer.length) return plain;
  return { bytes, headers: { 'content-encoding': wanted, vary: 'accept-encoding' } };
}

/** On this machine; but a proxy here may speak for who is anywhere. */
function isNear(headers: IncomingHttpHeaders, address: string | undefined): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  return isLoopback(address?.replace('::ffff:', '') ?? '');
}
