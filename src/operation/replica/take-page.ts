/**
 * TakePage: a device takes the next changes of its hub's feed, in one commit with its cursor; or
 * those of one range, which is to catch up with the cursor (src/replica/load.ts). It may come
 * twice, late, or from two tabs at once.
 */
import { equalBytes, fromHex } from '../../base/bytes.ts';
import { syncedEveryMs } from '../../base/replica-limits.ts';
import { type Holding, readHoldings, writeHoldings } from '../../replica/holding.ts';
import { readLink } from '../../replica/link.ts';
import { afterPage, isCurrent, isTaken } from '../../replica/load.ts';
import { readMend } from '../../replica/mend.ts';
import { decodeChanges } from '../../replica/page.ts';
import { decodeRange, equalRanges, type KeyRange } from '../../replica/range.ts';
import { moveCursor, takeChanges } from '../../replica/receive.ts';
import { readScope } from '../../replica/scope.ts';
import { Display } from '../../replica/shown.ts';
import { readSurvey } from '../../replica/survey.ts';
import { byGlobal, byTree } from '../../replica/tables.ts';
import { boolean, bytes, long, string, struct } from '../../shape/constructors.ts';
import { type Effect, type Operation, operation } from '../operation.ts';
import { deviceOf, stillEntering } from './device.ts';

export const TakePage: Operation = operation({
  name: 'TakePage',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    /** What was asked for: a page for another cursor is not taken. */
    Epoch: string().required,
    Asked: long({ min: 0 }).required,
    Cursor: long({ min: 0 }).required,
    Changes: bytes.required,
    /** The greatest place in it. */
    Through: long({ min: 0 }).required,
    /** It was asked for this range, which the feed is to catch up with, alone. */
    Range: bytes,
    /** Of the scope under which the hub read it. */
    ScopeHash: string(),
    UpToDate: boolean,
  }),
  check({ Range, Changes, ...input }) {
    const range = Range && decodeRange(Range);
    return { ...input, range, changes: decodeChanges(Changes) };
  },
  plan: (input) => input,
  decide({ range, changes, ...page }, context): Effect {
    const { reader, catalog, nowMs } = context;
    const { Epoch, Asked, Cursor, Through, ScopeHash, UpToDate = false } = page;
    const self = deviceOf(reader);
    const { book } = self;
    // What was lost meanwhile must not come back by a page that is late.
    if (ScopeHash !== readScope(reader, book).hash) {
      return { output: { IsTaken: false, IsOfScope: false } };
    }
    const { link } = readLink(reader, book);
    const holdings = readHoldings(reader, book, byTree(catalog));
    const at = range === undefined ? link.cursor : closingAt(holdings, range);
    const isAsked =
      at === Asked &&
      equalBytes(link.epoch, fromHex(Epoch)) &&
      // Before all is compared with a hub that was set back, nothing of it is taken.
      readSurvey(reader, book) === undefined;
    if (!isAsked) return { output: { IsTaken: false } };
    const cursor = range === undefined ? Cursor : link.cursor;
    const isLast = UpToDate && range === undefined;
    const now = afterPage(holdings, range, Cursor, cursor, isLast);
    const tables = byGlobal(catalog);
    const display = new Display(reader, book, context.collectionBytesMax);
    const moved = writeHoldings(reader, book, tables, holdings, now);
    const hubNowMs = nowMs + (self.offsetMs ?? 0);
    const isAll = isLast && now.every(isCurrent);
    const isOld = isAll && hubNowMs - link.syncedMs >= syncedEveryMs;
    if (Cursor === Asked && moved.length === 0 && !isOld) return { output: { IsTaken: true } };
    if (readMend(reader, book) !== undefined) throw stillEntering();
    const taken = changes.filter((change) => isTaken(holdings, change, range));
    takeChanges(reader, self, tables, taken, display);
    display.add(moved);
    const syncedMs = isAll ? hubNowMs : link.syncedMs;
    const isOpen = range === undefined ? !UpToDate : undefined;
    display.add(moveCursor(reader, self, { cursor, reach: Through, syncedMs, isOpen }, taken));
    const output = { IsTaken: true, Count: taken.length };
    return { output, commits: display.drafts(), transaction: true };
  },
});

function closingAt(holdings: readonly Holding[], range: KeyRange): number | undefined {
  const one = holdings.find((held) => equalRanges(held, range));
  return one?.state === 'closing' ? one.at : undefined;
}
