import { describe, expect, test } from 'vitest';
import { Display, findHeld, newest, shownOf } from '../../src/replica/shown.ts';
import { byGlobal } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { put } from '../support/engine.ts';
import { openReplica, Stored } from '../support/replica.ts';

const at = (ms: number): { stamp: { ms: number; counter: number; replica: Uint8Array } } => ({
  stamp: { ms, counter: 0, replica: new Uint8Array(16) },
});

describe('what is shown', () => {
  test('is the newest of what there is', () => {
    const [old, young] = [
      { ...at(1), image: undefined },
      { ...at(2), image: undefined },
    ];
    expect(newest(undefined, old, young, undefined)).toBe(young);
    expect(newest(young, old)).toBe(young);
    expect(newest(undefined, undefined)).toBeUndefined();
  });

  test('changes with its version, and makes no entry', async () => {
    const rig = await openReplica('device', {}, 'g');
    await put(rig, 'a');
    const { reader, self } = await Stored.of(rig.store.disk);
    const table = byGlobal(createCatalog(reader)).get('g');
    const [entry] = (await Stored.of(rig.store.disk)).entries();
    if (table === undefined || entry === undefined) throw new Error('no table');
    const held = findHeld(reader, self.book, table, entry.mutations[0]?.key ?? new Uint8Array());
    expect(shownOf(held)?.stamp).toEqual(entry.stamp);
    const image = encodeItem(new Map([['p', { type: 'S', value: 'a' } as const]]));
    const display = new Display(reader, self.book, 10_000);
    display.show(held, { ...at(9), image: undefined }, undefined);
    display.keep(held, { ...at(9), image });
    const drafts = display.drafts();
    expect(drafts.map(({ mutations }) => mutations.length)).toEqual([2, 1]);
    expect(drafts.every(({ replicated }) => replicated === undefined)).toBe(true);
    const forgotten = new Display(reader, self.book, 10_000);
    forgotten.show(held, undefined, undefined);
    const removed = forgotten.drafts()[0]?.mutations.map(({ value }) => value);
    expect(removed).toEqual([undefined, undefined]);
  });
});
