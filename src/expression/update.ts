/**
 * An update with names and values in place: what it will do to an item, and what it names.
 *
 * Everything that the request alone can get wrong is refused here, in DynamoDB's order: undefined
 * names and values, overlapping and conflicting paths, literal operands of a wrong type, functions
 * of conditions (reference/expressions.md, section 4). What depends on the stored item is
 * update-apply.ts. Legacy AttributeUpdates become the same actions (legacy-update.ts).
 */
import { AssertionFailure } from '../base/assert.ts';
import { typeWords, type Item, type Value, type ValueType } from '../value/value.ts';
import type { ActionNode, ExpressionKind, OperandNode, UpdateTree } from './ast.ts';
import { type PathTree, pathTree, pick } from './path-tree.ts';
import { misused, type Path, pathRequired, refusal, wrongCount, wrongType } from './refusals.ts';
import { checkDefined, resolvePath, resolveValue, type Scope } from './scope.ts';
import { isConditionFunction } from './token-reader.ts';
import { type Action, applyActions, type Mismatch, type Source } from './update-apply.ts';

export interface Update {
  /**
   * The item after, from the item before or, when there is none, from its key attributes. Throws
   * the ValidationExceptions that depend on the item. Undefined when the update creates nothing
   * (REMOVE and DELETE alone on a missing item). Answers `before` itself when nothing changed.
   */
  apply(before: Item | undefined, key: Item): Item | undefined;
  /**
   * What UPDATED_OLD and UPDATED_NEW return: the named paths of an item, as minimal fragments
   * (whole attributes for AttributeUpdates); undefined when there are none. `item` is the item
   * before or after, as `which` says; the fragments of both are found alike.
   */
  fragments(item: Item | undefined, which: 'old' | 'new'): Item | undefined;
  /** Top-level names assigned or removed. */
  readonly roots: ReadonlySet<string>;
  /** Names of roots that are reached through a nested path (a.b, a[0]). */
  readonly nestedRoots: ReadonlySet<string>;
  /** The same of what the update reads. */
  readonly readNestedRoots: ReadonlySet<string>;
  /** Top-level names assigned from a literal, or added one to, with that literal. */
  readonly literals: ReadonlyMap<string, Value>;
  readonly setAndAddCount: number;
  readonly removeAndDeleteCount: number;
}

const numbers: ReadonlySet<ValueType> = new Set(['N']);
const lists: ReadonlySet<ValueType> = new Set(['L']);
const sets: ReadonlySet<ValueType> = new Set(['SS', 'NS', 'BS']);
const addable: ReadonlySet<ValueType> = new Set(['N', 'SS', 'NS', 'BS']);

export function bindUpdate(
  tree: UpdateTree,
  scope: Scope,
  kind: ExpressionKind = 'Update',
): Update {
  checkDefined(kind, tree, scope);
  const paths = tree.actions.map((node) => resolvePath(kind, node.path, scope));
  // The tree of paths refuses overlaps before any operand is judged, so actions are made after.
  const places = pathTree(
    kind,
    paths.map((path, at) => [path, at] as const),
  );
  // The operands of ADD and DELETE are judged before the functions of SET.
  for (const node of tree.actions) if (node.section !== 'SET') checkAction(node, kind, scope);
  for (const node of tree.actions) if (node.section === 'SET') checkAction(node, kind, scope);
  for (const { operand } of tree.actions) if (operand !== undefined) checkUse(operand);
  const actions = tree.actions.map((node, at) => bindAction(node, paths[at] as Path, kind, scope));
  return updateOf(actions, places, 'expression');
}

/** `places` holds the position of each action in `actions`. */
export function updateOf(
  actions: readonly Action[],
  places: PathTree<number>,
  mismatch: Mismatch,
): Update {
  const roots = new Set<string>();
  const nestedRoots = new Set<string>();
  const readNestedRoots = new Set<string>();
  const literals = new Map<string, Value>();
  let creating = 0;
  for (const action of actions) {
    const root = action.path[0] as string;
    roots.add(root);
    if (action.path.length > 1) nestedRoots.add(root);
    else if (action.type === 'add') literals.set(root, action.value);
    else if (action.type === 'set' && action.source.type === 'literal') {
      literals.set(root, action.source.value);
    }
    if (action.type === 'set') collectNested(action.source, readNestedRoots);
    if (action.type === 'set' || action.type === 'add') creating += 1;
  }
  return {
    apply: (before, key) => applyActions(actions, places, mismatch, before, key),
    fragments(item) {
      if (item === undefined) return undefined;
      const picked = pick(places, item);
      return picked.size === 0 ? undefined : picked;
    },
    roots,
    nestedRoots,
    readNestedRoots,
    literals,
    setAndAddCount: creating,
    removeAndDeleteCount: actions.length - creating,
  };
}

