/** What an import is given, what it says while it runs, and what came of it. */
import type { ValueForm } from '../operation/request.ts';

export interface ImportSettings {
  readonly table: string;
  /** The table was made for this import, and goes if it fails. */
  readonly made?: boolean | undefined;
  /** What was stored in sorted runs is kept when the import breaks off, under this id. */
  readonly importId?: string | undefined;
  /** How values are written in the items. */
  readonly form: ValueForm;
  /** More refused items than this end the import. */
  readonly maxErrors?: number | undefined;
  /** Bytes of entries that are sorted in memory before a run is stored; default importRunBytes. */
  readonly runBytes?: number | undefined;
}

/** The next items of the source, in its order. */
export interface ImportBatch {
  /**
   * An Error stands for an item that could not be read. Of plain items on their way into a build
   * they may be JsonLines or PackedItems.
   */
  readonly items: readonly unknown[];
  /** Bytes of the source that this batch ends, all before it included; else the items' sizes. */
  readonly position?: number | undefined;
}

export interface ImportCounts {
  readonly processedItemCount: number;
  /** Items written, as ImportTable counts: one that a later one overwrites is counted too. */
  readonly importedItemCount: number;
  readonly errorCount: number;
  /** Bytes of the source. */
  readonly processedSizeBytes: number;
}

export interface ImportState extends ImportCounts {
  /** `build` writes sorted pages beside the log; `log` is for a table that has items already. */
  readonly way: 'build' | 'log';
  readonly phase: 'reading' | 'building' | 'done';
}

export interface RefusedItem {
  /** Of the source, from 0. */
  readonly index: number;
  readonly message: string;
}

export interface ImportResult extends ImportCounts {
  /** Items whose key came again later. By the log: within one batch only. */
  readonly overwrittenItemCount: number;
  /** The first few. */
  readonly errors: readonly RefusedItem[];
  readonly way: 'build' | 'log';
}

/** An import under way. Each call is made when the one before has resolved, but for `abort`. */
export interface ImportSession {
  /** How much of the source is kept from a broken import of this id: it is to be left out. */
  readonly resumed: { readonly items: number; readonly bytes: number };
  /** Lines of JSON are taken as they are, which costs less than parsing them. */
  readonly wantsLines: boolean;
  progress(): ImportState;
  /** Resolves when there is room for more. Rejects when the import has failed, and is undone. */
  write(batch: ImportBatch): Promise<void>;
  /** To be called every second while there is nothing to write. */
  beat(): Promise<void>;
  finish(): Promise<ImportResult>;
  /** Undoes it; what it kept under an id goes too, unless `keep`. */
  abort(keep?: boolean): Promise<void>;
}
