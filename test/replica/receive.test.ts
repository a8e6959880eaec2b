import { describe, expect, test } from 'vitest';
import { later, raiseClock } from '../../src/replica/receive.ts';
import { decodeBase } from '../../src/replica/base.ts';
import { readState } from '../../src/replica/book.ts';
import { edit, internal, Pair, putText, textAt } from '../support/replica-pair.ts';
import { openReplica, Stored } from '../support/replica.ts';

describe('a page', () => {
  test('U6: newer than a pending edit shows at once, and the edit still goes', async () => {
    const pair = await Pair.open();
    const a = await pair.device();
    await putText(pair.hub, 'k', 'base');
    await pair.sync(a);
    await edit(a, 'k', 'pending');
    pair.time.pass(60_000);
    await putText(pair.hub, 'k', 'newer');
    const { Epoch, Cursor: Asked } = await internal(a, 'ReadLink');
    const page = await internal(pair.hub, 'ReadFeed', { Epoch, Cursor: Asked });
    await internal(a, 'TakePage', { ...page, Epoch, Asked });
    expect(await textAt(a, 'k')).toBe('newer');
    const stored = await Stored.of(a.store.disk);
    expect(stored.entries()).toHaveLength(1);
    const [[, base] = []] = stored.book(4);
    expect(decodeBase(base ?? new Uint8Array())?.stamp.ms).toBe(pair.time.wallMs);
  });

  test('of a table that this device has not is passed over', async () => {
    const pair = await Pair.open();
    await putText(pair.hub, 'k', 'one');
    const stranger = await openReplica('device', { time: pair.time }, 'another table');
    expect((await pair.sync(stranger)).phase).toBe('live');
    expect(await textAt(stranger, 'k')).toBeUndefined();
  });
});

describe('the clock', () => {
  test('is never below what was seen, and only moves for that', async () => {
    const rig = await openReplica('device');
    await putText(rig, 'k', 'one');
    const { reader, self } = await Stored.of(rig.store.disk);
    const { clock } = readState(reader, self.book);
    expect(raiseClock(reader, self.book, { ms: clock.ms - 1, counter: 0 })).toEqual([]);
    expect(raiseClock(reader, self.book, { ms: clock.ms + 1, counter: 0 })).toHaveLength(1);
    const stamp = { ms: 9, counter: 1, replica: new Uint8Array(16) };
    expect(later({ ms: 1, counter: 0 }, stamp)).toEqual({ ms: 9, counter: 1 });
  });
});
