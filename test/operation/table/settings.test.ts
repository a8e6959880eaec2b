import { describe, expect, test } from 'vitest';
import { prng } from '../../../src/base/prng.ts';
import {
  dayOf,
  mergedOnDemand,
  sseOf,
  streamLabel,
  withIndexSettings,
  withoutIndex,
} from '../../../src/operation/table/settings.ts';

describe('the label of a stream', () => {
  const random = prng(7);
  const instants = Array.from({ length: 200 }, () => random.below(4_102_444_800) * 1000 + 7);

  test.each([0, 1, 951_782_400_000, 951_868_799_999, 1_709_164_800_123, ...instants])(
    'is the instant %d in UTC',
    (ms) => {
      expect(streamLabel(ms)).toBe(new Date(ms).toISOString().slice(0, -1));
    },
  );

  test('changes its day at midnight', () => {
    expect([dayOf(86_399_999), dayOf(86_400_000)]).toEqual([0, 1]);
  });
});

describe('settings', () => {
  test('of encryption are none for the own key', () => {
    expect(sseOf(undefined)).toBeUndefined();
    expect(sseOf({ Enabled: false })).toBeUndefined();
    expect(sseOf({ Enabled: true, SSEType: 'KMS', KMSMasterKeyId: 'k' })).toEqual({
      Enabled: true,
      SSEType: 'KMS',
      KMSMasterKeyId: 'k',
    });
  });

  test('of maximums on demand are merged, and -1 takes one away', () => {
    const both = { MaxReadRequestUnits: 1, MaxWriteRequestUnits: 2 };
    expect(mergedOnDemand(both, undefined)).toEqual(both);
    expect(mergedOnDemand(both, { MaxReadRequestUnits: 5 })).toEqual({
      MaxReadRequestUnits: 5,
      MaxWriteRequestUnits: 2,
    });
    expect(mergedOnDemand(both, { MaxReadRequestUnits: -1 })).toEqual({ MaxWriteRequestUnits: 2 });
    expect(mergedOnDemand(undefined, { MaxReadRequestUnits: -1 })).toBeUndefined();
  });

  test('of an index replace its former ones, and leave with it', () => {
    const warm = { ReadUnitsPerSecond: 1, WriteUnitsPerSecond: 2 };
    const one = withIndexSettings({}, { IndexName: '__proto__', WarmThroughput: warm });
    const two = withIndexSettings(one, {
      IndexName: '__proto__',
      OnDemandThroughput: { MaxReadRequestUnits: 3 },
    });
    expect(two.Indexes).toEqual([
      { IndexName: '__proto__', OnDemandThroughput: { MaxReadRequestUnits: 3 } },
    ]);
    expect(withoutIndex(two, '__proto__').Indexes).toEqual([]);
  });
});
