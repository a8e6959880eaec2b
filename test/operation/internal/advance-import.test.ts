import { describe, expect, test } from 'vitest';
import { AdvanceImport } from '../../../src/operation/internal/advance-import.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { World } from '../../support/run.ts';
import { refusal } from '../../support/table-inputs.ts';

const table = {
  TableName: 'Songs',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
};

function prepared(): { world: World; step: (input: object) => Record<string, unknown> } {
  const world = new World();
  world.run('CreateTable', table, 'plain');
  const step = (input: object): Record<string, unknown> =>
    world.run('AdvanceImport', { Number: 7, Table: 'Songs', ...input }, 'plain');
  return { world, step };
}

// What the steps do is told in test/table/import-job.test.ts.
describe('AdvanceImport', () => {
  test("is the engine's own", () => {
    expect(findOperation('AdvanceImport')).toBe(AdvanceImport);
    expect(AdvanceImport).toMatchObject({ internal: true, kind: 'write' });
  });

  test('goes from its begin to its end', () => {
    const { world, step } = prepared();
    expect(step({ Step: 'begin', ImportId: 'a' })).toMatchObject({
      Done: true,
      Job: { number: 7 },
    });
    const { Job } = step({ Step: 'grow', Pages: 3 }) as { Job: { ranges: object[] } };
    expect(Job.ranges.length).toBe(1);
    const progress = { processed: 1, errors: 0, bytes: 9, runs: [] };
    expect(step({ Step: 'save', Progress: progress })).toMatchObject({ Job: { progress } });
    expect(step({ Step: 'attach', Roots: [], Ranges: Job.ranges })).toMatchObject({
      Job: { freeing: true },
    });
    expect(step({ Step: 'free' })).toEqual({ Done: true, Job: undefined });
    const described = world.run('DescribeTable', { TableName: 'Songs' });
    expect(described).toMatchObject({ Table: { TableStatus: 'ACTIVE' } });
  });

  test.each([
    ['a build of another number', { Step: 'grow', Number: 8, Pages: 3 }],
    ['a build that is not over', { Step: 'free' }],
    ['a resume of what is not there', { Step: 'resume', Old: 3 }],
  ])('of %s does nothing', (_name, input) => {
    const { world, step } = prepared();
    step({ Step: 'begin' });
    const before = world.reader.trees().map((tree) => world.reader.counters(tree));
    expect(step(input)).toEqual({});
    expect(world.reader.trees().map((tree) => world.reader.counters(tree))).toEqual(before);
  });

  test('of a build that was resumed is the new one alone', () => {
    const { step } = prepared();
    step({ Step: 'begin' });
    expect(step({ Step: 'resume', Number: 8, Old: 7 })).toMatchObject({ Job: { number: 8 } });
    expect(step({ Step: 'abandon' })).toEqual({});
    expect(step({ Step: 'abandon', Number: 8 })).toMatchObject({ Done: true });
  });

  test('begins only where a build can be', () => {
    const { world, step } = prepared();
    expect(refusal(() => step({ Step: 'begin', Table: 'Nothing' })).name).toBe(
      'ResourceNotFoundException',
    );
    world.run('PutItem', { TableName: 'Songs', Item: { p: 'x' } }, 'plain');
    expect(step({ Step: 'begin' })).toEqual({});
    world.run('DeleteItem', { TableName: 'Songs', Key: { p: 'x' } }, 'plain');
    step({ Step: 'begin' });
    expect(refusal(() => step({ Step: 'begin', Number: 9 })).name).toBe('ResourceInUseException');
  });
});
