/**
 * A checkpoint: the tail becomes pages.
 *
 * Reserve a number in meta, freeze the tail at a turn's end, merge each tree's changes into deltas
 * and images, write them in slices that let appends pass in between, and put meta: that put is the
 * commit point. Until then nothing that counts has changed; a crash leaves versions that no reader
 * takes for real. Cost: one page read for each changed leaf that is not cached, one write of about
 * the changed bytes (a delta) or the page (an image) each, two transactions for 256 KB, or for 1 MB
 * of what a load brought.
 *
 * Invariants
 * - Every slice checks in its transaction that the reservation still stands, and extends the list.
 * - Frozen layer and pages are together what they were; reads go on throughout.
 */
import { compareBytes, equalBytes } from '../base/bytes.ts';
import { DamagedData, DamagedPage } from '../base/corruption.ts';
import { type ClockReading, latest } from '../base/hlc.ts';
import {
  checkpointLoadSliceBytes,
  checkpointSliceBytes,
  checkpointSliceMs,
  dropsPerCheckpoint,
  repairReadsMax,
  reservationPatienceMs,
} from '../base/limits.ts';
import type { Layer, TailEntry } from '../log/tail.ts';
import { PageFault } from '../pager/fault.ts';
import { encodeRoot, type Meta, type TreeRoot } from '../pager/meta.ts';
import { readDamage } from '../table/damage.ts';
import { droppedTrees } from '../table/jobs.ts';
import { damageTree, droppedTree, firstUserTree, rootsTree, treeKey } from '../table/system.ts';
import { dropTree, type MergeStep, mergeTree, type PageWrite } from '../tree/merge.ts';
import type { TreeCounters } from '../tree/reader.ts';
import { CutNotes } from './cut.ts';
import { adopt } from './follow.ts';
import { isCuttable, Leads, type Sparse, stillInTrees } from './leads.ts';
import type { PageLoader } from './load.ts';

import { updateMeta } from './meta-update.ts';
import { scrubRecords } from './scrub-watch.ts';
import { SliceWriter } from './slices.ts';
import { type EngineState, LayeredReader } from './state.ts';

/**
 * - `done`: the checkpoint stands. - `nothing`: the tail was empty. - `reserved`: another engine is
 * at it. - `lost`: another engine took the reservation over.
 */
export type CheckpointOutcome =
  | { readonly kind: 'done'; readonly made: Made; readonly dropped: readonly number[] }
  | { readonly kind: 'nothing' | 'reserved' | 'lost' };

/** A checkpoint of ours: pages from `firstNewPage` on are new with it. */
export interface Made {
  readonly number: number;
  readonly firstNewPage: number;
}

class ReservationLost extends Error {}

/** A reservation of another engine, and since when its count has not moved. */
export interface Watch {
  readonly number: number;
  readonly slices: number;
  readonly sinceMs: number;
}

export class Checkpointer {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  #watch: Watch | undefined;
  /** How often another engine was seen to get on with its checkpoint, or this one began one. */
  moves = 0;

  constructor(state: EngineState, loader: PageLoader) {
    this.#state = state;
    this.#loader = loader;
  }

  /** Looks at who else is at it, so that a reservation that is dead is known to be in time. */
  watch({ reservation }: Meta): void {
    const { id, options } = this.#state;
    if (reservation === undefined || equalBytes(reservation.engine, id)) return;
    this.#isDead(reservation, options.clock.monoMs());
  }

