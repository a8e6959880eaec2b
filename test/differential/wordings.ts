/**
 * What DynamoDB Local says in other words than the service, and the line of the reference of
 * DynamoDB's behaviour that has the words of this engine. See explained.ts.
 */
import {
  capacity,
  copied,
  each,
  isLeaf,
  listed,
  type Mend,
  numbersStored,
  otherPaths,
  reasons,
  responses,
  said,
  textOf,
  without,
} from './words.ts';

export interface Reason {
  readonly why: string;
  /** File, section and words of the line that decides it. */
  readonly reference: string;
  readonly operation?: RegExp;
}

export interface Words extends Reason {
  readonly mend: Mend;
}

const P = 'One or more parameter values were invalid: ';
const keyFault = new RegExp(
  `The provided key element does not match the schema|${P}Missing the key [^"]*? in the item|` +
    `${P}Type mismatch for key \\S+ expected: \\w+ actual: \\w+`,
);
const indexKeyFault = new RegExp(
  `${P}Type mismatch for Index Key .*? IndexName: [\\w.-]+|` +
    'The update expression attempted to update the secondary index key to unsupported type',
);
const keySize = new RegExp(
  `${P}(Size of hashkey has exceeded the maximum size limit of2048 bytes|` +
    'Aggregated size of all range keys has exceeded the size limit of 1024 bytes|' +
    'The update expression attempted to update the secondary index key to a value beyond allowed ' +
    'size limits)',
);
const emptyKey = new RegExp(
  'One or more parameter values (are not valid|were invalid)[^"]*cannot contain an empty \\w+ ' +
    'value\\.( (IndexName|Key): [^"]*)?',
);
const wrapped = new RegExp(
  'ExpressionAttributeValues contains invalid value: ' +
    '(.*(?:Null attribute value types|Nesting Levels|set  may not be empty|Binary sets).*) ' +
    'for key :\\w+$',
);

