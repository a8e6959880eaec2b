/**
 * Inputs and outputs of the PartiQL operations. `I` is what an item in the output is.
 */
import type { ConsumedCapacity, ReturnConsumedCapacity } from './item-types.ts';
import type { PlainItem } from './value-types.ts';

export interface ParameterizedStatement {
  readonly Statement: string;
  /** The values of the statement's `?`, in order. */
  readonly Parameters?: readonly unknown[];
  readonly ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

export interface BatchStatementRequest extends ParameterizedStatement {
  readonly ConsistentRead?: boolean;
}

export interface ExecuteStatementInput extends BatchStatementRequest {
  /** Of items evaluated. */
  readonly Limit?: number;
  /** From the answer before; the statement and its parameters must be the same. */
  readonly NextToken?: string | undefined;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface ExecuteStatementOutput<I = PlainItem> {
  /** What was selected, or what RETURNING asked for. */
  readonly Items: readonly I[];
  /** Absent at the end. */
  readonly NextToken?: string;
  readonly LastEvaluatedKey?: I;
  readonly ConsumedCapacity?: ConsumedCapacity;
}

export interface BatchExecuteStatementInput {
  readonly Statements: readonly BatchStatementRequest[];
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface BatchStatementResponse<I = PlainItem> {
  readonly TableName?: string;
  readonly Item?: I;
  readonly Error?: { readonly Code?: string; readonly Message?: string; readonly Item?: I };
}

export interface BatchExecuteStatementOutput<I = PlainItem> {
  /** In the order of the statements. */
  readonly Responses: readonly BatchStatementResponse<I>[];
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}

export interface ExecuteTransactionInput {
  readonly TransactStatements: readonly ParameterizedStatement[];
  readonly ClientRequestToken?: string;
  readonly ReturnConsumedCapacity?: ReturnConsumedCapacity;
}

export interface ExecuteTransactionOutput<I = PlainItem> {
  /** Of a transaction that reads, in the order of its statements. */
  readonly Responses?: readonly { readonly Item?: I }[];
  readonly ConsumedCapacity?: readonly ConsumedCapacity[];
}
