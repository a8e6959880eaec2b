/**
 * What the placeholders of a request stand for, and the paths and operands that come of them.
 */
import type { Value } from '../value/value.ts';
import type { ExpressionKind, PathNode, Placeholders, ValueNode } from './ast.ts';
import { type Path, refusal } from './refusals.ts';

export interface Scope {
  /** By placeholder, with its `#`. */
  readonly names: ReadonlyMap<string, string>;
  /** By placeholder, with its `:`. */
  readonly values: ReadonlyMap<string, Value>;
}

/** Throws unless every name placeholder stands for something. */
export function resolvePath(kind: ExpressionKind, { steps }: PathNode, scope: Scope): Path {
  const path: (string | number)[] = [];
  for (const step of steps) {
    if (typeof step === 'number' || !step.startsWith('#')) {
      path.push(step);
      continue;
    }
    const name = scope.names.get(step);
    if (name === undefined) throw undefinedName(kind, step);
    path.push(name);
  }
  return path;
}

export function resolveValue(kind: ExpressionKind, node: ValueNode, scope: Scope): Value {
  const value = scope.values.get(node.placeholder);
  if (value === undefined) throw undefinedValue(kind, node.placeholder);
  return value;
}

/** Throws at the first undefined name, then at the first undefined value. */
export function checkDefined(kind: ExpressionKind, used: Placeholders, scope: Scope): void {
  for (const name of used.names) if (!scope.names.has(name)) throw undefinedName(kind, name);
  for (const value of used.values) {
    if (!scope.values.has(value)) throw undefinedValue(kind, value);
  }
}

function undefinedName(kind: ExpressionKind, placeholder: string): Error {
  return refusal(
    kind,
    'An expression attribute name used in the document path is not defined; ' +
      `attribute name: ${placeholder}`,
  );
}

function undefinedValue(kind: ExpressionKind, placeholder: string): Error {
  return refusal(
    kind,
    'An expression attribute value used in expression is not defined; ' +
      `attribute value: ${placeholder}`,
  );
}
