/**
 * Which of two faults of one request comes first (protocol.md, section 4, with expressions.md,
 * section 4, and query-scan-indexes.md, section 1): a number for each refusal, smaller ones first.
 *
 * With it a difference of two refusals is excused only if ours is the one that the reference puts
 * first. A refusal that has no number excuses nothing.
 */
import type { Asked } from './requests.ts';

/** What stands in the texts of a fault. Rows are tried from above; the first that fits counts. */
type Row = readonly [place: number, text: RegExp, operation?: RegExp];

const values = new RegExp(
  [
    'Supplied AttributeValue',
    'Null attribute value types',
    'set  may not be empty',
    'Binary sets should not be empty',
    'Input collection .*contains duplicates',
    'converted (to a numeric value|into a number)',
    'more than 38 significant',
    'precision up to 38 digits',
    'Number (over|under)flow',
    'Nesting Levels have exceeded',
  ].join('|'),
);
const legacy = new RegExp(
  [
    'ComparisonOperator',
    'AttributeValues inside AttributeValueList',
    'Value (must be provided|cannot be used) when',
    'Value or AttributeValueList',
    'Value and AttributeValueList',
    'AttributeValueList can only be',
    'ConditionalOperator can',
    'BETWEEN condition was provided a range',
  ].join('|'),
);
const updates = /DELETE action with value|ADD action is not supported|Only DELETE action/;
const select = /choosing to get|ALL_PROJECTED_ATTRIBUTES can be used only/;
const reads = /^(Query|Scan)$/;

