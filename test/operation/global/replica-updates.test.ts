import { describe, expect, test } from 'vitest';
import { actionsOf, replicaUpdates } from '../../../src/operation/global/replica-updates.ts';
import { checkInput } from '../../../src/shape/check.ts';
import { struct } from '../../../src/shape/constructors.ts';

const shape = struct({ ReplicaUpdates: replicaUpdates });
const check = (...updates: readonly object[]): unknown =>
  checkInput(shape, { ReplicaUpdates: updates }, 'json');

describe('ReplicaUpdates', () => {
  test.each([
    [[], 'replicaUpdates'],
    [[{ Create: {} }], 'replicaUpdates.1.member.create.regionName'],
    [[{ Delete: {} }], 'replicaUpdates.1.member.delete.regionName'],
    [
      [{ Create: { RegionName: 'r', TableClassOverride: 'NONE' } }],
      '[STANDARD, STANDARD_INFREQUENT_ACCESS]',
    ],
    [
      [{ Create: { RegionName: 'r', GlobalSecondaryIndexes: [{}] } }],
      'replicaUpdates.1.member.create.globalSecondaryIndexes.1.member.indexName',
    ],
  ])('%j is refused by its shape', (updates, text) => {
    expect(() => check(...updates)).toThrow(text);
  });

  test('several updates of several regions are one call', () => {
    const updates = ['a', 'b'].map((RegionName) => {
      return { Update: { RegionName, TableClassOverride: 'STANDARD' as const } };
    });
    expect(actionsOf(updates).map(({ kind }) => kind)).toEqual(['Update', 'Update']);
  });
});
