/**
 * Damage this engine has met: whose it is, and what was done about it.
 *
 * A damaged page is found by whoever loads it. Its place is looked for once, by a walk over inner
 * pages (over leaves too for a piece of a large value; by the cache where an inner page is bad in
 * the store), so that the caller is told of a table or an index; background work then puts it on
 * record (operation/internal/note-damage.ts).
 *
 * Invariants
 * - What reads well when it is looked at again was no damage of the store, and is forgotten.
 * - What is on record, or could not be put there, begins no background work when it is met again:
 *   that would meet it itself, without end.
 */
import { hexOf } from '../base/bytes.ts';
import { Corruption, DamagedData, type DamagedPage } from '../base/corruption.ts';
import { damageAgainMs, damageShownMax, tablesMax, walkTriesMax } from '../base/limits.ts';
import type { NoteDamageOutput } from '../operation/internal/note-damage.ts';
import { decodeRoot, type Meta, type TreeRoot } from '../pager/meta.ts';
import { streamOfTree } from '../stream/streams.ts';
import { type DamageRecord, outOfReach } from '../table/damage.ts';
import { findSelf } from '../replica/self.ts';
import { firstUserTree, rootsTree, treeOfKey } from '../table/system.ts';
import type { Damage } from './engine-types.ts';
import { type Visit, walkTree, WalkMoved } from './page-walk.ts';
import type { EngineState } from './state.ts';

/** Where a damaged page is. `height` 0: a piece of the value of the key `from`. */
export interface DamagePlace extends Pick<Visit, 'id' | 'height' | 'from' | 'to'> {
  readonly tree: number;
}

/** Reads with absent pages brought, and damage thrown as it is. */
export type RawRun = <T>(read: () => T) => Promise<T>;

