/**
 * A principal's policies as pieces of a table that can be replicated: the whole table, the items of
 * one partition key, or those of them whose sort keys begin so. A piece is a range of stored keys;
 * anything else would have to be judged item by item (shared/SYNC-scenarios.md, K5 and K6).
 *
 * Conditions name the candidates, and the evaluation that every call meets decides about each.
 * Invariants
 * - A piece is answered only where the call that reads or writes all of it is allowed.
 * - Where policies allow more than pieces can say, there is a gap, and it is named.
 */
import { scopePiecesMax } from '../base/access-limits.ts';
import { anyValue, type Condition, holds, type Known } from './condition.ts';
import { partKeys, sortKeyName } from './condition-keys.ts';
import { evaluate, grants, type Question } from './evaluate.ts';
import type { Policy, Statement } from './policy.ts';
import { beginnings, exactTexts, fits, type Variables } from './template.ts';

export interface Piece {
  /** A partition key's value, as policies write it; undefined: all of the table. */
  readonly leading: string | undefined;
  /** What the sort keys begin with; undefined: all of that partition key. */
  readonly prefix: string | undefined;
}

export interface Pieces {
  readonly pieces: readonly Piece[];
  /** What is allowed besides, and cannot be said in pieces. */
  readonly gaps: readonly string[];
}

const leadingKeys: ReadonlySet<string> = new Set(['dynamodb:leadingkeys', partKeys[0] ?? '']);
const whole: Piece = { leading: undefined, prefix: undefined };

/** What may be read of the table with this ARN: all by Scan, a partition key by Query. */
export function readPieces(
  policies: readonly Policy[],
  variables: Variables,
  arn: string,
  isLimited: Limit = nothing,
): Pieces {
  return piecesOf(policies, variables, arn, { ofAll: 'Scan', ofPart: 'Query' }, isLimited);
}

/** What PutItem, or DeleteItem, may write. */
export function writePieces(
  policies: readonly Policy[],
  variables: Variables,
  arn: string,
  action: 'PutItem' | 'DeleteItem',
  isLimited: Limit = nothing,
): Pieces {
  return piecesOf(policies, variables, arn, { ofAll: action, ofPart: action }, isLimited);
}

/** Whether something else than the caller's own policies forbids it. */
export type Limit = (question: Question) => boolean;
const nothing: Limit = () => false;

interface Actions {
  readonly ofAll: string;
  readonly ofPart: string;
}

function piecesOf(
  policies: readonly Policy[],
  variables: Variables,
  arn: string,
  { ofAll, ofPart }: Actions,
  isLimited: Limit,
): Pieces {
  const may = (action: string, piece: Piece): boolean => {
    const question = questionOf(action, arn, piece);
    return evaluate(policies, question, variables) === 'allowed' && !isLimited(question);
  };
  if (may(ofAll, whole)) return { pieces: [whole], gaps: [] };
  const found = new Map<string, Piece>();
  const gaps = new Set<string>();
  for (const statement of policies.flatMap(({ statements }) => statements)) {
    const action = `dynamodb:${ofPart}`;
    if (statement.effect !== 'Allow' || !grants(statement, action, arn, variables)) continue;
    if (!isOfCaller(statement, variables)) continue;
    const candidates = candidatesOf(statement, variables, gaps);
    for (const piece of candidates) {
      if (found.size >= scopePiecesMax) gaps.add(`more than ${scopePiecesMax} partition keys`);
      else if (may(ofPart, piece)) found.set(JSON.stringify([piece.leading, piece.prefix]), piece);
    }
  }
  return { pieces: [...found.values()], gaps: [...gaps] };
}

