import { expect, test } from 'vitest';
import { emptyBytes } from '../../src/base/bytes.ts';
import { type Chunk, readChunk } from '../../src/replica/chunk.ts';
import { byTree } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { put } from '../support/engine.ts';
import { remove } from '../support/replica-pair.ts';
import { entriesOf, openReplica, Stored } from '../support/replica.ts';

test('P7: chunks of any size together have each item once, in the order of keys', async () => {
  const rig = await openReplica('hub');
  for (const p of ['a', 'b', 'c', 'd', 'e', 'a']) await put(rig, p, { v: { S: p } });
  await remove(rig, 'b');
  const { reader, self, table } = await Stored.of(rig.store.disk);
  const replicated = byTree(createCatalog(reader)).get(table.tree);
  if (replicated === undefined) throw new Error('no such table');
  const read = (after: Uint8Array, bytesMax: number, withDeleted: boolean, keysMax = 9): Chunk =>
    readChunk(reader, self.book, replicated, {
      ...{ after, to: undefined, withDeleted, bytesMax, keysMax },
    });
  const keys = entriesOf(reader, table.replica?.versions ?? 0).map(([key]) => key.join());
  for (const [bytes, keysMax] of [
    [1, 9],
    [100, 9],
    [10_000, 9],
    [10_000, 1],
  ] as const) {
    for (const withDeleted of [true, false]) {
      const seen: string[] = [];
      let after: Uint8Array | undefined = emptyBytes;
      for (let count = 0; after !== undefined && count < 10; count += 1) {
        const chunk: Chunk = read(after, bytes, withDeleted, keysMax);
        expect(chunk.sequence).toBe(rig.engine.status().sequence);
        seen.push(...chunk.changes.map(({ key }) => key.join()));
        after = chunk.to;
      }
      expect(seen).toEqual(keys.filter((key) => withDeleted || seen.includes(key)));
      expect(seen).toHaveLength(withDeleted ? 5 : 4);
    }
  }
});
