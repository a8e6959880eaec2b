import { describe, expect, test } from 'vitest';
import {
  type Dated,
  secretRefusal,
  type SignedHead,
  unsignedRefusal,
} from '../../../src/host/access/signature.ts';

const none = new Uint8Array();

/** Amazon's test suite of Signature Version 4: its key, its date, its host. */
const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
function vector(method: string, url: string, value: string): string | undefined {
  const date = '20150830T123600Z';
  const head = { method, url, headers: { host: 'example.amazonaws.com', 'x-amz-date': date } };
  const signature: Dated = {
    algorithm: 'AWS4-HMAC-SHA256',
    credential: 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request',
    signedHeaders: 'host;x-amz-date',
    value,
    inQuery: false,
    date,
  };
  return secretRefusal(head, none, signature, secret)?.name;
}

describe("Amazon's examples", () => {
  test.each([
    ['GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'GET',
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    ['POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  ])('%s %s', (method, url, value) => {
    expect(vector(method, url, value)).toBeUndefined();
    const other = value.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    for (const wrong of [other, value.slice(1), value.toUpperCase(), '', `${value}00`, 'zz']) {
      expect(vector(method, url, wrong)).toBe('InvalidSignatureException');
    }
  });
});

test('a refusal shows what should have been signed, without the secret', () => {
  const head: SignedHead = {
    method: 'POST',
    url: '/a%2Fb c?%zz&b=*',
    headers: { host: ' x   y ' },
  };
  const signature: Dated = {
    algorithm: 'AWS4-HMAC-SHA256',
    credential: 'K/20260101/local/dynamodb/aws4_request',
    signedHeaders: 'host;x-amz-absent',
    value: 'ff',
    inQuery: false,
    date: '20260101T000000Z',
  };
  const refusal = secretRefusal(head, none, signature, 'the secret of the test');
  expect(refusal?.message).toContain('does not match the signature you provided. Check your AWS');
  expect(refusal?.message).toContain(
    "should have been\n'POST\n/a%252Fb%20c\n%25zz=&b=%2A\nhost:x y\nx-amz-absent:\n\nhost;",
  );
  expect(refusal?.message).toContain(
    "\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20260101T000000Z\n20260101/local/",
  );
  expect(refusal?.message).not.toContain('the secret');
});

describe('what is always signed', () => {
  const head = { method: 'POST', url: '/', headers: { 'x-amz-date': '20260101T000000Z' } };
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['host;x-amz-date;x-amz-target', undefined],
    ['HOST;X-Amz-Date;X-Amz-Target', undefined],
    ['x-amz-date;x-amz-target', 'Host'],
    ['host;x-amz-date', 'X-Amz-Target'],
    ['host;x-amz-target', 'X-Amz-Date'],
    ['', 'Host'],
  ];
  test.each(rows)('%j lacks %j', (signedHeaders, missing) => {
    const signature = { signedHeaders, inQuery: false } as Dated;
    expect(unsignedRefusal(head, signature)?.message).toBe(
      missing && `'${missing}' must be a 'SignedHeader' in the AWS Authorization.`,
    );
  });

  test('a date in the query is signed with it, and a Date header like any other', () => {
    const inQuery = { signedHeaders: 'host;x-amz-target', inQuery: true } as Dated;
    expect(unsignedRefusal(head, inQuery)).toBeUndefined();
    const dated = { ...head, headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' } };
    const signature = { signedHeaders: 'host;x-amz-target', inQuery: false } as Dated;
    expect(unsignedRefusal(dated, signature)?.message).toContain("'Date' must be");
  });
});
