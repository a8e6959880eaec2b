import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { parsedExpressionsMax } from '../../src/base/limits.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import { parseCondition, parseProjection, parseUpdate } from '../../src/expression/parser.ts';
import { refusalOf } from './fixture.ts';

describe('trees', () => {
  test('are kept by text', () => {
    expect(parseCondition('Filter', 'a = :kept')).toBe(parseCondition('Condition', 'a = :kept'));
    expect(parseUpdate('SET a = :kept')).toBe(parseUpdate('SET a = :kept'));
    expect(parseProjection('a, kept')).toBe(parseProjection('a, kept'));
  });

  test('go when there are too many, the oldest first', () => {
    const first = parseProjection('a0');
    for (let at = 1; at <= parsedExpressionsMax; at += 1) parseProjection(`a${at}`);
    const last = parseProjection(`a${parsedExpressionsMax}`);
    expect(parseProjection(`a${parsedExpressionsMax}`)).toBe(last);
    expect(parseProjection('a0')).not.toBe(first);
    expect(parseProjection('a0')).toEqual(first);
  });

  test('of long texts are not kept', () => {
    const text = `a${'b'.repeat(2000)}`;
    expect(parseProjection(text)).not.toBe(parseProjection(text));
  });

  test('that were refused are refused again, in the name of each kind', () => {
    const empty = 'The expression can not be empty;';
    expect(refusalOf(() => parseCondition('Filter', ' '))).toBe(
      `Invalid FilterExpression: ${empty}`,
    );
    expect(refusalOf(() => parseCondition('KeyCondition', ' '))).toBe(
      `Invalid KeyConditionExpression: ${empty}`,
    );
    expect(refusalOf(() => parseUpdate(''))).toBe(`Invalid UpdateExpression: ${empty}`);
  });

  test.each([4096, 4097])('of %d bytes are measured before they are read', (length) => {
    const tail = 'Expression size has exceeded the maximum allowed size; expression size: 4097';
    const message = refusalOf(() => parseProjection('!'.repeat(length)));
    expect(message === `Invalid ProjectionExpression: ${tail}`).toBe(length === 4097);
  });
});

describe('any text', () => {
  const words =
    '( ) ( ) ( , . [ ] = <> < <= > >= + - a b #n :v :w 0 7 AND OR NOT NOT BETWEEN IN SET REMOVE ' +
    'ADD DELETE size( contains( if_not_exists( list_append( attribute_exists( name ! é 😀 _ # :';
  const vocabulary = words.split(' ');

  function anyText(random: Prng): string {
    const count = random.below(random.chance(0.1) ? 900 : 30);
    let text = '';
    for (let at = 0; at < count; at += 1) {
      text += random.chance(0.02)
        ? String.fromCharCode(random.below(0x10000))
        : vocabulary[random.below(vocabulary.length)];
      if (random.chance(0.5)) text += ' ';
    }
    return text;
  }

  test('is read or refused, never anything else', () => {
    const random = prng(11);
    const parsers = [
      (text: string) => parseCondition('Condition', text),
      parseUpdate,
      parseProjection,
    ];
    let read = 0;
    for (let round = 0; round < 3000; round += 1) {
      const text = anyText(random);
      for (const parser of parsers) {
        try {
          parser(text);
          read += 1;
        } catch (error) {
          if (!(error instanceof DynamoError)) throw error;
        }
      }
    }
    expect(read).toBeGreaterThan(0);
  });
});
