/**
 * Expression text to syntax tree, and the trees that are kept.
 *
 * Programs send the same few texts again and again, and a tree depends on nothing but its text, so
 * trees are kept by text. Refusals are not kept: they are rare, and name the kind of expression.
 * The oldest tree goes when there are `parsedExpressionsMax` of a family.
 */
import { expressionBytesMax, parsedExpressionsMax, parsedTextMax } from '../base/limits.ts';
import type { ConditionTree, ExpressionKind, ProjectionTree, UpdateTree } from './ast.ts';
import { parseConditionText } from './condition-parser.ts';
import { checkText } from './token-reader.ts';
import { parseProjectionText, parseUpdateText } from './update-parser.ts';

const conditions = new Map<string, ConditionTree>();
const updates = new Map<string, UpdateTree>();
const projections = new Map<string, ProjectionTree>();

/** `kind` is what a refusal names; the grammar is one for all three. */
export function parseCondition(
  kind: 'Condition' | 'Filter' | 'KeyCondition',
  text: string,
): ConditionTree {
  return kept(conditions, kind, text, () => parseConditionText(kind, text));
}

export function parseUpdate(text: string): UpdateTree {
  return kept(updates, 'Update', text, () => parseUpdateText(text));
}

export function parseProjection(text: string): ProjectionTree {
  return kept(projections, 'Projection', text, () => parseProjectionText(text));
}

function kept<T>(trees: Map<string, T>, kind: ExpressionKind, text: string, parse: () => T): T {
  const known = trees.get(text);
  if (known !== undefined) return known;
  checkText(kind, text, expressionBytesMax);
  const tree = parse();
  if (text.length > parsedTextMax) return tree;
  if (trees.size >= parsedExpressionsMax) {
    const oldest = trees.keys().next();
    if (!oldest.done) trees.delete(oldest.value);
  }
  trees.set(text, tree);
  return tree;
}
