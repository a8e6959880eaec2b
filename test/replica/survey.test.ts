import { expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { surveyRowsMax } from '../../src/base/replica-limits.ts';
import { put } from '../../src/replica/book.ts';
import { conflictsTable } from '../../src/replica/conflict.ts';
import {
  beginSurvey,
  encodeSurvey,
  readSurvey,
  sliceOfSurvey,
  surveyKey,
} from '../../src/replica/survey.ts';
import type { ReplicatedTable } from '../../src/replica/tables.ts';
import { encodeVersion } from '../../src/replica/version.ts';
import { MapReader } from '../support/map-reader.ts';

const stamp = { ms: 5, counter: 0, replica: new Uint8Array(16).fill(1) };
const table = (global: string, versions: number): ReplicatedTable =>
  ({ replica: { role: 'device', versions, global } }) as unknown as ReplicatedTable;
const tables = [table('b', 301), table('a', 300), table(conflictsTable, 302)];

function filled(counts: readonly number[], pending?: number): MapReader {
  const reader = new MapReader();
  const value = encodeVersion({ stamp, isDeleted: false, pending });
  for (const [at, count] of counts.entries()) {
    for (let n = 0; n < count; n += 1) {
      reader.apply([put(300 + at, Uint8Array.of(n >> 8, n & 255), undefined, value)]);
    }
  }
  return reader;
}

test('a survey is kept in the book, in the bytes of docs/formats/replica.md', () => {
  const reader = new MapReader();
  expect(readSurvey(reader, 200)).toBeUndefined();
  const bytes = encodeSurvey({ after: '0a', table: 'a', mode: 'offer' });
  expect(new TextDecoder().decode(bytes)).toBe('{"mode":"offer","table":"a","after":"0a"}');
  reader.apply([put(200, surveyKey, undefined, bytes)]);
  expect(readSurvey(reader, 200)).toEqual({ mode: 'offer', table: 'a', after: '0a' });
});

test('goes over all tables in the order of their names, a bounded slice at a time', () => {
  const reader = filled([surveyRowsMax, 2, 3]);
  const first = sliceOfSurvey(reader, tables, beginSurvey('offer'));
  expect(first.rows).toHaveLength(surveyRowsMax);
  expect(first.rows.every((row) => row.table === 'a')).toBe(true);
  const last = surveyRowsMax - 1;
  const after = hexOf(Uint8Array.of(last >> 8, last & 255));
  expect(first.next).toEqual({ mode: 'offer', table: 'a', after });
  const second = sliceOfSurvey(reader, tables, first.next ?? beginSurvey('offer'));
  expect(second.rows.map((row) => row.table)).toEqual(['b', 'b']);
  expect(second.next).toBeUndefined();
});

test('leaves what waits for an answer, and offers no hub its log of conflicts', () => {
  expect(sliceOfSurvey(filled([3], 7), tables, beginSurvey('offer')).rows).toEqual([]);
  const reader = filled([0, 0, 3]);
  expect(sliceOfSurvey(reader, tables, beginSurvey('bring')).rows).toEqual([]);
  expect(sliceOfSurvey(reader, tables, beginSurvey('drop')).rows).toHaveLength(3);
});
