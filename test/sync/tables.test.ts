import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { owner } from '../../src/operation/request.ts';
import { type HubVisitor, replicated, syncCaller, tellTables } from '../../src/sync/tables.ts';
import { notes } from '../support/sync.ts';

async function hub(): Promise<Engine> {
  const engine = await openNodeDatabase({ memory: true });
  await openHub(engine);
  const input = { Role: 'hub' };
  await engine.call({ operation: 'OpenReplica', input, form: 'plain', caller: syncCaller });
  return engine;
}

function mayNot(...denied: readonly string[]): HubVisitor {
  return {
    caller: owner,
    judge: (operation) => {
      if (denied.includes(operation)) throw new DynamoError('AccessDeniedException', operation);
    },
  };
}

describe('what a hub tells of its tables', () => {
  test('is made and takes part when somebody who may asks for it', async () => {
    const engine = await hub();
    const [told] = await tellTables(engine, JSON.stringify([notes]), undefined);
    const known = (await replicated(engine)).get('Notes');
    expect(told).toMatchObject({ TableName: 'Notes', Global: known, Definition: notes });
    expect(await tellTables(engine, '[]', undefined)).toEqual([told]);
    await engine.close();
  });

  test('has the reason where they may not, and changes nothing', async () => {
    const engine = await hub();
    const asked = JSON.stringify([notes]);
    const denied = async (...names: readonly string[]): Promise<string | undefined> =>
      (await tellTables(engine, asked, mayNot(...names)))[0]?.Why;
    expect(await denied('CreateTable')).toBe('AccessDeniedException: CreateTable');
    expect(await denied('JudgeReplicate')).toBe('AccessDeniedException: JudgeReplicate');
    expect((await replicated(engine)).size).toBe(0);
    expect(await denied('DescribeTable')).toBe('AccessDeniedException: DescribeTable');
    expect(await tellTables(engine, asked, undefined)).toHaveLength(1);
    expect(await tellTables(engine, '[]', mayNot('DescribeTable'))).toEqual([]);
    const missing = await tellTables(engine, '[{"TableName":"Tasks"}]', undefined);
    expect(missing).toEqual([{ TableName: 'Tasks', Why: 'ResourceNotFoundException' }]);
    await engine.close();
  });

  test('of what is no list of tables is what there is', async () => {
    const engine = await hub();
    for (const json of ['', '{', '{}', '[1, null, {}]']) {
      expect(await tellTables(engine, json, undefined)).toEqual([]);
    }
    await engine.close();
  });
});
