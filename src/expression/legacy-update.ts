/**
 * AttributeUpdates as the actions of an update (reference/expressions.md, section 8).
 *
 * They name whole top-level attributes, so no two can overlap. What only they can do is to append
 * to a list with ADD; their refusals of stored types have words of their own.
 */
import { invalid } from '../base/errors.ts';
import { checkName } from '../value/names.ts';
import type { Value, ValueType } from '../value/value.ts';
import type { Read } from './legacy.ts';
import { rootsTree } from './path-tree.ts';
import { type Update, updateOf } from './update.ts';
import type { Action } from './update-apply.ts';

/** An element of AttributeUpdates. */
export interface AttributeUpdate {
  readonly Value?: unknown;
  readonly Action?: 'PUT' | 'ADD' | 'DELETE' | undefined;
}

const addable: ReadonlySet<ValueType> = new Set(['N', 'SS', 'NS', 'BS', 'L']);
const deletable: ReadonlySet<ValueType> = new Set(['SS', 'NS', 'BS']);

export function bindAttributeUpdates(
  updates: Readonly<Record<string, AttributeUpdate>>,
  read: Read,
): Update {
  const names = Object.keys(updates);
  const actions = names.map((name) => bindAttribute(name, updates[name] ?? {}, read));
  return updateOf(actions, rootsTree(names.map((name, at) => [name, at] as const)), 'legacy');
}

function bindAttribute(name: string, update: AttributeUpdate, read: Read): Action {
  const path = [checkName(name)];
  const kind = update.Action ?? 'PUT';
  // The shape took JSON's null out: one that is left is a caller's own, and means NULL.
  if (update.Value === undefined) {
    if (kind === 'DELETE') return { type: 'remove', path };
    throw invalid('Only DELETE action is allowed when no attribute value is specified');
  }
  const value: Value = read(update.Value);
  if (kind === 'PUT') return { type: 'set', path, source: { type: 'literal', value } };
  if (kind === 'DELETE') {
    if (deletable.has(value.type)) return { type: 'delete', path, value };
    throw invalid(`DELETE action with value is not supported for the type ${value.type}`);
  }
  if (addable.has(value.type)) return { type: 'add', path, value };
  throw invalid(`ADD action is not supported for the type ${value.type}`);
}
