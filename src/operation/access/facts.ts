/**
 * What policies can ask about one part of a call, put together: partition keys, attributes, and the
 * parameters that say what is answered.
 *
 * What is answered counts as touched: an item that is answered whole may have any attribute.
 */
import { encodeBase64 } from '../../base/base64.ts';
import { anyValue, type Facts, type Known } from '../../access/condition.ts';
import { partKeys, sortKeyName } from '../../access/condition-keys.ts';
import type { Question } from '../../access/evaluate.ts';
import { indexArn, tableArn, tableNameOf } from '../../table/arn.ts';
import { findIndex, projectedNames } from '../../table/indexes.ts';
import type { IndexState, KeySchema, TableState } from '../../table/state.ts';
import type { Item, Value } from '../../value/value.ts';
import type { PlanContext } from '../operation.ts';

/** The table of a part, as far as there is one: who may do nothing learns nothing of it. */
export interface Target {
  readonly arn: string;
  readonly table: TableState | undefined;
}

export function targetOf(nameOrArn: string, context: PlanContext): Target {
  const { region, account, catalog } = context;
  const arn = tableArn(region, account, tableNameOf(nameOrArn));
  return { arn, table: catalog.find(nameOrArn) };
}

export interface IndexTarget {
  readonly resource: string;
  readonly keys: KeySchema | undefined;
  readonly index: IndexState | undefined;
}

/** The index that a read names, or the table itself. */
export function indexTarget({ arn, table }: Target, name: string | null | undefined): IndexTarget {
  if (typeof name !== 'string') return { resource: arn, keys: table?.keys, index: undefined };
  const index = table && findIndex(table, name);
  return { resource: indexArn(arn, name), keys: index?.keys, index };
}

/** A partition key's value as policies write it: text, canonical decimal, base64. */
export function keyText(value: Value | undefined): Known {
  if (value?.type === 'S' || value?.type === 'N') return [value.value];
  return value?.type === 'B' ? [encodeBase64(value.value)] : anyValue;
}

/** The facts of keys that are given: those of each part of the partition key. */
export function keyFacts(keys: KeySchema | undefined, item: Item): readonly [string, Known][] {
  if (keys === undefined) return [];
  const values = keys.hash.map(({ name }) => keyText(item.get(name)));
  const sort = item.get(keys.range[0]?.name ?? '');
  return leadingFacts(values, sort?.type === 'S' ? [sort.value] : anyValue);
}

/** Of a read that may meet any key. */
export function allKeys(keys: KeySchema | undefined): readonly [string, Known][] {
  return leadingFacts(keys === undefined ? [anyValue] : keys.hash.map(() => anyValue));
}

/** `sort`: the table's sort key, where it is a text that is known. */
export function leadingFacts(
  values: readonly Known[],
  sort: Known = anyValue,
): readonly [string, Known][] {
  const parts = values.slice(0, partKeys.length).map((value, at): [string, Known] => {
    return [partKeys[at] ?? '', value];
  });
  return [['dynamodb:leadingkeys', values[0] ?? anyValue], ...parts, [sortKeyName, sort]];
}

/** Names of the keys of a table, and of an index that is read: every answer has them. */
export function keyNamesOf(...schemas: readonly (KeySchema | undefined)[]): readonly string[] {
  return schemas.flatMap((keys) => [
    ...(keys?.hash ?? []).map(({ name }) => name),
    ...(keys?.range ?? []).map(({ name }) => name),
  ]);
}

/** What an index holds of an item; any attribute where it holds all. */
export function projectedFacts(
  table: TableState | undefined,
  index: IndexState | undefined,
): readonly string[] | typeof anyValue {
  const names = table && index && projectedNames(table, index);
  return names === undefined ? anyValue : [...names];
}

export function attributesFact(
  names: Iterable<string>,
  isWhole: boolean,
): readonly [string, Known] {
  return ['dynamodb:attributes', isWhole ? anyValue : [...new Set(names)]];
}

export function question(
  action: string,
  resource: string,
  facts: Iterable<readonly [string, Known | undefined]> = [],
): Question {
  const known = [...facts].filter((fact): fact is [string, Known] => fact[1] !== undefined);
  return { action: `dynamodb:${action}`, resource, facts: new Map(known) satisfies Facts };
}
