/**
 * The WHERE clause and the operands of SET, as the syntax trees of expressions.
 *
 * Recursive descent: OR, AND, NOT, comparison, operand. Chains are loops, so only parentheses and
 * calls nest, and chains of comparisons. A condition is a value too, true or false: `(a = 1) = b`
 * compares it. `IS` becomes the function that says the same: `x IS NULL` is
 * attribute_type(x, 'NULL'), `x IS MISSING` is attribute_not_exists(x).
 */
import { inOperandsMax, listIndexMax, pathDepthMax } from '../base/limits.ts';
import type {
  CallNode,
  Comparator,
  ConditionNode,
  OperandNode,
  PathNode,
  Step,
} from '../expression/ast.ts';
import { wellFormed } from '../value/text.ts';
import { placeOf } from './lexer.ts';
import { isLiteral, parseLiteral } from './literal-parser.ts';
import { malformed, type TokenReader } from './token-reader.ts';

type Node = ConditionNode | OperandNode;

const comparators: ReadonlyMap<string, Comparator> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);
const notJoined = 'The arguments to AND/OR must be Expressions';
const notNegated = 'The argument to NOT must be a Type or Expression';
const conditionFunctions: ReadonlySet<string> = new Set([
  'begins_with',
  'contains',
  'size',
  'attribute_type',
  'attribute_exists',
  'attribute_not_exists',
]);
/** What follows IS, and the type it asks for. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ['NULL', 'NULL'],
  ['BOOLEAN', 'BOOL'],
  ['BLOB', 'B'],
  ['STRING', 'S'],
  ['NUMERIC', 'N'],
  ['STRUCT', 'M'],
  ['TUPLE', 'M'],
  ['LIST', 'L'],
]);

export function parseCondition(reader: TokenReader): ConditionNode {
  return asCondition(
    reader,
    parseOr(reader),
    'WHERE clause must contain an expression that resolves to a boolean',
  );
}

function parseOr(reader: TokenReader): Node {
  return parseJoined(reader, 'OR', () => parseJoined(reader, 'AND', () => parseNot(reader)));
}

function parseJoined(reader: TokenReader, word: 'AND' | 'OR', parsePart: () => Node): Node {
  const first = parsePart();
  if (!reader.isWord(word)) return first;
  const operands = [asCondition(reader, first, notJoined)];
  while (reader.takeWord(word)) {
    if (endsHere(reader)) reader.failTerm(true);
    operands.push(asCondition(reader, parsePart(), notJoined));
  }
  return { type: word === 'AND' ? 'and' : 'or', operands };
}

function parseNot(reader: TokenReader): Node {
  let negations = 0;
  while (reader.takeWord('NOT')) negations += 1;
  const inner = parseComparison(reader);
  if (negations === 0) return inner;
  const condition = asCondition(reader, inner, notNegated);
  return negations % 2 === 1 ? not(condition) : condition;
}

function parseComparison(reader: TokenReader): Node {
  const left = parseChain(reader, parseTerm(reader, false));
  if (reader.takeWord('IS')) return parseIs(reader, left);
  const isNegated = reader.isWord('NOT') && /^(?:IN|BETWEEN)$/.test(reader.following.value);
  if (isNegated) reader.advance();
  const found = parseRange(reader, left);
  return isNegated ? not(found as ConditionNode) : found;
}

/** `a = b`, `a = b = c`: each comparison is the left side of the next, one level deeper. */
function parseChain(reader: TokenReader, left: Node): Node {
  const { kind, text } = reader.token;
  const operator = kind === 'sign' ? comparators.get(text) : undefined;
  if (operator === undefined) return left;
  return reader.deeper(() => {
    reader.advance();
    const right = asValue(parseTerm(reader, true));
    return parseChain(reader, { type: 'compare', operator, left: asValue(left), right });
  });
}

/** BETWEEN and IN; `left` itself where neither follows. */
function parseRange(reader: TokenReader, left: Node): Node {
  if (reader.takeWord('BETWEEN')) {
    const operand = asValue(left);
    const lower = asValue(parseTerm(reader, true));
    if (!reader.takeWord('AND')) throw malformed('Expected AND after BETWEEN');
    return { type: 'between', operand, lower, upper: asValue(parseTerm(reader, true)) };
  }
  if (!reader.takeWord('IN')) return left;
  const operand = asValue(left);
  const close = reader.takeSign('[') ? ']' : ')';
  if (close === ')') reader.expectSign('(');
  const candidates = reader.deeper(() => parseValues(reader, close));
  if (candidates.length === 0) {
    if (close === ')') throw malformed('Unexpected term');
    reader.note(
      'IN operator must have a left hand argument of type Variable Reference and right hand ' +
        'argument of type Seq with at least one member',
    );
  }
  if (candidates.length > inOperandsMax) {
    reader.note(
      'The IN operator is provided with too many operands; ' +
        `number of operands: ${candidates.length}`,
    );
  }
  return { type: 'in', operand, candidates };
}

function parseIs(reader: TokenReader, left: Node): ConditionNode {
  const operand = asValue(left);
  if (operand.type !== 'path' && operand.type !== 'value') {
    reader.note('The left hand side argument to IS must be a Variable Reference, Literal, or Path');
  }
  const isNegated = reader.takeWord('NOT');
  const { kind, value } = reader.token;
  if (kind === 'word' && value === 'MISSING') {
    reader.advance();
    const name = isNegated ? 'attribute_exists' : 'attribute_not_exists';
    return { type: 'call', name, args: [operand] };
  }
  const type = kind === 'word' ? typeNames.get(value) : undefined;
  if (type === undefined) throw malformed('Expected type name');
  reader.advance();
  const args = [operand, reader.literal({ type: 'S', value: type })];
  const test: CallNode = { type: 'call', name: 'attribute_type', args };
  return isNegated ? not(test) : test;
}