/** Declared constraints, then what needs no table, then what does. */
const rows: readonly Row[] = [
  // A batch of writes is looked at table by table, in no order.
  [
    1205,
    /keys contains duplicates|provided key element|Type mismatch for|Size of hashkey|Aggregated/,
    /^BatchWriteItem$/,
  ],
  [800, /validation errors? detected: Value/],
  [900, /Can not use both expression and non-expression/],
  [901, /can only be specified when using expressions|must not be empty|contains invalid key/],
  [902, /TransactItems can only contain/],
  [903, /^400 ValidationException: The provided starting key is invalid: (Supplied|One or more)/],
  [906, /ExpressionAttributeValues contains invalid value/],
  [920, /Duplicate value in attribute name/, /^Query$/],
  [905, /Duplicate value in attribute name/],
  [904, /ReturnValues can only be|Return values set to invalid/],
  [904, updates],
  [905, /Segment (parameter|: )/],
  [905, /Item size has exceeded/],
  [989, select],
  [980, /unused in expressions/],
  [979, /Invalid operator used in KeyConditionExpression/],
  [985, /Invalid condition in KeyConditionExpression|KeyConditionExpressions /],
  [1190, /Attempted conditional constraint/],
  [905, legacy],
  [970, values, /^(BatchGetItem)$/],
  [906, values, reads],
  [903, values],
  // Of an update it can be a value that is expected, behind the updates themselves.
  [906, values, /^UpdateItem$/],
  [986, /Validation failed in TransactStatements\[\d+\]: (Reads on indices|RETURNING clause)/],
  [1205, /Where clause does not contain|Key attribute's data type|Overlapping/],
  [1210, /Select statements within/],
  [985, /Validation failed in TransactStatements/],
  [985, /Number of parameters in request|Duplicate identifiers|EXISTS can only/],
  [975, /list of item keys contains duplicates/, /^BatchGetItem$/],
  [1100, /ResourceNotFoundException/],
  [1201, /does not have the specified index|Consistent reads? (are not|cannot be)/],
  [1202, /The number of query conditions/],
  [1203, /Query condition missed key schema element/],
  [1204, /Query key condition not supported/],
  [1205, /Condition parameter type does not match/],
  [1206, /starting key|[Ee]xclusive [Ss]tart [Kk]ey|can return at most one row/],
  [1206, /(Filter Expression|QueryFilter) can only contain non-primary key/],
  [1205, /(cannot contain an empty|size limit of)/],
  [1205, /list of item keys contains duplicates/],
  [1200, /multiple operations on one item/],
  [1205, /provided key element does not match|Missing the key|Type mismatch for key/],
  [1205, /number of conditions on the keys|required keys was not given|null or empty values/],
  [1205, /primary key values must be under|Size limit exceeded/],
  [1206, /Type mismatch for Index Key|Cannot update attribute|attempted to update/],
  [1206, /Invalid attribute value type/],
  [1207, /Key attributes must be scalars/],
  [1208, /does not project|Select type ALL_ATTRIBUTES/],
  [1400, /ConditionalCheckFailed/],
  [
    1500,
    /refers to an attribute that does not exist|incorrect data type|Type mismatch for attribute to/,
  ],
  [1500, /document path provided/],
  [1502, /Item size to update/],
  [
    1503,
    /precision up to 38|more than 38 sig|Number (over|under)flow/,
    /^(Update|Transact|Execute)/,
  ],
];

/** A number that is wrong, in the words that it has where nothing is put before them. */
const bareNumber = new RegExp(
  '^400 ValidationException: (Input collection contains duplicates|The parameter cannot be ' +
    'converted to a numeric value|Attempting to store more than 38 sig|Number (over|under)flow|' +
    'One or more parameter values were invalid: An number set)',
);

/**
 * Whether ours is a number of a start key, which is told in bare words ("no prefix for",
 * types-and-limits.md, section 1), and theirs a value of an expression: expressions come behind
 * ("ESK values"). With conditions in the old form the number may be one of theirs.
 */
export function isStartBeforeValues(
  ours: string,
  theirs: string,
  { operation, input }: Asked,
): boolean {
  const old = ['KeyConditions', 'QueryFilter', 'ScanFilter'].some((member) => member in input);
  const start = JSON.stringify(input['ExclusiveStartKey'] ?? {});
  const said = bareNumber.test(ours) && / ExpressionAttributeValues contains inv/.test(theirs);
  return said && reads.test(operation) && !old && /"NS?":/.test(start);
}

/** The expressions of a request in the order in which they are read. */
const expressions = ['Update', 'Condition', 'KeyCondition', 'Filter', 'Projection'];
/** What an expression can have wrong, in the order in which it is found. */
const tails: readonly RegExp[] = [
  /Expression size has exceeded/,
  /can not be empty/,
  /Syntax error/,
  /redundant parentheses/,
  /Invalid function name/,
  /function is not allowed/,
  /reserved keyword/,
  /can only be used once/,
  /attribute name used in the document path is not defined/,
  /attribute value used in expression is not defined/,
  /number of operands/,
  /overlap with each other/,
  /conflict with each other/,
  /operand must be distinct/,
  /operand type|requires|same data type|greater than or equal to lower bound|attribute type name/,
];
const updateTails: readonly number[] = [0, 1, 2, 3, 6, 4, 7, 8, 9, 10, 11, 12, 13, 14, 5];

/**
 * Where the fault that a line tells stands in the order of checks. Of a text that says too little
 * it is the first place that it can be of, or the last one.
 */
export function placeOf(
  operation: string,
  line: string,
  which: 'first' | 'last' = 'first',
): number | undefined {
  const expression = /^400 ValidationException: Invalid (\w+)Expression: (.*)/.exec(line);
  const at = expressions.indexOf(expression?.[1] ?? '');
  if (expression !== null && at >= 0) {
    const text = expression[2] ?? '';
    const order = at === 0 ? updateTails : updateTails.toSorted((a, b) => a - b);
    const tail = order.findIndex((index) => tails[index]?.test(text));
    return tail < 0 ? undefined : 907 + at * 10 + tail / 2;
  }
  const told = line.replace(/ \{.*$/s, '');
  if (/^400 TransactionCanceledException/.test(told)) {
    return told.includes('ConditionalCheckFailed') ? 1400 : 1205;
  }
  const fitting = rows.filter(([, text, where]) => {
    return text.test(told) && (where?.test(operation) ?? true);
  });
  const places = fitting.map(([place]) => place);
  return which === 'last' && places.length > 0 ? Math.max(...places) : places[0];
}
