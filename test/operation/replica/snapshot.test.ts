import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, emptyBytes } from '../../../src/base/bytes.ts';
import { type KeyRange, readRange, wholeTable, writeRange } from '../../../src/replica/range.ts';
import type { Scope } from '../../../src/replica/scope.ts';
import { ask, tableInput } from '../../support/engine.ts';
import { internal, Pair, putText } from '../../support/replica-pair.ts';

function bytesOf(table: string, span: Partial<KeyRange> = {}): Uint8Array {
  const writer = new ByteWriter();
  writeRange(writer, { ...wholeTable(table), ...span });
  return writer.take();
}

test('ReadSnapshot says where the feed is, how far the replica is, and of how many', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await putText(a, 'k', 'one');
  await pair.sync(a);
  const { ReplicaId, Epoch, Reach } = await internal(a, 'PreparePush');
  const wish = { ReplicaId, Epoch, Reach, After: emptyBytes, WithDeleted: false };
  const Range = bytesOf(pair.global);
  const { Place } = await internal(pair.hub, 'DescribeReplica');
  const all = await internal(pair.hub, 'ReadSnapshot', { ...wish, Range });
  expect(all).toMatchObject({ IsHeld: true, To: emptyBytes, Sequence: Place, MarkSeq: 1 });
  expect(all).toMatchObject({ Count: 1, TotalItems: 1, Refusal: '' });
  const strange = { ...wish, Range: bytesOf('another') };
  expect(await internal(pair.hub, 'ReadSnapshot', strange)).toMatchObject({ Refusal: 'TableGone' });
  // K2: never more than may be read, and never a part of it in secret.
  const read = [{ from: Uint8Array.of(1), to: Uint8Array.of(2) }];
  const spans = { read, put: undefined, remove: undefined };
  const scope = (): Scope => ({ user: 'ada', tables: new Map([[pair.global, spans]]) });
  const ask = { ...wish, Range };
  const refused = await internal(pair.hub, 'ReadSnapshot', ask, { scope });
  expect(refused).toMatchObject({ Refusal: 'OutOfScope', Count: 0 });
  // Of how many only who may read them all hears: nobody else comes to that number.
  const partly = bytesOf(pair.global, read[0]);
  const part = await internal(pair.hub, 'ReadSnapshot', { ...wish, Range: partly }, { scope });
  expect(part).toMatchObject({ Refusal: '', TotalItems: 0, TotalBytes: 0 });
  const late = { ...ask, ...refused };
  expect(await internal(a, 'TakeChunk', late)).toEqual({ IsTaken: false, IsOfScope: false });
  const beyond = { ...wish, Range, Reach: 1_000_000 };
  expect(await internal(pair.hub, 'ReadSnapshot', beyond)).toMatchObject({ IsHeld: false });
});

test('no chunk is read of a table whose older items have no versions yet', async () => {
  const pair = await Pair.open();
  const { hub } = pair;
  const Older = { ...tableInput, TableName: 'Older' };
  await ask(hub, 'CreateTable', Older);
  for (const p of ['a', 'b', 'c']) {
    await ask(hub, 'PutItem', { TableName: 'Older', Item: { p: { S: p } } });
  }
  const { Global } = await internal(hub, 'ReplicateTable', { TableName: 'Older' });
  const a = await pair.device();
  const { ReplicaId } = await internal(a, 'ReadLink');
  const greeting = await internal(hub, 'GreetReplica', await internal(a, 'ReadLink'));
  const wish = { ReplicaId, Epoch: greeting['Epoch'], Reach: 0, After: emptyBytes };
  const asked = { ...wish, WithDeleted: false, Range: bytesOf(String(Global)) };
  const counts: unknown[] = [];
  for (let turn = 0; turn < 100 && !counts.includes(3); turn += 1) {
    const read = internal(hub, 'ReadSnapshot', asked);
    counts.push(
      await read.then(
        ({ Count }) => Count,
        (error: Error) => error.name,
      ),
    );
    await internal(hub, 'MendReplica');
  }
  expect(new Set(counts)).toEqual(new Set(['ServiceUnavailable', 3]));
});

test('FindRanges names a table, or the items of a partition key', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  const find = async (...First: readonly object[]): Promise<readonly Uint8Array[]> =>
    (await internal(a, 'FindRanges', { First }))['Ranges'] as readonly Uint8Array[];
  const [whole = emptyBytes, part = emptyBytes] = await find(
    { TableName: 'Things' },
    { TableName: 'Things', Key: { p: { S: 'k' } } },
  );
  expect(readRange(new ByteReader(whole))).toEqual(wholeTable(pair.global));
  const { table, from, to = emptyBytes } = readRange(new ByteReader(part));
  expect([table, from.length > 4, to.length]).toEqual([pair.global, true, from.length]);
  expect(await find({ TableName: 'Nothing' })).toEqual([]);
  const wrong = { First: [{ TableName: 'Things', Key: { p: { N: '1' } } }] };
  await expect(internal(a, 'FindRanges', wrong)).rejects.toThrow('does not match the schema');
});
