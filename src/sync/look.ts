/** What a database says of itself as a device. */
import type { Engine } from '../engine/engine-types.ts';
import { syncCaller } from './tables.ts';

export interface DeviceState {
  readonly ReplicaId: string;
  readonly Cursor: number;
  /** Who the hub took the caller for; empty before the first contact. */
  readonly Principal: string;
  readonly Pending: number;
  /** Of the next entry. */
  readonly NextSeq: number;
  readonly OldestMs?: number;
  readonly OffsetMs?: number;
  readonly Quarantined: number;
  readonly Conflicts: number;
  readonly Unsafe: number;
  readonly Ranges: readonly {
    readonly TableName: string;
    readonly State: 'absent' | 'loading' | 'complete';
  }[];
}

/** Rejects where it is none. */
export async function describeDevice(engine: Engine): Promise<DeviceState> {
  const output = await engine.call({
    operation: 'DescribeReplica',
    input: {},
    form: 'plain',
    caller: syncCaller,
  });
  const state = output as DeviceState & { readonly Role: string };
  if (state.Role !== 'device') throw new Error(`The database is no device of a hub`);
  return state;
}
