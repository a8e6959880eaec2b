import { describe, expect, test } from 'vitest';
import { Turnstile } from '../../src/engine/turnstile.ts';
import { turnstileStandBackMs } from '../../src/base/limits.ts';
import { createMemory } from '../../src/storage/memory.ts';
import { metaOf, openTestState } from '../support/engine.ts';

async function two(): Promise<{
  readonly mine: Turnstile;
  readonly theirs: Turnstile;
  readonly disk: ReturnType<typeof createMemory>;
  readonly other: Awaited<ReturnType<typeof openTestState>>;
  readonly me: Awaited<ReturnType<typeof openTestState>>;
}> {
  const disk = createMemory();
  const me = await openTestState({ disk });
  const other = await openTestState({ disk });
  return { mine: new Turnstile(me.state), theirs: new Turnstile(other.state), disk, other, me };
}

describe('the turnstile', () => {
  test('that is signed is closed to the others, and not to its signer', async () => {
    const { mine, theirs, disk } = await two();
    await mine.sign();
    expect([mine.closedBy(metaOf(disk)), theirs.closedBy(metaOf(disk))]).toEqual([false, true]);
  });

  test('lets through who stood back once for a signature, for at most 50 ms', async () => {
    const { mine, theirs, disk, other } = await two();
    await mine.sign();
    const fromMs = other.time.monoMs;
    await theirs.standBack(metaOf(disk));
    expect(other.time.monoMs - fromMs).toBe(turnstileStandBackMs);
    expect(theirs.closedBy(metaOf(disk))).toBe(false);
    await mine.leave();
    await mine.sign();
    await theirs.sign();
    await theirs.leave();
    await mine.leave();
    await mine.sign();
    expect(mine.closedBy(metaOf(disk))).toBe(false);
  });

  test('is open again when its signer has left', async () => {
    const { mine, theirs, disk } = await two();
    await mine.sign();
    await mine.leave();
    expect(metaOf(disk).turnstile).toBeUndefined();
    expect(theirs.closedBy(metaOf(disk))).toBe(false);
  });

  test('keeps the signature of another when one leaves', async () => {
    const { mine, theirs, disk } = await two();
    await mine.sign();
    await theirs.sign();
    await mine.leave();
    expect(mine.closedBy(metaOf(disk))).toBe(true);
  });

  test('owes a pause when a signature is noted, once', async () => {
    const { mine, theirs, disk, other } = await two();
    await mine.sign();
    theirs.note(metaOf(disk));
    expect(theirs.owes).toBe(true);
    const fromMs = other.time.monoMs;
    await theirs.pay();
    theirs.note(metaOf(disk));
    expect([theirs.owes, other.time.monoMs - fromMs]).toEqual([false, turnstileStandBackMs]);
  });

  test('that cannot be signed changes nothing', async () => {
    const { mine, disk, me } = await two();
    me.store.hooks.write = () => ({ kind: 'refused', why: 'full' });
    await mine.sign();
    await mine.leave();
    expect(metaOf(disk).turnstile).toBeUndefined();
  });
});
