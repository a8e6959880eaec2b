/**
 * A device compares what it holds with a hub that is not the one it was (src/replica/survey.ts).
 *
 * CompareRows, asked of the hub: which of a device's rows it lacks. TakeLacks, asked of the device:
 * offers those, or lets them go, and moves on; it comes once for each slice.
 */
import { equalBytes, fromHex } from '../../base/bytes.ts';
import { validation } from '../../base/errors.ts';
import { surveyRowsMax } from '../../base/replica-limits.ts';
import { put, remove } from '../../replica/book.ts';
import { compareRows } from '../../replica/compare.ts';
import { readLink } from '../../replica/link.ts';
import { dropRows, isAnyWaiting, offerRows } from '../../replica/offer.ts';
import { decodeChanges, type PageChange } from '../../replica/page.ts';
import { findSelf } from '../../replica/self.ts';
import { Display, findHeld } from '../../replica/shown.ts';
import { encodeSurvey, readSurvey, type Survey, surveyKey } from '../../replica/survey.ts';
import { byGlobal } from '../../replica/tables.ts';
import { bytes, list, long, string, struct } from '../../shape/constructors.ts';
import { type Effect, type Operation, operation } from '../operation.ts';

const numbers = list(long({ min: 0 }), { max: surveyRowsMax });

export const CompareRows: Operation = operation({
  name: 'CompareRows',
  kind: 'read',
  internal: true,
  touchesMany: true,
  input: struct({
    Rows: bytes.required,
  }),
  consistent: () => true,
  check: ({ Rows }) => decodeChanges(Rows),
  plan: (rows) => rows,
  decide(rows, context) {
    const { reader, catalog } = context;
    if (findSelf(reader)?.role !== 'hub') throw validation('The database is no hub');
    const asked = { reader, tables: byGlobal(catalog), scope: context.scope?.() };
    const { absent, older } = compareRows(asked, rows.slice(0, surveyRowsMax));
    return { output: { Absent: absent, Older: older } };
  },
});

export const TakeLacks: Operation = operation({
  name: 'TakeLacks',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    /** Of the link, and where the survey was when the rows were read. */
    Epoch: string().required,
    At: string().required,
    /** Where it goes on; absent at its end. */
    Next: string(),
    Rows: bytes.required,
    Absent: numbers.required,
    Older: numbers.required,
  }),
  check: (input) => ({ ...input, rows: decodeChanges(input.Rows) }),
  plan: (input) => input,
  decide({ Epoch, At, Next, rows, Absent, Older }, context): Effect {
    const { reader, catalog, random } = context;
    const self = findSelf(reader);
    if (self?.role !== 'device') throw validation('The database is no device of a hub');
    const before = reader.get(self.book, surveyKey);
    const survey = readSurvey(reader, self.book);
    const { link } = readLink(reader, self.book);
    const isAsked =
      survey !== undefined &&
      JSON.stringify(survey) === At &&
      equalBytes(link.epoch, fromHex(Epoch));
    if (before === undefined || !isAsked) return { output: { IsTaken: false } };
    const tables = byGlobal(catalog);
    const display = new Display(reader, self.book, context.collectionBytesMax);
    const settling = { reader, book: self.book, tables, display };
    const isThere = ({ table: name, key }: PageChange): boolean => {
      const table = tables.get(name);
      return table !== undefined && findHeld(reader, self.book, table, key).item !== undefined;
    };
    const rowsAt = (numbers: readonly number[]): readonly PageChange[] =>
      numbers.flatMap((number) => rows[number] ?? []);
    const absent = rowsAt(Absent);
    // Of a deletion the hub is to know too: another device may offer the item, which is older. One
    // that it may have forgotten is forgotten here.
    const isDoubtful = survey.mode === 'doubt';
    const offered = isDoubtful ? absent.filter(isThere) : absent;
    const forgotten = isDoubtful ? absent.filter((row) => !isThere(row)) : absent;
    if (survey.mode === 'drop' || isDoubtful) dropRows(settling, forgotten);
    if (survey.mode !== 'drop') {
      const wanted = [...offered, ...rowsAt(Older)];
      offerRows(settling, wanted, { kind: survey.mode, replica: self.id, ids: random() });
    }
    // What was written again since is pushed first: where that is refused, the row is lacked still.
    const stays = isAnyWaiting(settling, [...absent, ...rowsAt(Older)]);
    const after = Next === undefined ? undefined : (JSON.parse(Next) as Survey);
    const next = stays ? survey : after;
    const moved =
      next === undefined
        ? remove(self.book, surveyKey, before)
        : put(self.book, surveyKey, before, encodeSurvey(next));
    display.add([moved]);
    return { output: { IsTaken: true }, commits: display.drafts(), transaction: true };
  },
});
