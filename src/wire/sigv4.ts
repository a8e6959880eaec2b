/**
 * Whether a request carries a signature, and one of the right form: reference/protocol.md,
 * section 7.
 *
 * Which key signed, and whether rightly, is not asked here: a local engine has no secrets to
 * compare with, and any credentials are good; a host that has some compares (host/access). Scope
 * and age are judged only where a host gives the time, for tests with a clock of their own sign
 * with that.
 */
import { DynamoError } from '../base/errors.ts';
import { signatureSkewMs } from '../base/limits.ts';

/** What of an HTTP request the judgement needs; header names in small letters. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
}

const queryParts: readonly string[] = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
];
const headerParts: readonly string[] = ['Credential', 'Signature', 'SignedHeaders'];

/** The parts of a signature, from the header or from the query. */
export interface Signature {
  readonly algorithm: string;
  readonly credential: string;
  readonly signedHeaders: string;
  /** What is claimed to be the signature, in hexadecimal digits. */
  readonly value: string;
  readonly inQuery: boolean;
  /** X-Amz-Date; undefined where a Date header stands for it. */
  readonly date: string | undefined;
}

/**
 * The refusal of a request without a signature of the right form; undefined when there is one.
 * Given `nowMs` (epoch milliseconds), its scope and age are judged too.
 */
export function signatureRefusal(request: SignedRequest, nowMs?: number): DynamoError | undefined {
  const signature = readSignature(request);
  if (signature instanceof DynamoError) return signature;
  return nowMs === undefined ? undefined : scopeRefusal(signature, nowMs);
}

