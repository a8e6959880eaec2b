/** Tables and items as literals, for tests of what stands below the operations. */
import type { IndexState, KeyPart, KeySchema, TableState } from '../../src/table/state.ts';
import type { Item } from '../../src/value/value.ts';
import { wireReader } from '../../src/value/wire.ts';

/** Key parts from `name:type`, e.g. `keys('p:S', 's:N')`. */
export function keys(hash: string | readonly string[], ...range: readonly string[]): KeySchema {
  const part = (text: string): KeyPart => {
    const [name = '', type = 'S'] = text.split(':');
    return { name, type: type as KeyPart['type'] };
  };
  return { hash: (typeof hash === 'string' ? [hash] : hash).map(part), range: range.map(part) };
}

export function table(schema: KeySchema, more: Partial<TableState> = {}): TableState {
  return {
    name: 'T',
    id: 'id',
    arn: 'arn',
    tree: 100,
    status: 'ACTIVE',
    keys: schema,
    indexes: [],
    createdAt: 0,
    billing: 'PAY_PER_REQUEST',
    throughput: { read: 0, write: 0 },
    deletionProtection: false,
    tags: new Map(),
    settings: {},
    ...more,
  };
}

export function index(
  name: string,
  tree: number,
  schema: KeySchema,
  more: Partial<IndexState> = {},
): IndexState {
  return {
    name,
    kind: 'global',
    tree,
    keys: schema,
    projection: { type: 'ALL', names: [] },
    status: 'ACTIVE',
    backfilling: false,
    ...more,
  };
}

/** An Item from DynamoDB's form. */
export function itemOf(wire: object): Item {
  return wireReader.item(wire);
}
