/**
 * Where DynamoDB Local is known to answer otherwise than the service, and the line of the reference
 * of DynamoDB's behaviour that this engine follows instead. At most 40 rows.
 *
 * A row of words gives Local's answer in the service's words; all of them are tried, and what then
 * is not equal to ours to the letter needs a row of behaviour: what each side says, where a message
 * cannot tell enough with a test of both. No row speaks of a test's names.
 */
import { canonical } from './answer.ts';
import { areOfTwoTables } from './batches.ts';
import type { Json } from './chance.ts';
import { isStartBeforeValues, placeOf } from './order.ts';
import type { Asked } from './requests.ts';
import { type Reason, words } from './wordings.ts';
import { bodyOf, isPart } from './words.ts';

export interface Behaviour extends Reason {
  readonly ours: RegExp;
  readonly theirs: RegExp;
  readonly holds?: (ours: string, theirs: string, asked: Asked) => boolean;
}

export interface Explanation {
  readonly why: string;
  /** Both did the same: only the words differ. */
  readonly same: boolean;
}

const badPath = 'The document path provided in the update expression is invalid for update';

export const behaviours: readonly Behaviour[] = [
  {
    why: 'Local does not ask whether a start key can restart a query of one item',
    reference: 'query-scan-indexes.md §3: "(at most one row)", "hash-only table Query"',
    operation: /^Query$/,
    ours: /The query can return at most one row|The provided exclusive start key is invalid/,
    theirs: /^200 /,
  },
  {
    why: 'Local ends a query at an inclusive bound, and tells a last key after an equality',
    reference: 'query-scan-indexes.md §3: "at the last item, LEK is present", "(at most one row)"',
    operation: /^Query$/,
    ours: /^200 /,
    theirs: /^200 |does not match the range key predicate/,
    holds: (ours, theirs) => {
      if (theirs.startsWith('400')) return /"Items":\[\]|"Count":0,/.test(ours);
      const [mine, other] = [ours, theirs].map((line) => line.split(' {"ExclusiveStartKey"')[0]);
      return mine === other;
    },
  },
  {
    why: 'of two faults Local names the one that is looked at later',
    reference: 'protocol.md §4: "Order of checks"; expressions.md §4: "Order of detection"',
    ours: /^400 /,
    theirs: /^[45]00 /,
    holds: (ours, theirs, asked) => {
      if (isStartBeforeValues(ours, theirs, asked)) return true;
      const { operation } = asked;
      const [first, second] = [placeOf(operation, ours), placeOf(operation, theirs, 'last')];
      return first !== undefined && second !== undefined && first < second;
    },
  },
  {
    why: 'of several faults of one kind Local names another one',
    reference: 'expressions.md §8: "per attribute", §6; protocol.md §4: "duplicate keys"',
    ours: /^400 (ValidationException|TransactionCanceledException): /,
    theirs: /^400 (ValidationException|TransactionCanceledException): /,
    holds: (ours, theirs, { operation, input }) => {
      const kind = unordered.find(([operations, text]) => {
        return operations.test(operation) && text.test(ours) && text.test(theirs);
      });
      return kind?.[2](input) ?? false;
    },
  },
  {
    why: 'Local reads and writes keys of any length in an index, and asks for them',
    reference: 'types-and-limits.md §5: "also enforced on reads and on index-key values at write"',
    ours: /size limit of|beyond allowed size limits|cannot contain an empty/,
    theirs: /^200 /,
    holds: (_ours, _theirs, { input }) => longOrEmpty.test(JSON.stringify(input)),
  },
  {
    why: 'Local lets some updates give an index key a wrong type',
    reference: 'expressions.md §6: "index key to wrong literal type", "to wrong computed type"',
    operation: /^(UpdateItem|TransactWriteItems|ExecuteTransaction)$/,
    ours: /^400 .*(secondary index key to unsupported type|Type mismatch for Index Key)/,
    theirs: /^200 /,
  },
  {
    why: 'Local judges a value of a legacy condition only when it comes to it',
    reference: 'expressions.md §8: "type not allowed"; protocol.md §4: step 9',
    operation: /^(PutItem|UpdateItem|DeleteItem|Query|Scan)$/,
    ours: /ComparisonOperator \w+ is not valid for \w+ AttributeValue type/,
    theirs: /^(200|400 ConditionalCheckFailed)/,
    holds: (ours, _theirs, { input }) => {
      return input['ConditionalOperator'] !== undefined || ours.includes('CONTAINS is not valid');
    },
  },
  {
    why: 'Local does not filter by what an index holds: a Query is refused, a Scan sees the table',
    reference: 'query-scan-indexes.md §2: "unprojected ones are missing (not an error)"',
    operation: /^(Query|Scan)$/,
    ours: /^(200|400) /,
    theirs: /^200 |Secondary index \S+ does not project one or more filter attributes/,
    holds: (ours, theirs, { operation, input }) => {
      const filter = input['FilterExpression'] ?? input['QueryFilter'] ?? input['ScanFilter'];
      if (input['IndexName'] === undefined || filter === undefined) return false;
      if (theirs.startsWith('400')) return true;
      const [mine, other] = [bodyOf(ours), bodyOf(theirs)];
      const scanned = other?.['ScannedCount'];
      return operation === 'Scan' && scanned !== undefined && mine?.['ScannedCount'] === scanned;
    },
  },
  {
    why: 'Local mixes the tables of a batch: their parameters, and the order of their faults',
    reference:
      'transactions-batch-partiql.md §5: "any invalid element rejects the whole call", §6: ' +
      '"per-table options"; protocol.md §4: "per table", "duplicate keys (needs key schema"',
    operation: /^Batch(Get|Write)Item$/,
    ours: /^(200|400) /,
    theirs: /^400 ValidationException/,
    holds: (ours, theirs, { operation, input }) => {
      if (operation === 'BatchWriteItem') return areOfTwoTables(ours, theirs, input);
      const tables = Object.values(input['RequestItems'] as object) as object[];
      const mixed = theirs.includes('Can not use both expression and non-expression');
      if (!mixed) return tables.length > 1 && ours.startsWith('400 ValidationException');
      return !tables.some((table) => 'AttributesToGet' in table && 'ProjectionExpression' in table);
    },
  },
  {
    why: 'Local takes two spellings of a number for two keys, in a batch or a transaction',
    reference: 'types-and-limits.md §2: "Equality everywhere is by value: key identity"',
    operation: /^(BatchGet|BatchWrite|TransactWrite|TransactGet)Items?$/,
    ours: /^200 |multiple operations on one item|keys contains duplicates/,
    theirs: /^(200|400) /,
    holds: (ours, theirs, { input }) => {
      const read = ours.startsWith('200');
      return spelledTwice(input) && (!read || distinctItems(theirs) === distinctItems(ours));
    },
  },
  {
    why: 'Local makes an item for an update that only removes',
    reference:
      'expressions.md §6: "REMOVE-only or DELETE-only on a missing item"; §8: "DELETE-only"',
    operation: /^UpdateItem$/,
    ours: /^200 (?!.*"Attributes")/,
    theirs: /^200 \{"Attributes":/,
    holds: (_ours, theirs, { input }) => {
      const made = Object.keys((bodyOf(theirs)?.['Attributes'] ?? {}) as object);
      const key = Object.keys(input['Key'] as object);
      const writes = /\b(SET|ADD)\b/.test(String(input['UpdateExpression'] ?? ''));
      return !writes && made.toSorted().join() === key.toSorted().join();
    },
  },
  {
    why: 'Local misses the parent of a nested REMOVE or DELETE where there is no item at all',
    reference: 'expressions.md §6: "REMOVE a.b, item itself missing | ignored; item not created"',
    operation: /^(UpdateItem|TransactWriteItems)$/,
    ours: /^200 /,
    theirs: new RegExp(badPath),
    holds: (_ours, _theirs, { input }) => /(REMOVE|DELETE)[^"]*[.[]/.test(JSON.stringify(input)),
  },
  {
    why: 'Local returns the whole attribute where a path into it was updated',
    reference: 'expressions.md §9: "nested paths returned as minimal fragments"',
    operation: /^(UpdateItem|ExecuteStatement|BatchExecuteStatement)$/,
    ours: /^200 /,
    theirs: /^200 /,
    holds: (ours, theirs, { input }) => {
      const returns = /UPDATED_(OLD|NEW)|RETURNING MODIFIED/.test(JSON.stringify(input));
      return returns && isPart(bodyOf(ours), bodyOf(theirs));
    },
  },
  {
    why: 'Local lets two placeholders of one value be operands of one function',
    reference: 'expressions.md §4: "identical operands (…, :v = :v)"; §5: "with different values"',
    ours: /The first operand must be distinct .* first operand: AttributeValue/,
    theirs: /^(200|400)/,
    holds: (_ours, _theirs, { input }) => hasEqualValues(input) || hasSameTwice(input),
  },
  {
    why: 'Local holds what has no size for unlike any number',
    reference: 'expressions.md §5: "size(missing) makes the comparison false", "size(p)"',
    ours: /^(200|400) /,
    theirs: /^(200|400) /,
    holds: (ours, theirs, { input }) => {
      if (!unlikeSize.test(JSON.stringify(input))) return false;
      // Where the condition holds, what the update makes of the item may be refused.
      if (unmet.test(ours) || unmet.test(theirs)) return true;
      const [mine, other] = [bodyOf(ours), bodyOf(theirs)];
      return mine !== undefined && mine['ScannedCount'] === other?.['ScannedCount'];
    },
  },
  {
    why: 'Local takes the word `size` as a name',
    reference: 'types-and-limits.md §7: "Reserved words … may not appear bare"',
    ours: /Attribute name is a reserved keyword; reserved keyword: size/,
    theirs: /^(200|400)/,
  },
  {
    why: 'Local refuses as a whole what the service answers as the reason of one action',
    reference: 'transactions-batch-partiql.md §1: "ValidationError | the validation text"',
    operation: /^(Transact|ExecuteTransaction)/,
    ours: /^400 TransactionCanceledException.*"Code":"ValidationError"/,
    theirs: /^400 (ValidationException|TransactionCanceledException)/,
    holds: (ours, theirs) => {
      const told =
        /"Message":"([^"]+)"/.exec(theirs)?.[1] ??
        theirs.replace(/^400 \w+: (ValidationError )?/, '');
      return ours.includes(JSON.stringify(told));
    },
  },
  {
    why: 'Local takes more parameters than the statement has',
    reference: 'transactions-batch-partiql.md §7: "count must match"',
    operation: /Statement|^ExecuteTransaction$/,
    ours: /Number of parameters in request and statement don't match/,
    theirs: /^(200|400)/,
    holds: (_ours, _theirs, { input }) => hasTooMany(input),
  },
  {
    why: 'Local counts one level of nesting more',
    reference:
      'types-and-limits.md §1: "top-level attribute value = level 1 [?]; 32 levels accepted"',
    ours: /^(200|400) /,
    theirs: /Nesting Levels have exceeded/,
    holds: (_ours, _theirs, { input }) => levelsOf(input) === 32,
  },
  {
    why: 'Local fails with an internal error',
    reference: 'protocol.md §3: "HTTP status: 400 for all client errors"',
    ours: /^(200|400) /,
    theirs: /^500 InternalFailure|Index \d+ out of bounds for length/,
  },
];

