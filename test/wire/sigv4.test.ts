import { describe, expect, test } from 'vitest';
import { signatureMissing } from '../../src/wire/sigv4.ts';

const header =
  'AWS4-HMAC-SHA256 Credential=x/20260101/local/dynamodb/aws4_request, ' +
  'SignedHeaders=host;x-amz-date, Signature=abc';
const date = { 'x-amz-date': '20260101T000000Z' };
const signed =
  'X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-SignedHeaders=d&X-Amz-Date=e';

function judge(headers: Record<string, string>, query = ''): readonly string[] | undefined {
  const error = signatureMissing({ headers, query: new URLSearchParams(query) });
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
