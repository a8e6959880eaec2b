/**
 * Where DynamoDB Local is known to answer otherwise than the service, and what this engine follows
 * instead: a section of the reference of DynamoDB's behaviour that it was written from.
 *
 * A row speaks of messages, never of a test's names. There are at most 40 of them. What a row lets
 * pass is a difference of words or of the order of two faults, unless `why` says more.
 */

export interface Explained {
  readonly why: string;
  readonly reference: string;
  readonly operation?: RegExp;
  readonly ours: RegExp;
  readonly theirs: RegExp;
}

const refused = /^400 /;
const invalid = /^400 ValidationException/;

/** One of the texts is in the answer. */
function textOf(...texts: readonly string[]): RegExp {
  const quote = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(texts.map(quote).join('|'));
}

export const explained: readonly Explained[] = [
  {
    why: 'Local words the refusal of ReturnValues in another way',
    reference: 'expressions.md, section 9',
    ours: /ReturnValues can only be ALL_OLD or NONE/,
    theirs: /Return values set to invalid value/,
  },
  {
    why: 'Local words the refusal of Limit 0 in another way',
    reference: 'protocol.md, section 6',
    ours: /Member must have value greater than or equal to 1/,
    theirs: /: Limit must be greater than or equal to 1/,
  },
  {
    why: 'Local adds a typeSet to the operand types of ADD and DELETE',
    reference: 'expressions.md, section 4',
    ours: /Incorrect operand type for operator or function; operator: (ADD|DELETE)/,
    theirs: /typeSet: ALLOWED_FOR_/,
  },
  {
    why: 'Local has several texts for a key that does not fit',
    reference: 'types-and-limits.md, section 5',
    ours: textOf('provided key element does not match', 'Type mismatch for', 'Missing the key'),
    theirs: textOf(
      'number of conditions on the keys is invalid',
      'Invalid attribute value type',
      'Type mismatch for ',
      'One of the required keys was not given',
    ),
  },
  {
    why: 'Local has one text for keys that are too long or empty',
    reference: 'types-and-limits.md, sections 4 and 5',
    ours: textOf('size limit of2048 bytes', 'size limit of 1024 bytes', 'cannot contain an empty'),
    theirs: textOf(
      'primary key values must be under',
      'cannot contain an empty',
      'Size of hashkey',
      'Size limit exceeded',
      'Type mismatch for key',
      '200 {',
    ),
  },
  {
    why: 'of several paths that overlap or conflict Local names two others, some that do neither',
    reference: 'expressions.md, section 4',
    ours: /Two document paths (overlap|conflict) with each other/,
    theirs: /Two document paths (overlap|conflict) with each other/,
  },
  {
    why: 'Local refuses a filter on what an index does not hold; to the service it is missing',
    reference: 'query-scan-indexes.md, section 2',
    operation: /^(Query|Scan)$/,
    ours: /^(200|400)/,
    theirs: /does not project one or more filter attributes/,
  },
  {
    why: 'Local words a missing projection of an index in another way or order',
    reference: 'query-scan-indexes.md, section 2',
    ours: /Global secondary index \S+ does not project \[/,
    theirs: /econdary index \S+ does not project/,
  },
  {
    why: 'Local words a missing table in another way',
    reference: 'protocol.md, section 9',
    ours: /ResourceNotFoundException: Requested resource not found/,
    theirs: /ResourceNotFoundException: Cannot do operations on a non-existent table/,
  },
  {
    why: 'Local words what is not a number in another way',
    reference: 'types-and-limits.md, section 2',
    ours: textOf('converted to a numeric value', 'more than 38 significant', 'Number '),
    theirs: textOf('converted into a number', 'precision up to 38 digits', 'Number '),
  },
  {
    why: 'Local names types in AttributeUpdates and legacy conditions by other words',
    reference: 'expressions.md, section 8',
    ours: textOf(' is not supported for the type ', ' is not valid for '),
    theirs: textOf(
      ' is not supported for the type ',
      ' is not valid for ',
      'must be provided when Exists',
      'cannot be used when Exists',
      'must be used with ComparisonOperator',
    ),
  },
  {
    why: 'Local ends the text of a duplicate in another way',
    reference: 'types-and-limits.md, section 1',
    ours: /Input collection .*contains duplicates/,
    theirs: /Input collection .*contains duplicates/,
  },
  {
    why: 'Local mixes the parameters of the tables of a BatchGetItem, and its checks of them',
    reference: 'transactions-batch-partiql.md, section 6; protocol.md, section 4',
    operation: /^BatchGetItem$/,
    ours: /^(200|400)/,
    theirs: /Can not use both expression and non-expression|may not contain/,
  },
  {
    why: 'Local words a consistent read of a global index in another way',
    reference: 'query-scan-indexes.md, section 2',
    ours: /^400 ValidationException/,
    theirs: /Consistent read cannot be true when (query|scann)ing a GSI/,
  },
  {
    why: 'Local words a SELECT of more than one item in a batch in another way',
    reference: 'transactions-batch-partiql.md, section 9',
    operation: /^BatchExecuteStatement$/,
    ours: /must specify the primary key in the where clause/,
    theirs: /Only single item select is supported/,
  },
  {
    why: 'Local answers an empty list for a transaction of statements that only write',
    reference: 'transactions-batch-partiql.md, section 10',
    operation: /^ExecuteTransaction$/,
    ours: /^200 \{\}$/,
    theirs: /^200 \{"Responses":\[\]\}$/,
  },
  {
    why: 'Local makes an item for an update that only removes from a set',
    reference: 'expressions.md, trap 5',
    operation: /^UpdateItem$/,
    ours: /^200 \{\}$/,
    theirs: /^200 \{"Attributes":/,
  },
  {
    why: 'Local names the error of an INSERT by the code of a batch',
    reference: 'transactions-batch-partiql.md, section 8',
    ours: /^400 DuplicateItemException/,
    theirs: /^400 DuplicateItem:/,
  },
  {
    why: 'Local lets two placeholders of one value be operands of one function',
    reference: 'expressions.md, sections 4 and 5',
    ours: /The first operand must be distinct .* first operand: AttributeValue/,
    theirs: /./,
  },
  {
    why: 'Local looks at the filter and the projection before the key condition',
    reference: 'expressions.md, section 4, order of detection',
    operation: /^Query$/,
    ours: /Invalid (condition in )?KeyConditionExpression|KeyConditionExpressions? /,
    theirs: /^400 ValidationException: (Invalid |ExpressionAttribute|Key attributes)/,
  },
  {
    why: 'Local leaves out the envelope of a Select without projection, or says Query for Scan',
    reference: 'protocol.md, section 6; query-scan-indexes.md, section 2',
    operation: /^(Query|Scan)$/,
    ours: /Must specify the AttributesToGet|ALL_PROJECTED_ATTRIBUTES can be used only/,
    theirs: /Must specify the AttributesToGet|ALL_PROJECTED_ATTRIBUTES can be used only/,
  },
  {
    why: 'Local refuses as a whole what the service answers as the reason of one action',
    reference: 'transactions-batch-partiql.md, section 1',
    operation: /^(Transact|ExecuteTransaction)/,
    ours: /^400 TransactionCanceledException/,
    theirs: /^400 (ValidationException|TransactionCanceledException: [^T])/,
  },
  {
    why: 'Local looks at the condition before what is wrong with the update itself',
    reference: 'protocol.md, section 4, steps 9 and 12',
    operation: /^(UpdateItem|PutItem|DeleteItem|TransactWriteItems)$/,
    ours: invalid,
    theirs: /^400 (ConditionalCheckFailed|TransactionCanceled)/,
  },
  {
    why: 'of two faults of one update Local names the path before the missing attribute',
    reference: 'expressions.md, section 6',
    operation: /^(UpdateItem|ExecuteStatement)$/,
    ours: /refers to an attribute that does not exist in the item|has an incorrect data type/,
    theirs: /The document path provided in the update expression is invalid/,
  },
  {
    why: 'Local misses the parent of a nested REMOVE or DELETE where there is no item at all',
    reference: 'expressions.md, section 6 and trap 9',
    operation: /^(UpdateItem|TransactWriteItems)$/,
    ours: /^200 /,
    theirs: /The document path provided in the update expression is invalid/,
  },
  {
    why: 'Local ends the message of a cancellation reason with a full stop',
    reference: 'transactions-batch-partiql.md, section 1',
    operation: /^(TransactWriteItems|ExecuteTransaction)$/,
    ours: /^400 TransactionCanceledException/,
    theirs: /"The conditional request failed\."/,
  },
  {
    why: 'Local prints a number in a message as it was sent',
    reference: 'types-and-limits.md, section 2, output',
    ours: /operand: AttributeValue: \{N:|path one|first operand: /,
    theirs: /operand: AttributeValue: \{N:/,
  },
  {
    why: 'Local says of a path into a key that the update may not touch the key',
    reference: 'expressions.md, section 6',
    operation: /^(UpdateItem|TransactWriteItems)$/,
    ours: /Key attributes must be scalars/,
    theirs: /This attribute is part of the key/,
  },
  {
    why: 'Local leaves the table out of an error of a batch of statements',
    reference: 'transactions-batch-partiql.md, section 9',
    operation: /^BatchExecuteStatement$/,
    ours: /^200 .*"Error".*"TableName"/,
    theirs: /"Error":\{[^}]*\}\}/,
  },
  {
    why: 'Local takes more parameters than the statement has',
    reference: 'transactions-batch-partiql.md, sections 7 and 8',
    operation: /Statement|^ExecuteTransaction$/,
    ours: /Number of parameters in request and statement/,
    theirs: /./,
  },
  {
    why: 'of two faults of one update Local names the type in a clause before that in a SET',
    reference: 'expressions.md, section 4, order of detection',
    ours: /Invalid UpdateExpression: Incorrect operand type/,
    theirs: /Invalid UpdateExpression: Incorrect operand type/,
  },
  {
    why: 'Local words a key condition without its key in another way',
    reference: 'query-scan-indexes.md, section 1',
    operation: /^Query$/,
    ours: /Query condition missed key schema element|The number of query conditions/,
    theirs: /Query condition missed key schema element|Query key condition not supported/,
  },
  {
    why: 'Local looks at the key before the expressions that were sent with it',
    reference: 'protocol.md, section 4, steps 9 and 12',
    ours: /^400 ValidationException: (Invalid \w+Expression|Cannot specify|Value provided)/,
    theirs: textOf(
      'number of conditions on the keys is invalid',
      'Invalid attribute value type',
      'Type mismatch for key',
      'Key attributes must be scalars',
      'Provided list of item keys contains duplicates',
    ),
  },
  {
    why: 'Local counts one level of nesting more, and wraps its refusal',
    reference: 'types-and-limits.md, section 1, which marks the level it starts at as uncertain',
    ours: /^(200|400) /,
    theirs: /Nesting Levels have exceeded/,
  },
  {
    why: 'Local fails with an internal error',
    reference: 'protocol.md, section 3',
    ours: refused,
    theirs: /^500 InternalFailure/,
  },
];

export function explanationOf(
  operation: string,
  ours: string,
  theirs: string,
): Explained | undefined {
  return explained.find((row) => {
    const applies = row.operation === undefined || row.operation.test(operation);
    return applies && row.ours.test(ours) && row.theirs.test(theirs);
  });
}
