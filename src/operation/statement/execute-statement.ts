/** ExecuteStatement: one PartiQL statement, read or write. */
import { validation } from '../../base/errors.ts';
import { nextTokenLengthMax } from '../../base/limits.ts';
import { consumedMember } from '../../capacity/consumed.ts';
import {
  boolean,
  integer,
  returnConsumedCapacity,
  string,
  struct,
} from '../../shape/constructors.ts';
import { returnOldOnFailure } from '../item/fields.ts';
import { performWrite, writeEffect } from '../item/item-write.ts';
import { type Operation, operation } from '../operation.ts';
import { readToken, writeToken } from './next-token.ts';
import { planSelect } from './select-plan.ts';
import { readSelect } from './select-read.ts';
import {
  compileInput,
  digestOfStatements,
  parameterList,
  readParameters,
  statementText,
} from './statement-input.ts';
import { planStatement, returnedBy } from './statement-write.ts';

export const ExecuteStatement: Operation = operation({
  name: 'ExecuteStatement',
  kind: 'write',
  input: struct({
    Statement: statementText.required,
    Parameters: parameterList,
    ConsistentRead: boolean,
    NextToken: string({ min: 1, max: nextTokenLengthMax }),
    ReturnConsumedCapacity: returnConsumedCapacity,
    Limit: integer({ min: 1 }),
    ReturnValuesOnConditionCheckFailure: returnOldOnFailure,
  }),
  check(input, context) {
    const parameters = readParameters(input, context);
    const compiled = compileInput(input, parameters);
    if (compiled.type === 'exists') {
      throw validation('EXISTS can only be used in ExecuteTransaction write requests.');
    }
    const digest = (): Uint8Array => digestOfStatements([[input, parameters]]);
    const { NextToken: token } = input;
    const resume = token === undefined ? undefined : readToken(token, digest());
    return { input, compiled, digest, resume };
  },
  plan({ input, compiled, digest, resume }, { catalog }) {
    const table = catalog.table(compiled.table);
    if (compiled.type === 'select') {
      const isConsistent = input.ConsistentRead === true;
      const reads = planSelect(compiled, table, isConsistent);
      const options = { resume, limit: input.Limit, isConsistent };
      return { type: 'read', input, name: compiled.table, table, reads, digest, options } as const;
    }
    const tellsOld = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
    const write = planStatement(compiled, table, { tellsOld, inTransaction: false });
    return { type: 'write', input, compiled, write } as const;
  },
  decide(plan, context) {
    const { ReturnConsumedCapacity: detail } = plan.input;
    if (plan.type === 'write') {
      const result = performWrite(context.reader, plan.write, context);
      const found = returnedBy(plan.compiled, result);
      const shown = { TableName: plan.compiled.table, ReturnConsumedCapacity: detail };
      const effect = writeEffect(shown, plan.write, result, undefined, context);
      const output = { Items: found === undefined ? [] : [found], ...effect.output };
      return { ...effect, output };
    }
    const { items, consumed, next } = readSelect(context.reader, plan.reads, {
      ...plan.options,
      hideAtMs: context.hideAtMs,
      sink: context,
    });
    return {
      output: {
        Items: items,
        ...(next === undefined ? {} : { NextToken: writeToken(plan.digest(), next) }),
        ...(next?.after === undefined ? {} : { LastEvaluatedKey: next.after }),
        ...consumedMember(detail, plan.name, plan.table, consumed),
      },
    };
  },
  consistent: ({ input, compiled }) => compiled.type === 'select' && input.ConsistentRead === true,
  onlyReads: ({ compiled }) => compiled.type === 'select',
  follows(plan) {
    if (plan.type === 'write') return undefined;
    const { limit, resume } = plan.options;
    if (resume !== undefined) throw validation('A live query begins at its beginning: NextToken');
    const parts = plan.reads.map(({ page, query }) => {
      return query === undefined ? page : { ...page, partition: query.partition };
    });
    return { parts, limit, isCount: false };
  },
});