/** Kinds of faults among which the reference has no order, where a request can have several. */
const unordered: readonly (readonly [
  operation: RegExp,
  text: RegExp,
  several: (input: Json) => boolean,
])[] = [
  [
    /^(PutItem|UpdateItem|DeleteItem|Query|Scan)$/,
    new RegExp(
      'ComparisonOperator|ConditionalOperator can|BETWEEN condition was|' +
        'inside AttributeValueList|action is not supported',
    ),
    (input) => legacyConditions(input) > 1,
  ],
  // Table by table, in no order.
  [
    /^BatchWriteItem$/,
    /contains duplicates|key element does not|cannot contain an empty|size limit of|mismatch for/,
    ({ RequestItems }) => Object.values(RequestItems as object).flat().length > 1,
  ],
  // The clauses of an update.
  [/^(UpdateItem|TransactWriteItems)$/, /UpdateExpression: Incorrect operand type/, () => true],
  // One action or clause after another; which needs its place first is not told.
  [
    /^UpdateItem$/,
    /document path provided|incorrect data type|does not exist in the item/,
    ({ UpdateExpression }) =>
      (String(UpdateExpression).match(/\b(SET|REMOVE|ADD|DELETE)\b|, /g) ?? []).length > 1,
  ],
  // Local tells of one action alone, of keys also as a whole.
  [
    /Transact/,
    /reasons \[[^\]]*ValidationError|key element does not|conditions on the keys|required keys/,
    ({ TransactItems, TransactStatements }) =>
      ((TransactItems ?? TransactStatements) as readonly unknown[]).length > 1,
  ],
];

