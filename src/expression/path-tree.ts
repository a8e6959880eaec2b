/**
 * Disjoint document paths as a tree: what a projection picks and what an update changes.
 *
 * Invariants
 * - No path is a prefix of another, so a node has children or a leaf, never both.
 * - The children of a node are all names or all indexes; indexes are in ascending order.
 */
import type { Item, Value } from '../value/value.ts';
import type { ExpressionKind } from './ast.ts';
import { type Path, printPath, refusal } from './refusals.ts';

export interface PathTree<T> {
  readonly children: ReadonlyMap<string | number, PathTree<T>>;
  /** Whether the children are list indexes. */
  readonly indexed: boolean;
  readonly leaf: T | undefined;
}

interface Draft<T> {
  readonly children: Map<string | number, Draft<T>>;
  /** The path that came here first. */
  readonly path: Path;
  leaf: T | undefined;
}

/** Throws DynamoDB's refusal when two paths overlap, or else when two are in conflict. */
export function pathTree<T>(
  kind: ExpressionKind,
  entries: Iterable<readonly [Path, T]>,
): PathTree<T> {
  const root: Draft<T> = { children: new Map(), path: [], leaf: undefined };
  let conflict: readonly [Path, Path] | undefined;
  for (const [path, leaf] of entries) {
    let node = root;
    for (const step of path) {
      if (node.leaf !== undefined) throw collision(kind, 'overlap', node.path, path);
      let child = node.children.get(step);
      if (child === undefined) {
        conflict ??= conflictOf(node, step, path);
        child = { children: new Map(), path, leaf: undefined };
        node.children.set(step, child);
        node = child;
      } else node = child;
    }
    if (node.leaf !== undefined || node.children.size > 0) {
      throw collision(kind, 'overlap', node.path, path);
    }
    node.leaf = leaf;
  }
  if (conflict !== undefined) throw collision(kind, 'conflict', ...conflict);
  return finish(root);
}

/** A tree of whole top-level attributes. */
export function rootsTree<T>(entries: Iterable<readonly [string, T]>): PathTree<T> {
  const children = new Map<string, PathTree<T>>();
  for (const [name, leaf] of entries) {
    children.set(name, { children: new Map(), indexed: false, leaf });
  }
  return { children, indexed: false, leaf: undefined };
}

/** The parts of an item that the paths name, lists compacted; empty when there are none. */
export function pick(tree: PathTree<unknown>, item: Item): Map<string, Value> {
  const picked = new Map<string, Value>();
  for (const [step, child] of tree.children) {
    const value = item.get(step as string);
    if (value === undefined) continue;
    const part = child.leaf === undefined ? pickFrom(child, value) : value;
    if (part !== undefined) picked.set(step as string, part);
  }
  return picked;
}

function pickFrom(tree: PathTree<unknown>, value: Value): Value | undefined {
  if (!tree.indexed) {
    if (value.type !== 'M') return undefined;
    const picked = pick(tree, value.value);
    return picked.size === 0 ? undefined : { type: 'M', value: picked };
  }
  if (value.type !== 'L') return undefined;
  const picked: Value[] = [];
  for (const [index, child] of tree.children) {
    const element = value.value[index as number];
    if (element === undefined) continue;
    const part = child.leaf === undefined ? pickFrom(child, element) : element;
    if (part !== undefined) picked.push(part);
  }
  return picked.length === 0 ? undefined : { type: 'L', value: picked };
}

/** The value at a path, if all of the path is there. */
export function valueAt(item: Item, path: Path): Value | undefined {
  let value = item.get(path[0] as string);
  for (let at = 1; at < path.length && value !== undefined; at += 1) {
    const step = path[at] as string | number;
    if (typeof step === 'number') value = value.type === 'L' ? value.value[step] : undefined;
    else value = value.type === 'M' ? value.value.get(step) : undefined;
  }
  return value;
}

function conflictOf<T>(
  node: Draft<T>,
  step: string | number,
  path: Path,
): readonly [Path, Path] | undefined {
  for (const [other, child] of node.children) {
    return typeof other === typeof step ? undefined : [child.path, path];
  }
  return undefined;
}

function collision(kind: ExpressionKind, what: string, one: Path, two: Path): Error {
  return refusal(
    kind,
    `Two document paths ${what} with each other; ` +
      'must remove or rewrite one of these paths; ' +
      `path one: ${printPath(one)}, path two: ${printPath(two)}`,
  );
}

function finish<T>(draft: Draft<T>): PathTree<T> {
  const entries = [...draft.children].map(([step, child]) => [step, finish(child)] as const);
  const indexed = typeof entries[0]?.[0] === 'number';
  if (indexed) entries.sort(([a], [b]) => (a as number) - (b as number));
  return { children: new Map(entries), indexed, leaf: draft.leaf };
}
