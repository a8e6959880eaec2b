import { describe, expect, test } from 'vitest';
import { CorrectCounters, Scrub } from '../../../src/operation/internal/scrub.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { World } from '../../support/run.ts';
import { attribute, globalIndex, hash, simpleTable } from '../../support/table-inputs.ts';

describe('Scrub', () => {
  test("is the engine's own, and so is CorrectCounters", () => {
    expect(findOperation('Scrub')).toBe(Scrub);
    expect(findOperation('CorrectCounters')).toBe(CorrectCounters);
    for (const row of [Scrub, CorrectCounters]) {
      expect(row).toMatchObject({ internal: true, kind: 'write' });
    }
  });

  test('looks at a table or an index slice by slice; what is no more has none', () => {
    const world = new World();
    const input = simpleTable({
      AttributeDefinitions: [attribute('a'), attribute('g')],
      GlobalSecondaryIndexes: [globalIndex('byG', [hash('g')])],
    });
    world.run('CreateTable', input);
    for (let id = 0; id < 250; id += 1) {
      world.run('PutItem', { TableName: 'Simple', Item: { a: { S: `k${id}` }, g: { S: 'g' } } });
    }
    const scrub = (more: object) =>
      world.run('Scrub', { Table: 'Simple', ...more }, 'plain') as {
        readonly Checked: number;
        readonly Next?: string;
      };
    for (const Index of [{}, { Index: 'byG' }]) {
      const first = scrub(Index);
      expect(first).toMatchObject({ Checked: 200, Mended: 0 });
      expect(scrub({ ...Index, After: first.Next })).toEqual({ Checked: 50, Mended: 0 });
    }
    expect(scrub({ Index: 'none' })).toEqual({ Checked: 0, Mended: 0 });
    expect(scrub({ Table: 'None' })).toEqual({ Checked: 0, Mended: 0 });
  });
});
