/** Slices of forgetting what nobody needs, one after another (operation/replica/tidy.ts). */
import { tidySlicesMax } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { TidyOutput } from '../operation/replica/tidy.ts';
import { syncCaller } from './tables.ts';

/** Until nothing is left, or `isOver`. Rejects where the database fails, or is closed. */
export async function tidyReplica(
  engine: Engine,
  known: object,
  isOver: () => boolean,
): Promise<void> {
  let after: string | undefined;
  for (let slice = 0; slice < tidySlicesMax && !isOver(); slice += 1) {
    const input = { ...known, ...(after === undefined ? {} : { After: after }) };
    const asked = { operation: 'TidyReplica', input, form: 'plain', caller: syncCaller } as const;
    const { Done, After } = (await engine.call(asked)) as TidyOutput;
    if (Done) return;
    after = After === '' ? undefined : After;
  }
}