  /**
   * With leaves that a compaction rewrites. Throws StoreFailure when the store fails; the tail is
   * then as it was.
   */
  async make(sparse?: Sparse): Promise<CheckpointOutcome> {
    const state = this.#state;
    if (state.frozen !== undefined) return { kind: 'reserved' };
    if (state.tail.empty && !sparse?.size) return { kind: 'nothing' };
    const reserved = await this.#reserve();
    if (reserved === undefined) return { kind: 'reserved' };
    this.moves += 1;
    if (reserved.meta.checkpoint !== state.meta.checkpoint) {
      await adopt(state, reserved.meta, reserved.bytes);
    }
    if (reserved.meta.checkpoint !== state.meta.checkpoint || state.frozen !== undefined) {
      return { kind: 'lost' };
    }
    const run = new CheckpointRun(state, this.#loader, reserved.meta, sparse);
    try {
      return await run.make();
    } catch (error) {
      run.undo();
      if (error instanceof ReservationLost) return { kind: 'lost' };
      throw error;
    } finally {
      run.end();
    }
  }

  /** Undefined while another engine's reservation is alive, or something is still to be swept. */
  async #reserve(): Promise<{ readonly meta: Meta; readonly bytes: Uint8Array } | undefined> {
    const { id, options } = this.#state;
    const nowMs = options.clock.monoMs();
    return updateMeta(this.#state, (meta) => {
      if (meta.unswept.length > 0) return undefined;
      const held = meta.reservation;
      if (held !== undefined && !equalBytes(held.engine, id) && !this.#isDead(held, nowMs)) {
        return undefined;
      }
      const number = meta.lastNumber + 1;
      return {
        ...meta,
        lastNumber: number,
        dead: held === undefined ? meta.dead : [...meta.dead, held.number],
        reservation: { number, engine: id, slices: 0 },
      };
    });
  }

  /** True when the same count was seen for longer than a living engine leaves it. */
  #isDead({ number, slices }: { number: number; slices: number }, nowMs: number): boolean {
    const watch = this.#watch;
    if (watch === undefined || watch.number !== number || watch.slices !== slices) {
      this.#watch = { number, slices, sinceMs: nowMs };
      this.moves += 1;
      return false;
    }
    return nowMs - watch.sinceMs > reservationPatienceMs;
  }
}

/** One checkpoint under way. */
class CheckpointRun {
  readonly #state: EngineState;
  readonly #loader: PageLoader;
  readonly #number: number;
  readonly #frozen: Layer;
  readonly #position: number;
  readonly #sequence: number;
  readonly #clock: ClockReading;
  readonly #firstNewPage: number;
  readonly #slices: SliceWriter;
  readonly #sparse: Sparse | undefined;
  readonly #sliceBytes: number;
  #leads: Leads = new Leads([]);
  #notes: CutNotes;
  /** Pages that came last. */
  #brought: ReturnType<PageLoader['begin']> = new Set();
  #nextPage: number;
  #breathedMs: number;

  constructor(state: EngineState, loader: PageLoader, meta: Meta, sparse: Sparse | undefined) {
    this.#state = state;
    this.#sparse = sparse;
    this.#loader = loader;
    this.#number = (meta.reservation as { number: number }).number;
    this.#slices = new SliceWriter(state, this.#number);
    this.#firstNewPage = meta.nextPage;
    this.#nextPage = meta.nextPage;
    this.#breathedMs = state.options.clock.monoMs();
    this.#position = state.head;
    this.#sequence = state.sequence;
    this.#clock = state.clock;
    this.#sliceBytes = state.log.isOfLoad ? checkpointLoadSliceBytes : checkpointSliceBytes;
    this.#frozen = state.freeze();
    this.#notes = new CutNotes([], new Map(), this.#frozen, this.#position);
  }

