/**
 * An update, applied to an item.
 *
 * All sources are read from the item as it was; then the actions, whose paths are disjoint, are
 * applied together in one walk down the tree of their paths (reference/expressions.md, section 6).
 * Nothing is changed in place: what an action touches is copied, the rest is shared. So an item
 * that comes back identical was not changed.
 */
import { assert, must } from '../base/assert.ts';
import { type DynamoError, validation } from '../base/errors.ts';
import { itemBytesMax } from '../base/limits.ts';
import { addDecimals, subtractDecimals } from '../value/decimal.ts';
import { checkNesting } from '../value/names.ts';
import { type SetValue, subtractSets, uniteSets } from '../value/set.ts';
import { valueSize } from '../value/size.ts';
import type { Item, Value } from '../value/value.ts';
import { type PathTree, valueAt } from './path-tree.ts';
import type { Path } from './refusals.ts';

/** What SET assigns, computed from the item before. */
export type Source =
  | { readonly type: 'path'; readonly path: Path }
  | { readonly type: 'literal'; readonly value: Value }
  | { readonly type: 'if_not_exists'; readonly path: Path; readonly otherwise: Source }
  | { readonly type: 'list_append'; readonly left: Source; readonly right: Source }
  | {
      readonly type: 'sum';
      readonly operator: '+' | '-';
      readonly left: Source;
      readonly right: Source;
    };

export type Action =
  | { readonly type: 'set'; readonly path: Path; readonly source: Source }
  | { readonly type: 'remove'; readonly path: Path }
  | { readonly type: 'add' | 'delete'; readonly path: Path; readonly value: Value };

/** Which words refuse a stored value of a type that ADD or DELETE cannot change. */
export type Mismatch = 'expression' | 'legacy';

interface Run {
  readonly actions: readonly Action[];
  /** What the SETs assign, by the position of the action. */
  readonly assigned: readonly (Value | undefined)[];
  readonly mismatch: Mismatch;
  /** There is no item: nested REMOVE and DELETE have nothing to miss. */
  readonly creating: boolean;
}

/** As `Update.apply`; `places` holds the position of each action. */
export function applyActions(
  actions: readonly Action[],
  places: PathTree<number>,
  mismatch: Mismatch,
  before: Item | undefined,
  key: Item,
): Item | undefined {
  const creating = before === undefined;
  const creates = actions.some(({ type }) => type === 'set' || type === 'add');
  if (creating && !creates && actions.length > 0) return undefined;
  const start = before ?? key;
  const assigned = assign(actions, start, creating);
  const after = changeItem({ actions, assigned, mismatch, creating }, places, start);
  checkDepths(actions, after);
  return after;
}

/**
 * What the SETs assign; each action's place is looked at before its source. All of it stays in the
 * item, and one value may be assigned often: what is too much together is refused before anything
 * walks through it.
 */
function assign(
  actions: readonly Action[],
  before: Item,
  creating: boolean,
): readonly (Value | undefined)[] {
  let size = 0;
  return actions.map((action) => {
    checkPlace(action, before, creating);
    if (action.type !== 'set') return undefined;
    const value = evaluate(action.source, before);
    size += valueSize(value);
    if (size > itemBytesMax) throw updateTooLarge();
    return value;
  });
}

/** The refusal of an update whose item would be larger than an item may be. */
export function updateTooLarge(): DynamoError {
  return validation('Item size to update has exceeded the maximum allowed size');
}

function evaluate(source: Source, item: Item): Value {
  switch (source.type) {
    case 'literal':
      return source.value;
    case 'path': {
      const value = valueAt(item, source.path);
      if (value !== undefined) return value;
      throw validation(
        'The provided expression refers to an attribute that does not exist in the item',
      );
    }
    case 'if_not_exists':
      return valueAt(item, source.path) ?? evaluate(source.otherwise, item);
    case 'list_append': {
      // A left operand of a wrong type is told before a right one that is missing.
      const left = evaluate(source.left, item);
      if (left.type !== 'L') throw wrongOperand('expression');
      const right = evaluate(source.right, item);
      if (right.type !== 'L') throw wrongOperand('expression');
      // Calls nest, so a list could grow as the square of the text; an element is a byte at least.
      if (left.value.length + right.value.length > itemBytesMax) throw updateTooLarge();
      return { type: 'L', value: [...left.value, ...right.value] };
    }
    case 'sum': {
      const left = evaluate(source.left, item);
      if (left.type !== 'N') throw wrongOperand('expression');
      const right = evaluate(source.right, item);
      if (right.type !== 'N') throw wrongOperand('expression');
      const compute = source.operator === '+' ? addDecimals : subtractDecimals;
      return { type: 'N', value: compute(left.value, right.value) };
    }
  }
}

