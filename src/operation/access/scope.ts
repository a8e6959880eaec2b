/**
 * A caller's scope: of each replicated table the ranges of keys that its policies let it read, put
 * and remove. Made in the turn that uses it, of the catalog that the turn sees.
 */
import {
  type Limit,
  type Piece,
  type Pieces,
  readPieces,
  writePieces,
} from '../../access/compile.ts';
import { evaluate } from '../../access/evaluate.ts';
import { decodeBase64 } from '../../base/base64.ts';
import { concatBytes, prefixEnd } from '../../base/bytes.ts';
import type { Scope } from '../../replica/scope.ts';
import { replicatedTables } from '../../replica/tables.ts';
import { isEmptyKey, isOversized } from '../../table/keys.ts';
import type { KeySpan, TableScope } from '../../table/scope.ts';
import type { TableState } from '../../table/state.ts';
import { parseDecimal } from '../../value/decimal.ts';
import { beginsWithRange, hashPrefix } from '../../value/key.ts';
import type { KeyType, KeyValue } from '../../value/value.ts';
import type { PlanContext } from '../operation.ts';
import { targetOf } from './facts.ts';
import type { Visitor } from './judge.ts';
import { resourcePolicyOf } from './resource-policies.ts';

export function scopeOf(visitor: Visitor, context: PlanContext): Scope {
  const tables = new Map<string, TableScope['spans']>();
  for (const table of replicatedTables(context.catalog)) {
    tables.set(table.replica.global, spansOfTable(visitor, table, context));
  }
  return { user: visitor.arn, tables };
}

/** Why a table is not replicated to a caller who may read of it; undefined of any other. */
export function gapOf(
  visitor: Visitor,
  table: TableState,
  context: PlanContext,
): string | undefined {
  const { policies, variables } = visitor;
  const { arn } = targetOf(table.name, context);
  const limit = limitOf(visitor, context);
  const { gaps } = inTable(table, readPieces(policies, variables, arn, limit));
  return gaps.length === 0 ? undefined : gaps.join('; ');
}

function spansOfTable(
  visitor: Visitor,
  table: TableState,
  context: PlanContext,
): TableScope['spans'] {
  const { policies, variables } = visitor;
  const limit = limitOf(visitor, context);
  const { arn } = targetOf(table.name, context);
  const read = inTable(table, readPieces(policies, variables, arn, limit));
  const written = (action: 'PutItem' | 'DeleteItem'): readonly KeySpan[] | undefined => {
    const { gaps, spans } = inTable(table, writePieces(policies, variables, arn, action, limit));
    return gaps.length === 0 ? spans : undefined;
  };
  return {
    // Part of what it may read would look like all of it.
    read: read.gaps.length === 0 ? read.spans : [],
    put: written('PutItem'),
    remove: written('DeleteItem'),
  };
}

/**
 * What the table's own policy denies, and what a bound does not allow. What the table's allows gives
 * nothing here: devices are given what their own policies name.
 */
function limitOf({ arn, variables, bounds = [] }: Visitor, context: PlanContext): Limit {
  return (question) => {
    const resource = resourcePolicyOf(question, context);
    return (
      (resource !== undefined && evaluate([resource], question, variables, arn) === 'denied') ||
      bounds.some(({ policies }) => evaluate(policies, question, variables) !== 'allowed')
    );
  };
}

interface Spans {
  readonly spans: readonly KeySpan[];
  readonly gaps: readonly string[];
}

function inTable(table: TableState, { pieces, gaps }: Pieces): Spans {
  const [sort] = table.keys.range;
  const isApart = pieces.some(({ prefix }) => prefix !== undefined) && sort?.type !== 'S';
  return {
    spans: pieces.flatMap((piece) => spanOf(table, piece) ?? []),
    gaps: isApart ? [...gaps, 'sort keys that are no texts'] : gaps,
  };
}

/** Undefined where no item can have such a key. */
function spanOf({ keys }: TableState, { leading, prefix }: Piece): KeySpan | undefined {
  if (leading === undefined) return { from: new Uint8Array(0), to: undefined };
  const value = keyValue(keys.hash[0]?.type ?? 'S', leading);
  if (value === undefined || isEmptyKey(value) || isOversized([value], 'hash')) return undefined;
  const partition = hashPrefix([value]);
  const from =
    prefix === undefined
      ? partition
      : concatBytes(partition, beginsWithRange({ type: 'S', value: prefix }));
  return { from, to: prefixEnd(from) };
}

/** As facts.ts writes it: text, canonical decimal, base64. */
function keyValue(type: KeyType, text: string): KeyValue | undefined {
  if (type === 'S') return { type, value: text };
  if (type === 'B') {
    const value = decodeBase64(text);
    return value && { type, value };
  }
  try {
    // Facts are canonical: a policy that writes 1.0 names no number.
    return parseDecimal(text) === text ? { type, value: text } : undefined;
  } catch {
    return undefined;
  }
}