/** How many attributes the parameters from before expressions speak of. */
function legacyConditions(input: Json): number {
  const members = ['KeyConditions', 'QueryFilter', 'ScanFilter', 'Expected', 'AttributeUpdates'];
  return members.flatMap((member) => Object.keys((input[member] ?? {}) as object)).length;
}

const unmet = /^400 (ConditionalCheckFailed|TransactionCanceled)Exception/;

/** A size compared by `<>`, in an expression or a statement. */
const unlikeSize = /size\s*\([^()]*\)\s*(<>|!=)|(<>|!=)\s*size\s*\(/i;

/** A value, or a literal of a statement. */
const longOrEmpty = /"[SB]":"([^"]{1025,})?"|'([^']{1025,})?'/;

/** How deep lists and maps stand in each other in a value of the request. */
function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inside = Math.max(0, ...Object.values(value).map(levelsOf));
  const [member, ...more] = Object.keys(value);
  return inside + (more.length === 0 && (member === 'L' || member === 'M') ? 1 : 0);
}

/** Whether two values of expressions are one, in the request or in one of its parts. */
function hasEqualValues(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const values = Object.values((part as Json)['ExpressionAttributeValues'] ?? {});
  const texts = values.map((value) => JSON.stringify(canonical(value as Json)));
  return new Set(texts).size < texts.length || Object.values(part).some(hasEqualValues);
}

