/**
 * The grammars of updates and of projections (reference/expressions.md, section 2).
 *
 * Only parentheses and calls nest, and those are bounded (`expressionDepthMax`).
 */
import { expressionDepthMax } from '../base/limits.ts';
import type {
  ActionNode,
  OperandNode,
  PathNode,
  ProjectionTree,
  Section,
  UpdateTree,
} from './ast.ts';
import { refusal } from './refusals.ts';
import { TokenReader } from './token-reader.ts';

interface State {
  readonly reader: TokenReader;
  depth: number;
  /** What the parenthesis that closed last was around. */
  grouped: OperandNode | undefined;
}

/** Throws DynamoDB's refusal of what is wrong with the text alone. */
export function parseUpdateText(text: string): UpdateTree {
  const reader = new TokenReader('Update', text);
  const state: State = { reader, depth: 0, grouped: undefined };
  const actions: ActionNode[] = [];
  const seen = new Set<Section>();
  let repeated: Section | undefined;
  while (!reader.done) {
    const section = reader.section ?? reader.fail();
    reader.advance();
    if (seen.has(section)) repeated ??= section;
    seen.add(section);
    do actions.push(parseAction(state, section));
    while (reader.takeSign(','));
  }
  reader.checkParentheses();
  reader.checkReserved();
  reader.checkFunctionNames();
  if (repeated !== undefined) {
    throw refusal(
      'Update',
      `The "${repeated}" section can only be used once in an update expression;`,
    );
  }
  reader.checkLimits();
  return { actions, names: reader.names, values: reader.values };
}

export function parseProjectionText(text: string): ProjectionTree {
  const reader = new TokenReader('Projection', text);
  const paths: PathNode[] = [];
  do paths.push(reader.path());
  while (reader.takeSign(','));
  reader.assertDone();
  reader.checkReserved();
  reader.checkLimits();
  return { paths, names: reader.names, values: reader.values };
}

function parseAction(state: State, section: Section): ActionNode {
  const { reader } = state;
  const path = reader.path();
  if (section === 'REMOVE') return { section, path, operand: undefined };
  if (section === 'SET') {
    reader.expectSign('=');
    return { section, path, operand: parseSum(state) };
  }
  return { section, path, operand: reader.value() };
}

/** At most one `+` or `-`: a second one is a syntax error where it stands. */
function parseSum(state: State): OperandNode {
  const { reader } = state;
  const left = parseOperand(state);
  if (!reader.isSign('+') && !reader.isSign('-')) return left;
  const operator = reader.advance().text as '+' | '-';
  reader.operators += 1;
  return { type: 'sum', operator, left, right: parseOperand(state) };
}

function parseOperand(state: State): OperandNode {
  const { reader } = state;
  if (reader.isSign('(')) return deeper(state, parseGroup);
  if (reader.token.kind === 'colon') return reader.value();
  const { following } = reader;
  if (reader.token.kind === 'name' && following.kind === 'sign' && following.text === '(') {
    return deeper(state, parseCall);
  }
  return reader.path();
}

function parseGroup(state: State): OperandNode {
  const { reader } = state;
  reader.expectSign('(');
  state.grouped = undefined;
  const inner = parseSum(state);
  // The same node out of another parenthesis: nothing stands between the two.
  if (state.grouped === inner) reader.redundant = true;
  reader.expectSign(')');
  state.grouped = inner;
  return inner;
}

function parseCall(state: State): OperandNode {
  const { reader } = state;
  const name = reader.callee();
  reader.operators += 1;
  const args = [parseOperand(state)];
  while (reader.takeSign(',')) args.push(parseOperand(state));
  reader.expectSign(')');
  return { type: 'call', name, args };
}

function deeper(state: State, parse: (state: State) => OperandNode): OperandNode {
  state.depth += 1;
  if (state.depth > expressionDepthMax) {
    // So deep: over the operators' limit, or parentheses with nothing between them.
    state.reader.checkLimits();
    state.reader.redundant = true;
    state.reader.checkParentheses();
  }
  const node = parse(state);
  state.depth -= 1;
  return node;
}
