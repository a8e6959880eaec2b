import { expect, test } from 'vitest';
import { put } from '../../src/replica/book.ts';
import { conflictItem, loserOf } from '../../src/replica/conflict.ts';
import { principalKey } from '../../src/replica/principal.ts';
import { replicatedTables } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { storedKey } from '../../src/table/keys.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { itemToPlain, plainReader } from '../../src/value/plain.ts';
import { MapReader } from '../support/map-reader.ts';
import { openReplica, Stored } from '../support/replica.ts';

const author = new Uint8Array(16).fill(0xaa);
const other = new Uint8Array(16).fill(0xbb);

test('who lost is the principal of the replica, or the replica where nobody has claimed it', () => {
  const reader = new MapReader();
  const stamp = { ms: 1, counter: 0, replica: author };
  expect(loserOf(reader, 200, stamp)).toBe(`replica:${'aa'.repeat(16)}`);
  reader.apply([put(200, principalKey(author), undefined, utf8('ada'))]);
  expect(loserOf(reader, 200, stamp)).toBe('ada');
});

test('U10: an item of the log has the losing image and both stamps, and its time', async () => {
  const rig = await openReplica('hub');
  const { reader } = await Stored.of(rig.store.disk);
  const [table] = replicatedTables(createCatalog(reader));
  if (table === undefined) throw new Error('no table');
  const image = plainReader.item({ p: 'k', v: 'older' });
  const lost = {
    table,
    key: storedKey(table, image),
    loser: { stamp: { ms: 1000, counter: 0, replica: author }, image: encodeItem(image) },
    winner: { ms: 2000, counter: 1, replica: other },
    entryId: new Uint8Array(16).fill(7),
    index: 2,
  };
  expect(itemToPlain(conflictItem(lost, 'ada', 5000))).toEqual({
    principal: 'ada',
    id: `00000000005000-${'07'.repeat(16)}-2`,
    table: 'Things',
    key: { p: 'k' },
    lost: { p: 'k', v: 'older' },
    lostAt: 1000,
    lostBy: 'aa'.repeat(16),
    wonAt: 2000,
    wonBy: 'bb'.repeat(16),
    expires: 5 + 30 * 86_400,
  });
  const deleted = { ...lost, loser: { ...lost.loser, image: undefined } };
  expect(itemToPlain(conflictItem(deleted, 'ada', 5000))).not.toHaveProperty('lost');
});
