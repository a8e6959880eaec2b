import { describe, expect, test } from 'vitest';
import { checkStreamArn, knownStream, noSuchStream } from '../../../src/operation/stream/shared.ts';
import { streamRetentionMs } from '../../../src/base/limits.ts';
import { beginStream, endStream } from '../../../src/stream/lifecycle.ts';
import { MapReader } from '../../support/map-reader.ts';
import { tableState } from '../../support/table-states.ts';

const nowMs = 1_767_225_600_000;
const table = tableState();
const arn = `${table.arn}/stream/x`;

describe('a stream', () => {
  test('is known until a day after its end', () => {
    const reader = new MapReader();
    const { stream, mutations } = beginStream(reader, table, 'x', 'NEW_IMAGE', 200, nowMs);
    reader.apply(mutations);
    const known = knownStream(reader, arn, nowMs);
    expect(known.disabledMs).toBeUndefined();
    reader.apply(endStream(reader, { ...table, stream }, nowMs));
    const lastMs = nowMs + streamRetentionMs - 1;
    expect(knownStream(reader, arn, lastMs).disabledMs).toBe(nowMs);
    expect(() => knownStream(reader, arn, lastMs + 1)).toThrow(noSuchStream(arn).message);
  });

  test('has an ARN of its kind', () => {
    expect(checkStreamArn(arn)).toEqual({ table: 'Notes', label: 'x' });
    expect(() => checkStreamArn(table.arn)).toThrow('Invalid StreamArn');
  });
});
