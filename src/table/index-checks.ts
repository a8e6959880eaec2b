/**
 * What a write may not put into the key attributes of an index.
 *
 * A wrong type, an empty value or one too long is refused, with texts that differ between a whole
 * item and an update (reference/query-scan-indexes.md, section 5; types-and-limits.md, section 4).
 * With several offended indexes the alphabetically first is named. A missing attribute is fine.
 */
import { invalid, validation } from '../base/errors.ts';
import type { Item, Value } from '../value/value.ts';
import { checkKeySize, emptyWord, isEmptyKey, isOversized } from './keys.ts';
import type { IndexState, KeyPart, TableState } from './state.ts';

/** Throws on an item, as Put brings it, that does not fit the indexes of its table. */
export function checkIndexKeys(table: TableState, item: Item): void {
  if (table.indexes.length === 0) return;
  for (const index of shownIndexes(table)) {
    checkTypes(index, item);
    for (const { name } of partsOf(index)) {
      const value = item.get(name);
      if (value !== undefined && isEmptyKey(value)) throw emptyIndexKey(index, name, value);
    }
    checkKeySize(present(index.keys.hash, item), 'hash');
    checkKeySize(present(index.keys.range, item), 'range');
  }
}

/** Throws on literal values that an update gives to index keys, before it is carried out. */
export function checkIndexLiterals(table: TableState, literals: Item): void {
  if (table.indexes.length === 0 || literals.size === 0) return;
  for (const index of shownIndexes(table)) {
    checkTypes(index, literals);
    for (const { name } of partsOf(index)) checkUpdatedValue(literals.get(name));
  }
}

/** Throws on what an update made of the index keys among the attributes it names. */
export function checkUpdatedIndexKeys(
  table: TableState,
  updated: ReadonlySet<string>,
  after: Item,
): void {
  if (table.indexes.length === 0) return;
  for (const index of shownIndexes(table)) {
    const parts = partsOf(index).filter(({ name }) => updated.has(name));
    if (parts.length === 0) continue;
    for (const { name, type } of parts) {
      const value = after.get(name);
      if (value === undefined) continue;
      if (value.type !== type) {
        throw validation(
          'The update expression attempted to update the secondary index key to unsupported type',
        );
      }
      checkUpdatedValue(value);
    }
    const { hash, range } = index.keys;
    if (isOversized(present(hash, after), 'hash') || isOversized(present(range, after), 'range')) {
      throw invalid(
        'The update expression attempted to update the secondary index key to a value beyond ' +
          'allowed size limits',
      );
    }
  }
}

/** The indexes a caller knows of, in the order in which faults are told. */
export function shownIndexes(table: TableState): readonly IndexState[] {
  return table.indexes
    .filter(({ kind, status }) => kind !== 'system' && status !== 'DELETING')
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The key attributes of an index. */
export function partsOf({ keys }: IndexState): readonly KeyPart[] {
  return [...keys.hash, ...keys.range];
}

function checkTypes(index: IndexState, item: Item): void {
  for (const { name, type } of partsOf(index)) {
    const value = item.get(name);
    if (value === undefined || value.type === type) continue;
    throw invalid(
      `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${value.type} ` +
        `IndexName: ${index.name}`,
    );
  }
}

function checkUpdatedValue(value: Value | undefined): void {
  if (value === undefined || !isEmptyKey(value)) return;
  throw validation(
    'One or more parameter values are not valid. The update expression attempted to update a ' +
      'secondary index key to a value that is not supported. The AttributeValue for a key ' +
      `attribute cannot contain an empty ${emptyWord(value)} value.`,
  );
}

function emptyIndexKey(index: IndexState, name: string, value: Value): Error {
  return validation(
    'One or more parameter values are not valid. A value specified for a secondary index key is ' +
      'not supported. The AttributeValue for a key attribute cannot contain an empty ' +
      `${emptyWord(value)} value. IndexName: ${index.name}, IndexKey: ${name}`,
  );
}

function present(parts: readonly KeyPart[], item: Item): readonly Value[] {
  const values: Value[] = [];
  for (const { name } of parts) {
    const value = item.get(name);
    if (value !== undefined) values.push(value);
  }
  return values;
}
