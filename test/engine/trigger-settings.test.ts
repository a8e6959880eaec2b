/** Options of triggers: Lambda's defaults, and what is out of bounds. */
import { describe, expect, test } from 'vitest';
import { placeOf, rulesOf, type TriggerRulesInput } from '../../src/engine/trigger-settings.ts';

describe('options', () => {
  test('that are not given are Lambda’s', () => {
    expect(rulesOf({})).toEqual({
      batchSize: 100,
      windowMs: 0,
      retries: -1,
      bisect: false,
      maximumAgeMs: -1,
      parallel: 1,
      timeoutMs: 900_000,
    });
  });

  const rows: readonly [TriggerRulesInput, string][] = [
    [{ batchSize: 0 }, 'batchSize must be from 1 to 10000'],
    [{ batchSize: 10_001 }, 'batchSize must be from 1 to 10000'],
    [{ batchSize: 1.5 }, 'batchSize must be a whole number'],
    [{ window: -1 }, 'window must be from 0 to 300'],
    [{ window: 301 }, 'window must be from 0 to 300'],
    [{ retries: -2 }, 'retries must be from -1 to 10000'],
    [{ parallel: 11 }, 'parallel must be from 1 to 10'],
    [{ maximumRecordAge: 604_801 }, 'maximumRecordAge must be from 0 to 604800'],
    [{ timeout: 901 }, 'timeout must be from 0.001 to 900'],
    [{ batchSize: Number.NaN }, 'batchSize must be from 1 to 10000'],
  ];
  test.each(rows)('%j are refused', (input, message) => {
    expect(() => rulesOf(input)).toThrow(new RangeError(message));
  });

  test('that say where a trigger runs are three words', () => {
    expect([undefined, 'origin', 'hub', 'every'].map((on) => placeOf(on as never))).toEqual([
      'origin',
      'origin',
      'hub',
      'every',
    ]);
    for (const on of ['home', '', null, ['hub'], true]) {
      expect(() => placeOf(on as never)).toThrow(
        new RangeError("on must be 'origin', 'hub' or 'every'"),
      );
    }
  });
});