/** The signature of a request, or the refusal of one that has none of the right form. */
export function readSignature(request: SignedRequest): Signature | DynamoError {
  const header = request.headers['authorization'];
  const inQuery = request.query.has('X-Amz-Algorithm');
  if (header !== undefined && inQuery) {
    return invalidSignature(
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (!inQuery && !header?.trim().startsWith('AWS4-')) {
    return new DynamoError(
      'MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    );
  }
  const signature = inQuery
    ? signatureOfQuery(request.query)
    : signatureOfHeader(header ?? '', request.headers);
  if (signature instanceof DynamoError) return signature;
  return formRefusal(signature) ?? signature;
}

/** The signature with its date, which may be that of a Date header, in basic format. */
export function datedSignature(
  signature: Signature,
  headers: SignedRequest['headers'],
): (Signature & { readonly date: string }) | DynamoError {
  if (signature.date !== undefined) return { ...signature, date: signature.date };
  const written = headers['date'] ?? '';
  const ms = basicDate.test(written) ? timeOf(written) : Date.parse(written);
  return Number.isNaN(ms) ? badDate(written) : { ...signature, date: basicOf(ms) };
}

function signatureOfQuery(query: URLSearchParams): Signature | DynamoError {
  const missing = queryParts.filter((part) => !query.get(part));
  if (missing.length > 0) {
    const sentences = missing.map((part) => `AWS query-string parameters must include '${part}'. `);
    return incomplete(`${sentences.join('')}Re-examine the query-string parameters.`);
  }
  return {
    algorithm: query.get('X-Amz-Algorithm') ?? '',
    credential: query.get('X-Amz-Credential') ?? '',
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
    value: query.get('X-Amz-Signature') ?? '',
    inQuery: true,
    date: query.get('X-Amz-Date') ?? '',
  };
}

function signatureOfHeader(
  header: string,
  headers: SignedRequest['headers'],
): Signature | DynamoError {
  const given = new Map<string, string>();
  const [algorithm = '', ...parts] = header.trim().split(/[ ,]+/);
  for (const part of parts) {
    const equals = part.indexOf('=');
    if (equals > 0 && equals < part.length - 1) {
      given.set(part.slice(0, equals), part.slice(equals + 1));
    }
  }
  const sentences = headerParts
    .filter((part) => !given.has(part))
    .map((part) => `Authorization header requires '${part}' parameter. `);
  if (!headers['x-amz-date'] && !headers['date']) {
    sentences.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
    );
  }
  if (sentences.length > 0) return incomplete(`${sentences.join('')}Authorization=${header}`);
  return {
    algorithm,
    credential: given.get('Credential') ?? '',
    signedHeaders: given.get('SignedHeaders') ?? '',
    value: given.get('Signature') ?? '',
    inQuery: false,
    date: headers['x-amz-date'] || undefined,
  };
}

const algorithmKnown = 'AWS4-HMAC-SHA256';
const basicDate = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

function formRefusal({ algorithm, credential, date }: Signature): DynamoError | undefined {
  if (algorithm !== algorithmKnown) {
    return incomplete(
      `Unsupported AWS 'algorithm': '${algorithm}' (only ${algorithmKnown} for now). `,
    );
  }
  if (credential.split('/').length !== 5) {
    return incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. ' +
        `keyid/date/region/service/term, got '${credential}'`,
    );
  }
  if (date !== undefined && Number.isNaN(timeOf(date))) {
    return badDate(date);
  }
  return undefined;
}

function badDate(date: string): DynamoError {
  return incomplete(
    `Date must be in ISO-8601 'basic format'. Got '${date}'. ` +
      'See http://en.wikipedia.org/wiki/ISO_8601',
  );
}

/** Age goes before scope; the region is asked where there is one to ask for. */
export function scopeRefusal(
  signature: Signature,
  nowMs: number,
  region?: string,
): DynamoError | undefined {
  const { credential, date, signedHeaders } = signature;
  const untimely = date === undefined ? undefined : ageRefusal(date, nowMs);
  if (untimely !== undefined) return untimely;
  const [, day = '', scoped = '', service, terminator = ''] = credential.split('/');
  const faults: string[] = [];
  if (region !== undefined && scoped !== region) {
    faults.push(`Credential should be scoped to a valid region, not '${scoped}'. `);
  }
  if (service !== 'dynamodb') {
    faults.push("Credential should be scoped to correct service: 'dynamodb'. ");
  }
  if (terminator !== 'aws4_request') {
    faults.push(
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'. `,
    );
  }
  if (date !== undefined && day !== date.slice(0, 8)) {
    faults.push(
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from ' +
        `HTTP: '${day}' != '${date.slice(0, 8)}', from '${date}'.`,
    );
  }
  if (faults.length > 0) return invalidSignature(faults.join(''));
  if (!signedHeaders.toLowerCase().split(';').includes('host')) {
    return invalidSignature("'Host' must be a 'SignedHeader' in the AWS Authorization.");
  }
  return undefined;
}

function ageRefusal(date: string, nowMs: number): DynamoError | undefined {
  const age = nowMs - timeOf(date);
  const now = basicOf(nowMs);
  if (age > signatureSkewMs) {
    const limit = basicOf(nowMs - signatureSkewMs);
    return invalidSignature(
      `Signature expired: ${date} is now earlier than ${limit} (${now} - 15 min.)`,
    );
  }
  if (age < -signatureSkewMs) {
    const limit = basicOf(nowMs + signatureSkewMs);
    return invalidSignature(
      `Signature not yet current: ${date} is still later than ${limit} (${now} + 15 min.)`,
    );
  }
  return undefined;
}

/** The date that was read last: a client's requests of one second have the same. */
let lastDate = '';
let lastMs = Number.NaN;

/** Epoch milliseconds of a date in basic format; NaN for anything else. */
function timeOf(date: string): number {
  if (date === lastDate) return lastMs;
  lastMs = basicDate.test(date)
    ? Date.parse(date.replace(basicDate, '$1-$2-$3T$4:$5:$6Z'))
    : Number.NaN;
  lastDate = date;
  return lastMs;
}

function basicOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+|[-:]/g, '');
}

function incomplete(message: string): DynamoError {
  return new DynamoError('IncompleteSignatureException', message);
}

export function invalidSignature(message: string): DynamoError {
  return new DynamoError('InvalidSignatureException', message);
}
