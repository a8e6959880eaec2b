/**
 * Whether a request carries a signature at all: reference/protocol.md, section 7.
 *
 * Presence only. Which key signed, and whether rightly, is not asked: a local engine has no secrets
 * to compare with, and any credentials are good.
 */
import { DynamoError } from '../base/errors.ts';

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

/** The refusal of a request without a complete signature; undefined when there is one. */
export function signatureMissing(request: SignedRequest): DynamoError | undefined {
  const header = request.headers['authorization'];
  const inQuery = request.query.has('X-Amz-Algorithm');
  if (header !== undefined && inQuery) {
    return new DynamoError(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (inQuery) return partsMissingInQuery(request.query);
  if (header === undefined || !header.trim().startsWith('AWS4-')) {
    return new DynamoError(
      'MissingAuthenticationTokenException',
      'Request is missing Authentication Token',
    );
  }
  return partsMissingInHeader(header, request.headers);
}

function partsMissingInQuery(query: URLSearchParams): DynamoError | undefined {
  const missing = queryParts.filter((part) => !query.get(part));
  if (missing.length === 0) return undefined;
  const sentences = missing.map((part) => `AWS query-string parameters must include '${part}'. `);
  return incomplete(`${sentences.join('')}Re-examine the query-string parameters.`);
}

function partsMissingInHeader(
  header: string,
  headers: SignedRequest['headers'],
): DynamoError | undefined {
  const given = new Set<string>();
  for (const part of header.split(/[ ,]+/)) {
    const equals = part.indexOf('=');
    if (equals > 0 && equals < part.length - 1) given.add(part.slice(0, equals));
  }
  const sentences = headerParts
    .filter((part) => !given.has(part))
    .map((part) => `Authorization header requires '${part}' parameter. `);
  if (!headers['x-amz-date'] && !headers['date']) {
    sentences.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
    );
  }
  if (sentences.length === 0) return undefined;
  return incomplete(`${sentences.join('')}Authorization=${header}`);
}

function incomplete(message: string): DynamoError {
  return new DynamoError('IncompleteSignatureException', message);
}
