import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/base/bytes.ts';
import { placesOfScope } from '../../src/replica/lead-places.ts';
import { readPage } from '../../src/replica/page.ts';
import { mayRead, type Scope } from '../../src/replica/scope.ts';
import { byTree } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import type { KeySpan } from '../../src/table/scope.ts';
import { prefixEnd } from '../../src/base/bytes.ts';
import { concatBytes } from '../../src/base/bytes.ts';
import { beginsWithRange, hashPrefix } from '../../src/value/key.ts';
import { ask, openRig, type Rig } from '../support/engine.ts';
import { engineCaller, Stored } from '../support/replica.ts';

const Notes = {
  TableName: 'Notes',
  AttributeDefinitions: [
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'owner', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

async function hub(): Promise<Rig> {
  const rig = await openRig({});
  await ask(rig, 'OpenReplica', { Role: 'hub' }, { caller: engineCaller });
  await ask(rig, 'CreateTable', Notes);
  await ask(rig, 'ReplicateTable', { TableName: 'Notes' }, { caller: engineCaller });
  return rig;
}

function put(rig: Rig, owner: string, id: string, v: string): Promise<object> {
  const Item = { owner: { S: owner }, id: { S: id }, v: { S: v } };
  return ask(rig, 'PutItem', { TableName: 'Notes', Item });
}

function span(owner: string, prefix = ''): KeySpan {
  const lead = hashPrefix([{ type: 'S', value: owner }]);
  const from = concatBytes(lead, beginsWithRange({ type: 'S', value: prefix }));
  return { from, to: prefixEnd(from) };
}

const of = (global: string, ...read: readonly KeySpan[]): Scope => {
  return { user: 'u', tables: new Map([[global, { read, put: [], remove: [] }]]) };
};

async function filled(): Promise<Stored> {
  const rig = await hub();
  for (let round = 0; round < 3; round += 1) {
    for (const owner of ['ada', 'eve', 'bob']) {
      for (const id of ['note#1', 'note#2', 'task#1']) await put(rig, owner, id, `${round}`);
    }
  }
  await ask(rig, 'DeleteItem', {
    TableName: 'Notes',
    Key: { owner: { S: 'ada' }, id: { S: 'note#1' } },
  });
  return Stored.of(rig.store.disk, 'Notes');
}

describe('P6: the feed by partition key', () => {
  test('has each item once, at its newest place, and no other', async () => {
    const stored = await filled();
    expect(stored.book(15)).toHaveLength(stored.feed().length);
    expect(stored.feed()).toHaveLength(9);
  });

  test('brings what the whole feed would, in its order, from any cursor on', async () => {
    const { reader, self, table } = await filled();
    const { book } = self;
    const tables = byTree(createCatalog(reader));
    const global = table.replica?.global ?? '';
    const scopes = [
      of(global, span('ada')),
      of(global, span('ada'), span('bob')),
      of(global, span('ada', 'note#'), span('eve', 'task')),
      of(global, span('nobody')),
      of(global),
    ];
    const places = readPage({ reader, book, tables, cursor: 0 }, 1e6).changes;
    const ends = [0, 5, 12, 20, 1000];
    for (const scope of scopes) {
      const expected = places.filter(({ key }) => mayRead(scope, global, key));
      const page = readPage({ reader, book, tables, cursor: 0, scope }, 1e6);
      expect(page.changes.map(({ key }) => hexOf(key))).toEqual(
        expected.map(({ key }) => hexOf(key)),
      );
      for (const cursor of ends) {
        const placed = placesOfScope(reader, book, tables.values(), scope, cursor);
        const found = [...(placed ?? [])].map(({ place }) => place);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
        expect(found.every((place) => place > cursor)).toBe(true);
        const small: string[] = [];
        let next = readPage({ reader, book, tables, cursor, scope }, 1);
        for (let count = 0; count < 20; count += 1) {
          small.push(...next.changes.map(({ key }) => hexOf(key)));
          if (next.upToDate) break;
          next = readPage({ reader, book, tables, cursor: next.cursor, scope }, 1);
        }
        expect(small).toHaveLength(found.length);
        expect(next.cursor).toBeGreaterThanOrEqual(Math.max(...found, cursor));
      }
    }
  });

  test('costs what it brings', async () => {
    const rig = await hub();
    for (let n = 0; n < 300; n += 1) await put(rig, `owner${n % 100}`, `note${n}`, 'x');
    const stored = await Stored.of(rig.store.disk, 'Notes');
    const { reader, self, table } = stored;
    let read = 0;
    const counting = {
      get: (tree: number, key: Uint8Array) => reader.get(tree, key),
      counters: (tree: number) => reader.counters(tree),
      range: (...args: Parameters<typeof reader.range>) => {
        const cursor = reader.range(...args);
        return {
          next: () => {
            read += 1;
            return cursor.next();
          },
          get key() {
            return cursor.key;
          },
          get value() {
            return cursor.value;
          },
        };
      },
    } as unknown as typeof reader;
    const tables = byTree(createCatalog(reader));
    const scope = of(table.replica?.global ?? '', span('owner7'), span('owner8'));
    const page = readPage({ reader: counting, book: self.book, tables, cursor: 0, scope }, 1e6);
    expect(page.changes).toHaveLength(6);
    expect(page.upToDate).toBe(true);
    expect(read).toBeLessThan(12);
  });

  test('is not for a whole table, or a range over several partitions', async () => {
    const { reader, self, table } = await filled();
    const tables = byTree(createCatalog(reader));
    const global = table.replica?.global ?? '';
    const [ada, bob] = [span('ada'), span('bob')].sort((a, b) =>
      hexOf(a.from) < hexOf(b.from) ? -1 : 1,
    );
    for (const one of [
      { from: new Uint8Array(), to: undefined },
      { from: ada?.from ?? new Uint8Array(), to: bob?.to },
    ]) {
      expect(placesOfScope(reader, self.book, tables.values(), of(global, one), 0)).toBeUndefined();
    }
  });
});
