/**
 * The meta record at open: found, made for a new store, or restored from its copy.
 *
 * The copy is renewed with every checkpoint, in its transaction, so it names the pages that count.
 * What it does not know is what came after: numbers that were given out since, and a trim. So it is
 * taken with these counted as dead, and the log as trimmed below it (docs/formats/meta.md).
 *
 * Invariants
 * - A store that holds anything is never taken for a new one.
 */
import { Corruption, DamagedData } from '../base/corruption.ts';
import { clockZero } from '../base/hlc.ts';
import { appendRetriesMax, listPages, metaRecoveryNumbers } from '../base/limits.ts';
import { decodeMeta, encodeMeta, type Meta, metaFormat } from '../pager/meta.ts';
import { metaKey, StoreFailure, type WriteResult } from '../port/store.ts';
import type { Damage, EngineOptions } from './engine-types.ts';
import { logNoteKey } from './log-damage.ts';
import { metaCopyKey, metaRecords } from './meta-update.ts';

export interface FoundMeta {
  readonly stored: Uint8Array;
  /** It was damaged, and the copy took its place. */
  readonly mended: boolean;
  /** What is on record of damage to the log. */
  readonly logNote: Uint8Array | undefined;
}

export const mendedMeta: Omit<Damage, 'foundMs'> = {
  kind: 'meta',
  state: 'repaired',
  what: 'The meta record was damaged; its copy took its place, and nothing is lost',
};

/** Throws DamagedData, UpdateNeeded, StoreFailure. */
export async function findMeta({ store, random, scheduler }: EngineOptions): Promise<FoundMeta> {
  const [found, logNote] = await Promise.all([
    store.get('meta', metaKey),
    store.get('meta', logNoteKey),
  ]);
  if (found !== undefined && isSound(found)) return { stored: found, mended: false, logNote };
  for (let attempt = 0; attempt < appendRetriesMax; attempt += 1) {
    const [records = [], log = [], page = []] = await store.scan([
      { space: 'meta', from: metaKey, to: metaCopyKey },
      { space: 'log', from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 },
      { space: 'page', from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 },
    ]);
    const at = (key: number): Uint8Array | undefined =>
      records.find((record) => record.key === key)?.value;
    const stored = at(metaKey);
    if (stored !== undefined && isSound(stored)) return { stored, mended: false, logNote };
    const isNew = records.length === 0 && log.length === 0 && page.length === 0;
    const value = isNew
      ? encodeMeta(newMeta(random.bytes(16)))
      : encodeMeta(restored(at(metaCopyKey)));
    const result = await store.write({
      expectMeta: (now) => (now === undefined ? stored === undefined : !isSound(now)),
      put: metaRecords(value, true),
      strict: true,
    });
    if (result.kind === 'done') return { stored: value, mended: !isNew, logNote };
    await again(result, scheduler);
  }
  throw new StoreFailure('lost', 'the database could not be opened');
}

async function again(
  result: Exclude<WriteResult, { kind: 'done' }>,
  scheduler: EngineOptions['scheduler'],
): Promise<void> {
  if (result.kind === 'unknown') await scheduler.delay(1);
  else if (result.why === 'full' || result.why === 'closed' || result.why === 'gone') {
    throw new StoreFailure(result.why, 'the meta record could not be written', result.cause);
  }
}

/** False when it is damaged; throws UpdateNeeded. */
function isSound(stored: Uint8Array): boolean {
  try {
    decodeMeta(stored);
    return true;
  } catch (error) {
    if (error instanceof Corruption) return false;
    throw error;
  }
}

function restored(copy: Uint8Array | undefined): Meta {
  if (copy === undefined || !isSound(copy)) {
    throw new DamagedData(
      'The meta record of this database is damaged, and so is its copy: it cannot be told which ' +
        'of its pages count. Nothing was changed. Restore a backup, or delete the database.',
    );
  }
  const meta = decodeMeta(copy);
  const first = meta.checkpoint + 1;
  const lastNumber = meta.lastNumber + metaRecoveryNumbers;
  return {
    ...meta,
    trimmed: meta.position,
    reservation: undefined,
    turnstile: undefined,
    lastNumber,
    dead: Array.from({ length: lastNumber - first + 1 }, (_, index) => first + index),
  };
}

function newMeta(storeId: Uint8Array): Meta {
  return {
    format: metaFormat,
    storeId,
    checkpoint: 0,
    position: 0,
    sequence: 0,
    trimmed: 0,
    clock: clockZero,
    reservation: undefined,
    lastNumber: 0,
    dead: [],
    unswept: [],
    turnstile: undefined,
    roots: undefined,
    nextPage: listPages,
    cipherKey: '',
  };
}