function collectNested(source: Source, roots: Set<string>): void {
  switch (source.type) {
    case 'literal':
      return;
    case 'path':
      if (source.path.length > 1) roots.add(source.path[0] as string);
      return;
    case 'if_not_exists':
      if (source.path.length > 1) roots.add(source.path[0] as string);
      collectNested(source.otherwise, roots);
      return;
    default:
      collectNested(source.left, roots);
      collectNested(source.right, roots);
  }
}

function bindAction(node: ActionNode, path: Path, kind: ExpressionKind, scope: Scope): Action {
  const { operand } = node;
  if (operand === undefined) return { type: 'remove', path };
  if (node.section === 'SET')
    return { type: 'set', path, source: bindSource(operand, kind, scope) };
  const value = literalOf(operand, kind, scope) as Value;
  return node.section === 'ADD' ? { type: 'add', path, value } : { type: 'delete', path, value };
}

function bindSource(node: OperandNode, kind: ExpressionKind, scope: Scope): Source {
  switch (node.type) {
    case 'path':
      return { type: 'path', path: resolvePath(kind, node, scope) };
    case 'value':
      return { type: 'literal', value: resolveValue(kind, node, scope) };
    case 'sum':
      return {
        type: 'sum',
        operator: node.operator,
        left: bindSource(node.left, kind, scope),
        right: bindSource(node.right, kind, scope),
      };
    case 'call': {
      const [left, right] = node.args.map((inner) => bindSource(inner, kind, scope)) as [
        Source,
        Source,
      ];
      if (node.name === 'list_append') return { type: 'list_append', left, right };
      if (left.type !== 'path') throw pathRequired(kind, node.name);
      return { type: 'if_not_exists', path: left.path, otherwise: right };
    }
    case 'test':
      // No parser lets one through.
      throw new AssertionFailure('a condition in an update');
  }
}

/** Operand counts and the types of literals. */
function checkAction({ section, operand }: ActionNode, kind: ExpressionKind, scope: Scope): void {
  if (operand === undefined) return;
  if (section === 'SET') {
    checkSource(operand, kind, scope);
    return;
  }
  const type = literalOf(operand, kind, scope)?.type;
  const allowed = section === 'ADD' ? addable : sets;
  if (type === undefined || allowed.has(type)) return;
  throw refusal(
    kind,
    'Incorrect operand type for operator or function; ' +
      `operator: ${section}, operand type: ${typeWords[type]}`,
  );
}

function checkSource(node: OperandNode, kind: ExpressionKind, scope: Scope): void {
  if (node.type === 'sum') {
    checkSource(node.left, kind, scope);
    checkSource(node.right, kind, scope);
    checkLiterals(node.operator, [node.left, node.right], numbers, kind, scope);
  } else if (node.type === 'call') {
    for (const inner of node.args) checkSource(inner, kind, scope);
    if (isConditionFunction(node.name)) return;
    if (node.args.length !== 2) throw wrongCount(kind, node.name, node.args.length);
    if (node.name === 'list_append') checkLiterals(node.name, node.args, lists, kind, scope);
    else if (node.args[0]?.type !== 'path') throw pathRequired(kind, node.name);
  }
}

function checkLiterals(
  operator: string,
  operands: readonly OperandNode[],
  allowed: ReadonlySet<ValueType>,
  kind: ExpressionKind,
  scope: Scope,
): void {
  for (const operand of operands) {
    const type = literalOf(operand, kind, scope)?.type;
    if (type !== undefined && !allowed.has(type)) throw wrongType(kind, operator, type);
  }
}

function checkUse(node: OperandNode): void {
  if (node.type === 'sum') {
    checkUse(node.left);
    checkUse(node.right);
  } else if (node.type === 'call') {
    if (isConditionFunction(node.name)) {
      throw refusal(
        'Update',
        `The function is not allowed in an update expression; function: ${node.name}`,
      );
    }
    for (const inner of node.args) {
      // It may stand in if_not_exists and the other way round, but not in itself.
      if (inner.type === 'call' && node.name === 'list_append' && inner.name === node.name) {
        throw misused('Update', inner.name);
      }
      checkUse(inner);
    }
  }
}

function literalOf(node: OperandNode, kind: ExpressionKind, scope: Scope): Value | undefined {
  return node.type === 'value' ? resolveValue(kind, node, scope) : undefined;
}
