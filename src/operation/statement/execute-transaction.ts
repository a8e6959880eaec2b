/**
 * ExecuteTransaction: up to 100 statements, all reads or all writes, all or nothing.
 *
 * A statement that can never be right refuses the request and says which it is; what its table
 * reveals cancels the transaction, with a reason for each statement
 * (reference/transactions-batch-partiql.md, section 10).
 */
import { DynamoError, validation } from '../../base/errors.ts';
import { clientTokenLengthMax, transactionActionsMax } from '../../base/limits.ts';
import type { Compiled, CompiledSelect, CompiledWrite } from '../../partiql/compile.ts';
import { parseStatement } from '../../partiql/parser.ts';
import { list, returnConsumedCapacity, string, struct } from '../../shape/constructors.ts';
import { primaryKey } from '../../table/keys.ts';
import type { TableState } from '../../table/state.ts';
import type { Value } from '../../value/value.ts';
import {
  type CancellationReason,
  cancelled,
  noReason,
  orFault,
  reasonOf,
} from '../item/cancellation.ts';
import type { ClientToken } from '../item/client-token.ts';
import { returnOldOnFailure } from '../item/fields.ts';
import type { ItemWrite } from '../item/item-write.ts';
import { type PlannedGet, readTogether } from '../item/transact-get-items.ts';
import { checkDistinct, performTransaction } from '../item/transact-write-items.ts';
import { type Operation, operation, type PlanContext } from '../operation.ts';
import { onlyKey } from './statement-get.ts';
import {
  compileInput,
  digestOfStatements,
  parameterList,
  readParameters,
  type StatementInput,
  statementText,
} from './statement-input.ts';
import { planExists, planStatement } from './statement-write.ts';

export const ExecuteTransaction: Operation = operation({
  name: 'ExecuteTransaction',
  kind: 'write',
  touchesMany: true,
  input: struct({
    TransactStatements: list(
      struct(
        {
          Statement: statementText.required,
          Parameters: parameterList,
          ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
        },
        'ParameterizedStatement',
      ),
      { min: 1, max: transactionActionsMax },
    ).required,
    ClientRequestToken: string({ min: 1, max: clientTokenLengthMax }),
    ReturnConsumedCapacity: returnConsumedCapacity,
  }),
  check(input, context) {
    const inputs = input.TransactStatements;
    const parameters = inputs.map((each) => readParameters(each, context));
    // Every statement is read before one of them is looked at closely.
    for (const [at, { Statement }] of inputs.entries())
      inPlace(at, () => parseStatement(Statement));
    const statements = inputs.map((each, at) => ({
      compiled: inPlace(at, () => compileAlone(each, parameters[at] ?? [])),
      tellsOld: each.ReturnValuesOnConditionCheckFailure === 'ALL_OLD',
    }));
    const reads = statements.filter(({ compiled }) => compiled.type === 'select').length;
    if (reads > 0 && reads < statements.length) {
      throw validation(
        'ExecuteTransaction API does not support both read and write operations in the same ' +
          'request.',
      );
    }
    const { ClientRequestToken: token } = input;
    return { input, statements, onlyReads: reads > 0, token: tokenOf(token, inputs, parameters) };
  },
  plan({ input, statements, token }, context) {
    const gets: PlannedGet[] = [];
    const writes: { readonly name: string; readonly write: ItemWrite }[] = [];
    for (const task of planAll(statements, context)) {
      if ('write' in task) writes.push(task);
      else gets.push(task);
    }
    checkDistinct(gets);
    checkDistinct(writes.map(({ write }) => write));
    return { input, token, gets, writes };
  },
  decide({ input, token, gets, writes }, context) {
    if (gets.length === 0) return performTransaction(input, token, writes, context);
    return { output: readTogether(gets, input.ReturnConsumedCapacity, context) };
  },
  consistent: (checked) => checked.onlyReads,
  onlyReads: (checked) => checked.onlyReads,
});

interface TransactStatement {
  readonly compiled: Compiled;
  readonly tellsOld: boolean;
}

type Task = PlannedGet | { readonly name: string; readonly write: ItemWrite };

/** Runs `step` for the statement at a place; its refusal says which one that is. */
function inPlace<T>(at: number, step: () => T): T {
  try {
    return step();
  } catch (fault) {
    if (!(fault instanceof DynamoError)) throw fault;
    throw validation(`Validation failed in TransactStatements[${at}]: ${fault.message}`);
  }
}

function tokenOf(
  token: string | undefined,
  inputs: readonly StatementInput[],
  parameters: readonly (readonly Value[])[],
): ClientToken | undefined {
  if (token === undefined) return undefined;
  const statements = inputs.map((each, at) => [each, parameters[at] ?? []] as const);
  return { token, digest: digestOfStatements(statements) };
}

/** What a statement may not be in a transaction, whatever its table. */
function compileAlone(input: StatementInput, parameters: readonly Value[]): Compiled {
  const compiled = compileInput(input, parameters);
  if (compiled.type === 'select' || compiled.type === 'exists') checkNoIndex(compiled.index);
  else checkNoReturning(compiled);
  return compiled;
}

/** Throws the first missing table or refusal of a statement, or else all reasons to cancel. */
function planAll(
  statements: readonly TransactStatement[],
  { catalog }: PlanContext,
): readonly Task[] {
  const tables = statements.map(({ compiled }) => catalog.table(compiled.table));
  const plans = statements.map(({ compiled, tellsOld }, at) =>
    inPlace(at, () => planOne(compiled, tables[at] as TableState, tellsOld)),
  );
  const tasks: Task[] = [];
  const reasons = plans.map((plan): CancellationReason => {
    const task = orFault(plan);
    if (task instanceof DynamoError) return reasonOf(task);
    tasks.push(task);
    return noReason;
  });
  if (tasks.length < plans.length) throw cancelled(reasons);
  return tasks;
}

/** What is left to find out about a statement once its form is right. */
function planOne(compiled: Compiled, table: TableState, tellsOld: boolean): () => Task {
  const name = compiled.table;
  switch (compiled.type) {
    case 'select':
      return planGet(compiled, table);
    case 'exists': {
      const check = planExists(compiled, table, tellsOld);
      if (check !== undefined) return () => ({ name, write: check() });
      throw validation('EXISTS() must contain a single item read with additional condition');
    }
    default:
      return () => ({
        name,
        write: planStatement(compiled, table, { tellsOld, inTransaction: true }),
      });
  }
}

function planGet(compiled: CompiledSelect, table: TableState): () => Task {
  const keyItem = onlyKey(compiled, table, 'ExecuteTransaction');
  const { table: name, projection } = compiled;
  return () => ({
    name,
    table,
    key: primaryKey(table, keyItem, 'read', 'PartiQLSelect'),
    keyItem,
    projection,
  });
}

function checkNoIndex(index: string | undefined): void {
  if (index === undefined) return;
  throw validation('Reads on indices are not supported within transactions.');
}

function checkNoReturning(compiled: CompiledWrite): void {
  if (compiled.type === 'insert' || compiled.returning === undefined) return;
  throw validation('RETURNING clause is not supported in ExecuteTransaction.');
}