/** Whether a placeholder of a value stands twice in one expression. */
function hasSameTwice(part: unknown): boolean {
  if (typeof part === 'string') {
    const names = part.match(/:\w+/g) ?? [];
    return new Set(names).size < names.length;
  }
  if (typeof part !== 'object' || part === null) return false;
  return Object.entries(part).some(([name, inner]) => {
    return typeof inner === 'object'
      ? hasSameTwice(inner)
      : /Expression$/.test(name) && hasSameTwice(inner);
  });
}

/** Whether a number stands in the request in two ways. */
function spelledTwice(input: Json): boolean {
  const texts = [...JSON.stringify(input).matchAll(/"N":"([^"]*)"/g)].map(([, text]) => text ?? '');
  const spellings = new Set(texts);
  const numbers = [...spellings].map((text) => canonical({ N: text })['N']);
  return new Set(numbers).size < spellings.size;
}

function distinctItems(line: string): string {
  const responses = (bodyOf(line)?.['Responses'] ?? {}) as Readonly<
    Record<string, readonly string[]>
  >;
  return JSON.stringify(
    Object.entries(responses).map(([name, items]) => [name, [...new Set(items)]]),
  );
}

/** Whether one of the statements has more parameters than places for them. */
function hasTooMany(input: Json): boolean {
  const list = (input['Statements'] ?? input['TransactStatements'] ?? [input]) as readonly Json[];
  return list.some(({ Statement, Parameters }) => {
    const places =
      String(Statement)
        .replaceAll(/'[^']*'/g, '')
        .split('?').length - 1;
    return ((Parameters ?? []) as readonly unknown[]).length > places;
  });
}

/** Why the answers may differ, if a row says it; of a request that was sent twice, both times. */
export function explanationOf(asked: Asked, ours: string, theirs: string): Explanation | undefined {
  if (!asked.twice) return explanationOfOne(asked, ours, theirs);
  const [mine, other] = [ours, theirs].map((line) => line.split(/ \| (?=[245]00 )/));
  const found = mine?.flatMap((line, at) => {
    const their = other?.[at] ?? '';
    return line === their ? [] : [explanationOfOne(asked, line, their)];
  });
  const [first] = found ?? [];
  if (first === undefined || found?.includes(undefined)) return undefined;
  return { why: first.why, same: found?.every((each) => each?.same) === true };
}

function explanationOfOne(asked: Asked, ours: string, theirs: string): Explanation | undefined {
  const fits = ({ operation }: Reason): boolean => operation?.test(asked.operation) ?? true;
  let line = theirs;
  let why = '';
  for (const row of words) {
    if (!fits(row)) continue;
    const next = row.mend(line, ours);
    if (next !== line) why = row.why;
    line = next;
    if (line === ours) return { why, same: true };
  }
  const found = behaviours.find((row) => {
    const said = row.ours.test(ours) && row.theirs.test(line);
    return said && fits(row) && (row.holds?.(ours, line, asked) ?? true);
  });
  return found && { why: found.why, same: false };
}
