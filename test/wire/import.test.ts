import { describe, expect, test } from 'vitest';
import { buildPatienceMs } from '../../src/base/limits.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { type ImportAnswer, withImports } from '../../src/wire/import.ts';
import type { ImportResult } from '../../src/engine/import-types.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { itemToPlain } from '../../src/value/plain.ts';
import { ask, makeTable, openRig, quiet, requestOf, type Rig } from '../support/engine.ts';

/** Sources of every kind are told in test/client/import.test.ts. */
async function opened(): Promise<{
  rig: Rig;
  call: (operation: string, input: object) => Promise<ImportAnswer>;
}> {
  const rig = await openRig();
  await makeTable(rig);
  const waiting: (() => void)[] = [];
  const scheduler = {
    ...rig.time.scheduler,
    delay: (delayMs: number) =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length > 100) throw new Error(`waits of ${delayMs} ms without end`);
      }),
  };
  const engine: Pick<Engine, 'submit'> = withImports({
    engine: rig.engine,
    clock: rig.time.clock,
    scheduler,
  });
  const call = (operation: string, input: object): Promise<ImportAnswer> =>
    new Promise((resolve, reject) => {
      engine.submit(requestOf(operation, input), ({ output, error }) => {
        for (const end of waiting.splice(0)) end();
        if (error === undefined) resolve(output as ImportAnswer);
        else reject(error);
      });
    });
  return { rig, call };
}

function plainOf(item: unknown): unknown {
  if (!(item instanceof StoredItem)) throw new Error('no item');
  return itemToPlain(item.item());
}

const begin = { TableName: 'Things' };

async function statusOf(rig: Rig): Promise<unknown> {
  const { Table } = await ask(rig, 'DescribeTable', begin);
  return (Table as { TableStatus?: unknown }).TableStatus;
}

describe('imports over the channel', () => {
  test('whose page is silent for long are broken off', async () => {
    const { rig, call } = await opened();
    const { Id } = await call('ImportBegin', begin);
    await call('ImportWrite', { Id, Items: [{ p: 'a' }] });
    expect(await statusOf(rig)).toBe('CREATING');
    rig.time.pass(buildPatienceMs - 1);
    await call('ImportProgress', { Id });
    rig.time.pass(buildPatienceMs - 1);
    await call('DescribeTable', begin);
    await quiet(20);
    expect(await statusOf(rig)).toBe('CREATING');
    rig.time.pass(1);
    await call('DescribeTable', begin);
    await quiet(20);
    expect(await statusOf(rig)).toBe('ACTIVE');
    await expect(call('ImportWrite', { Id, Items: [{ p: 'b' }] })).rejects.toThrow(
      'import is over',
    );
  });

  test.each([
    ['simple', (at: number) => JSON.stringify({ p: `k${at}`, n: at, t: 'é' })],
    [
      'nested',
      (at: number) => JSON.stringify({ p: `k${at}`, n: at, t: 'é', l: [at, { a: '\n' }] }),
    ],
    [
      'simple and nested',
      (at: number) => JSON.stringify(at % 3 === 0 ? { p: `k${at}`, l: [at] } : { p: `k${at}` }),
    ],
  ])('of %s lines store what the lines say, wrong ones are told', async (_name, lineOf) => {
    const { rig, call } = await opened();
    const { Id } = await call('ImportBegin', begin);
    const lines = Array.from({ length: 2500 }, (_, at) => lineOf(at));
    lines[700] = '{"p":';
    lines[1500] = '{"n":1}';
    lines[1600] = '{"p":5}';
    lines[2400] = lineOf(1);
    const bytes = new TextEncoder().encode(lines.join('\n'));
    for (let at = 0; at < bytes.length; at += 10_000) {
      await call('ImportWrite', { Id, Bytes: bytes.slice(at, at + 10_000) });
    }
    const result = (await call('ImportFinish', { Id })) as unknown as ImportResult;
    expect(result).toMatchObject({ way: 'build', errorCount: 3, overwrittenItemCount: 1 });
    expect(result.processedSizeBytes).toBe(bytes.length);
    expect(result.errors.map(({ index }) => index)).toEqual([700, 1500, 1600]);
    expect(result.errors[1]?.message).toContain('Missing the key p');
    expect(result.errors[2]?.message).toContain('Type mismatch for key p');
    for (const at of [0, 1, 2, 699, 701, 1700, 2399, 2499]) {
      const { Item } = await ask(rig, 'GetItem', { ...begin, Key: { p: { S: `k${at}` } } });
      expect(plainOf(Item)).toEqual(JSON.parse(lineOf(at)));
    }
  });

  test('carry their calls out in order, and know no others', async () => {
    const { rig, call } = await opened();
    const { Id } = await call('ImportBegin', { ...begin, Format: 'dynamodb-json' });
    const first = call('ImportWrite', { Id, Items: [{ Item: { p: { S: 'a' } } }] });
    const second = call('ImportWrite', { Id, Items: [{ p: { S: 'a' }, n: { N: '2' } }] });
    const end = call('ImportFinish', { Id });
    expect((await first).processedItemCount).toBe(1);
    expect((await second).processedItemCount).toBe(2);
    expect(await end).toMatchObject({ overwrittenItemCount: 1, way: 'build' });
    expect(await statusOf(rig)).toBe('ACTIVE');
    const other = await call('ImportBegin', begin);
    await expect(call('ImportNothing', { Id: other.Id })).rejects.toThrow('no call ImportNothing');
    expect(await call('ImportAbort', { Id: other.Id })).toMatchObject({ phase: 'reading' });
  });

  test('of an id go on in a file behind what was kept', async () => {
    const { rig, call } = await opened();
    const text = Array.from(
      { length: 900 },
      (_, at) => `{"p":"p${at}","v":"${'x'.repeat(at)}"}\n`,
    ).join('');
    const size = text.length;
    const session = await rig.engine.import({
      table: 'Things',
      form: 'plain',
      importId: 'mine',
      runBytes: 50_000,
    });
    const parts = text.split('\n').slice(0, 500);
    const items = parts.map((line) => JSON.parse(line) as object);
    const position = parts.join('\n').length + 1;
    await session.write({ items, position });
    await session.abort(true);
    const begun = await call('ImportBegin', { ...begin, ImportId: 'mine' });
    expect(begun).toMatchObject({ ResumedItems: 500, ResumedBytes: position });
    const { Id } = begun;
    const read = await call('ImportBlob', { Id, Blob: new Blob([text]) });
    expect(read).toMatchObject({ AtEnd: true, processedItemCount: 900, processedSizeBytes: size });
    expect(await call('ImportFinish', { Id })).toMatchObject({ importedItemCount: 900 });
    const { Count } = await ask(rig, 'Scan', { ...begin, Select: 'COUNT' });
    expect(Count).toBe(900);
  });
});
