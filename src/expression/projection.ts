/**
 * The part of an item that a ProjectionExpression or AttributesToGet names.
 *
 * Keys are not added, what is missing is skipped, lists are compacted (reference/expressions.md,
 * section 7).
 */
import type { Item, Value } from '../value/value.ts';
import type { ProjectionTree } from './ast.ts';
import { type PathTree, pathTree, pick } from './path-tree.ts';
import { checkDefined, resolvePath, type Scope } from './scope.ts';

export interface Projection {
  /** Empty when nothing matches. */
  project(item: Item): Item;
  /** Names of the top-level attributes it reads. */
  readonly roots: ReadonlySet<string>;
  /** Those of them that it reaches into (a.b, a[0]). */
  readonly nestedRoots: ReadonlySet<string>;
}

/** Throws on undefined names, and on paths that overlap or conflict. */
export function bindProjection(tree: ProjectionTree, scope: Scope): Projection {
  checkDefined('Projection', tree, scope);
  const paths = tree.paths.map((path) => resolvePath('Projection', path, scope));
  return projectionOf(
    pathTree(
      'Projection',
      paths.map((path) => [path, true] as const),
    ),
  );
}

/** Of whole top-level attributes, by their literal names. A request may have a million of them. */
export function projectionOfNames(names: ReadonlySet<string>): Projection {
  return {
    project: (item) => pickWhole(names, item),
    roots: names,
    nestedRoots: none,
  };
}

/** Goes through the names or through the item, whichever is shorter. */
function pickWhole(names: ReadonlySet<string>, item: Item): Item {
  const picked = new Map<string, Value>();
  if (names.size > item.size) {
    for (const [name, value] of item) if (names.has(name)) picked.set(name, value);
    return picked;
  }
  for (const name of names) {
    const value = item.get(name);
    if (value !== undefined) picked.set(name, value);
  }
  return picked;
}

const none: ReadonlySet<string> = new Set();

function projectionOf(tree: PathTree<true>): Projection {
  return {
    project: (item) => pick(tree, item),
    roots: new Set([...tree.children.keys()].map(String)),
    nestedRoots: new Set(
      [...tree.children].filter(([, { leaf }]) => leaf === undefined).map(([name]) => String(name)),
    ),
  };
}
