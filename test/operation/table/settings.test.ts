import { describe, expect, test } from 'vitest';
import {
  mergedOnDemand,
  sseOf,
  withIndexSettings,
  withoutIndex,
} from '../../../src/operation/table/settings.ts';

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
