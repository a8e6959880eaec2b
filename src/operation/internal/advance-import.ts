/**
 * AdvanceImport: the next step of an import (table/import-job.ts), decided over the head.
 *
 * The engine asks for it with what the step needs. A step of a build that another engine has taken
 * over, or whose job is gone, is answered without Job: whoever asked has lost it.
 */
import { resourceInUse } from '../../base/errors.ts';
import { buildRangeMax, buildRangesMax, importIdLengthMax } from '../../base/limits.ts';
import { boolean, list, long, oneOf, string, struct } from '../../shape/constructors.ts';
import type { InputOf } from '../../shape/constructors.ts';
import {
  abandonImport,
  attachImport,
  beginImport,
  forgetImport,
  growImport,
  type ImportJob,
  type ImportStep,
  importJobs,
  isBuildable,
  resumeImport,
  saveImport,
} from '../../table/import-job.ts';
import { type Operation, operation, type PlanContext } from '../operation.ts';

const natural = long({ min: 0 }).required;
const range = struct({ first: natural, pages: natural });
const root = struct({
  tree: natural,
  page: natural,
  height: natural,
  entries: natural,
  bytes: natural,
});
const run = struct({ first: natural, bytes: natural });
const inputShape = struct({
  Step: oneOf('begin', 'resume', 'grow', 'save', 'attach', 'abandon', 'free').required,
  /** Of the build; each step after the first is refused to all others. */
  Number: natural,
  Table: string(),
  Made: boolean,
  ImportId: string({ max: importIdLengthMax }),
  /** Of the build that is resumed. */
  Old: long({ min: 0 }),
  Pages: long({ min: 0, max: buildRangeMax }),
  Progress: struct({
    processed: natural,
    errors: natural,
    bytes: natural,
    runs: list(run).required,
  }),
  Roots: list(root),
  Ranges: list(range, { max: buildRangesMax }),
});
type Input = InputOf<typeof inputShape>;

export const AdvanceImport: Operation = operation({
  name: 'AdvanceImport',
  kind: 'write',
  internal: true,
  input: inputShape,
  check: (input) => input,
  plan: (input) => input,
  decide(input, context) {
    const done = input.Step === 'begin' ? begin(input, context) : advance(input, context);
    if (done === undefined) return { output: {} };
    const { job, mutations, attach } = done;
    // No step waits for the disk: a power loss takes back the last writes, so what attached a build
    // goes before any of its pages.
    const commits = [{ table: 0, mutations, units: 0, attach }];
    return { output: { Job: job, Done: true }, commits };
  },
});

function begin(input: Input, { reader, catalog, nowMs }: PlanContext): ImportStep | undefined {
  const table = catalog.find(input.Table ?? '');
  if (table?.status === 'CREATING') {
    throw resourceInUse(`Table is being imported: ${table.name}`);
  }
  const known = catalog.table(input.Table ?? '');
  if (!isBuildable(reader, known)) return undefined;
  const { Number: number, Made: made = false, ImportId: importId = '' } = input;
  return beginImport(reader, known, { number, made, importId, atMs: nowMs });
}

function advance(input: Input, context: PlanContext): ImportStep | undefined {
  const { reader, catalog, nowMs } = context;
  const number = input.Step === 'resume' ? input.Old : input.Number;
  const job: ImportJob | undefined = importJobs(reader).find((one) => one.number === number);
  if (job === undefined || job.freeing !== (input.Step === 'free')) return undefined;
  switch (input.Step) {
    case 'resume':
      return resumeImport(reader, job, input.Number, nowMs);
    case 'grow':
      return growImport(reader, job, input.Pages ?? 0);
    case 'save':
      return input.Progress && saveImport(reader, job, input.Progress, nowMs);
    case 'attach':
      return attachImport(reader, catalog, job, input.Roots ?? [], input.Ranges ?? []);
    case 'abandon':
      return abandonImport(reader, catalog, job);
    default:
      return forgetImport(reader, job);
  }
}