export class DamageWatch {
  readonly #state: EngineState;
  /** By page; in the order they were found. */
  readonly #places: Map<number, Promise<DamagePlace | undefined>> = new Map();
  readonly #pending: Map<number, DamagePlace> = new Map();
  readonly #shown: Map<string, Damage> = new Map();
  /** Monotonic times until which pages that could not be put on record are not tried again. */
  readonly #vain: Map<number, number> = new Map();
  /** Called when there is some that is not on record, whoever has met it. */
  found: () => void = () => undefined;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** What `status` shows: what was met here, and what is on record. */
  get all(): readonly Damage[] {
    this.#keepUp();
    const all = new Map(this.#shown);
    for (const record of this.#state.damage) {
      const { tree, page, table, foundMs } = record;
      const what = outOfReach(record).message;
      const key = `page ${page}`;
      const state = record.isReplica === true ? 'rebuilding' : 'quarantined';
      all.set(key, { kind: 'page', state, what, table, tree, page, foundMs });
    }
    return [...all.values()];
  }

  /** Whether there is damage that may not be on record yet. */
  get isPending(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether some of it is to be put there now. */
  get isDue(): boolean {
    return [...this.#pending.keys()].some((page) => !this.#isVain(page) && !this.#isNoted(page));
  }

  note(key: string, damage: Omit<Damage, 'foundMs'>): void {
    if (!this.#shown.has(key) && this.#shown.size >= damageShownMax) return;
    const before = this.#shown.get(key);
    const { clock, onDamage, notify } = this.#state.options;
    const noted: Damage = { ...damage, foundMs: before?.foundMs ?? clock.wallMs() };
    this.#shown.set(key, noted);
    if (before?.state === noted.state) return;
    onDamage?.(noted);
    notify?.({ type: 'damage', message: noted.what });
  }

  /** It is as it should be, or nobody needs it any more. */
  forget(page: number): void {
    this.#places.delete(page);
    this.#pending.delete(page);
    this.#vain.delete(page);
    this.#shown.delete(`page ${page}`);
  }

  /** It is of no interest any more. */
  drop(key: string): void {
    this.#shown.delete(key);
  }

  /** What to tell who asked for a damaged page. */
  async explain({ page, message }: DamagedPage, run: RawRun): Promise<Error> {
    this.#keepUp();
    let looking = this.#places.get(page);
    if (looking === undefined) {
      looking = locate(this.#state, page);
      this.#places.set(page, looking);
    }
    let place: DamagePlace | undefined;
    try {
      place = await looking;
    } catch (error) {
      this.#places.delete(page);
      throw error;
    }
    if (place === undefined) {
      this.#places.delete(page);
      return new DamagedData(`Damaged: ${message}; whose page it is cannot be told. Try again.`);
    }
    const owner = await ownerOf(this.#state, place.tree, run);
    if (this.#places.has(page)) {
      this.#pending.set(page, place);
      if (this.isDue) this.found();
    }
    const error = errorOf(place, owner);
    const { tree } = place;
    const what = error.message;
    if (!this.#shown.has(`page ${page}`)) {
      const { isReplica: _, ...where } = owner;
      this.note(`page ${page}`, { kind: 'page', state: 'found', what, tree, page, ...where });
    }
    return error;
  }

  /**
   * Puts what was found on record, by `request`; false when none of it could be, or it is of the
   * tree of roots, past which no checkpoint is made.
   */
  async settle(request: (operation: string, input: object) => Promise<object>): Promise<boolean> {
    let isAny = false;
    for (const [page, { tree }] of [...this.#pending]) {
      // A second look: bytes may have been spoilt on the way, or the tree been merged meanwhile.
      const place = await locate(this.#state, page, tree);
      if (place === undefined) {
        isAny = true;
        this.forget(page);
        this.#vain.clear();
        continue;
      }
      const at = { ...place, page };
      // Where what says whose it is cannot be read, a repair that has ended that asks again.
      const noted = (await noteDamage(request, at)) ?? (await noteDamage(request, at, true));
      if (noted === undefined) {
        this.#vain.set(page, this.#state.options.clock.monoMs() + damageAgainMs);
        continue;
      }
      this.#pending.delete(page);
      this.#vain.clear();
      isAny ||= tree !== rootsTree;
      const { Damage } = noted;
      const shown = this.#shown.get(`page ${page}`);
      if (Damage === 'gone' || shown === undefined) this.forget(page);
      else this.note(`page ${page}`, { ...shown, state: Damage });
    }
    // The records are damaged themselves: that is noted first, and the others then.
    return isAny || this.isDue;
  }

  #isNoted(page: number): boolean {
    return this.#state.damage.some((record) => record.page === page);
  }

  #isVain(page: number): boolean {
    return this.#state.options.clock.monoMs() < (this.#vain.get(page) ?? 0);
  }

  /** Another engine may have put on record what was met here, or repaired it. */
  #keepUp(): void {
    const records = this.#state.damageNow;
    if (records === undefined) return;
    const standing = new Map(records.map(({ page, isReplica }) => [page, isReplica === true]));
    for (const [key, shown] of [...this.#shown]) {
      const { page, state } = shown;
      if (page === undefined) continue;
      const isReplica = standing.get(page);
      if (state === 'quarantined' && isReplica === undefined) this.forget(page);
      if (state !== 'found' || isReplica === undefined) continue;
      this.#shown.set(key, { ...shown, state: isReplica ? 'rebuilding' : 'quarantined' });
    }
  }
}

/** Undefined: damage that is not on record yet was in the way. */
export async function noteDamage(
  request: (operation: string, input: object) => Promise<object>,
  { tree, page, height, from, to }: Pick<DamageRecord, 'tree' | 'page' | 'height' | 'from' | 'to'>,
  IsHidden = false,
): Promise<NoteDamageOutput | undefined> {
  const end = to === undefined ? {} : { To: hexOf(to) };
  const input = { Tree: tree, Page: page, Height: height, From: hexOf(from), ...end, IsHidden };
  try {
    return (await request('NoteDamage', input)) as NoteDamageOutput;
  } catch (error) {
    if (error instanceof DamagedData) return undefined;
    throw error;
  }
}

interface Owner {
  readonly table?: string | undefined;
  readonly index?: string | undefined;
  readonly isReplica?: boolean | undefined;
}

function errorOf(
  { tree, id, height, from, to }: DamagePlace,
  { table, index, isReplica }: Owner,
): DamagedData {
  if (index === undefined) {
    const record: DamageRecord = { tree, page: id, height, from, to, table, isReplica, foundMs: 0 };
    return outOfReach(record);
  }
  return new DamagedData(
    `Index ${index} of table ${table} is damaged (page ${id}). It is being rebuilt from the ` +
      'table, which is not affected: try again later.',
    table,
    index,
  );
}

/** Stands for the counters of item collections, which are made anew as an index is. */
const collectionSizes = '(sizes of item collections)';

/** Names of the table and index that a tree belongs to, as far as they can be read. */
async function ownerOf(state: EngineState, tree: number, run: RawRun): Promise<Owner> {
  try {
    return await run(() => {
      const catalog = state.catalog();
      for (const name of catalog.names(undefined, tablesMax)) {
        const table = catalog.find(name);
        if (table?.tree === tree) return { table: name };
        const index = table?.indexes.find((one) => one.tree === tree);
        if (index !== undefined) return { table: name, index: index.name };
        if (table?.replica?.versions === tree) return { table: name, isReplica: true };
        if (table?.collections?.tree === tree) return { table: name, index: collectionSizes };
        const shards = table?.stream?.shards ?? [];
        if (shards.some((shard) => shard.tree === tree)) return { table: name };
      }
      if (tree < firstUserTree) return {};
      if (findSelf(state.published)?.book === tree) return { isReplica: true };
      const table = streamOfTree(state.published, tree)?.table;
      return table === undefined ? {} : { table };
    });
  } catch (error) {
    if (!(error instanceof Corruption || error instanceof DamagedData)) throw error;
    return {};
  }
}

/** Roots of all trees at a checkpoint, read from the store itself. */
export async function* walkRoots(
  state: EngineState,
  meta: Meta = state.meta,
): AsyncGenerator<{ readonly tree: number; readonly root: TreeRoot }, void, void> {
  for await (const { page } of walkTree(state, meta, meta.roots)) {
    if (page?.kind !== 'leaf') continue;
    for (let index = 0; index < page.count; index += 1) {
      yield { tree: treeOfKey(page.key(index)), root: decodeRoot(page.value(index)) };
    }
  }
}

/** Where a damaged page is; undefined when it is in no tree, or sound. */
async function locate(
  state: EngineState,
  page: number,
  tree?: number,
): Promise<DamagePlace | undefined> {
  for (let tries = 0; tries < walkTriesMax; tries += 1) {
    try {
      // Inner pages first: they are few, and name all but the pages of large values.
      return (await search(state, page, tree, 2)) ?? (await search(state, page, tree, 0));
    } catch (error) {
      if (!(error instanceof WalkMoved)) throw error;
      await state.options.scheduler.breathe();
    }
  }
  return undefined;
}

async function search(
  state: EngineState,
  page: number,
  only: number | undefined,
  least: 0 | 2,
): Promise<DamagePlace | undefined> {
  const { meta } = state;
  const find = async (tree: number, root: TreeRoot): Promise<DamagePlace | undefined> => {
    for await (const visit of walkTree(state, meta, root, { least, byCache: true })) {
      if (visit.id !== page) continue;
      const read = least > visit.height ? await readAgain(state, visit) : visit;
      return read.damage === undefined ? undefined : { ...visit, tree };
    }
    return undefined;
  };
  if (meta.roots !== undefined && (only === undefined || only === rootsTree)) {
    const place = await find(rootsTree, meta.roots);
    if (place !== undefined) return place;
  }
  for await (const { tree, root } of walkRoots(state, meta)) {
    if (only !== undefined && tree !== only) continue;
    const place = await find(tree, root);
    if (place !== undefined) return place;
  }
  return undefined;
}

async function readAgain(state: EngineState, { id, height }: Visit): Promise<Visit> {
  const root = { page: id, height, entries: 0, bytes: 0 };
  for await (const visit of walkTree(state, state.meta, root)) return visit;
  throw new Corruption(`page ${id} could not be read`);
}
