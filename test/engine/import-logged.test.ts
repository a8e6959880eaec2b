import { describe, expect, test } from 'vitest';
import { utf8 } from '../../src/base/bytes.ts';
import { LoggedWriter } from '../../src/engine/import-logged.ts';

describe('items that pass the log', () => {
  test('are put together, of equal keys the last', async () => {
    const put: unknown[] = [];
    const writer = new LoggedWriter(
      async ({ input }) => {
        put.push(input);
        return {};
      },
      { table: 'T', form: 'plain' },
    );
    writer.add(utf8('a'), 1);
    writer.add(utf8('b'), 2);
    writer.add(utf8('a'), 3);
    expect(await writer.flush()).toBe(1);
    expect(put).toEqual([
      { TableName: 'T', Item: 3 },
      { TableName: 'T', Item: 2 },
    ]);
    expect(await writer.flush()).toBe(0);
  });

  test('tell of a failure when all are answered', async () => {
    let answered = 0;
    const writer = new LoggedWriter(
      async ({ input }) => {
        if ((input as { Item: number }).Item === 1) throw new Error('full');
        await Promise.resolve();
        answered += 1;
        return {};
      },
      { table: 'T', form: 'plain' },
    );
    for (const item of [1, 2, 3]) writer.add(utf8(String(item)), item);
    await expect(writer.flush()).rejects.toThrow('full');
    expect(answered).toBe(2);
  });
});
