/**
 * A survey: a device whose hub is not the one it was compares the versions that it holds with
 * those of the hub, a slice at a time, before it reads any of the feed (docs/adr/0025). What the
 * hub lacks is offered, or goes; nothing is dropped because the hub has been set back.
 *
 * How far it is lies in the book, so any tab goes on with it. Layout in docs/formats/replica.md.
 */
import { fromHex, hexOf, textOf, utf8 } from '../base/bytes.ts';
import { surveyRowsMax } from '../base/replica-limits.ts';
import type { TreeReader } from '../tree/reader.ts';
import { conflictsTable } from './conflict.ts';
import type { PageChange } from './page.ts';
import type { ReplicatedTable } from './tables.ts';
import { decodeVersion } from './version.ts';

/**
 * - `offer`: the hub was set back. What it lacks is offered to it.
 * - `bring`: it is another hub, whose own versions nobody here has seen.
 * - `doubt`: as `offer`, but deletions may have been forgotten meanwhile: what the hub has nothing
 *   of is refused, and kept in quarantine.
 * - `drop`: the hub has forgotten deletions that this device has not heard of: what it has nothing
 *   of goes.
 */
export type SurveyMode = 'offer' | 'bring' | 'doubt' | 'drop';

export interface Survey {
  readonly mode: SurveyMode;
  /** The table walked over, by its name among replicas; '' before the first. */
  readonly table: string;
  /** In hexadecimal: the key to go on after; '' at the table's beginning. */
  readonly after: string;
}

export interface SurveySlice {
  /** Keys and stamps; no images. */
  readonly rows: readonly PageChange[];
  /** Where it goes on; undefined when nothing is left. */
  readonly next: Survey | undefined;
}

export const surveyKey: Uint8Array = Uint8Array.of(0x20);

export function beginSurvey(mode: SurveyMode): Survey {
  return { mode, table: '', after: '' };
}

export function readSurvey(reader: TreeReader, book: number): Survey | undefined {
  const bytes = reader.get(book, surveyKey);
  return bytes && (JSON.parse(textOf(bytes)) as Survey);
}

export function encodeSurvey({ mode, table, after }: Survey): Uint8Array {
  return utf8(JSON.stringify({ mode, table, after }));
}

/** The next rows to compare; what waits for an answer is pushed instead. Throws PageFault. */
export function sliceOfSurvey(
  reader: TreeReader,
  tables: readonly ReplicatedTable[],
  survey: Survey,
): SurveySlice {
  const ahead = tables
    .filter(({ replica: { global } }) => global >= survey.table && isSurveyed(global, survey))
    .toSorted((a, b) => (a.replica.global < b.replica.global ? -1 : 1));
  const rows: PageChange[] = [];
  for (const { replica } of ahead) {
    const { global: table, versions } = replica;
    const after = table === survey.table && survey.after !== '' ? fromHex(survey.after) : undefined;
    const cursor = reader.range(
      versions,
      after === undefined ? {} : { from: after, fromOpen: true },
    );
    while (cursor.next()) {
      const { stamp, pending } = decodeVersion(cursor.value);
      if (pending !== undefined) continue;
      const key = cursor.key.slice();
      rows.push({ table, key, stamp, image: undefined });
      if (rows.length < surveyRowsMax) continue;
      return { rows, next: { ...survey, table, after: hexOf(key) } };
    }
  }
  return { rows, next: undefined };
}

/** What has conflicted is the hub's own to know: no device offers it. */
function isSurveyed(global: string, { mode }: Survey): boolean {
  return mode === 'drop' || global !== conflictsTable;
}
