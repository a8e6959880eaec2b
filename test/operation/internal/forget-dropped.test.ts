import { describe, expect, test } from 'vitest';
import { ForgetDropped } from '../../../src/operation/internal/forget-dropped.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { droppedTrees } from '../../../src/table/jobs.ts';
import { dropTrees } from '../../../src/table/system-items.ts';
import { World } from '../../support/run.ts';

describe('ForgetDropped', () => {
  test("is the engine's own", () => {
    expect(findOperation('ForgetDropped')).toBe(ForgetDropped);
    expect(ForgetDropped).toMatchObject({ internal: true, kind: 'write' });
  });

  test('forgets the trees it is told, whether they are there or not, and no other', () => {
    const world = new World();
    world.reader.apply(dropTrees(world.reader, [101, 102, 103]));
    const forget = (...Trees: number[]): object => world.run('ForgetDropped', { Trees }, 'plain');
    expect(forget(101, 103, 999)).toEqual({});
    expect(droppedTrees(world.reader, 10)).toEqual([102]);
    forget(101);
    forget(102);
    expect(droppedTrees(world.reader, 10)).toEqual([]);
  });
});