/** The members of an item or a map after the actions below `tree`; the same if they do nothing. */
function changeItem(run: Run, tree: PathTree<number>, item: Item): Item {
  let changed: Map<string, Value> | undefined;
  for (const [step, child] of tree.children) {
    const name = step as string;
    const before = item.get(name);
    const after = change(run, child, before);
    if (after === before) continue;
    changed ??= new Map(item);
    if (after === undefined) changed.delete(name);
    else changed.set(name, after);
  }
  return changed ?? item;
}

function change(run: Run, tree: PathTree<number>, before: Value | undefined): Value | undefined {
  if (tree.leaf !== undefined) return act(run, tree.leaf, before);
  if (tree.indexed && before?.type === 'L') {
    const value = changeList(run, tree, before.value);
    return value === before.value ? before : { type: 'L', value };
  }
  if (!tree.indexed && before?.type === 'M') {
    const value = changeItem(run, tree, before.value);
    return value === before.value ? before : { type: 'M', value };
  }
  // Its places were looked at before: there is no item, and nothing of it to remove.
  assert(run.creating, 'a place of an update that is not there');
  return before;
}

/** Throws unless every list and map that the action goes through is there. */
function checkPlace({ type, path }: Action, item: Item, creating: boolean): void {
  if (path.length === 1 || (creating && (type === 'remove' || type === 'delete'))) return;
  let value = item.get(path[0] as string);
  for (let at = 1; at < path.length; at += 1) {
    const step = path[at] as string | number;
    if (typeof step === 'number' && value?.type === 'L') value = value.value[step];
    else if (typeof step === 'string' && value?.type === 'M') value = value.value.get(step);
    else {
      throw validation('The document path provided in the update expression is invalid for update');
    }
  }
}

/**
 * Indexes mean the positions before the update: first elements are replaced and, in the order of
 * their indexes, appended; then those removed are closed up.
 */
function changeList(run: Run, tree: PathTree<number>, list: readonly Value[]): readonly Value[] {
  let changed: (Value | undefined)[] | undefined;
  for (const [step, child] of tree.children) {
    const index = step as number;
    const before = list[index];
    const after = change(run, child, before);
    if (after === before) continue;
    changed ??= [...list];
    if (index < list.length) changed[index] = after;
    else changed.push(after);
  }
  return changed?.filter((element) => element !== undefined) ?? list;
}

function act(run: Run, at: number, before: Value | undefined): Value | undefined {
  const action = must(run.actions[at], 'a place without an action');
  switch (action.type) {
    case 'set':
      return run.assigned[at];
    case 'remove':
      return undefined;
    case 'add':
      return add(run.mismatch, before, action.value);
    case 'delete':
      return subtract(run.mismatch, before, action.value);
  }
}

function add(mismatch: Mismatch, before: Value | undefined, value: Value): Value {
  if (before === undefined) return value;
  if (before.type !== value.type) throw wrongOperand(mismatch);
  if (value.type === 'N' && before.type === 'N') {
    return { type: 'N', value: addDecimals(before.value, value.value) };
  }
  // Only AttributeUpdates appends to a list: an expression refused the literal.
  if (value.type === 'L' && before.type === 'L') {
    return { type: 'L', value: [...before.value, ...value.value] };
  }
  assert(isSet(value) && isSet(before), `ADD of ${value.type}`);
  return uniteSets(before, value);
}

function subtract(mismatch: Mismatch, before: Value | undefined, value: Value): Value | undefined {
  if (before === undefined) return undefined;
  if (before.type !== value.type) throw wrongOperand(mismatch);
  assert(isSet(value) && isSet(before), `DELETE of ${value.type}`);
  const rest = subtractSets(before, value);
  return rest !== undefined && rest.value.length === before.value.length ? before : rest;
}

function isSet(value: Value): value is SetValue {
  return value.type === 'SS' || value.type === 'NS' || value.type === 'BS';
}

/** A value that was legal by itself may be too deep where a nested SET puts it. */
function checkDepths(actions: readonly Action[], after: Item): void {
  const assembled = new Map<string, Value>();
  for (const { type, path } of actions) {
    const root = path[0] as string;
    const value = type === 'set' && path.length > 1 ? after.get(root) : undefined;
    if (value !== undefined) assembled.set(root, value);
  }
  if (assembled.size > 0) checkNesting(assembled);
}

function wrongOperand(mismatch: Mismatch): DynamoError {
  return validation(
    mismatch === 'legacy'
      ? 'Type mismatch for attribute to update'
      : 'An operand in the update expression has an incorrect data type',
  );
}
