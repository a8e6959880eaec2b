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
import {
  assertKnown,
  decodeMeta,
  encodeMeta,
  formatOf,
  type Meta,
  metaFormat,
} from '../pager/meta.ts';
import { metaKey, StoreFailure, type WriteResult } from '../port/store.ts';
import type { Damage, EngineOptions } from './engine-types.ts';
import { logNoteKey } from './log-damage.ts';
import { metaCopyKey, metaRecords } from './meta-update.ts';

export interface FoundMeta {
  /** Sound; of an older format, or of a conversion under way, until that is done (convert.ts). */
  readonly stored: Uint8Array;
  /** What is in the store in its place, if that is another: it is to be written over. */
  readonly raw: Uint8Array | undefined;
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
  if (found !== undefined && isSound(found)) return sound(found, logNote);
  for (let attempt = 0; attempt < appendRetriesMax; attempt += 1) {
    const [records = [], log = [], page = []] = await store.scan([
      { space: 'meta', from: metaKey, to: metaCopyKey },
      { space: 'log', from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 },
      { space: 'page', from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 },
    ]);
    const at = (key: number): Uint8Array | undefined =>
      records.find((record) => record.key === key)?.value;
    const stored = at(metaKey);
    if (stored !== undefined && isSound(stored)) return sound(stored, logNote);
    const isNew = records.length === 0 && log.length === 0 && page.length === 0;
    const copy = isNew ? undefined : soundCopy(at(metaCopyKey));
    if (copy !== undefined && formatOf(copy) !== metaFormat) {
      return { stored: copy, raw: stored, mended: true, logNote };
    }
    const meta = copy === undefined ? newMeta(random.bytes(16)) : afterCopy(decodeMeta(copy));
    const value = encodeMeta(meta);
    const result = await store.write({
      expectMeta: (now) => (now === undefined ? stored === undefined : !isSound(now)),
      put: metaRecords(value, true),
      strict: true,
    });
    if (result.kind === 'done') {
      return { stored: value, raw: value, mended: !isNew, logNote };
    }
    await again(result, scheduler);
  }
  throw new StoreFailure('lost', 'the database could not be opened');
}

function sound(stored: Uint8Array, logNote: Uint8Array | undefined): FoundMeta {
  return { stored, raw: stored, mended: false, logNote };
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
    const format = formatOf(stored);
    assertKnown(format);
    if (format === metaFormat) decodeMeta(stored);
    return true;
  } catch (error) {
    if (error instanceof Corruption) return false;
    throw error;
  }
}

function soundCopy(copy: Uint8Array | undefined): Uint8Array {
  if (copy !== undefined && isSound(copy)) return copy;
  throw new DamagedData(
    'The meta record of this database is damaged, and so is its copy: it cannot be told which ' +
      'of its pages count. Nothing was changed. Restore a backup, or delete the database.',
  );
}

/** The record that a copy stands for: what it cannot know of counts as dead, or trimmed. */
export function afterCopy(meta: Meta): Meta {
  const first = meta.checkpoint + 1;
  const lastNumber = meta.lastNumber + metaRecoveryNumbers;
  const since = Array.from({ length: lastNumber - first + 1 }, (_, index) => first + index);
  return {
    ...meta,
    trimmed: meta.position,
    reservation: undefined,
    turnstile: undefined,
    lastNumber,
    // Those that were dead by then were perhaps not swept yet; sweeping twice is sweeping once.
    dead: [...new Set([...meta.dead, ...since])],
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
