/**
 * Reads the tokens of a statement one after the other, and gathers what is met on the way:
 * literals, parameters, and the first fault beyond syntax.
 *
 * Syntax is told before any other fault, so a fault is only noted here and told by compile.ts.
 */
import { type DynamoError, validation } from '../base/errors.ts';
import { statementDepthMax } from '../base/limits.ts';
import type { ValueNode } from '../expression/ast.ts';
import type { Value } from '../value/value.ts';
import { isKeyword } from './keywords.ts';
import { type Token, tokenize } from './lexer.ts';

const operatorWords: ReadonlySet<string> = new Set('AND BETWEEN IN IS LIKE OR'.split(' '));
/** Signs that begin a term. */
const openers: ReadonlySet<string> = new Set(['(', '[', '{', '<<', '?', '+', '-', '*']);

export function malformed(detail: string): DynamoError {
  return validation(`Statement wasn't well formed, can't be processed: ${detail}`);
}

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  readonly literals: Map<string, Value> = new Map();
  readonly names: Map<string, string> = new Map();
  parameters = 0;
  fault: string | undefined;

  constructor(text: string) {
    this.#tokens = tokenize(text);
    if (this.#tokens.some(({ kind }) => kind === 'bad')) throw malformed('');
  }

  get token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** The token behind the next, or the end. */
  get following(): Token {
    return this.#tokens[this.#at + 1] ?? this.token;
  }

  advance(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  isWord(word: string): boolean {
    return this.token.kind === 'word' && this.token.value === word;
  }

  isSign(text: string): boolean {
    return this.token.kind === 'sign' && this.token.text === text;
  }

  takeWord(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.#at += 1;
    return found;
  }

  takeSign(text: string): boolean {
    const found = this.isSign(text);
    if (found) this.#at += 1;
    return found;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw malformed(`Expected ${word} keyword`);
  }

  expectSign(text: string): void {
    if (!this.takeSign(text)) throw malformed(`Expected '${text}'`);
  }

  /** Whether the next token is a name: quoted, or a word that is no keyword. */
  isName(): boolean {
    const { kind, value } = this.token;
    return kind === 'quoted' || (kind === 'word' && !isKeyword(value));
  }

  /** The name that stands next, as its writer meant it. */
  takeName(otherwise: string): string {
    if (!this.isName()) throw malformed(otherwise);
    const { kind, text, value } = this.advance();
    return kind === 'quoted' ? value : text;
  }

  /** Refuses what stands where a term should; `isRight` of an operator that has its left side. */
  failTerm(isRight: boolean): never {
    const { kind, text, value } = this.token;
    if (kind === 'word') {
      throw malformed(operatorWords.has(value) ? 'Unexpected operator' : 'Unexpected keyword');
    }
    const isOver = kind === 'end' || text === ';';
    if (isOver && isRight) throw malformed('Missing right-hand side expression of infix operator');
    const isOperator = kind === 'sign' && /^[=<>!*+-]/.test(text) && !openers.has(text);
    throw malformed(isOperator ? 'Unexpected operator' : 'Unexpected term');
  }

  /** Throws unless the statement is over. */
  assertDone(): void {
    this.takeSign(';');
    if (this.token.kind !== 'end') throw malformed('Unexpected token after expression');
  }

  /** Notes a fault, if it is the first. */
  note(fault: string): void {
    this.fault ??= fault;
  }

  literal(value: Value): ValueNode {
    const placeholder = `:l${this.literals.size}`;
    this.literals.set(placeholder, value);
    return { type: 'value', placeholder };
  }

  /** The parameter whose `?` was just read. */
  parameter(): ValueNode {
    this.parameters += 1;
    return { type: 'value', placeholder: `:${this.parameters - 1}` };
  }

  /** Bounds how deep parentheses and calls nest, and with it every recursion over the tree. */
  deeper<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > statementDepthMax) throw malformed('Statement is nested too deeply');
    const result = parse();
    this.#depth -= 1;
    return result;
  }
}
