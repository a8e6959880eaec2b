import { describe, expect, test } from 'vitest';
import { SetDurability } from '../../../src/operation/internal/set-durability.ts';
import { findOperation } from '../../../src/operation/registry.ts';
import { ask, openRig, tableInput } from '../../support/engine.ts';

const caller = { kind: 'engine', principal: 'engine' } as const;
const things = { TableNames: ['Things', 'Absent'] };

describe('SetDurability', () => {
  test("is the engine's own", () => {
    expect(findOperation('SetDurability')).toBe(SetDurability);
    expect(SetDurability).toMatchObject({ internal: true, kind: 'write' });
  });

  test('keeps with a table what the database was opened with, and writes that once', async () => {
    const first = await openRig();
    await ask(first, 'CreateTable', tableInput);
    const tableDurability = new Map([['Things', 'strict']] as const);
    const { disk } = first.store;
    const second = await openRig({ disk, tableDurability });
    expect(second.store.batches.length).toBe(1);
    await ask(second, 'SetDurability', things, { caller, form: 'plain' });
    expect(second.store.batches.length).toBe(1);
    const third = await openRig({ disk });
    await ask(third, 'PutItem', { TableName: 'Things', Item: { p: { S: 'a' } } });
    expect(third.store.batches.map(({ strict }) => strict)).toEqual([true]);
  });

  test('is not needed for a table that is made later', async () => {
    const rig = await openRig({ tableDurability: new Map([['Things', 'strict']]) });
    await ask(rig, 'CreateTable', tableInput);
    await ask(rig, 'PutItem', { TableName: 'Things', Item: { p: { S: 'a' } } });
    expect(rig.store.batches.at(-1)?.strict).toBe(true);
  });
});
