/**
 * A statement with its parameters in place, as what the native operations work with: conditions,
 * updates, projections and items. One evaluator serves both languages.
 *
 * Everything that text and parameters alone can get wrong is refused here. What needs the table -
 * keys, indexes, ORDER BY - is the operation's.
 */
import { validation } from '../base/errors.ts';
import type { ConditionNode } from '../expression/ast.ts';
import { type BoundCondition, bindCondition } from '../expression/bind.ts';
import { checkUse } from '../expression/condition-parser.ts';
import { valueAt } from '../expression/path-tree.ts';
import type { Projection } from '../expression/projection.ts';
import { resolvePath, type Scope } from '../expression/scope.ts';
import { bindUpdate, type Update } from '../expression/update.ts';
import type { Item, Value, ValueType } from '../value/value.ts';
import type {
  Column,
  InsertStatement,
  ParsedStatement,
  Returning,
  SelectStatement,
  UpdateStatement,
} from './ast.ts';

export interface CompiledSelect {
  readonly type: 'select';
  readonly table: string;
  readonly index: string | undefined;
  readonly where: BoundCondition | undefined;
  /** Undefined for `*`. */
  readonly projection: Projection | undefined;
  readonly orderBy: SelectStatement['orderBy'];
  readonly columnFault: string | undefined;
}

export interface CompiledExists {
  readonly type: 'exists';
  readonly table: string;
  readonly index: string | undefined;
  readonly where: BoundCondition | undefined;
}

export interface CompiledInsert {
  readonly type: 'insert';
  readonly table: string;
  readonly item: Item;
}

export interface CompiledUpdate {
  readonly type: 'update';
  readonly table: string;
  readonly update: Update;
  readonly where: BoundCondition | undefined;
  readonly returning: Returning | undefined;
}

export interface CompiledDelete {
  readonly type: 'delete';
  readonly table: string;
  readonly where: BoundCondition | undefined;
  readonly returning: Returning | undefined;
}

export type CompiledWrite = CompiledInsert | CompiledUpdate | CompiledDelete;
export type Compiled = CompiledSelect | CompiledExists | CompiledWrite;

const sets: ReadonlySet<ValueType> = new Set(['SS', 'NS', 'BS']);

export function compileStatement(parsed: ParsedStatement, parameters: readonly Value[]): Compiled {
  const { statement, fault } = parsed;
  if (parsed.parameters !== parameters.length) {
    throw validation("Number of parameters in request and statement don't match.");
  }
  if (fault !== undefined) throw validation(fault);
  const values = new Map(parsed.literals);
  for (const [at, value] of parameters.entries()) values.set(`:${at}`, value);
  const scope: Scope = { names: parsed.names, values };
  const { table } = statement;
  if (statement.type === 'insert') return { type: 'insert', table, item: itemOf(statement, scope) };
  const where = statement.where && bindWhere(statement.where, scope);
  switch (statement.type) {
    case 'select': {
      const { index, columns, orderBy, columnFault } = statement;
      const projection = columns && projectionOf(columns, scope);
      return { type: 'select', table, index, where, projection, orderBy, columnFault };
    }
    case 'exists':
      return { type: 'exists', table, index: statement.index, where };
    case 'delete':
      return { type: 'delete', table, where, returning: statement.returning };
    case 'update': {
      const update = updateOf(statement, scope);
      return { type: 'update', table, update, where, returning: statement.returning };
    }
  }
}

function bindWhere(node: ConditionNode, scope: Scope): BoundCondition {
  checkUse('Statement', node);
  return bindCondition('Statement', node, scope);
}

function updateOf({ actions, setCalls }: UpdateStatement, scope: Scope): Update {
  for (const { placeholder, fault } of setCalls) {
    const type = scope.values.get(placeholder)?.type;
    if (type === undefined || !sets.has(type)) throw validation(fault);
  }
  const tree = { actions, names: new Set<string>(), values: new Set<string>() };
  return bindUpdate(tree, scope, 'Statement');
}

/** A column is the value at the end of its path, by the last name of the path. */
function projectionOf(columns: readonly Column[], scope: Scope): Projection {
  const picks = columns.map(({ name, path }) => ({
    name,
    path: resolvePath('Statement', path, scope),
  }));
  return {
    project(item) {
      const picked = new Map<string, Value>();
      for (const { name, path } of picks) {
        const value = valueAt(item, path);
        if (value !== undefined) picked.set(name, value);
      }
      return picked;
    },
    roots: new Set(picks.map(({ path }) => path[0] as string)),
    nestedRoots: new Set(
      picks.filter(({ path }) => path.length > 1).map(({ path }) => path[0] as string),
    ),
  };
}

function itemOf({ item }: InsertStatement, { values }: Scope): Item {
  if (typeof item !== 'string') {
    return new Map(
      [...item].map(([name, placeholder]) => [name, values.get(placeholder) as Value]),
    );
  }
  const whole = values.get(item);
  if (whole?.type === 'M') return whole.value;
  throw validation(`Unsupported data type: ${whole?.type} under key root`);
}
