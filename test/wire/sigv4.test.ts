import { describe, expect, test } from 'vitest';
import { signatureRefusal } from '../../src/wire/sigv4.ts';

const header =
  'AWS4-HMAC-SHA256 Credential=x/20260101/local/dynamodb/aws4_request, ' +
  'SignedHeaders=host;x-amz-date, Signature=abc';
const date = { 'x-amz-date': '20260101T000000Z' };
const signed =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x/20260101/local/dynamodb/aws4_request&' +
  'X-Amz-Signature=c&X-Amz-SignedHeaders=host&X-Amz-Date=20260101T000000Z';

function judge(
  headers: Record<string, string>,
  query = '',
  nowMs?: number,
): readonly string[] | undefined {
  const error = signatureRefusal({ headers, query: new URLSearchParams(query) }, nowMs);
  return error === undefined ? undefined : [error.name, error.message];
}

describe('a signature is there (protocol.md, section 7)', () => {
  test.each([
    [{ ...date, authorization: header }, ''],
    [{ ...date, authorization: header.replaceAll(', ', ',') }, ''],
    [{ date: 'x', authorization: header }, ''],
    [{}, signed],
  ])('%j %j', (headers, query) => {
    expect(judge(headers as Record<string, string>, query)).toBeUndefined();
  });
});

describe('a signature is missing', () => {
  const missing = [
    'MissingAuthenticationTokenException',
    'Request is missing Authentication Token',
  ];
  const credential = "Authorization header requires 'Credential' parameter. ";
  const signature = "Authorization header requires 'Signature' parameter. ";
  const names = "Authorization header requires 'SignedHeaders' parameter. ";
  const dated =
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  const rows: readonly (readonly [Record<string, string>, string, readonly string[]])[] = [
    [{}, '', missing],
    [{ authorization: 'Bearer x' }, '', missing],
    [{ authorization: '' }, '', missing],
    [
      { authorization: header },
      signed,
      [
        'InvalidSignatureException',
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
      ],
    ],
    [
      { authorization: 'AWS4-' },
      '',
      [
        'IncompleteSignatureException',
        `${credential}${signature}${names}${dated}Authorization=AWS4-`,
      ],
    ],
    [
      { ...date, authorization: 'AWS4-X Signature=b, Credential=' },
      '',
      [
        'IncompleteSignatureException',
        `${credential}${names}Authorization=AWS4-X Signature=b, Credential=`,
      ],
    ],
    [
      {},
      'X-Amz-Algorithm=a&X-Amz-Date=b',
      [
        'IncompleteSignatureException',
        "AWS query-string parameters must include 'X-Amz-Credential'. " +
          "AWS query-string parameters must include 'X-Amz-Signature'. " +
          "AWS query-string parameters must include 'X-Amz-SignedHeaders'. " +
          'Re-examine the query-string parameters.',
      ],
    ],
  ];
  test.each(rows)('%j %j', (headers, query, refusal) => {
    expect(judge(headers, query)).toEqual(refusal);
  });
});

describe('a signature of a wrong form', () => {
  const incomplete = (text: string) => ['IncompleteSignatureException', text];
  const unsupported = (algorithm: string) =>
    incomplete(`Unsupported AWS 'algorithm': '${algorithm}' (only AWS4-HMAC-SHA256 for now). `);
  const elements = (credential: string) =>
    incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. ' +
        `keyid/date/region/service/term, got '${credential}'`,
    );
  const basic = (text: string) =>
    incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${text}'. ` +
        'See http://en.wikipedia.org/wiki/ISO_8601',
    );
  const query = (name: string, value: string) => {
    const params = new URLSearchParams(signed);
    params.set(name, value);
    return params.toString();
  };
  const scope = 'x/20260101/local/dynamodb/aws4_request';
  test.each<[Record<string, string>, string, readonly string[]]>([
    [
      { ...date, authorization: header.replace('SHA256', 'SHA25') },
      '',
      unsupported('AWS4-HMAC-SHA25'),
    ],
    [{}, query('X-Amz-Algorithm', 'AWS4'), unsupported('AWS4')],
    [{ ...date, authorization: header.replace(scope, 'x') }, '', elements('x')],
    [{ ...date, authorization: header.replace(scope, `${scope}/y`) }, '', elements(`${scope}/y`)],
    [{}, query('X-Amz-Credential', 'a/b'), elements('a/b')],
    ...['x', '2026-01-01T00:00:00Z', '20260101', '20261301T000000Z'].map(
      (text): [Record<string, string>, string, readonly string[]] => [
        { 'x-amz-date': text, authorization: header },
        '',
        basic(text),
      ],
    ),
    [{}, query('X-Amz-Date', 'x'), basic('x')],
  ])('%j %s', (headers, params, refusal) => {
    expect(judge(headers, params)).toEqual(refusal);
  });
});

describe('where there is a clock, a signature', () => {
  const at = Date.UTC(2026, 0, 1);
  const minute = 60_000;
  const invalid = (text: string) => ['InvalidSignatureException', text];
  const signedAs = (from: string, to: string) => ({
    ...date,
    authorization: header.replace(from, to),
  });
  test.each([0, 15 * minute, -15 * minute])('is good %i ms later', (later) => {
    expect(judge({ ...date, authorization: header }, '', at + later)).toBeUndefined();
    expect(judge({}, signed, at + later)).toBeUndefined();
  });

  test.each<[string, Record<string, string>, number, string]>([
    [
      'that is old',
      signedAs('', ''),
      at + 15 * minute + 1000,
      'Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z ' +
        '(20260101T001501Z - 15 min.)',
    ],
    [
      'from the future',
      signedAs('', ''),
      at - 16 * minute,
      'Signature not yet current: 20260101T000000Z is still later than 20251231T235900Z ' +
        '(20251231T234400Z + 15 min.)',
    ],
    [
      'that is old, whatever its scope is',
      signedAs('20260101/local/dynamodb/aws4_request', '20260102/local/s3/aws'),
      at + 15 * minute + 1000,
      'Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z ' +
        '(20260101T001501Z - 15 min.)',
    ],
    [
      'without its host',
      signedAs('host;', ''),
      at,
      "'Host' must be a 'SignedHeader' in the AWS Authorization.",
    ],
    [
      'of another service, term and day',
      signedAs('20260101/local/dynamodb/aws4_request', '20260102/local/s3/aws'),
      at,
      "Credential should be scoped to correct service: 'dynamodb'. Credential should be scoped " +
        "with a valid terminator: 'aws4_request', not 'aws'. Date in Credential scope does not " +
        "match YYYYMMDD from ISO-8601 version of date from HTTP: '20260102' != '20260101', from " +
        "'20260101T000000Z'.",
    ],
  ])('%s is refused', (_name, headers, nowMs, message) => {
    expect(judge(headers, '', nowMs)).toEqual(invalid(message));
  });

  test('is judged by its form alone without one', () => {
    expect(judge(signedAs('local/dynamodb/aws4_request', '1/2/3'))).toBeUndefined();
  });
});
