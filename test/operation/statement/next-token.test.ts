import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64, encodeBase64 } from '../../../src/base/base64.ts';
import { readToken, writeToken } from '../../../src/operation/statement/next-token.ts';
import { itemOf } from '../../support/tables.ts';

const digest = Uint8Array.from({ length: 16 }, (_, at) => at);
const after = itemOf({ p: { S: 'a' }, s: { N: '1' } });

describe('a NextToken', () => {
  test.each([
    { read: 0, after },
    { read: 49, after: undefined },
  ])('says where to go on: %j', (resume) => {
    expect(readToken(writeToken(digest, resume), digest)).toEqual(resume);
  });

  test('is of one statement', () => {
    const token = writeToken(digest, { read: 0, after });
    expect(() => readToken(token, digest.toReversed())).toThrow(
      expect.objectContaining({
        name: 'ValidationException',
        message: 'NextToken does not match request',
      }),
    );
  });

  test('that was changed in any byte is invalid', () => {
    const token = decodeBase64(writeToken(digest, { read: 0, after })) ?? new Uint8Array();
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => readToken(encodeBase64(changed), digest)).toThrow('Invalid NextToken');
    }
  });

  test('is nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        expect(() => readToken(text, digest)).toThrow('Invalid NextToken');
      }),
    );
  });
});
