import { describe, expect, test } from 'vitest';
import {
  indexArn,
  isArn,
  parseArn,
  streamArn,
  tableArn,
  tableNameOf,
} from '../../src/table/arn.ts';

const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/Notes';

describe('ARNs', () => {
  test('are written from their parts', () => {
    expect(tableArn('eu-west-1', '123456789012', 'Notes')).toBe(arn);
    expect(indexArn(arn, 'byDate')).toBe(`${arn}/index/byDate`);
    expect(streamArn(arn, '2015-05-11T21:21:33.291')).toBe(`${arn}/stream/2015-05-11T21:21:33.291`);
  });

  test('of a table, an index and a stream are taken apart', () => {
    const parts = { region: 'eu-west-1', account: '123456789012', kind: 'table', table: 'Notes' };
    expect(parseArn(arn)).toEqual({ ...parts, rest: '' });
    expect(parseArn(`${arn}/index/byDate`)).toEqual({ ...parts, rest: 'index/byDate' });
    expect(parseArn(`${arn}/stream/2015-05-11T21:21:33.291`)).toEqual({
      ...parts,
      rest: 'stream/2015-05-11T21:21:33.291',
    });
  });

  test.each([
    'Notes',
    'arn:aws:s3:::bucket',
    'arn:aws:dynamodb:r:a:table',
    'arn:aws:dynamodb:r:a:table/',
    'arn:',
  ])('%s is none of a table', (text) => {
    expect(parseArn(text)).toBeUndefined();
  });

  test('name their table, and a plain name names itself', () => {
    expect(tableNameOf(arn)).toBe('Notes');
    expect(tableNameOf('Notes')).toBe('Notes');
    expect(tableNameOf('arn:')).toBe('arn:');
    expect([isArn(arn), isArn('Notes')]).toEqual([true, false]);
  });
});
