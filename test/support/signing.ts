/** Signature Version 4 by a few lines of the test's own, to be tampered with. */
import { createHash, createHmac } from 'node:crypto';

export interface Signing {
  readonly id: string;
  readonly secret: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly region?: string;
  readonly service?: string;
  readonly target?: string;
  /** `/` unless given. */
  readonly path?: string;
  /** Names in small letters, in order. */
  readonly signed?: readonly string[];
  /** Signed besides, under names in small letters that come first. */
  readonly before?: Readonly<Record<string, string>>;
}

/** The headers of a signed POST to `host` with that body. */
export function signedHeaders(
  host: string,
  body: string | Uint8Array,
  { id, secret, atMs, region = 'local', service = 'dynamodb', ...more }: Signing,
): Record<string, string> {
  const date = new Date(atMs).toISOString().replace(/\.\d+|[-:]/g, '');
  const headers: Record<string, string> = {
    ...more.before,
    'content-type': 'application/x-amz-json-1.0',
    host,
    'x-amz-date': date,
    'x-amz-target': `DynamoDB_20120810.${more.target ?? 'ListTables'}`,
  };
  const names = more.signed ?? Object.keys(headers);
  const hash = (text: string | Uint8Array): string =>
    createHash('sha256').update(text).digest('hex');
  const canonical = [
    ...['POST', more.path ?? '/', ''],
    ...names.map((name) => `${name}:${headers[name] ?? ''}`),
    ...['', names.join(';'), hash(body)],
  ].join('\n');
  const scope = [date.slice(0, 8), region, service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\n');
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key).update(toSign).digest('hex');
  return {
    ...headers,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${id}/${scope.join('/')}, ` +
      `SignedHeaders=${names.join(';')}, Signature=${signature}`,
  };
}
