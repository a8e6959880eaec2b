import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../../src/base/errors.ts';
import {
  admit,
  admitEntries,
  admitPage,
  refusalOf,
} from '../../../src/operation/capacity/admission.ts';
import type { Meter } from '../../../src/operation/capacity/meter.ts';
import { createCatalog } from '../../../src/table/catalog.ts';
import type { TableState } from '../../../src/table/state.ts';
import { wireReader } from '../../../src/value/wire.ts';
import { ItemWorld } from '../../support/item-world.ts';

const refusal = new DynamoError('ThrottlingException', 'no units');

/** A meter that has units of nothing in `empty` (`Read`, `Write byG`), and what it was asked. */
function metered(...empty: string[]): { meter: Meter; asked: string[] } {
  const asked: string[] = [];
  const meter: Meter = {
    refusal(_, index, kind) {
      const name = index === undefined ? kind : `${kind} ${index.name}`;
      asked.push(name);
      return empty.includes(name) ? refusal : undefined;
    },
    spend: () => undefined,
    readShard: () => undefined,
    checkChange: () => undefined,
    undo: () => undefined,
  };
  return { meter, asked };
}

function table(): TableState {
  const world = new ItemWorld();
  world.table('Tab', ['p:S'], {
    global: { byG: { keys: ['g:S'] }, byH: { keys: ['h:S'] } },
  });
  return createCatalog(world.reader).table('Tab');
}

const item = wireReader.item({ p: { S: 'a' }, g: { S: 'G' } });

describe('admission', () => {
  test('is free where there is no meter', () => {
    const write = { table: table(), keyItem: item };
    const units = { table: 1, indexes: new Map([['byG', 1]]) };
    expect(refusalOf({}, table(), 'Read', item)).toBeUndefined();
    expect(() => admit({}, table(), 'Write', item)).not.toThrow();
    expect(() => admitEntries({}, write, units, item, undefined)).not.toThrow();
    expect(() => admitPage({}, table(), undefined, undefined)).not.toThrow();
  });

  test('asks for units of the table by kind', () => {
    const { meter, asked } = metered('Write');
    admit({ meter }, table(), 'Read', item);
    expect(() => admit({ meter }, table(), 'Write', item)).toThrow(refusal);
    expect(refusalOf({ meter }, table(), 'Write', item)).toBe(refusal);
    expect(asked).toEqual(['Read', 'Write', 'Write']);
  });

  test('asks for units of those global indexes that a write comes to', () => {
    const { meter, asked } = metered('Write byH');
    const write = { table: table(), keyItem: item };
    const entries =
      (...names: string[]) =>
      () => {
        const indexes = new Map(names.map((name) => [name, 1]));
        admitEntries({ meter }, write, { table: 1, indexes }, item, undefined);
      };
    expect(entries()).not.toThrow();
    expect(entries('byG')).not.toThrow();
    expect(entries('byG', 'byH')).toThrow(refusal);
    expect(asked).toEqual(['Write byG', 'Write byG', 'Write byH']);
  });

  test('of a page asks for units of its global index, or of the table', () => {
    const { meter, asked } = metered('Read byG');
    const state = table();
    const [byG] = state.indexes;
    admitPage({ meter }, state, undefined, undefined);
    expect(() => admitPage({ meter }, state, byG, undefined)).toThrow(refusal);
    expect(asked).toEqual(['Read', 'Read byG']);
  });
});
