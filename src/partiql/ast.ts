/**
 * Statements as the parser makes them. Conditions and updates are the syntax trees of expressions
 * (expression/ast.ts), so that one evaluator serves both languages.
 *
 * A statement depends on its text alone and is kept and shared. Its values are placeholders:
 * literals are named `:l0`, `:l1`, ..., parameters `:0`, `:1`, ... in the order of the text.
 */
import type { ActionNode, ConditionNode, PathNode } from '../expression/ast.ts';
import type { Value } from '../value/value.ts';

export interface Target {
  readonly table: string;
  readonly index: string | undefined;
}

export interface Column {
  /** What the value is called in the result: the path from its last name on. */
  readonly name: string;
  readonly path: PathNode;
}

export interface OrderTerm {
  readonly name: string;
  readonly isDescending: boolean;
}

export type Returning = 'ALL_OLD' | 'ALL_NEW' | 'UPDATED_OLD' | 'UPDATED_NEW';

export interface SelectStatement extends Target {
  readonly type: 'select';
  /** Undefined for `*`. */
  readonly columns: readonly Column[] | undefined;
  readonly where: ConditionNode | undefined;
  readonly orderBy: readonly OrderTerm[];
  /** What is wrong with the columns; told only once table and index are known. */
  readonly columnFault: string | undefined;
}

export interface InsertStatement extends Target {
  readonly type: 'insert';
  /** Names to placeholders, or the placeholder of the whole item. */
  readonly item: ReadonlyMap<string, string> | string;
}

/** `set_add` or `set_delete`, whose operand must be a set. */
export interface SetCall {
  readonly placeholder: string;
  /** What is said when it is not. */
  readonly fault: string;
}

export interface UpdateStatement extends Target {
  readonly type: 'update';
  readonly actions: readonly ActionNode[];
  readonly setCalls: readonly SetCall[];
  readonly where: ConditionNode | undefined;
  readonly returning: Returning | undefined;
}

export interface DeleteStatement extends Target {
  readonly type: 'delete';
  readonly where: ConditionNode | undefined;
  readonly returning: Returning | undefined;
}

/** EXISTS(SELECT ...): the condition check of a transaction. */
export interface ExistsStatement extends Target {
  readonly type: 'exists';
  readonly where: ConditionNode | undefined;
}

export type Statement =
  | SelectStatement
  | InsertStatement
  | UpdateStatement
  | DeleteStatement
  | ExistsStatement;

export interface ParsedStatement {
  readonly statement: Statement;
  /** By placeholder. */
  readonly literals: ReadonlyMap<string, Value>;
  /** Names that look like placeholders of an expression, standing for themselves. */
  readonly names: ReadonlyMap<string, string>;
  readonly parameters: number;
  /** The first thing wrong with it beyond its syntax. */
  readonly fault: string | undefined;
}
