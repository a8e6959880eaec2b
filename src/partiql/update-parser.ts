/**
 * The SET and REMOVE clauses of an UPDATE, as the actions of an update expression.
 *
 * `SET s = set_add(s, x)` is what ADD does in an expression, set_delete what DELETE does.
 */
import type { ActionNode, OperandNode, PathNode } from '../expression/ast.ts';
import type { SetCall, UpdateStatement } from './ast.ts';
import { isCall, parseList, parseOperand, parsePath } from './condition-parser.ts';
import { placeOf } from './lexer.ts';
import { malformed, type TokenReader } from './token-reader.ts';

type Changes = Pick<UpdateStatement, 'actions' | 'setCalls'>;
interface Draft {
  readonly actions: ActionNode[];
  readonly setCalls: SetCall[];
}

export function parseUpdate(reader: TokenReader): Changes {
  const draft: Draft = { actions: [], setCalls: [] };
  while (reader.isWord('SET') || reader.isWord('REMOVE')) {
    if (reader.takeWord('REMOVE')) {
      draft.actions.push({ section: 'REMOVE', path: parsePath(reader), operand: undefined });
      continue;
    }
    reader.advance();
    do parseAssignment(reader, draft);
    while (reader.takeSign(','));
  }
  if (draft.actions.length === 0) throw malformed('Expected data manipulation');
  return draft;
}

function parseAssignment(reader: TokenReader, draft: Draft): void {
  const path = parsePath(reader);
  reader.expectSign('=');
  const name = reader.token.kind === 'word' && isCall(reader) ? reader.token.value : '';
  if (name === 'SET_ADD' || name === 'SET_DELETE') {
    parseSetCall(reader, path, name, draft);
    return;
  }
  const left = parseSource(reader);
  if (!reader.isSign('+') && !reader.isSign('-')) {
    draft.actions.push({ section: 'SET', path, operand: left });
    return;
  }
  const operator = reader.advance().text as '+' | '-';
  const operand: OperandNode = { type: 'sum', operator, left, right: parseSource(reader) };
  draft.actions.push({ section: 'SET', path, operand });
}

function parseSource(reader: TokenReader): OperandNode {
  if (reader.token.kind !== 'word' || !isCall(reader)) return parseOperand(reader, true);
  const { text, value } = reader.advance();
  if (value !== 'LIST_APPEND') reader.note(`Invalid function name; function: ${text}`);
  reader.advance();
  return { type: 'call', name: 'list_append', args: parseList(reader, ')') };
}

function parseSetCall(
  reader: TokenReader,
  path: PathNode,
  name: 'SET_ADD' | 'SET_DELETE',
  { actions, setCalls }: Draft,
): void {
  const call = reader.advance();
  reader.advance();
  const first = reader.token;
  const [target, operand, ...more] = parseList(reader, ')');
  if (target === undefined || operand === undefined || more.length > 0) {
    throw malformed(`Expected 2 arguments of ${call.text}`);
  }
  const isSame =
    target.type === 'path' &&
    target.steps.length === path.steps.length &&
    target.steps.every((step, at) => step === path.steps[at]);
  if (!isSame) {
    reader.note(
      `The first argument to ${name} must equal the assignment value at ${placeOf(call)}`,
    );
  }
  const fault = `The second argument to ${name} must be a value with type SET at ${placeOf(first)}`;
  if (operand.type === 'value') setCalls.push({ placeholder: operand.placeholder, fault });
  else reader.note(fault);
  actions.push({ section: name === 'SET_ADD' ? 'ADD' : 'DELETE', path, operand });
}