/** A value, path, call or parenthesis; `isRight` behind an operator. */
function parseTerm(reader: TokenReader, isRight: boolean): Node {
  if (reader.takeSign('?')) return reader.parameter();
  if (isLiteral(reader)) return reader.literal(parseLiteral(reader));
  if (reader.takeWord('MISSING')) {
    reader.note('MISSING must be compared using IS operator');
    return reader.literal({ type: 'NULL', value: true });
  }
  if (reader.isSign('(')) {
    return reader.deeper(() => {
      reader.advance();
      const inner = parseOr(reader);
      reader.expectSign(')');
      return inner;
    });
  }
  // `size` is a word of the language, and a function all the same.
  const isFunction = conditionFunctions.has(reader.token.text.toLowerCase()) && isCall(reader);
  if (!reader.isName() && !isFunction) reader.failTerm(isRight);
  if (reader.token.kind === 'word' && isCall(reader)) return parseCall(reader);
  return parsePath(reader);
}

/** Whether the next token is the name of a function. */
export function isCall({ following }: TokenReader): boolean {
  return following.kind === 'sign' && following.text === '(';
}

/** A call; which functions may stand where is told by expression/condition-parser.ts. */
function parseCall(reader: TokenReader): CallNode {
  return reader.deeper(() => {
    const written = reader.advance();
    const name = written.text.toLowerCase();
    if (!conditionFunctions.has(name)) {
      reader.note(`Invalid function name; function: ${written.text}`);
    }
    reader.expectSign('(');
    return { type: 'call', name, args: parseValues(reader, ')') };
  });
}

/** The same where each may be a condition. */
function parseValues(reader: TokenReader, close: ')' | ']'): readonly OperandNode[] {
  const values: OperandNode[] = [];
  if (reader.takeSign(close)) return values;
  do values.push(asValue(parseOr(reader)));
  while (reader.takeSign(','));
  reader.expectSign(close);
  return values;
}

/** Operands with commas between them, and the sign that ends them. */
export function parseList(reader: TokenReader, close: ')' | ']'): readonly OperandNode[] {
  const operands: OperandNode[] = [];
  if (reader.takeSign(close)) return operands;
  do operands.push(parseOperand(reader, false));
  while (reader.takeSign(','));
  reader.expectSign(close);
  return operands;
}

export function parseOperand(reader: TokenReader, isRight: boolean): OperandNode {
  return asOperand(reader, parseTerm(reader, isRight));
}

/** `a.b[0]."c"['d']`. */
export function parsePath(reader: TokenReader): PathNode {
  const steps: Step[] = [reader.takeName('Expected identifier for simple path')];
  while (reader.isSign('.') || reader.isSign('[')) {
    if (reader.takeSign('.')) {
      steps.push(reader.takeName('Expected identifier for simple path'));
    } else {
      reader.advance();
      steps.push(parseIndex(reader));
      reader.expectSign(']');
    }
  }
  for (const step of steps) {
    if (typeof step === 'string' && step.startsWith('#')) reader.names.set(step, step);
  }
  if (steps.includes('')) reader.note('Path component cannot be an empty string');
  if (steps.length > pathDepthMax) {
    reader.note(`The document path has too many nesting levels; nesting levels: ${steps.length}`);
  }
  // As it will be stored, and read back.
  const stored = steps.map((step) => (typeof step === 'string' ? wellFormed(step) : step));
  return { type: 'path', steps: stored };
}

function parseIndex(reader: TokenReader): Step {
  if (reader.token.kind === 'string') return reader.advance().value;
  let sign = '';
  while (reader.takeSign('-')) sign = sign === '' ? '-' : '';
  const { kind, text } = reader.token;
  if (kind !== 'number' || !/^\d+$/.test(text)) throw malformed('Expected list index');
  const index = Number(text);
  if (index > listIndexMax || (sign !== '' && index > 0)) {
    reader.note(
      `List index is not within the allowable range; index: [${sign}${text}] ` +
        `at ${placeOf(reader.token)}`,
    );
  }
  reader.advance();
  return index;
}

function asOperand(reader: TokenReader, node: Node): OperandNode {
  if (node.type === 'path' || node.type === 'value' || node.type === 'call') return node;
  return reader.failTerm(false);
}

/** A condition among operands is a value. */
function asValue(node: Node): OperandNode {
  if (node.type === 'path' || node.type === 'value' || node.type === 'test') return node;
  if (node.type === 'sum') return node;
  const isTest =
    node.type !== 'call' || (node.name !== 'size' && conditionFunctions.has(node.name));
  return isTest ? { type: 'test', condition: node } : node;
}

/** What stands for a condition that is none: it is never asked, for the fault is told first. */
const noCondition: ConditionNode = { type: 'or', operands: [] };

function asCondition(reader: TokenReader, node: Node, otherwise: string): ConditionNode {
  if (node.type === 'test') return node.condition;
  if (node.type !== 'path' && node.type !== 'value' && node.type !== 'sum') return node;
  reader.note(otherwise);
  return noCondition;
}

function not(operand: ConditionNode): ConditionNode {
  return { type: 'not', operand };
}

function endsHere({ token }: TokenReader): boolean {
  return token.kind === 'end' || token.text === ';';
}
