/**
 * Top-level attributes that a request speaks of: in its expressions, its legacy parameters, and its
 * statement.
 *
 * They are read off the syntax trees, which the parsers keep, after the operation's own check has
 * refused whatever is wrong with them.
 */
import type { ActionNode, ConditionNode, OperandNode, PathNode } from '../../expression/ast.ts';
import { parseCondition, parseProjection, parseUpdate } from '../../expression/parser.ts';

/** The members of a request that name attributes. */
export interface NamingInput {
  readonly ProjectionExpression?: string | null | undefined;
  readonly FilterExpression?: string | null | undefined;
  readonly ConditionExpression?: string | null | undefined;
  readonly KeyConditionExpression?: string | null | undefined;
  readonly UpdateExpression?: string | null | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | null | undefined;
  readonly AttributesToGet?: readonly string[] | null | undefined;
  readonly Expected?: object | null | undefined;
  readonly AttributeUpdates?: object | null | undefined;
  readonly KeyConditions?: object | null | undefined;
  readonly QueryFilter?: object | null | undefined;
  readonly ScanFilter?: object | null | undefined;
}

const conditions = ['Filter', 'Condition', 'KeyCondition'] as const;
const legacy = [
  'Expected',
  'AttributeUpdates',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
] as const;

/** Names that an expression or a legacy parameter has. */
export function namesIn(input: NamingInput): Set<string> {
  const names = new Set<string>();
  const placeholders = new Map(Object.entries(input.ExpressionAttributeNames ?? {}));
  const note = (path: PathNode): void => {
    const [root] = path.steps;
    if (typeof root === 'string') names.add(placeholders.get(root) ?? root);
  };
  for (const kind of conditions) {
    const text = input[`${kind}Expression`];
    if (typeof text === 'string') visitCondition(parseCondition(kind, text).root, note);
  }
  if (typeof input.UpdateExpression === 'string') {
    visitActions(parseUpdate(input.UpdateExpression).actions, note);
  }
  if (typeof input.ProjectionExpression === 'string') {
    for (const path of parseProjection(input.ProjectionExpression).paths) note(path);
  }
  for (const name of input.AttributesToGet ?? []) names.add(name);
  for (const member of legacy) for (const name of Object.keys(input[member] ?? {})) names.add(name);
  return names;
}

export function visitActions(actions: readonly ActionNode[], note: (path: PathNode) => void): void {
  for (const { path, operand } of actions) {
    note(path);
    if (operand !== undefined) visitOperand(operand, note);
  }
}

export function visitCondition(node: ConditionNode, note: (path: PathNode) => void): void {
  switch (node.type) {
    case 'and':
    case 'or':
      for (const operand of node.operands) visitCondition(operand, note);
      return;
    case 'not':
      visitCondition(node.operand, note);
      return;
    case 'compare':
      visitOperand(node.left, note);
      visitOperand(node.right, note);
      return;
    case 'between':
      for (const operand of [node.operand, node.lower, node.upper]) visitOperand(operand, note);
      return;
    case 'in':
      for (const operand of [node.operand, ...node.candidates]) visitOperand(operand, note);
      return;
    case 'call':
      visitOperand(node, note);
  }
}

function visitOperand(node: OperandNode, note: (path: PathNode) => void): void {
  switch (node.type) {
    case 'path':
      note(node);
      return;
    case 'call':
      for (const operand of node.args) visitOperand(operand, note);
      return;
    case 'sum':
      visitOperand(node.left, note);
      visitOperand(node.right, note);
      return;
    case 'test':
      visitCondition(node.condition, note);
      return;
    case 'value':
      return;
  }
}
