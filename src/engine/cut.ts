/**
 * What a checkpoint notes of damaged pages that it cuts out of their trees, or that were cut out
 * before it: which keys of the range were written and are in what it merges.
 *
 * Of those keys the page does not have the newest state. Nothing else can tell a repair: engines
 * that stand on an older checkpoint still find keys of the page in their tails, and a page that
 * reads well again is read. All that such an engine writes passes through a checkpoint, or is in
 * the layers that Restore looks at. The record changes with the checkpoint alone, not by the log.
 */
import { compareBytes, mapKey } from '../base/bytes.ts';
import type { Layer, TailEntry } from '../log/tail.ts';
import { type DamageRecord, damageItem, damageKey } from '../table/damage.ts';
import { damageTree } from '../table/system.ts';
import { encodeItem } from '../value/codec.ts';
import { itemSize } from '../value/size.ts';

export class CutNotes {
  /** Of `damageTree`, ascending. */
  readonly entries: readonly TailEntry[];
  /** By how much its records grow. */
  readonly bytes: number;

  /** `cut`: those of `records` whose pages this checkpoint cuts out, by page, as they are now. */
  constructor(
    records: readonly DamageRecord[],
    cut: ReadonlyMap<number, DamageRecord>,
    frozen: Layer,
    position: number,
  ) {
    const entries: TailEntry[] = [];
    let bytes = 0;
    for (const known of records) {
      const { tree, page, isCut } = known;
      const record = isCut === true ? known : cut.get(page);
      if (record === undefined) continue;
      // Nothing of the records themselves is brought back.
      const superseded = tree === damageTree ? [] : allOf(record, frozen);
      if (isCut === true && superseded.length === (record.superseded?.length ?? 0)) continue;
      const item = damageItem({ ...record, isCut: true, superseded });
      bytes += itemSize(item) - itemSize(damageItem(known));
      entries.push({ key: damageKey(tree, page), value: encodeItem(item), position });
    }
    this.entries = entries.sort((a, b) => compareBytes(a.key, b.key));
    this.bytes = bytes;
  }

  get trees(): readonly number[] {
    return this.entries.length === 0 ? [] : [damageTree];
  }

  /** What a tree's pages are to say: of `changes`, and of the records in their place. */
  *over(tree: number, changes: Iterable<TailEntry>): Generator<TailEntry, void, void> {
    const own = tree === damageTree ? this.entries : [];
    const instead = new Set(own.map(({ key }) => mapKey(key)));
    let at = 0;
    for (const change of changes) {
      for (; at < own.length; at += 1) {
        const entry = own[at] as TailEntry;
        if (compareBytes(entry.key, change.key) > 0) break;
        yield entry;
      }
      if (!instead.has(mapKey(change.key))) yield change;
    }
    yield* own.slice(at);
  }
}

/** Those that it had, and those that the layer says anything of. */
function allOf(
  { tree, from, to, superseded = [] }: DamageRecord,
  frozen: Layer,
): readonly Uint8Array[] {
  const keys = new Map(superseded.map((key) => [mapKey(key), key]));
  const cursor = frozen.cursor(tree, { from, ...(to === undefined ? {} : { to }) }, false);
  while (cursor.next()) keys.set(mapKey(cursor.entry.key), cursor.entry.key);
  return [...keys.values()];
}
