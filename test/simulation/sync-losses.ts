/**
 * What a device cannot tell anybody when a page of its book is lost: what is in quarantine, and
 * edits that nothing shows any more. The notice of damage counts them (docs/adr/0030).
 */
import { compareBytes, equalBytes } from '../../src/base/bytes.ts';
import type { Visit } from '../../src/engine/page-walk.ts';
import { entryKey, imageKey } from '../../src/replica/book.ts';
import { withImages } from '../../src/replica/outbox.ts';
import { decodeQuarantined } from '../../src/replica/quarantine.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { decodeItem } from '../../src/value/codec.ts';
import type { Stored } from '../support/replica.ts';
import type { Station } from './sync-station.ts';

export interface BookLoss {
  readonly station: Station;
  /** The disk as it was before. */
  readonly memory: MemoryDisk;
  readonly leaf: Pick<Visit, 'from' | 'to'>;
}

/** Marks of the images that a device keeps in quarantine. */
export function quarantinedAt(stored: Stored): readonly string[] {
  return stored.book(8).flatMap(([, bytes]) =>
    decodeQuarantined(bytes).entry.mutations.flatMap(({ image }) => {
      return image === undefined ? [] : [markOf(image)];
    }),
  );
}

/**
 * Marks of images that wait below something newer, such as what the hub has sent since, and that
 * the leaf of the book alone has, or alone says whose they are.
 */
export function hiddenAt(stored: Stored, { from, to }: BookLoss['leaf']): readonly string[] {
  const { reader, self, table } = stored;
  const isOnIt = (key: Uint8Array): boolean => {
    const isWithin =
      compareBytes(key, from) >= 0 && (to === undefined || compareBytes(key, to) < 0);
    const alone = { from: key, to: key, toClosed: true };
    return isWithin && reader.newerThanPages(self.book, alone).length === 0;
  };
  return stored.entries().flatMap((entry) => {
    const { seq, mutations } = withImages(reader, self.book, entry);
    return mutations.flatMap(({ key, image }, index) => {
      if (image === undefined) return [];
      const shown = reader.get(table.tree, key);
      const isShown = shown !== undefined && equalBytes(shown, image);
      const isLost = isOnIt(entryKey(seq)) || isOnIt(imageKey(seq, index));
      return !isShown && isLost ? [markOf(image)] : [];
    });
  });
}

function markOf(image: Uint8Array): string {
  return String(decodeItem(image).get('w')?.value);
}
