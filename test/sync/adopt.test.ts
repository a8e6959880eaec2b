import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { adoptTables, wantedTables } from '../../src/sync/adopt.ts';
import { notes } from '../support/sync.ts';

const other = { ...notes, KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] };
const numbered = {
  ...other,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
};

async function withTable(table?: object): Promise<Engine> {
  const engine = await openNodeDatabase({ memory: true });
  if (table === undefined) return engine;
  await engine.call({ operation: 'CreateTable', input: table, form: 'plain', caller: owner });
  return engine;
}

const told = { TableName: 'Notes', Global: 'g1', Definition: notes };

describe('a table of the hub', () => {
  test('that is missing is made; one that is there takes part', async () => {
    for (const engine of [await withTable(), await withTable(notes)]) {
      const whole = { tables: ['Notes'], detached: [] };
      expect(await adoptTables(engine, [told])).toEqual(whole);
      expect(await adoptTables(engine, [told])).toEqual(whole);
      await engine.close();
    }
  });

  test('of another key, made anew, or not to be had, is detached, and the reason told', async () => {
    const engine = await withTable(numbered);
    const whyOf = async (one: object): Promise<string> => {
      const { detached } = await adoptTables(engine, [{ ...told, ...one }]);
      return detached[0]?.why ?? '';
    };
    expect(await whyOf({})).toMatch(/key schema/);
    expect(await whyOf({ Definition: numbered })).toBe('');
    expect(await whyOf({ Definition: numbered, Global: 'g2' })).toMatch(/made another/);
    expect(await whyOf({ Why: 'AccessDeniedException' })).toBe('AccessDeniedException');
    await engine.close();
  });
});

test('a device says what it has of the tables that it wants', async () => {
  const engine = await withTable(notes);
  const wanted = JSON.parse(await wantedTables(engine, ['Notes', 'Tasks']));
  expect(wanted).toEqual([
    expect.objectContaining(notes),
    { TableName: 'Tasks' },
    { TableName: 'tidetable-conflicts' },
  ]);
  expect(await wantedTables(engine, undefined)).toBe('[]');
  await engine.close();
});
