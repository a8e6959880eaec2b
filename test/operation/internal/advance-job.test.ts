import { describe, expect, test } from 'vitest';
import { AdvanceJob } from '../../../src/operation/internal/advance-job.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { World } from '../../support/run.ts';
import { refusal } from '../../support/table-inputs.ts';

// What a slice does is told in test/table/backfill.test.ts.
describe('AdvanceJob', () => {
  test("is the engine's own", () => {
    expect(findOperation('AdvanceJob')).toBe(AdvanceJob);
    expect(AdvanceJob).toMatchObject({ internal: true, kind: 'write' });
  });

  test('of a job that is no more is done and writes nothing', () => {
    const world = new World();
    expect(world.run('AdvanceJob', { Job: 'backfill/101' }, 'plain')).toEqual({ Done: true });
    expect(world.reader.trees().filter((tree) => world.reader.counters(tree).entries > 0)).toEqual(
      [],
    );
  });

  test('wants a job', () => {
    expect(refusal(() => new World().run('AdvanceJob', {}, 'plain')).name).toBe(
      'ValidationException',
    );
  });
});
