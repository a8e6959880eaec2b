/** Query: the items of one partition key, of a table or an index, in the order of the sort key. */
import { validation } from '../../base/errors.ts';
import { must } from '../../base/assert.ts';
import type { Condition } from '../../expression/condition.ts';
import { parseExpressions } from '../../expression/request.ts';
import {
  attributeMap,
  boolean,
  indexName,
  integer,
  returnConsumedCapacity,
  string,
  struct,
  tableName,
} from '../../shape/constructors.ts';
import type { KeySchema } from '../../table/state.ts';
import type { Item } from '../../value/value.ts';
import { type Operation, operation } from '../operation.ts';
import {
  attributesToGet,
  conditionalOperator,
  legacyConditions,
  placeholders,
  select,
} from './fields.ts';
import { checkKeyPaths } from './key-paths.ts';
import { keyRange } from './key-range.ts';
import { admitPage } from '../capacity/admission.ts';
import { countRead, type PageRead, pageOutput, readPage } from './read-page.ts';
import { checkProjected, checkSelect, indexToRead, reachBackOf } from './select.ts';
import { queryStart, rangeAfter, readStart } from './start-key.ts';

export const Query: Operation = operation({
  name: 'Query',
  kind: 'read',
  input: struct({
    TableName: tableName.required,
    IndexName: indexName,
    Select: select,
    AttributesToGet: attributesToGet,
    Limit: integer({ min: 1, hidden: true }),
    ConsistentRead: boolean,
    KeyConditions: legacyConditions,
    QueryFilter: legacyConditions,
    ConditionalOperator: conditionalOperator,
    ScanIndexForward: boolean,
    ExclusiveStartKey: attributeMap,
    ReturnConsumedCapacity: returnConsumedCapacity,
    ProjectionExpression: string(),
    FilterExpression: string(),
    KeyConditionExpression: string(),
    ...placeholders,
  }),
  check(input, { values }) {
    let start: Item | undefined;
    const parsed = parseExpressions(
      'Query',
      input,
      (raw) => values.value(raw),
      () => {
        start = readStart(input.ExclusiveStartKey, values);
      },
    );
    checkSelect('Query', input);
    return { input, start, ...parsed };
  },
  plan({ input, start, keyCondition, filter, projection }, { catalog }) {
    const table = catalog.table(input.TableName);
    const index = indexToRead(table, input);
    const keys = index?.keys ?? table.keys;
    const query = keyRange(keys, must(keyCondition, 'a Query without a key condition'));
    const isReverse = input.ScanIndexForward === false;
    const place = start && queryStart(table, index, query, start);
    checkKeyPaths(table, projection, filter);
    checkFilter(keys, filter, input.QueryFilter !== undefined);
    checkProjected(table, index, input, projection);
    const read: PageRead = {
      table,
      index,
      range: place === undefined ? query.range : rangeAfter(query.range, place, isReverse),
      isReverse,
      limit: input.Limit,
      filter,
      projection,
      isCount: input.Select === 'COUNT',
      reachBack: reachBackOf(table, index, input.Select, projection, filter),
      isRestartable: index !== undefined || !query.isWhole,
    };
    return { input, read, partition: query.partition };
  },
  decide({ input, read, partition }, context) {
    admitPage(context, read.table, read.index, partition);
    const page = readPage(context.reader, { ...read, hideAtMs: context.hideAtMs });
    countRead(context, read, page, input.ConsistentRead === true, partition);
    return { output: pageOutput(input, read, page) };
  },
  consistent: ({ input }) => input.ConsistentRead === true,
  follows: ({ read, partition }) => {
    return { parts: [{ ...read, partition }], limit: read.limit, isCount: read.isCount };
  },
});

/** A filter sees what the key condition let pass: it may not speak of the key itself. */
function checkFilter(
  { hash, range }: KeySchema,
  filter: Condition | undefined,
  old: boolean,
): void {
  if (filter === undefined) return;
  for (const { name } of [...hash, ...range]) {
    if (!filter.roots.has(name)) continue;
    throw validation(
      `${old ? 'QueryFilter' : 'Filter Expression'} can only contain non-primary key attributes: ` +
        `Primary key attribute: ${name}`,
    );
  }
}
