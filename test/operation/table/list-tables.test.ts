import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import { refusal, simpleTable } from '../../support/table-inputs.ts';

function worldOf(...names: readonly string[]): World {
  const world = new World();
  for (const TableName of names) world.run('CreateTable', simpleTable({ TableName }));
  return world;
}

describe('ListTables', () => {
  const world = worldOf('bbb', 'aaa', 'Zzz', 'a-b', 'a.b', 'a_b');
  const sorted = ['Zzz', 'a-b', 'a.b', 'a_b', 'aaa', 'bbb'];

  test('names none where there is none', () => {
    expect(new World().run('ListTables', {})).toEqual({ TableNames: [] });
  });

  test('names tables in byte order', () => {
    expect(world.run('ListTables', {})).toEqual({ TableNames: sorted });
  });

  test.each([1, 2, 3, 4, 5, 6, 7])('in pages of %d names each of them once', (Limit) => {
    const seen: string[] = [];
    let start: string | undefined;
    for (let page = 0; page < sorted.length + 1; page += 1) {
      const answer = world.run('ListTables', { Limit, ExclusiveStartTableName: start });
      const names = answer['TableNames'] as string[];
      expect(names.length).toBeLessThanOrEqual(Limit);
      seen.push(...names);
      start = answer['LastEvaluatedTableName'] as string | undefined;
      if (start === undefined) break;
      expect(start).toBe(names.at(-1));
    }
    expect(seen).toEqual(sorted);
    expect(start).toBeUndefined();
  });

  test('starts after a name that need not be there', () => {
    const namesAfter = (ExclusiveStartTableName: string): unknown =>
      world.run('ListTables', { ExclusiveStartTableName })['TableNames'];
    expect(namesAfter('a_b')).toEqual(['aaa', 'bbb']);
    expect(namesAfter('aab')).toEqual(['bbb']);
    expect(namesAfter('zzz')).toEqual([]);
  });

  test.each([
    [{ Limit: 0 }, "Value '0' at 'limit'", 'greater than or equal to 1'],
    [{ Limit: 101 }, "Value '101' at 'limit'", 'less than or equal to 100'],
    [{ ExclusiveStartTableName: 'a' }, "at 'exclusiveStartTableName'", 'equal to 3'],
  ])('refuses %j', (input, where, constraint) => {
    const { name, message } = refusal(() => world.run('ListTables', input));
    expect(name).toBe('ValidationException');
    expect(message).toContain(where);
    expect(message).toContain(constraint);
  });

  test('stops at 100 names unless asked for fewer', () => {
    const names = Array.from({ length: 101 }, (_, at) => `table${100 + at}`);
    const answer = worldOf(...names).run('ListTables', {});
    expect(answer['TableNames']).toEqual(names.slice(0, 100));
    expect(answer['LastEvaluatedTableName']).toBe('table199');
  });
});
