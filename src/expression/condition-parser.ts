/**
 * The grammar of conditions: filters and key conditions too (reference/expressions.md, section 2).
 *
 * Recursive descent, one function a level of precedence. NOT, AND and OR are loops, so only
 * parentheses and calls nest, and those are bounded (`expressionDepthMax`). A parenthesis may hold
 * an operand or a condition: which of the two is checked where it is used.
 */
import { expressionDepthMax } from '../base/limits.ts';
import type {
  Comparator,
  ConditionNode,
  ConditionTree,
  ExpressionKind,
  OperandNode,
} from './ast.ts';
import { misused, refusal } from './refusals.ts';
import { isUpdateFunction, TokenReader } from './token-reader.ts';

type Node = ConditionNode | OperandNode;

const comparators: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

interface State {
  readonly reader: TokenReader;
  depth: number;
  /** What the parenthesis that closed last was around. */
  grouped: Node | undefined;
}

/** Throws DynamoDB's refusal of what is wrong with the text alone. */
export function parseConditionText(kind: ExpressionKind, text: string): ConditionTree {
  const reader = new TokenReader(kind, text);
  const state: State = { reader, depth: 0, grouped: undefined };
  const root = asCondition(state, parseOr(state));
  reader.assertDone();
  reader.checkParentheses();
  reader.checkFunctionNames();
  checkUse(kind, root);
  reader.checkReserved();
  reader.checkLimits();
  return { root, names: reader.names, values: reader.values };
}

function parseOr(state: State): Node {
  return parseJoined(state, 'OR', parseAnd);
}

function parseAnd(state: State): Node {
  return parseJoined(state, 'AND', parseNot);
}

function parseJoined(state: State, word: 'AND' | 'OR', parsePart: (state: State) => Node): Node {
  const first = parsePart(state);
  if (!state.reader.isWord(word)) return first;
  const operands = [asCondition(state, first)];
  while (state.reader.takeWord(word)) {
    state.reader.operators += 1;
    operands.push(asCondition(state, parsePart(state)));
  }
  return { type: word === 'AND' ? 'and' : 'or', operands };
}

function parseNot(state: State): Node {
  let negations = 0;
  while (state.reader.takeWord('NOT')) negations += 1;
  const operand = parseComparison(state);
  if (negations === 0) return operand;
  state.reader.operators += negations;
  const condition = asCondition(state, operand);
  // Two negations are none; the tree stays flat however many there are.
  const negated: ConditionNode = { type: 'not', operand: condition };
  return negations % 2 === 1 ? negated : { type: 'not', operand: negated };
}

function parseComparison(state: State): Node {
  const { reader } = state;
  const left = parsePrimary(state);
  if (reader.token.kind === 'sign' && comparators.has(reader.token.text)) {
    const operand = asOperand(state, left);
    const operator = reader.advance().text as Comparator;
    reader.operators += 1;
    return { type: 'compare', operator, left: operand, right: parseOperand(state) };
  }
  if (reader.isWord('BETWEEN')) {
    const operand = asOperand(state, left);
    reader.advance();
    reader.operators += 1;
    const lower = parseOperand(state);
    if (!reader.takeWord('AND')) reader.fail();
    return { type: 'between', operand, lower, upper: parseOperand(state) };
  }
  if (reader.isWord('IN')) {
    const operand = asOperand(state, left);
    reader.advance();
    reader.operators += 1;
    reader.expectSign('(');
    return { type: 'in', operand, candidates: parseList(state) };
  }
  return left;
}

function parsePrimary(state: State): Node {
  const { reader } = state;
  if (reader.isSign('(')) return parseGroup(state);
  if (reader.token.kind === 'colon') return reader.value();
  if (reader.token.kind === 'name') {
    if (reader.isKeyword) reader.fail();
    if (reader.following.kind === 'sign' && reader.following.text === '(') {
      return deeper(state, () => {
        const name = reader.callee();
        return { type: 'call', name, args: parseList(state) };
      });
    }
  }
  return reader.path();
}

function parseGroup(state: State): Node {
  return deeper(state, () => {
    const { reader } = state;
    reader.expectSign('(');
    state.grouped = undefined;
    const inner = parseOr(state);
    // The same node out of another parenthesis: nothing stands between the two.
    if (state.grouped === inner) reader.redundant = true;
    reader.expectSign(')');
    state.grouped = inner;
    return inner;
  });
}

function deeper(state: State, parse: () => Node): Node {
  state.depth += 1;
  if (state.depth > expressionDepthMax) {
    // So deep, without an operator between each two: they must be redundant.
    state.reader.redundant = true;
    state.reader.checkParentheses();
  }
  const node = parse();
  state.depth -= 1;
  return node;
}

/** Operands with commas between them, and the closing parenthesis. */
function parseList(state: State): readonly OperandNode[] {
  const operands = [parseOperand(state)];
  while (state.reader.takeSign(',')) operands.push(parseOperand(state));
  state.reader.expectSign(')');
  return operands;
}

function parseOperand(state: State): OperandNode {
  return asOperand(state, parsePrimary(state));
}

function asOperand(state: State, node: Node): OperandNode {
  if (node.type === 'path' || node.type === 'value' || node.type === 'call') return node;
  return state.reader.fail();
}

function asCondition(state: State, node: Node): ConditionNode {
  if (node.type !== 'call' && isOperand(node)) {
    return state.reader.fail();
  }
  return node;
}

function isOperand(node: Node): node is OperandNode {
  return (
    node.type === 'path' || node.type === 'value' || node.type === 'sum' || node.type === 'test'
  );
}

/** Throws when a function stands where only another kind of function may. */
export function checkUse(kind: ExpressionKind, node: ConditionNode): void {
  switch (node.type) {
    case 'and':
    case 'or':
      for (const operand of node.operands) checkUse(kind, operand);
      break;
    case 'not':
      checkUse(kind, node.operand);
      break;
    case 'compare':
      checkOperands(kind, [node.left, node.right]);
      break;
    case 'between':
      checkOperands(kind, [node.operand, node.lower, node.upper]);
      break;
    case 'in':
      checkOperands(kind, [node.operand, ...node.candidates]);
      break;
    case 'call':
      if (isUpdateFunction(node.name)) throw updateOnly(kind, node.name);
      if (node.name === 'size') throw misused(kind, node.name);
      checkOperands(kind, node.args);
      break;
  }
}

function checkOperands(kind: ExpressionKind, operands: readonly OperandNode[]): void {
  for (const operand of operands) {
    if (operand.type === 'test') checkUse(kind, operand.condition);
    if (operand.type !== 'call') continue;
    if (isUpdateFunction(operand.name)) throw updateOnly(kind, operand.name);
    if (operand.name !== 'size') throw misused(kind, operand.name);
    // `size` in itself is a fault of types, which is found later.
    checkOperands(kind, operand.args);
  }
}

function updateOnly(kind: ExpressionKind, name: string): Error {
  return refusal(kind, `The function is not allowed in a condition expression; function: ${name}`);
}
