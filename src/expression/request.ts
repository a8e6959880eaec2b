/**
 * All expressions and legacy parameters of one request, judged in DynamoDB's order.
 *
 * What may not stand together comes first, then placeholders without an expression, the caller's
 * own checks, the legacy parameters, the placeholders' shape, each expression, and at last
 * placeholders that none of them uses (reference/expressions.md, section 4; protocol.md, section
 * 4, step 9).
 */
import { validation } from '../base/errors.ts';
import type { Value } from '../value/value.ts';
import type { Placeholders } from './ast.ts';
import { bindCondition } from './bind.ts';
import { type Condition, compileCondition } from './condition.ts';
import { checkKeyOperators, type KeyCondition, keyConditionOf } from './key-condition.ts';
import {
  bindExpected,
  bindKeyConditions,
  bindLegacyFilter,
  attributesAsked,
  type ExpectedAttribute,
  type LegacyCondition,
  type Read,
} from './legacy.ts';
import { type AttributeUpdate, bindAttributeUpdates } from './legacy-update.ts';
import { parseCondition, parseProjection, parseUpdate } from './parser.ts';
import { checkUsed, type PlaceholderInput, readScope } from './placeholders.ts';
import { bindProjection, type Projection, projectionOfNames } from './projection.ts';
import { bindUpdate, type Update } from './update.ts';

export type ExpressionHost =
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'GetItem'
  | 'Query'
  | 'Scan'
  | 'BatchGetItem'
  | 'Put'
  | 'Update'
  | 'Delete'
  | 'ConditionCheck'
  | 'Get';

/** The members of an input, or of an element of a transaction or batch, that are looked at. */
export interface ExpressionInput extends PlaceholderInput {
  /** Not looked at: they are what a host without any of the others has. */
  readonly TableName?: unknown;
  readonly Keys?: unknown;
  readonly ConditionExpression?: string | undefined;
  readonly FilterExpression?: string | undefined;
  readonly KeyConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly Expected?: Readonly<Record<string, ExpectedAttribute>> | undefined;
  readonly ConditionalOperator?: string | undefined;
  readonly AttributeUpdates?: Readonly<Record<string, AttributeUpdate>> | undefined;
  readonly KeyConditions?: Readonly<Record<string, LegacyCondition>> | undefined;
  readonly QueryFilter?: Readonly<Record<string, LegacyCondition>> | undefined;
  readonly ScanFilter?: Readonly<Record<string, LegacyCondition>> | undefined;
  readonly AttributesToGet?: readonly string[] | undefined;
}

export interface ParsedExpressions {
  /** Of ConditionExpression or Expected. */
  readonly condition?: Condition;
  /** Of FilterExpression, QueryFilter or ScanFilter. */
  readonly filter?: Condition;
  /** Of KeyConditionExpression or KeyConditions. */
  readonly keyCondition?: KeyCondition;
  /** Of UpdateExpression or AttributeUpdates. */
  readonly update?: Update;
  /** Of ProjectionExpression or AttributesToGet. */
  readonly projection?: Projection;
}

type Member = Exclude<keyof ExpressionInput, 'TableName' | 'Keys'>;
type Draft = { -readonly [M in keyof ParsedExpressions]: ParsedExpressions[M] };

interface Rules {
  /** In the order that the refusal of mixing prints. */
  readonly legacy: readonly Member[];
  readonly expressions: readonly Member[];
  /** Which expressions may use values, and how DynamoDB says that there is none. */
  readonly valued: readonly Member[];
  readonly noneValued: string;
}

