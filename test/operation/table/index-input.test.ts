import { describe, expect, test } from 'vitest';
import {
  checkProjectedTotal,
  globalIndexOf,
  localIndexOf,
} from '../../../src/operation/table/index-input.ts';
import { refusal } from '../../support/table-inputs.ts';

const definitions = [
  { AttributeName: 'a', AttributeType: 'S' },
  { AttributeName: 'b', AttributeType: 'N' },
] as const;
const input = {
  IndexName: 'index',
  KeySchema: [
    { AttributeName: 'a', KeyType: 'HASH' },
    { AttributeName: 'b', KeyType: 'RANGE' },
  ],
  Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x', 'y'] },
} as const;
const common = {
  name: 'index',
  tree: 107,
  keys: { hash: [{ name: 'a', type: 'S' }], range: [{ name: 'b', type: 'N' }] },
  projection: { type: 'INCLUDE', names: ['x', 'y'] },
};

// The refusals of single indexes are rows of create-checks.test.ts.
describe('an index of a request', () => {
  test('that is local can be used at once', () => {
    expect(localIndexOf(input, definitions, 107)).toEqual({
      ...common,
      kind: 'local',
      status: 'ACTIVE',
      backfilling: false,
    });
  });

  test('that is global has units, and the status it is given', () => {
    const place = { tree: 107, status: 'CREATING', backfilling: true } as const;
    const given = { ReadCapacityUnits: 3, WriteCapacityUnits: 4 };
    expect(globalIndexOf({ ...input, ProvisionedThroughput: given }, definitions, place)).toEqual({
      ...common,
      ...place,
      kind: 'global',
      throughput: { read: 3, write: 4 },
    });
    expect(globalIndexOf(input, definitions, place).throughput).toEqual({ read: 0, write: 0 });
  });

  test('projects at most 100 attributes together with the others', () => {
    const names = Array.from({ length: 20 }, (_, at) => `name${at}`);
    const five = Array.from({ length: 5 }, () => ({ type: 'INCLUDE', names }) as const);
    expect(() => checkProjectedTotal(five)).not.toThrow();
    const more = [...five, { type: 'INCLUDE', names: ['x'] } as const];
    expect(refusal(() => checkProjectedTotal(more)).name).toBe('ValidationException');
  });
});
