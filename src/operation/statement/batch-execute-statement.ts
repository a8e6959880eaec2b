/**
 * BatchExecuteStatement: up to 25 statements, all reads or all writes, each for itself.
 *
 * What is wrong with a statement is told in its place among the answers, but a parameter that is no
 * value refuses the request (reference/transactions-batch-partiql.md, section 9).
 */
import { admit } from '../capacity/admission.ts';
import { countItem, countWrite } from '../insight/accesses.ts';
import { mapKey } from '../../base/bytes.ts';
import { DynamoError, validation } from '../../base/errors.ts';
import { batchStatementsMax } from '../../base/limits.ts';
import { ConsumedTables, noIndexes } from '../../capacity/consumed.ts';
import { readUnits } from '../../capacity/units.ts';
import type { Compiled, CompiledSelect, CompiledWrite } from '../../partiql/compile.ts';
import { boolean, list, returnConsumedCapacity, struct } from '../../shape/constructors.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { shownItem } from '../../table/expiry.ts';
import { findItem, isWritten } from '../../table/items.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import { writeUnits } from '../../table/write-units.ts';
import type { Item, Value } from '../../value/value.ts';
import { statementReasonOf } from '../item/cancellation.ts';
import { returnOldOnFailure } from '../item/fields.ts';
import { type ItemWrite, performWrite } from '../item/item-write.ts';
import { type CommitDraft, type DecideContext, type Operation, operation } from '../operation.ts';
import { onlyKey } from './statement-get.ts';
import {
  compileInput,
  parameterList,
  readParameters,
  type StatementInput,
  statementText,
} from './statement-input.ts';
import { planStatement, returnedBy } from './statement-write.ts';

export const BatchExecuteStatement: Operation = operation({
  name: 'BatchExecuteStatement',
  kind: 'write',
  touchesMany: true,
  input: struct({
    Statements: list(
      struct(
        {
          Statement: statementText.required,
          Parameters: parameterList,
          ConsistentRead: boolean,
          ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
        },
        'BatchStatementRequest',
      ),
      { min: 1, max: batchStatementsMax },
    ).required,
    ReturnConsumedCapacity: returnConsumedCapacity,
  }),
  check(input, context) {
    const parameters = input.Statements.map((each) => readParameters(each, context));
    const steps = input.Statements.map((each, at) => checkStatement(each, parameters[at] ?? []));
    const kinds = new Set(steps.flatMap(({ compiled }) => compiled?.type ?? []));
    if (kinds.has('select') && kinds.size > 1) {
      throw validation('Read and write requests together in the same batch is not supported.');
    }
    return { input, steps, onlyReads: kinds.size === 0 || kinds.has('select') };
  },
  plan({ input, steps }, { catalog }) {
    const planned = steps.map((step) =>
      attempt(step, (compiled) => {
        const table = catalog.table(compiled.table);
        if (compiled.type === 'select') return planGet(compiled, table, step.isConsistent);
        const write = planStatement(compiled, table, { tellsOld: false, inTransaction: false });
        return { type: 'write', table, key: write.key, compiled, write } as const;
      }),
    );
    checkDistinct(planned);
    return { input, planned };
  },
  decide({ input, planned }, context) {
    const consumed = new ConsumedTables();
    const ledger = new CollectionLedger(context.reader, context.collectionBytesMax);
    const commits: CommitDraft[] = [];
    const responses = planned.map((step, part) => {
      const { length } = commits;
      const done = attempt(step, (task) => perform(task, consumed, ledger, commits, context));
      const [draft] = commits.splice(length);
      if (draft !== undefined) commits.push(ofPart(draft, part));
      const { name, fault, compiled: item } = done;
      return {
        ...(name === undefined ? {} : { TableName: name }),
        ...(fault === undefined ? {} : { Error: fault }),
        ...(item === undefined || item === null ? {} : { Item: item }),
      };
    });
    commits.push(...ledger.beginnings());
    const output = {
      Responses: responses,
      ...consumed.member(input.ReturnConsumedCapacity),
    };
    return { output, commits };
  },
  consistent: ({ steps }) => steps.some(({ isConsistent }) => isConsistent),
  onlyReads: (checked) => checked.onlyReads,
});

/** A statement on its way: what it has become, or why it goes no further. */
interface Step<T> {
  readonly isConsistent: boolean;
  /** Of the table, once the statement could be read. */
  readonly name: string | undefined;
  readonly compiled: T | undefined;
  readonly fault: object | undefined;
}