  async make(): Promise<CheckpointOutcome> {
    const state = this.#state;
    const reader = new LayeredReader(state, undefined, this.#frozen);
    const records = await this.#read(() => readDamage(reader));
    // Where a part of these cannot be read it is cut out first, and the next one drops them.
    const isKnown = records.every(({ tree, isCut }) => tree !== droppedTree || isCut === true);
    const drops = isKnown ? dropsPerCheckpoint : 0;
    const dropped = await this.#read(() => droppedTrees(reader, drops));
    const gone = new Set(dropped);
    if (!isKnown || dropped.length === drops) {
      // Some that are dropped are left to later checkpoints.
      for (const tree of [...records.map((record) => record.tree), ...this.#frozen.trees()]) {
        if (await this.#isDropped(tree, reader)) gone.add(tree);
      }
    }
    // Of a dropped tree nothing is cut out and nothing merged: its pages go, damaged or not.
    const standing = records.filter(({ tree }) => !gone.has(tree));
    const damage = await this.#read(() => stillInTrees(state, standing));
    this.#leads = new Leads(damage, this.#sparse, state.cache);
    const cut = new Map(damage.filter(isCuttable).map((one) => [one.page, one]));
    this.#notes = new CutNotes(records, cut, this.#frozen, this.#position);
    if (damage.some(({ tree }) => tree === damageTree)) {
      await this.#drop(await this.#read(() => state.root(damageTree)));
    }
    const roots: TailEntry[] = [];
    for (const tree of this.#leads.with([...this.#frozen.trees(), ...this.#notes.trees])) {
      if (tree === rootsTree || dropped.includes(tree)) continue;
      if (!gone.has(tree)) {
        roots.push(this.#rootEntry(tree, await this.#merge(tree, reader)));
      } else if (this.#frozen.attached(tree) !== undefined) {
        // Who drops it later must find the pages that a build has given it.
        roots.push(this.#rootEntry(tree, await this.#read(() => reader.root(tree))));
      }
    }
    for (const tree of dropped) {
      const root = await this.#read(() => reader.root(tree));
      await this.#drop(root);
      roots.push(this.#rootEntry(tree, undefined));
    }
    const root = await this.#mergeRoots(roots);
    await this.#flush();
    await this.#commit(root);
    const made = { number: this.#number, firstNewPage: this.#firstNewPage };
    return { kind: 'done', made, dropped };
  }

  /** The frozen tail is tail again, unless that has been done, or it has become pages. */
  undo(): void {
    if (this.#state.frozen === this.#frozen) this.#state.thaw();
  }

  /** Whatever came of it, the pages that it made and those that it read are no longer kept. */
  end(): void {
    this.#slices.end();
    this.#loader.end(this.#brought);
  }

  /** False where that is out of reach, or cannot be read before it is cut out. */
  async #isDropped(tree: number, reader: LayeredReader): Promise<boolean> {
    if (tree < firstUserTree) return false;
    try {
      return (await this.#read(() => reader.get(droppedTree, treeKey(tree)))) !== undefined;
    } catch (error) {
      if (error instanceof DamagedData) return false;
      throw error;
    }
  }

  async #merge(tree: number, reader: LayeredReader): Promise<TreeRoot | undefined> {
    const root = await this.#read(() => reader.root(tree));
    return this.#drive(
      mergeTree({
        root,
        changes: this.#leads.among(tree, this.#notes.over(tree, this.#frozen.entries(tree))),
        lost: this.#leads.lostOf(tree),
        compact: this.#sparse !== undefined,
        counters: this.#counters(tree),
        pages: this.#state.cache,
        allocate: () => this.#allocate(),
        checkpoint: this.#number,
      }),
    );
  }

  #counters(tree: number): TreeCounters {
    const { entries, bytes } = this.#frozen.counters(tree);
    return { entries, bytes: bytes + (tree === damageTree ? this.#notes.bytes : 0) };
  }

  /** Drops a tree; damage is no reason to keep it. */
  async #drop(root: TreeRoot | undefined): Promise<void> {
    const lost = new Set<number>();
    await this.#drive(dropTree(root, this.#state.cache, lost), lost);
  }

  #rootEntry(tree: number, root: TreeRoot | undefined): TailEntry {
    const value = root === undefined ? undefined : encodeRoot(root);
    return { key: treeKey(tree), value, position: this.#position };
  }

  async #mergeRoots(changes: readonly TailEntry[]): Promise<TreeRoot | undefined> {
    const sorted = [...changes].sort((a, b) => compareBytes(a.key, b.key));
    return this.#drive(
      mergeTree({
        root: this.#state.meta.roots,
        changes: this.#leads.among(rootsTree, sorted),
        anew: this.#leads.anew,
        counters: { entries: 0, bytes: 0 },
        pages: this.#state.cache,
        allocate: () => this.#allocate(),
        checkpoint: this.#number,
      }),
    );
  }

  #allocate(): number {
    const page = this.#nextPage;
    this.#nextPage += 1;
    return page;
  }

  /** Runs a merge to its end: brings the pages it needs, writes what it made in slices. */
  async #drive<R>(merge: Generator<MergeStep, R, void>, lost?: Set<number>): Promise<R> {
    let step = merge.next();
    while (step.done !== true) {
      if (step.value.kind === 'need') {
        step = await this.#bring(step.value.pages, () => merge.next(), lost);
        continue;
      }
      this.#keep(step.value.writes, step.value.freed);
      if (this.#slices.bytes >= this.#sliceBytes) await this.#flush();
      else await this.#breathe();
      step = merge.next();
    }
    return step.value;
  }

  /**
   * Loads pages and goes on with them there; damaged ones are put into `lost`, if it is given. They
   * stay until the next ones come: those that are wanted ahead would be the first to leave a small
   * cache, and be read again.
   */
  async #bring<T>(pages: readonly number[], goOn: () => T, lost?: Set<number>): Promise<T> {
    const pins = this.#loader.begin();
    try {
      await this.#load(pages, pins, lost);
      this.#stillOurs();
      return goOn();
    } finally {
      this.#loader.end(this.#brought);
      this.#brought = pins;
    }
  }

  /** What was spoilt on the way only reads well another time: what it knows of must not be lost. */
  async #load(
    pages: readonly number[],
    pins: ReturnType<PageLoader['begin']>,
    lost: Set<number> | undefined,
  ): Promise<void> {
    let damaged: DamagedPage | undefined;
    for (let tries = 0; tries < repairReadsMax; tries += 1) {
      try {
        return await this.#loader.load(new PageFault(pages), pins, lost !== undefined);
      } catch (error) {
        if (lost === undefined || !(error instanceof DamagedPage)) throw error;
        damaged = error;
      }
    }
    if (damaged !== undefined) lost?.add(damaged.page);
  }

  async #read<T>(read: () => T): Promise<T> {
    const value = await this.#loader.run(read);
    this.#stillOurs();
    return value;
  }

