import { describe, expect, test } from 'vitest';
import { codingOf, codingWanted } from '../../src/wire/coding.ts';

test.each([
  [undefined, 'none'],
  ['', 'none'],
  ['identity', 'none'],
  ['gzip', 'gzip'],
  [' GZip ', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'unknown'],
  ['gzip, gzip', 'unknown'],
  ['__proto__', 'unknown'],
])('a body with Content-Encoding %j is %s', (header, coding) => {
  expect(codingOf(header)).toBe(coding);
});

describe('of what is accepted', () => {
  test.each([
    ['nothing is wanted without a header', undefined, undefined],
    ['nothing is wanted of an empty one', '', undefined],
    ['identity is not a coding', 'identity', undefined],
    ['others are not known', 'br, zstd, x-gzip', undefined],
    ['the first of equals is wanted', 'deflate, gzip', 'deflate'],
    ['the better one is wanted', 'deflate;q=0.4, gzip;q=0.7', 'gzip'],
    ['case and blanks do not matter', ' GZIP , identity', 'gzip'],
    ['no quality is the best', 'deflate;q=0.9, gzip', 'gzip'],
    ['quality 0 is never wanted', 'gzip;q=0', undefined],
    ['a small quality is enough', 'gzip;q=0.0004', 'gzip'],
    ['a star is gzip', '*', 'gzip'],
    ['a star is what is not named', '*, gzip;q=0.2', 'deflate'],
    ['a name wins over a star', '*, deflate', 'deflate'],
    ['a star may be refused', '*;q=0', undefined],
    ['both may be named beside a star', '*, gzip;q=0.1, deflate;q=0.2', 'deflate'],
    ['a quality above 1 is 1', 'deflate;q=5, gzip;q=9', 'deflate'],
    ['a quality below 0 is as good as 0', 'gzip;q=-1', undefined],
    ['a quality that is no number is 1', 'deflate;q=0.9, gzip;q=low', 'gzip'],
    ['the first of two qualities counts', 'gzip;q=0;q=1', undefined],
    ['a quality needs its equals sign', 'gzip;q =0', 'gzip'],
    ['what follows q= is the quality', 'gzip;iq= 0', undefined],
    ['a name with a blank in it is none', 'gzip br', undefined],
    ['each mention stands for itself', 'gzip;q=0, gzip', 'gzip'],
  ])('%s', (_name, header, coding) => {
    expect(codingWanted(header)).toBe(coding);
  });
});
