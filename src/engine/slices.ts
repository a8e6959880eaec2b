/**
 * The slices of a checkpoint: pages gathered (how many, checkpoint.ts says), then written in one
 * transaction with the checkpoint's list and the reservation's count.
 */
import { equalBytes } from '../base/bytes.ts';
import { encodeList, type ListEntry, listEntriesMax } from '../pager/list.ts';
import type { Meta } from '../pager/meta.ts';
import { PageCache } from '../pager/cache.ts';
import type { Page } from '../pager/page.ts';
import { pageKey } from '../pager/versions.ts';
import type { SpaceRecord } from '../port/store.ts';
import type { PageWrite } from '../tree/merge.ts';
import { updateMeta } from './meta-update.ts';
import type { EngineState } from './state.ts';

export class SliceWriter {
  readonly #state: EngineState;
  readonly #number: number;
  #records: SpaceRecord[] = [];
  #bytes = 0;
  /** Entries of the list's last part, which every slice writes anew. */
  #part: ListEntry[] = [];
  #parts = 0;
  readonly #written = new Set<number>();
  /** Of these, what the cache is to have: part of its room until then. */
  readonly #made = new PageCache(0);
  readonly #freed: number[] = [];

  constructor(state: EngineState, number: number) {
    this.#state = state;
    this.#number = number;
    state.made = this.#made;
    state.fitCache();
  }

  /** Bytes gathered for the next slice. */
  get bytes(): number {
    return this.#bytes;
  }

  write({ key, bytes, entry, page }: PageWrite): void {
    this.#records.push({ space: 'page', key, value: bytes });
    this.#bytes += bytes.length;
    this.#list(entry);
    this.#remember(page);
  }

  free(page: number): void {
    this.#list({ page, kind: 'freed' });
    this.#freed.push(page);
  }

  /** Pages for the cache once the checkpoint stands; undefined: only drop the old one. */
  pages(): ReadonlyMap<number, Page | undefined> {
    return new Map([...this.#written].map((id) => [id, this.#made.get(id)]));
  }

  /** They are in the cache, or there is no checkpoint. */
  end(): void {
    if (this.#state.made !== this.#made) return;
    this.#state.made = undefined;
    this.#state.fitCache();
  }

  freed(): readonly number[] {
    return this.#freed;
  }

  standsIn({ reservation }: Meta): boolean {
    return (
      reservation !== undefined &&
      reservation.number === this.#number &&
      equalBytes(reservation.engine, this.#state.id)
    );
  }

  /** False when the reservation does not stand any more: nothing was written then. */
  async flush(): Promise<boolean> {
    if (this.#records.length === 0 && this.#part.length === 0) return true;
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    const written = await updateMeta(
      this.#state,
      (meta) => {
        const { reservation } = meta;
        if (reservation === undefined || !this.standsIn(meta)) return undefined;
        return { ...meta, reservation: { ...reservation, slices: reservation.slices + 1 } };
      },
      { put: [...records, this.#listRecord(this.#parts, this.#part)] },
    );
    return written !== undefined;
  }

  #list(entry: ListEntry): void {
    if (this.#part.length >= listEntriesMax) {
      this.#records.push(this.#listRecord(this.#parts, this.#part));
      this.#parts += 1;
      this.#part = [];
    }
    this.#part.push(entry);
  }

  #listRecord(part: number, entries: readonly ListEntry[]): SpaceRecord {
    const value = encodeList(this.#number, part, entries);
    return { space: 'page', key: pageKey(part, this.#number), value };
  }

  /** A page is kept for the cache when its old version is there, or there is room for new ones. */
  #remember(page: Page): void {
    const { cache } = this.#state;
    this.#written.add(page.id);
    const cached = cache.get(page.id) !== undefined;
    const room = this.#made.bytes + page.bytes.length <= cache.maxBytes / 4;
    if (!cached && !room) return;
    this.#made.put(page);
    this.#state.fitCache();
  }
}
