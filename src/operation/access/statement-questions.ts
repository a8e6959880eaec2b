/**
 * What PartiQL statements ask of policies: PartiQLSelect, -Insert, -Update and -Delete on the table
 * or the index they name.
 *
 * The partition keys are those that the WHERE clause fixes; a SELECT that fixes none reads all of
 * the table, and says FullTableScan.
 */
import { DynamoError } from '../../base/errors.ts';
import { anyValue, type Known } from '../../access/condition.ts';
import type { Question } from '../../access/evaluate.ts';
import { branchesOf, writtenKeyOf } from '../../partiql/branches.ts';
import type { Statement } from '../../partiql/ast.ts';
import type { Compiled, CompiledExists, CompiledSelect } from '../../partiql/compile.ts';
import { parseStatement } from '../../partiql/parser.ts';
import type { KeySchema } from '../../table/state.ts';
import type { PlanContext } from '../operation.ts';
import { compileInput, keyNames, readParameters } from '../statement/statement-input.ts';
import type { StatementInput } from '../statement/statement-input.ts';
import { visitActions, visitCondition } from './attribute-names.ts';
import {
  allKeys,
  attributesFact,
  indexTarget,
  keyFacts,
  keyNamesOf,
  projectedFacts,
  question,
  targetOf,
} from './facts.ts';

interface OneInput extends StatementInput {
  readonly ReturnConsumedCapacity?: string | null | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: string | null | undefined;
}

export function statementQuestions(
  input: OneInput,
  context: PlanContext,
  enclosing?: 'ExecuteTransaction',
): readonly Question[] {
  const compiled = compileInput(input, readParameters(input, context));
  const { statement } = parseStatement(input.Statement);
  const more: readonly [string, Known][] = [
    ['dynamodb:returnconsumedcapacity', [input.ReturnConsumedCapacity ?? 'NONE']],
    ...(enclosing === undefined
      ? []
      : [['dynamodb:enclosingoperation', [enclosing]] as [string, Known]]),
  ];
  if (compiled.type === 'select' || compiled.type === 'exists') {
    return selectQuestions(compiled, namesOf(statement), more, context);
  }
  return [writeQuestion(input, compiled, namesOf(statement), more, context)];
}

/** A statement of a batch that is wrong is told so in its place, and does nothing. */
export function batchStatementQuestions(
  input: { readonly Statements: readonly OneInput[]; readonly ReturnConsumedCapacity?: string },
  context: PlanContext,
): readonly Question[] {
  const { ReturnConsumedCapacity } = input;
  return input.Statements.flatMap((one) => {
    try {
      return statementQuestions({ ...one, ReturnConsumedCapacity }, context);
    } catch (error) {
      if (error instanceof DynamoError) return [];
      throw error;
    }
  });
}

function selectQuestions(
  compiled: CompiledSelect | CompiledExists,
  names: ReadonlySet<string>,
  more: readonly [string, Known][],
  context: PlanContext,
): readonly Question[] {
  const target = targetOf(compiled.table, context);
  const { resource, keys, index } = indexTarget(target, compiled.index);
  const isAll = compiled.type === 'select' && compiled.projection === undefined;
  const projected = isAll && index !== undefined ? projectedFacts(target.table, index) : [];
  const isWhole = projected === anyValue || (isAll && index === undefined);
  const held = [...names, ...keyNamesOf(target.table?.keys, keys), ...(isWhole ? [] : projected)];
  const found = compiled.where && keys && branchesOf(compiled.where, keyNames(keys));
  const byDefault = index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
  const facts: readonly [string, Known][] = [
    attributesFact(held as readonly string[], isWhole) as [string, Known],
    ['dynamodb:select', [isAll ? byDefault : 'SPECIFIC_ATTRIBUTES']],
    ['dynamodb:fulltablescan', [String(found === undefined)]],
    ...more,
  ];
  const ask = (leading: readonly [string, Known][]): Question => {
    return question('PartiQLSelect', resource, [...leading, ...facts]);
  };
  // A clause that nothing can meet reads nothing, of no key.
  if (found === undefined || found.length === 0 || keys === undefined) return [ask(allKeys(keys))];
  const hash = keys.hash[0]?.name ?? '';
  return found.map((branch) => ask(keyFacts(keys, new Map([[hash, branch.hash]]))));
}

const actions = {
  insert: 'PartiQLInsert',
  update: 'PartiQLUpdate',
  delete: 'PartiQLDelete',
} as const;

function writeQuestion(
  input: OneInput,
  compiled: Exclude<Compiled, CompiledSelect | CompiledExists>,
  names: ReadonlySet<string>,
  more: readonly [string, Known][],
  context: PlanContext,
): Question {
  const target = targetOf(compiled.table, context);
  const keys = target.table?.keys;
  const returning = compiled.type === 'insert' ? undefined : compiled.returning;
  const isWhole =
    returning === 'ALL_OLD' ||
    returning === 'ALL_NEW' ||
    input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  const item = compiled.type === 'insert' ? compiled.item : writtenKey(compiled.where, keys);
  return question(actions[compiled.type], target.arn, [
    ...keyFacts(keys, item),
    attributesFact([...item.keys(), ...names], isWhole),
    ['dynamodb:returnvalues', [returning ?? 'NONE']],
    ...more,
  ]);
}

function writtenKey(
  where: Parameters<typeof writtenKeyOf>[0],
  keys: KeySchema | undefined,
): ReturnType<typeof writtenKeyOf>['key'] {
  return keys === undefined ? new Map() : writtenKeyOf(where, keyNames(keys)).key;
}

function namesOf(statement: Statement): ReadonlySet<string> {
  const names = new Set<string>();
  const note = ({ steps }: { readonly steps: readonly (string | number)[] }): void => {
    if (typeof steps[0] === 'string') names.add(steps[0]);
  };
  if (statement.type === 'insert') return names;
  if (statement.where !== undefined) visitCondition(statement.where, note);
  if (statement.type === 'update') visitActions(statement.actions, note);
  if (statement.type === 'select') {
    for (const { path } of statement.columns ?? []) note(path);
    for (const { name } of statement.orderBy) names.add(name);
  }
  return names;
}
