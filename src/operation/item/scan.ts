/** Scan: the items of a table or an index, or of one segment of it, in the order of the tree. */
import { validation } from '../../base/errors.ts';
import { segmentsMax } from '../../base/limits.ts';
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
import { hashRangeOf } from '../../value/key.ts';
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
import { admitPage } from '../capacity/admission.ts';
import { countRead, type PageRead, pageOutput, readPage } from './read-page.ts';
import { checkProjected, checkSelect, indexToRead, reachBackOf } from './select.ts';
import { rangeAfter, readStart, type Segment, scanStart } from './start-key.ts';

export const Scan: Operation = operation({
  name: 'Scan',
  kind: 'read',
  input: struct({
    TableName: tableName.required,
    IndexName: indexName,
    AttributesToGet: attributesToGet,
    Limit: integer({ min: 1 }),
    Select: select,
    ScanFilter: legacyConditions,
    ConditionalOperator: conditionalOperator,
    ExclusiveStartKey: attributeMap,
    ReturnConsumedCapacity: returnConsumedCapacity,
    TotalSegments: integer({ min: 1, max: segmentsMax }),
    Segment: integer({ min: 0, max: segmentsMax - 1 }),
    ProjectionExpression: string(),
    FilterExpression: string(),
    ...placeholders,
    ConsistentRead: boolean,
  }),
  check(input, { values }) {
    let start: Item | undefined;
    let part: Segment | undefined;
    const parsed = parseExpressions(
      'Scan',
      input,
      (raw) => values.value(raw),
      () => {
        start = readStart(input.ExclusiveStartKey, values);
        part = segmentOfInput(input.Segment, input.TotalSegments);
      },
    );
    checkSelect('Scan', input);
    return { input, start, part, ...parsed };
  },
  plan({ input, start, part, filter, projection }, { catalog }) {
    const table = catalog.table(input.TableName);
    const index = indexToRead(table, input);
    const place = start && scanStart(table, index, part, start);
    checkKeyPaths(table, projection, filter);
    checkProjected(table, index, input, projection);
    const range = part === undefined ? {} : hashRangeOf(part.segment, part.total);
    const read: PageRead = {
      table,
      index,
      range: place === undefined ? range : rangeAfter(range, place, false),
      isReverse: false,
      limit: input.Limit,
      filter,
      projection,
      isCount: input.Select === 'COUNT',
      reachBack: reachBackOf(table, index, input.Select, projection, filter),
      isRestartable: true,
    };
    return { input, read };
  },
  decide({ input, read }, context) {
    admitPage(context, read.table, read.index, undefined);
    const page = readPage(context.reader, { ...read, hideAtMs: context.hideAtMs });
    countRead(context, read, page, input.ConsistentRead === true, undefined);
    return { output: pageOutput(input, read, page) };
  },
  consistent: ({ input }) => input.ConsistentRead === true,
  follows: ({ read }) => ({ parts: [read], limit: read.limit, isCount: read.isCount }),
});

function segmentOfInput(
  segment: number | undefined,
  total: number | undefined,
): Segment | undefined {
  if (segment === undefined && total === undefined) return undefined;
  if (total === undefined) {
    throw validation(
      'The TotalSegments parameter is required but was not present in the request when Segment ' +
        'parameter is present',
    );
  }
  if (segment === undefined) {
    throw validation(
      'The Segment parameter is required but was not present in the request when parameter ' +
        'TotalSegments is present',
    );
  }
  if (segment >= total) {
    throw validation(
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        `Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
  }
  return { segment, total };
}
