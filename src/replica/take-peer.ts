/**
 * A hub takes a page of another hub's feed: what is newer than what it holds becomes its own, under
 * the stamp that it has, which is final between hubs.
 *
 * What no put and no deletion here could have written is passed over: between hubs there is no
 * answer that could refuse it, and a page that is not taken would come again for ever.
 * What is not newer changes nothing and takes no place in the feed, so a change that comes back to
 * where it was made goes no further, however hubs are joined (SYNC-scenarios.md, U17). Items that
 * one transaction wrote are kept together here too, for the devices of this hub.
 */
import { mapKey } from '../base/bytes.ts';
import { type Stamp, stampBytes } from '../base/hlc.ts';
import { findItem } from '../table/items.ts';
import type { ItemPlace, TakenChange } from '../table/replicated.ts';
import type { TreeReader } from '../tree/reader.ts';
import { readChange, readKey } from './image.ts';
import type { PageChange } from './page.ts';
import type { PageJoined } from './page-joined.ts';
import { compareWritten } from './resolve.ts';
import type { TakenItem } from './take.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion, unknownStamp } from './version.ts';

export interface PeerItem extends TakenItem {
  readonly taken: TakenChange;
}

/** `tables`: by the names that the other hub has for them. Throws PageFault. */
export function takePeerChanges(
  reader: TreeReader,
  tables: ReadonlyMap<string, ReplicatedTable>,
  changes: readonly PageChange[],
  joined: readonly PageJoined[],
): readonly PeerItem[] {
  const together = new Map<string, readonly ItemPlace[]>();
  for (const { stamp, members } of joined) {
    const places = members.flatMap(({ table, key }): readonly ItemPlace[] => {
      const own = tables.get(table);
      return own !== undefined && readKey(own, key) ? [{ tree: own.tree, key }] : [];
    });
    together.set(nameOf(stamp), places);
  }
  const seen = new Set<string>();
  return changes.flatMap((change) => {
    const { key, stamp, image } = change;
    const table = tables.get(change.table);
    if (table === undefined) return [];
    const before = findItem(reader, table, key);
    const bytes = reader.get(table.replica.versions, key);
    const isThere = bytes !== undefined || before !== undefined;
    const held = bytes === undefined ? unknownStamp : decodeVersion(bytes).stamp;
    const isNewer = !isThere || compareWritten(change, { stamp: held, image: before?.bytes }) > 0;
    if (!isNewer) return [];
    const read = readChange(table, key, image);
    if (read === undefined) return [];
    const place = `${table.tree} ${mapKey(key)}`;
    if (seen.has(place)) return [];
    seen.add(place);
    const members = together.get(nameOf(stamp)) ?? [];
    const taken = { stamp, members: members.length > 1 ? members : [] };
    return [{ table, key, before, ...read, taken }];
  });
}

function nameOf(stamp: Stamp): string {
  return mapKey(stampBytes(stamp));
}