const condition: Rules = {
  legacy: ['Expected', 'ConditionalOperator'],
  expressions: ['ConditionExpression'],
  valued: ['ConditionExpression'],
  noneValued: 'ConditionExpression is null',
};
const update: Rules = {
  legacy: ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
  expressions: ['UpdateExpression', 'ConditionExpression'],
  valued: ['UpdateExpression', 'ConditionExpression'],
  noneValued: 'UpdateExpression and ConditionExpression are null',
};
const projection: Rules = {
  legacy: ['AttributesToGet'],
  expressions: ['ProjectionExpression'],
  valued: [],
  noneValued: 'ProjectionExpression is null',
};
const query: Rules = {
  legacy: ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
  expressions: ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
  valued: ['FilterExpression', 'KeyConditionExpression'],
  noneValued: 'FilterExpression and KeyConditionExpression are null',
};
const scan: Rules = {
  legacy: ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
  expressions: ['ProjectionExpression', 'FilterExpression'],
  valued: ['FilterExpression'],
  noneValued: 'FilterExpression is null',
};

const hosts: Readonly<Record<ExpressionHost, Rules>> = {
  PutItem: condition,
  UpdateItem: update,
  DeleteItem: condition,
  GetItem: projection,
  Query: query,
  Scan: scan,
  BatchGetItem: projection,
  Put: condition,
  Update: update,
  Delete: condition,
  ConditionCheck: condition,
  Get: projection,
};

/**
 * Throws the first of DynamoDB's refusals. `readValue` reads a raw attribute value and throws
 * DynamoDB's message on a bad one. `between` makes the caller's own checks: on values of items and
 * keys, which DynamoDB looks at after the mixing of parameters and before any expression.
 */
export function parseExpressions(
  operation: ExpressionHost,
  input: ExpressionInput,
  readValue: Read,
  between?: () => void,
): ParsedExpressions {
  // Most puts and gets have nothing of all this.
  if (operation !== 'Query' && !hasAny(input)) {
    between?.();
    return {};
  }
  const rules = hosts[operation];
  checkMixing(operation, rules, input);
  checkPlaceholdersAlone(rules, input);
  const parsed: Draft = {};
  // Query and Scan judge their filters before a start key, the others their keys before the rest.
  const reads = operation === 'Query' || operation === 'Scan';
  if (!reads) between?.();
  bindLegacy(rules, input, readValue, parsed);
  if (reads) between?.();
  if (operation === 'Query') checkKeyConditionGiven(input);
  bindExpressions(rules, input, readValue, parsed);
  if (rules === query && input.KeyConditions !== undefined && input.KeyConditions !== null) {
    parsed.keyCondition = bindKeyConditions(input.KeyConditions, readValue);
  }
  return parsed;
}

const members: ReadonlySet<string> = new Set([
  ...[condition, update, projection, query, scan].flatMap((rules) => [
    ...rules.legacy,
    ...rules.expressions,
  ]),
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
]);

function hasAny(input: ExpressionInput): boolean {
  for (const name in input) if (members.has(name) && has(input, name as Member)) return true;
  return false;
}

function has(input: ExpressionInput, member: Member): boolean {
  return input[member] !== undefined && input[member] !== null;
}

function checkMixing(operation: ExpressionHost, rules: Rules, input: ExpressionInput): void {
  const expressions = rules.expressions.filter((member) => has(input, member));
  if (expressions.length === 0) return;
  // KeyConditions may stand beside a filter or a projection in the newer form.
  const mayStand = operation === 'Query' && !has(input, 'KeyConditionExpression');
  const legacy = rules.legacy.filter((member) => {
    return has(input, member) && !(mayStand && member === 'KeyConditions');
  });
  if (legacy.length === 0) return;
  throw validation(
    'Can not use both expression and non-expression parameters in the same request: ' +
      `Non-expression parameters: {${legacy.join(', ')}} ` +
      `Expression parameters: {${expressions.join(', ')}}`,
  );
}

function checkPlaceholdersAlone(rules: Rules, input: ExpressionInput): void {
  const given = (member: Member): boolean => has(input, member);
  if (given('ExpressionAttributeNames') && !rules.expressions.some(given)) {
    throw validation('ExpressionAttributeNames can only be specified when using expressions');
  }
  if (given('ExpressionAttributeValues') && !rules.valued.some(given)) {
    throw validation(
      `ExpressionAttributeValues can only be specified when using expressions: ${rules.noneValued}`,
    );
  }
}

