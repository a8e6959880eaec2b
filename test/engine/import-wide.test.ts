/** Imports of items whose index keys are too long to be kept beside them (tree/run.ts). */
import { expect, test } from 'vitest';
import { annexBytesMax } from '../../src/tree/run.ts';
import type { StoredItem } from '../../src/value/codec.ts';
import { itemToPlain } from '../../src/value/plain.ts';
import type { Item } from '../../src/value/value.ts';
import { ask, openRig, type Rig } from '../support/engine.ts';

const TableName = 'Wide';
const names = Array.from({ length: 20 }, (_, at) => `g${at}`);
const key = (AttributeName: string, KeyType: string): object => ({ AttributeName, KeyType });
const tableInput = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: ['p', 's', ...names].map((AttributeName) => {
    return { AttributeName, AttributeType: 'S' };
  }),
  KeySchema: [key('p', 'HASH'), key('s', 'RANGE')],
  GlobalSecondaryIndexes: names.map((name, at) => ({
    IndexName: `by-${name}`,
    KeySchema: [key(name, 'HASH')],
    Projection: { ProjectionType: at % 2 === 0 ? 'ALL' : 'KEYS_ONLY' },
  })),
};

type Plain = Readonly<Record<string, string>>;

/** An item with the keys of some indexes, each so long. */
function itemOf(p: string, of: readonly string[], length: number): Plain {
  const keys = of.map((name) => [name, `${name}-${p.at(0)}`.padEnd(length, '.')]);
  return { p, s: 's'.repeat(length === 1500 ? 1024 : 3), ...Object.fromEntries(keys) };
}

async function scan(rig: Rig, IndexName?: string): Promise<readonly Plain[]> {
  const input = { TableName, ...(IndexName && { IndexName }) };
  const { Items } = await ask(rig, 'Scan', input);
  const found = (Items as readonly (StoredItem | Item)[]).map((one) => {
    return itemToPlain('item' in one ? one.item() : one) as Plain;
  });
  return found.sort((a, b) => ((a['p'] as string) < (b['p'] as string) ? -1 : 1));
}

test.each([
  ['in memory', 10_000_000],
  ['by stored runs', 50_000],
])(
  'items with 20 indexes and the longest keys have all their entries: %s',
  async (_name, runBytes) => {
    const rig = await openRig();
    await ask(rig, 'CreateTable', tableInput, { form: 'plain' });
    const items = [
      itemOf('a'.repeat(2048), names, 1500),
      itemOf('b', names, 4),
      itemOf('c'.repeat(2048), names.slice(1), 1500),
      itemOf('d'.repeat(2048), names.slice(0, 18), 1500),
      itemOf('e', [], 0),
    ];
    const [wide] = items as [Plain];
    expect(20 * (wide['p']?.length ?? 0) + 20 * 1500).toBeGreaterThan(annexBytesMax);
    const session = await rig.engine.import({ table: TableName, form: 'plain', runBytes });
    for (const item of items) await session.write({ items: [item], position: 1 });
    expect(await session.finish()).toMatchObject({ importedItemCount: 5, errorCount: 0 });
    expect(await scan(rig)).toEqual(items);
    for (const [at, name] of names.entries()) {
      const whole = items.filter((item) => item[name] !== undefined);
      const entries = whole.map((item) => {
        return at % 2 === 0 ? item : { p: item['p'], s: item['s'], [name]: item[name] };
      });
      expect(await scan(rig, `by-${name}`)).toEqual(entries);
    }
    expect(await rig.engine.scrub()).toMatchObject({ mended: 0, damagedPages: 0, counters: 0 });
  },
);