/** The pieces that an Allow speaks of; what is none of them is a gap. */
function candidatesOf(
  { conditions }: Statement,
  variables: Variables,
  gaps: Set<string>,
): readonly Piece[] {
  const ofKeys = conditions.filter(({ key }) => leadingKeys.has(key.name));
  const other = conditions.find(({ key }) => isOfCalls(key.name));
  if (other !== undefined) gaps.add(`a condition on ${other.key.name}`);
  const isExact = ({ operator, values }: Condition): boolean =>
    operator.compare === 'text' && !operator.isNegated && values.every(isPlain);
  const exact = ofKeys.find(isExact);
  const sort = conditions.find(({ key }) => key.name === sortKeyName);
  if (exact === undefined) {
    if (ofKeys.length > 0) gaps.add('partition keys that it does not name one by one');
    else if (sort !== undefined) gaps.add('sort keys without their partition key');
    else if (other === undefined) gaps.add('all but what is denied, or all by Query alone');
    return [];
  }
  const leading = textsOf(exact, variables);
  if (sort === undefined) return leading.map((one) => ({ leading: one, prefix: undefined }));
  const prefixes = sort.values.flatMap((value) => beginnings(value, variables) ?? []);
  return leading.flatMap((one) => prefixes.map((prefix) => ({ leading: one, prefix })));
}

/** Whether what it asks of the caller's claims holds. */
function isOfCaller({ conditions }: Statement, variables: Variables): boolean {
  const ofCaller = conditions.filter(({ key: { name } }) => /^(jwt|aws):/.test(name));
  return ofCaller.every((one) => holds(one, new Map(), variables, 'Allow'));
}

/** Conditions that are about the call, and not about who makes it or on which keys. */
function isOfCalls(name: string): boolean {
  return name.startsWith('dynamodb:') && !leadingKeys.has(name);
}

function isPlain({ segments }: Condition['values'][number]): boolean {
  return segments.every(({ type }) => type === 'text' || type === 'variable');
}

function textsOf({ values }: Condition, variables: Variables): readonly string[] {
  return values.flatMap((value) => exactTexts(value, variables) ?? []);
}

/** The call that touches all of a piece, and answers items whole. */
function questionOf(action: string, resource: string, { leading, prefix }: Piece): Question {
  const first: Known = leading === undefined ? anyValue : [leading];
  const sort: Known = prefix === undefined ? anyValue : { beginsWith: prefix };
  const facts: readonly (readonly [string, Known])[] = [
    ...[...leadingKeys].map((name) => [name, first] as const),
    [sortKeyName, sort],
    ['dynamodb:attributes', anyValue],
    ['dynamodb:returnconsumedcapacity', ['NONE']],
    ...(action === 'Scan' || action === 'Query'
      ? [['dynamodb:select', ['ALL_ATTRIBUTES']] as const]
      : [['dynamodb:returnvalues', ['NONE']] as const]),
  ];
  return { action: `dynamodb:${action}`, resource, facts: new Map(facts) };
}

/** What a policy allows that no replica is given, by its statements (docs/access.md). */
export function unreplicated({ statements }: Policy): readonly string[] {
  return statements.flatMap((statement): readonly string[] => {
    const { effect, where, conditions, resources } = statement;
    if (!isOfReads(statement)) return [];
    const isOfKeys = conditions.some(({ key: { name } }) => /^(dynamodb|tidetable):/.test(name));
    const gaps = new Set<string>();
    if (isOfKeys && effect === 'Allow') candidatesOf(statement, new Map(), gaps);
    if (isOfKeys && effect === 'Deny') gaps.add('tables of which it denies a part');
    const isOfIndex = resources.some(({ source }) => source.includes('/index/'));
    if (isOfIndex && effect === 'Allow') gaps.add('indexes');
    return [...gaps].map((gap) => `${where}: not replicated to devices: ${gap}`);
  });
}

const readActions = ['dynamodb:Scan', 'dynamodb:Query'];

function isOfReads({ actions, isNotAction }: Statement): boolean {
  return readActions.some((action) => {
    const isNamed = actions.some((one) => fits(one, action, new Map(), true) === 'fits');
    return isNamed !== isNotAction;
  });
}
