/** What Node says of the storage that an engine of this process is over. */
import { stat, statfs } from 'node:fs/promises';
import type { Engine } from '../engine/engine-types.ts';
import type { StorageStatus } from '../port/storage-status.ts';

/** The file of each engine that this module was told of; undefined where it is in memory. */
const files: WeakMap<Engine, string | undefined> = new WeakMap();

export function noteStorage(engine: Engine, file: string | undefined): void {
  files.set(engine, file);
}

/** Whether the process takes all with it. */
export function isInMemory(engine: Engine): boolean {
  return files.has(engine) && files.get(engine) === undefined;
}

/** Bytes of the file, and with them what its disk has left. Undefined of an engine unheard of. */
export async function nodeStorage(engine: Engine): Promise<StorageStatus | undefined> {
  const file = files.get(engine);
  if (file === undefined) return isInMemory(engine) ? { mode: 'memory' } : undefined;
  try {
    const [{ size }, { bavail, bsize }] = await Promise.all([stat(file), statfs(file)]);
    return { mode: 'file', persisted: true, usage: size, quota: size + bavail * bsize };
  } catch {
    return { mode: 'file', persisted: true };
  }
}