export const words: readonly Words[] = [
  {
    why: 'Local refuses values of ReturnValues, Limit, Segment and Select in other words',
    reference:
      'expressions.md §9: "ReturnValues can only be ALL_OLD or NONE"; protocol.md §6: "Query Limit: ' +
      '0", "Query Select SPECIFIC_ATTRIBUTES"; query-scan-indexes.md §2 and §4',
    mend: each(
      said(/ReturnValues can only be ALL_OLD or NONE/, 'Return values set to invalid value'),
      said(
        /1 validation error detected: Value (at 'Limit'|'0' at 'limit').* 1$/,
        'Limit must be greater than or equal to 1',
      ),
      said(
        /The (TotalS|S)egment.*/,
        /If (total )?segments? is specified.*/,
        /1 validation error detected: Value '\d+' at 'segment'.*/,
      ),
      said(/1 validation error detected: Must specify the Attr.*/, /Must specify the Attr.*/),
      said(/when Scanning using an IndexName/, 'when Querying using an IndexName'),
    ),
  },
  {
    why: 'Local names the operand types of ADD and DELETE in other words',
    reference: 'expressions.md §4: "same, ADD/DELETE clause"; §8: "not supported for the type <T>"',
    mend: each(
      without(/, typeSet: ALLOWED_FOR_\w+/g),
      said(/is not supported for the type \w+$/, /is not supported for the type \w+$/),
    ),
  },
  {
    why: 'Local has several texts for a key that does not fit',
    reference:
      'types-and-limits.md §5: "missing key in item", "wrong type in Put", "any key fault"',
    mend: each(
      said(
        indexKeyFault,
        /One or more parameter values were invalid: Type mismatch for Index Key[^"]*/,
        'Invalid attribute value type',
      ),
      said(
        /Key attribute's data type should match its data type in table's schema: Key \w+/,
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      ),
      said(
        keyFault,
        'Where clause does not contain a mandatory equality on all key attributes',
        'The number of conditions on the keys is invalid',
        'Invalid attribute value type',
        'One of the required keys was not given a value',
        'Item to put in PutItem cannot be null',
        /The list of keys in RequestItems for BatchGetItem may not contain null.* empty keys/,
        /One or more parameter values were invalid: Type mismatch for key[^"]*/,
      ),
    ),
  },
  {
    why: 'Local has other texts for keys that are too long or empty',
    reference: 'types-and-limits.md §4: "table key", "index key on Put"; §5: "hash ≤ 2048 bytes"',
    mend: each(
      said(
        keySize,
        /Hash primary key values must be under 2048.*1024 bytes/,
        /One or more .* Size limit exceeded/,
        keySize,
      ),
      said(emptyKey, emptyKey),
    ),
  },
  {
    why: 'of several paths that overlap or conflict Local names two others, some that do neither',
    reference: 'expressions.md §4: "overlap", "conflict (same parent used as map and as list)"',
    mend: otherPaths,
  },
  {
    why: 'Local lists attributes that an index does not hold, or names unused, in another order',
    reference:
      'query-scan-indexes.md §2: "unprojected attribute on GSI"; expressions.md §4: "unused"',
    mend: listed,
  },
  {
    why: 'Local has one text for every missing table',
    reference: 'protocol.md §9: "any item operation on a missing table", "DescribeTable, …"',
    mend: said(
      /Requested resource not found(: Table: \S+ not found)?/,
      'Cannot do operations on a non-existent table',
    ),
  },
  {
    why: 'Local words what is not a number, or is too long, in another way',
    reference: 'types-and-limits.md §2: "cannot be converted to a numeric value", "39 significant"',
    mend: each(
      said(
        /The parameter cannot be converted to a numeric value(: .*?)?(?= for key :|$)/,
        'A value provided cannot be converted into a number',
      ),
      said(
        /Attempting to store more than 38 significant digits in a Number( under root)?/,
        'DynamoDB only supports precision up to 38 digits',
      ),
      said(
        /Number (over|under)flow\. Attempting .*? range( under root)?/,
        /Number (over|under)flow\.[^"]*?range/,
        'DynamoDB only supports precision up to 38 digits',
      ),
    ),
  },
  {
    why: 'Local ends the text of a duplicate, and that of a cancellation reason, in another way',
    reference:
      'types-and-limits.md §1: "Input collection [a, a] contains duplicates."; ' +
      'transactions-batch-partiql.md §1: "The conditional request failed"',
    mend: each(
      said(
        /(One or more [\w ]+: )?Input collection (\[.*?\](of type BS)? )?contains duplicates\.?/,
        /(One or more [\w ]+: )?Input collection .*?contains duplicates\.?/,
      ),
      (theirs) => {
        return theirs.replaceAll(
          '"The conditional request failed."',
          '"The conditional request failed"',
        );
      },
    ),
  },
  {
    why: 'Local wraps refusals of NULL:false, nesting and empty sets, or tells their place otherwise',
    reference:
      'types-and-limits.md §1: "Context wrappers", "the nesting … messages are not wrapped"',
    mend: each(
      (theirs) => theirs.replace(wrapped, (_whole, told: string) => told),
      said(
        /Nesting Levels have exceeded supported limits under [^"]*/,
        /Nesting Levels have exceeded supported limits$/,
        /Nesting Levels have exceeded supported limits(?=")/,
      ),
      said(/Empty bags are not supported/, /Empty bags are not supported at [\d:]+/),
    ),
  },
  {
    why: 'Local words a consistent read of a global index in another way',
    reference:
      'query-scan-indexes.md §2: "ConsistentRead on GSI"; transactions-batch-partiql.md §8',
    mend: said(
      /Consistent reads are not supported on.*|Strongly consistent read is not supported.*/,
      /Consistent read cannot be true when (query|scann)ing a GSI/,
    ),
  },
  {
    why: 'Local tells of statements without their table, and of reads in a batch otherwise',
    reference: 'transactions-batch-partiql.md §9: "per-statement error …"; §7: "last path step"',
    operation: /^(BatchExecuteStatement|ExecuteTransaction)$/,
    mend: responses((theirs, ours) => {
      const [told, our] = [textOf(theirs), textOf(ours)];
      const several =
        /must specify the primary key|Overlapping conditions|Key attribute's data type/.test(
          our ?? '',
        );
      if (several && (told === undefined || told.startsWith('Only single item'))) return ours;
      if (isLeaf(ours['Item'], theirs['Item'])) return { ...theirs, Item: ours['Item'] };
      const fault = told !== undefined && our !== undefined && 'TableName' in ours;
      return fault ? { ...theirs, TableName: ours['TableName'] } : theirs;
    }),
  },
  {
    why: 'Local answers an empty list for a transaction of statements that only write',
    reference: 'transactions-batch-partiql.md §1: "response | {} or ConsumedCapacity list"',
    operation: /^ExecuteTransaction$/,
    mend: (theirs, ours) => {
      return ours.includes('200 {}') ? theirs.replaceAll('200 {"Responses":[]}', '200 {}') : theirs;
    },
  },
  {
    why: 'Local names the error of an INSERT otherwise',
    reference: 'transactions-batch-partiql.md §8: "duplicate insert"; §10: "reason DuplicateItem"',
    mend: each(
      (theirs) => theirs.replace(/^400 DuplicateItem:/, '400 DuplicateItemException:'),
      reasons((reason) => {
        const isDuplicate = reason['Message'] === 'Duplicate primary key exists in table';
        return isDuplicate ? { ...reason, Code: 'DuplicateItem' } : reason;
      }),
    ),
  },
  {
    why: 'Local counts capacity unasked, of nothing not, of indexes unchanged or twice',
    reference:
      'streams-ttl-backup-globaltables.md §8: "nothing projected changed | 0", "(table part)"',
    operation: /^(PutItem|UpdateItem|DeleteItem|Query|BatchWriteItem|Transact(Get|Write)Items)$/,
    mend: capacity,
  },
  {
    why: 'Local tells no ItemCollectionMetrics',
    reference: 'query-scan-indexes.md §7: "only on tables with ≥ 1 LSI and … SIZE"',
    mend: copied('ItemCollectionMetrics'),
  },
  {
    why: 'Local prints a number in a message as it was sent',
    reference: 'types-and-limits.md §2: "Output | plain decimal, never an exponent"',
    mend: numbersStored,
  },
  {
    why: 'Local says of a path into a key that the update may not touch the key',
    reference: 'expressions.md §6: "nested path whose root is a key"',
    mend: said(
      /Key attributes must be scalars; [^"]*? allowed: (Index)?Key: [^"]+/,
      /One or more parameter values were invalid: Cannot update attribute [^"]*/,
    ),
  },
  {
    why: 'Local words key conditions that do not fit in another way',
    reference:
      'query-scan-indexes.md §1: "hash condition absent", "too many conditions"; ' +
      'expressions.md §4: "Presence counts"',
    operation: /^Query$/,
    mend: each(
      said(
        /Query condition missed key schema element: .*/,
        /Query condition missed key schema element$/,
      ),
      said(
        /The number of query conditions .*/,
        'Conditions can be of length 1 or 2 only',
        'Query key condition not supported',
      ),
      // An empty expression counts as given.
      said(/(?<=Expression parameters: \{.*), KeyConditionExpression(?=\}$)/, /(?=\}$)/),
    ),
  },
  {
    why: 'Local words start keys that do not fit in another way, or looks at other things first',
    reference: 'query-scan-indexes.md §3: "ExclusiveStartKey errors"',
    operation: /^(Query|Scan)$/,
    mend: said(
      /The provided (exclusive start|starting) key (is|does not).*|The query can return at most.*/,
      "Exclusive Start Key must have same size as table's key schema",
      /The provided starting key does not match the range key predicate$/,
      /The provided starting key is (invalid|outside).*/,
    ),
  },
];
