/**
 * A statement as a request brings it: its text and the values of its parameters.
 *
 * Parameters are read before the text, which is DynamoDB's order
 * (reference/transactions-batch-partiql.md, sections 7 to 10).
 */
import { statementLengthMax } from '../../base/limits.ts';
import { type Compiled, compileStatement } from '../../partiql/compile.ts';
import { parseStatement } from '../../partiql/parser.ts';
import { attributeValue, list, type Shape, string } from '../../shape/constructors.ts';
import type { KeySchema } from '../../table/state.ts';
import type { KeyNames } from '../../partiql/branches.ts';
import { encodeItem } from '../../value/codec.ts';
import { wellFormed } from '../../value/text.ts';
import type { Value } from '../../value/value.ts';
import { digestBytes } from '../item/client-token.ts';
import type { RequestContext } from '../operation.ts';

export const statementText: Shape<string> = string({ min: 1, max: statementLengthMax });
export const parameterList: Shape<readonly unknown[]> = list(attributeValue, { min: 1 });

export interface StatementInput {
  readonly Statement: string;
  readonly Parameters?: readonly unknown[] | undefined;
}

export function readParameters(
  { Parameters: raw }: StatementInput,
  { values }: RequestContext,
): readonly Value[] {
  return raw?.map((each) => values.value(each)) ?? [];
}

/** Throws whatever text and parameters alone get wrong. */
export function compileInput(input: StatementInput, parameters: readonly Value[]): Compiled {
  return compileStatement(parseStatement(input.Statement), parameters);
}

/** 128 bits of what statements ask, however the numbers among their parameters are spelled. */
export function digestOfStatements(
  statements: readonly (readonly [input: StatementInput, parameters: readonly Value[]])[],
): Uint8Array {
  const all = statements.map(
    ([{ Statement: text }, parameters]): Value => ({
      type: 'L',
      value: [{ type: 'S', value: wellFormed(text) }, ...parameters],
    }),
  );
  return digestBytes(encodeItem(new Map([['statements', { type: 'L', value: all }]])));
}

/** PartiQL knows keys of one partition and one sort attribute only. */
export function keyNames({ hash, range }: KeySchema): KeyNames {
  return [hash[0]?.name ?? '', range[0]?.name];
}