function checkKeyConditionGiven(input: ExpressionInput): void {
  if (has(input, 'KeyConditions') || has(input, 'KeyConditionExpression')) return;
  throw validation(
    'Either the KeyConditions or KeyConditionExpression parameter ' +
      'must be specified in the request.',
  );
}

function bindLegacy(rules: Rules, input: ExpressionInput, read: Read, parsed: Draft): void {
  const takes = (member: Member): boolean => rules.legacy.includes(member) && has(input, member);
  const joined = input.ConditionalOperator;
  const bindNames = (): void => {
    if (!takes('AttributesToGet')) return;
    parsed.projection = projectionOfNames(attributesAsked(input.AttributesToGet ?? []));
  };
  // Scan looks at AttributesToGet before its filter, Query after it.
  if (rules === scan) bindNames();
  if (takes('AttributeUpdates')) {
    parsed.update = bindAttributeUpdates(input.AttributeUpdates ?? {}, read);
  }
  let conditions = 0;
  if (takes('Expected')) {
    const expected = input.Expected ?? {};
    conditions = Object.keys(expected).length;
    const bound = bindExpected(expected, joined, read);
    if (bound !== undefined) parsed.condition = compileCondition(bound);
  }
  const filter = takes('QueryFilter')
    ? input.QueryFilter
    : takes('ScanFilter')
      ? input.ScanFilter
      : undefined;
  if (filter !== undefined) {
    conditions = Object.keys(filter).length;
    const bound = bindLegacyFilter(filter, joined, read);
    if (bound !== undefined) parsed.filter = compileCondition(bound);
  }
  if (takes('ConditionalOperator')) checkConditionalOperator(conditions);
  if (rules !== scan) bindNames();
}

function checkConditionalOperator(conditions: number): void {
  if (conditions === 0) {
    throw validation('ConditionalOperator cannot be used without Filter or Expected');
  }
  if (conditions === 1) {
    throw validation(
      'ConditionalOperator can only be used when Filter or Expected has two or more elements',
    );
  }
}

function bindExpressions(
  rules: Rules,
  input: ExpressionInput,
  readValue: (raw: unknown) => Value,
  parsed: Draft,
): void {
  const scope = readScope(input, readValue);
  const trees: Placeholders[] = [];
  const text = (member: 'Update' | 'Condition' | 'KeyCondition' | 'Filter' | 'Projection') => {
    const name = `${member}Expression` as const;
    return rules.expressions.includes(name) ? (input[name] ?? undefined) : undefined;
  };
  const bound = (kind: 'Condition' | 'KeyCondition' | 'Filter') => {
    const written = text(kind);
    if (written === undefined) return undefined;
    const tree = parseCondition(kind, written);
    trees.push(tree);
    return bindCondition(kind, tree.root, scope);
  };
  const updateText = text('Update');
  if (updateText !== undefined) {
    const tree = parseUpdate(updateText);
    trees.push(tree);
    parsed.update = bindUpdate(tree, scope);
  }
  const boundCondition = bound('Condition');
  if (boundCondition !== undefined) parsed.condition = compileCondition(boundCondition);
  const boundKeys = bound('KeyCondition');
  const boundFilter = bound('Filter');
  if (boundFilter !== undefined) parsed.filter = compileCondition(boundFilter);
  const projectionText = text('Projection');
  if (projectionText !== undefined) {
    const tree = parseProjection(projectionText);
    trees.push(tree);
    parsed.projection = bindProjection(tree, scope);
  }
  // Which operators a key condition may have is asked when every expression has been read.
  if (boundKeys !== undefined) checkKeyOperators(boundKeys);
  checkUsed(scope, trees);
  if (boundKeys !== undefined) parsed.keyCondition = keyConditionOf(boundKeys);
}
