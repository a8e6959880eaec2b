/**
 * The part of an item that a ProjectionExpression or AttributesToGet names.
 *
 * Keys are not added, what is missing is skipped, lists are compacted (reference/expressions.md,
 * section 7).
 */
import type { Item } from '../value/value.ts';
import type { ProjectionTree } from './ast.ts';
import { type PathTree, pathTree, pick, rootsTree } from './path-tree.ts';
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

/** Of whole top-level attributes, by their literal names. */
export function projectionOfNames(names: readonly string[]): Projection {
  return projectionOf(rootsTree(names.map((name) => [name, true] as const)));
}

function projectionOf(tree: PathTree<true>): Projection {
  return {
    project: (item) => pick(tree, item),
    roots: new Set([...tree.children.keys()].map(String)),
    nestedRoots: new Set(
      [...tree.children].filter(([, { leaf }]) => leaf === undefined).map(([name]) => String(name)),
    ),
  };
}
