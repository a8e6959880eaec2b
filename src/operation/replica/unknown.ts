/**
 * FindUnknown: what a call would look for where a device does not know what its hub has, as a
 * client fetches it (src/sync/seek.ts). The call is tried on what is here, and comes to nothing.
 */
import { DynamoError } from '../../base/errors.ts';
import { hexOf } from '../../base/bytes.ts';
import { readHoldings } from '../../replica/holding.ts';
import { readLink } from '../../replica/link.ts';
import { encodeRange, type KeyRange, withoutRanges } from '../../replica/range.ts';
import { rangesOfScope, readScope } from '../../replica/scope.ts';
import { byTree } from '../../replica/tables.ts';
import { keyAlone, SeekingReader, unknownOf } from '../../replica/unknown.ts';
import { bytes, oneOf, string, struct } from '../../shape/constructors.ts';
import { type DecideContext, type Operation, operation } from '../operation.ts';
import { deviceOf } from './device.ts';
import { readRequest } from './execute.ts';

/** What looks at items. A BatchWriteItem looks at none, and a Scan reads what is here. */
const looking: ReadonlySet<string> = new Set([
  'GetItem',
  'BatchGetItem',
  'Query',
  'TransactGetItems',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'TransactWriteItems',
  'ExecuteStatement',
  'BatchExecuteStatement',
  'ExecuteTransaction',
]);

export const FindUnknown: Operation = operation({
  name: 'FindUnknown',
  kind: 'read',
  internal: true,
  input: struct({
    Operation: string().required,
    Form: oneOf('json', 'wire', 'plain').required,
    /** As replica/request.ts writes it. */
    Input: bytes.required,
  }),
  consistent: () => true,
  check: (input) => input,
  plan: (input) => input,
  decide({ Operation: name, Form: form, Input: input }, context) {
    const { reader, catalog } = context;
    const { id, book } = deviceOf(reader);
    const { link } = readLink(reader, book);
    const trees = byTree(catalog);
    const seeking = new SeekingReader(reader, trees);
    const blind = looking.has(name)
      ? triedOn(seeking, { operation: name, form, input }, context)
      : [];
    const tables = [...trees.values()].map(({ replica }) => replica.global);
    const unknown = unknownOf(
      readHoldings(reader, book, trees),
      rangesOfScope(readScope(reader, book).scope, tables),
      withoutRanges(seeking.sought, blind),
    );
    const Loads = unknown.map(({ range, isKept }) => {
      return { Range: encodeRange(range), After: range.from, WithDeleted: isKept };
    });
    const { principal: Principal, reach: Reach } = link;
    const Epoch = hexOf(link.epoch);
    return { output: { ReplicaId: hexOf(id), Principal, Epoch, Reach, Loads } };
  },
});

/** Notes what the call looks for; answers what it writes whatever there is. Throws PageFault. */
function triedOn(
  seeking: SeekingReader,
  request: Parameters<typeof readRequest>[0],
  context: DecideContext,
): readonly KeyRange[] {
  try {
    const { row, input, own } = readRequest(request, context, looking);
    const tried: DecideContext = { ...own, reader: seeking };
    const { commits = [] } = row.decide(row.plan(row.check(input, tried), tried), tried);
    const { ReturnValues = 'NONE' } = input as { readonly ReturnValues?: string };
    if (ReturnValues !== 'NONE') return [];
    return commits.flatMap(({ replicated: change }): readonly KeyRange[] => {
      if (change?.isBlind !== true) return [];
      return [{ table: change.replica.global, ...keyAlone(change.key) }];
    });
  } catch (error) {
    // What is refused on what is here may not be on what there is.
    if (error instanceof DynamoError && error.name !== 'InternalServerError') return [];
    throw error;
  }
}