  #keep(writes: readonly PageWrite[], freed: readonly number[]): void {
    for (const write of writes) this.#slices.write(write);
    for (const page of freed) this.#slices.free(page);
  }

  async #flush(): Promise<void> {
    const stands = await this.#slices.flush();
    this.#breathedMs = this.#state.options.clock.monoMs();
    if (!stands) throw new ReservationLost();
    this.#stillOurs();
  }

  async #breathe(): Promise<void> {
    const { clock, scheduler } = this.#state.options;
    if (clock.monoMs() - this.#breathedMs < checkpointSliceMs) return;
    await scheduler.breathe();
    this.#breathedMs = clock.monoMs();
    this.#stillOurs();
  }

  #stillOurs(): void {
    if (this.#state.frozen !== this.#frozen) throw new ReservationLost();
  }

  async #commit(roots: TreeRoot | undefined): Promise<void> {
    const state = this.#state;
    const { scrubbedMs } = state;
    const committed = await updateMeta(
      state,
      (meta) => {
        if (!this.#slices.standsIn(meta)) return undefined;
        // A damaged end of the log was set aside meanwhile, and what this is made of with it.
        if (this.#position < meta.position) return undefined;
        return {
          ...meta,
          checkpoint: this.#number,
          position: this.#position,
          sequence: this.#sequence,
          clock: latest(meta.clock, this.#clock),
          roots,
          nextPage: this.#nextPage,
          reservation: undefined,
          unswept: [...meta.unswept, this.#number],
        };
      },
      { strict: true, keepCopy: true, put: scrubRecords(state) },
    );
    if (committed === undefined) throw new ReservationLost();
    state.scrubStoredMs = scrubbedMs;
    state.durable.raise(this.#sequence);
    state.checkpoints += 1;
    // A read of ours may have met the new checkpoint first, and adopted it.
    if (state.frozen !== this.#frozen) return;
    state.standOn(committed.meta, committed.bytes, this.#slices.pages(), this.#slices.freed());
  }
}
