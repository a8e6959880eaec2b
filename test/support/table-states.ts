/** TableStates for tests of what lies below the operations. */
import type { IndexState, TableState } from '../../src/table/state.ts';

export function tableState(changes: Partial<TableState> = {}): TableState {
  const name = changes.name ?? 'Notes';
  return {
    name,
    id: '01234567-89ab-4cde-8f01-23456789abcd',
    arn: `arn:aws:dynamodb:local:000000000000:table/${name}`,
    tree: 100,
    status: 'ACTIVE',
    keys: { hash: [{ name: 'pk', type: 'S' }], range: [] },
    indexes: [],
    createdAt: 1_700_000_000.123,
    billing: 'PAY_PER_REQUEST',
    throughput: { read: 0, write: 0 },
    deletionProtection: false,
    tags: new Map(),
    settings: {},
    ...changes,
  };
}

export function indexState(changes: Partial<IndexState> = {}): IndexState {
  return {
    name: 'byDate',
    kind: 'global',
    tree: 101,
    keys: { hash: [{ name: 'date', type: 'S' }], range: [] },
    projection: { type: 'ALL', names: [] },
    status: 'ACTIVE',
    backfilling: false,
    ...changes,
  };
}
