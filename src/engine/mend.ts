/**
 * What a replica keeps is made anew after damage: the damaged pages are cut out of their trees by a
 * checkpoint, then a walk goes over what is left (operation/replica/mend.ts), a slice at a time.
 *
 * Only an engine that was given the operations of replicas does it; another leaves it as it is.
 */
import { DamagedData } from '../base/corruption.ts';
import { checkpointSpan } from '../base/limits.ts';
import type { MendOutput } from '../operation/replica/mend.ts';
import { pageRange } from '../pager/versions.ts';
import { type DamageRecord, readDamage } from '../table/damage.ts';
import { stillInTrees } from './leads.ts';
import type { PageLoader } from './load.ts';
import type { EngineState } from './state.ts';
import { removeAll } from './sweep.ts';

export interface MendHelp {
  checkpointPastDamage(): Promise<void>;
  request(operation: string, input: object): Promise<object>;
}

/** One slice; false when there is nothing to do, or nothing can be done. */
export async function mendReplica(
  state: EngineState,
  loader: PageLoader,
  help: MendHelp,
): Promise<boolean> {
  if (!state.options.operations?.some(({ name }) => name === 'MendReplica')) return false;
  try {
    return await mendSlice(state, loader, help);
  } catch (error) {
    // Items are damaged too: it goes on when they are repaired.
    if (error instanceof DamagedData) return false;
    state.jobsNoted = true;
    throw error;
  }
}

async function mendSlice(state: EngineState, loader: PageLoader, help: MendHelp): Promise<boolean> {
  const lost = await loader.run(() => {
    return readDamage(state.published).filter(({ isReplica }) => isReplica);
  });
  const isCut = async (): Promise<boolean> =>
    (await loader.run(() => stillInTrees(state, lost))).length === 0;
  if (!(await isCut())) await help.checkpointPastDamage();
  if (!(await isCut())) {
    // Another engine is at a checkpoint, or died at one: it is tried again.
    state.jobsNoted = true;
    return false;
  }
  // Before their records end: what could not be removed is tried again as long as they stand.
  await forget(state, loader, lost);
  const { Done, Report } = (await help.request('MendReplica', {})) as MendOutput;
  if (Report !== undefined) {
    loader.damage.note('replica', { kind: 'entries', state: 'repaired', what: Report });
  }
  return !Done;
}

/** Nobody refers to the pages any more, and nothing can be made of them. */
async function forget(
  state: EngineState,
  { damage }: PageLoader,
  lost: readonly DamageRecord[],
): Promise<void> {
  const pages = lost.filter(({ height }) => height > 0);
  await removeAll(
    state,
    pages.map(({ page }) => ({ space: 'page', ...pageRange(page, checkpointSpan - 1) })),
  );
  for (const { page } of lost) damage.forget(page);
}