interface Get {
  readonly type: 'get';
  readonly table: TableState;
  readonly key: Uint8Array;
  readonly keyItem: Item;
  readonly compiled: CompiledSelect;
  readonly isConsistent: boolean;
}
interface Write {
  readonly type: 'write';
  readonly table: TableState;
  readonly key: Uint8Array;
  readonly compiled: CompiledWrite;
  readonly write: ItemWrite;
}

function attempt<T, R>(step: Step<T>, go: (compiled: T) => R): Step<R> {
  const { isConsistent, name, compiled, fault } = step;
  if (compiled === undefined) return { isConsistent, name, compiled: undefined, fault };
  try {
    return { isConsistent, name, compiled: go(compiled), fault };
  } catch (error) {
    return { isConsistent, name, compiled: undefined, fault: statementReasonOf(error) };
  }
}

function checkStatement(
  input: StatementInput & { readonly ConsistentRead?: boolean | undefined },
  parameters: readonly Value[],
): Step<Exclude<Compiled, { type: 'exists' }>> {
  const isConsistent = input.ConsistentRead === true;
  const start: Step<StatementInput> = {
    isConsistent,
    name: undefined,
    compiled: input,
    fault: undefined,
  };
  const step = attempt(start, () => {
    const compiled = compileInput(input, parameters);
    if (compiled.type !== 'exists') return compiled;
    throw validation('EXISTS can only be used in ExecuteTransaction write requests.');
  });
  return { ...step, name: step.compiled?.table };
}

function planGet(compiled: CompiledSelect, table: TableState, isConsistent: boolean): Get {
  const keyItem = onlyKey(compiled, table, 'BatchExecuteStatement');
  const key = primaryKey(table, keyItem, 'read', 'PartiQLSelect');
  return { type: 'get', table, key, keyItem, compiled, isConsistent };
}

/** Throws when two statements speak of one item. */
function checkDistinct(steps: readonly Step<Get | Write>[]): void {
  const tasks = steps.flatMap(({ compiled }) => compiled ?? []);
  const keys = new Set(tasks.map(({ table, key }) => `${table.tree} ${mapKey(key)}`));
  if (keys.size < tasks.length) {
    throw validation('Provided list of item keys contains duplicates');
  }
}

/** The item that answers a statement; null where there is none. */
function perform(
  task: Get | Write,
  consumed: ConsumedTables,
  ledger: CollectionLedger,
  commits: CommitDraft[],
  context: DecideContext,
): object | null {
  const { reader, hideAtMs } = context;
  const { table, compiled } = task;
  if (task.type === 'get') {
    admit(context, table, 'Read', task.keyItem);
    const stored = findItem(reader, table, task.key);
    const units = readUnits(stored?.size ?? 0, task.isConsistent);
    consumed.add(compiled.table, table, { table: units, indexes: noIndexes });
    const { projection } = task.compiled;
    countItem(context, table, task.keyItem, units);
    const shown = shownItem(table, stored, hideAtMs);
    return (shown && projection ? projection.project(shown.item()) : shown) ?? null;
  }
  const result = metered(consumed, task, () => performWrite(reader, task.write, context));
  const { before, after } = result;
  const { units } = result.change;
  countWrite(context, table, task.write.keyItem, result);
  const draft = ledger.add({ ...task.write, before, after }, result.change.draft);
  if (isWritten(draft)) commits.push(draft);
  consumed.add(compiled.table, table, units);
  return returnedBy(task.compiled, result) ?? null;
}

const conditional: ReadonlySet<string> = new Set([
  'ConditionalCheckFailedException',
  'DuplicateItemException',
]);

/** Tells replicas which statement it is of. */
function ofPart(draft: CommitDraft, part: number): CommitDraft {
  const { replicated } = draft;
  return replicated === undefined ? draft : { ...draft, replicated: { ...replicated, part } };
}

/** A write that its condition refuses consumes what it would to leave the item as it is. */
function metered<T>(consumed: ConsumedTables, { compiled, table }: Write, go: () => T): T {
  try {
    return go();
  } catch (fault) {
    if (fault instanceof DynamoError && conditional.has(fault.name)) {
      const units = { table: writeUnits(fault.sizeRead), indexes: noIndexes };
      consumed.add(compiled.table, table, units);
    }
    throw fault;
  }
}
