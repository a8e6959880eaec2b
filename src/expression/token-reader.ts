/**
 * A position in the tokens of one expression, and what all three grammars share: paths,
 * placeholders, syntax errors, and the notes that are judged once the syntax is known to be good.
 *
 * DynamoDB reports a syntax error before a reserved word that precedes it, so the reader only notes
 * what it meets (`reserved`, `pathFault`, `calls`), first come first kept.
 */
import { listIndexMax, operatorsMax, pathDepthMax } from '../base/limits.ts';
import { utf8Length } from '../value/text.ts';
import type { ExpressionKind, PathNode, Section, Step, ValueNode } from './ast.ts';
import { type Token, tokenize } from './lexer.ts';
import { refusal } from './refusals.ts';
import { isReserved } from './reserved.ts';

const conditionFunctions: ReadonlySet<string> = new Set([
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
]);
const updateFunctions: ReadonlySet<string> = new Set(['if_not_exists', 'list_append']);

/** Functions that only a condition, or only an update, may use. */
export function isConditionFunction(name: string): boolean {
  return conditionFunctions.has(name);
}
export function isUpdateFunction(name: string): boolean {
  return updateFunctions.has(name);
}

const sections: ReadonlySet<string> = new Set(['SET', 'REMOVE', 'ADD', 'DELETE']);
/** Words of the grammar in every expression: where a name is wanted they are a syntax error. */
const keywords: ReadonlySet<string> = new Set([...sections, 'AND', 'OR', 'NOT', 'BETWEEN', 'IN']);

export class TokenReader {
  readonly kind: ExpressionKind;
  readonly names: Set<string> = new Set();
  readonly values: Set<string> = new Set();
  operators = 0;
  redundant = false;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #reserved: string | undefined;
  #unknownFunction: string | undefined;
  #pathFault: string | undefined;

  constructor(kind: ExpressionKind, text: string) {
    this.kind = kind;
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  get token(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  get following(): Token {
    return this.#tokens[Math.min(this.#at + 1, this.#tokens.length - 1)] as Token;
  }

  advance(): Token {
    const token = this.token;
    this.#at += 1;
    return token;
  }

  get done(): boolean {
    return this.token.kind === 'end';
  }

  isSign(text: string): boolean {
    return this.token.kind === 'sign' && this.token.text === text;
  }

  takeSign(text: string): boolean {
    if (!this.isSign(text)) return false;
    this.#at += 1;
    return true;
  }

  expectSign(text: string): void {
    if (!this.takeSign(text)) this.fail();
  }

  /** Whether a keyword, given in capitals, is next. */
  isWord(word: string): boolean {
    return this.token.kind === 'name' && this.token.text.toUpperCase() === word;
  }

  get isKeyword(): boolean {
    return this.token.kind === 'name' && keywords.has(this.token.text.toUpperCase());
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#at += 1;
    return true;
  }

  /** The section of an update that the next token opens. */
  get section(): Section | undefined {
    if (this.token.kind !== 'name') return undefined;
    const word = this.token.text.toUpperCase();
    return sections.has(word) ? (word as Section) : undefined;
  }

  /** Throws the syntax error at the next token. */
  fail(): never {
    const { token } = this;
    const before = this.#tokens[this.#at - 1] ?? token;
    const after = this.following;
    const near = this.#text.slice(before.start, after.end);
    throw refusal(this.kind, `Syntax error; token: "${token.text}", near: "${near}"`);
  }

  path(): PathNode {
    const steps: Step[] = [this.#name()];
    while (this.isSign('.') || this.isSign('[')) {
      const sign = this.advance().text;
      steps.push(sign === '.' ? this.#name() : this.#index());
    }
    if (steps.length > pathDepthMax) {
      const levels = `nesting levels: ${steps.length}`;
      this.#pathFault ??= `The document path has too many nesting levels; ${levels}`;
    }
    return { type: 'path', steps };
  }

  value(): ValueNode {
    if (this.token.kind !== 'colon') this.fail();
    const placeholder = this.advance().text;
    this.values.add(placeholder);
    return { type: 'value', placeholder };
  }

  /** The name of a function, with its opening parenthesis. */
  callee(): string {
    if (this.isKeyword) this.fail();
    const name = this.advance().text;
    if (!isConditionFunction(name) && !isUpdateFunction(name)) this.#unknownFunction ??= name;
    this.expectSign('(');
    return name;
  }

  assertDone(): void {
    if (!this.done) this.fail();
  }

  checkParentheses(): void {
    if (this.redundant) {
      throw refusal(this.kind, 'The expression has redundant parentheses;');
    }
  }

  checkFunctionNames(): void {
    if (this.#unknownFunction !== undefined) {
      throw refusal(this.kind, `Invalid function name; function: ${this.#unknownFunction}`);
    }
  }

  checkReserved(): void {
    if (this.#reserved !== undefined) {
      throw refusal(
        this.kind,
        `Attribute name is a reserved keyword; reserved keyword: ${this.#reserved}`,
      );
    }
  }

  /** What has limits: the depth and indexes of paths, and the operators. */
  checkLimits(): void {
    if (this.#pathFault !== undefined) throw refusal(this.kind, this.#pathFault);
    if (this.operators > operatorsMax) this.failOperators();
  }

  failOperators(): never {
    throw refusal(
      this.kind,
      `The expression contains too many operators; operator count: ${this.operators}`,
    );
  }

  #name(): string {
    const { token } = this;
    if (token.kind === 'hash') this.names.add(token.text);
    else if (token.kind !== 'name' || this.isKeyword) this.fail();
    else if (this.#reserved === undefined && isReserved(token.text)) this.#reserved = token.text;
    this.#at += 1;
    return token.text;
  }

  #index(): number {
    if (this.token.kind !== 'integer') this.fail();
    const { text } = this.advance();
    this.expectSign(']');
    const index = Number(text);
    if (index > listIndexMax) {
      this.#pathFault ??= `List index is not within the allowable range; index: [${text}]`;
    }
    return index;
  }
}

/** Throws when the text is too long, or there is none: DynamoDB looks at that first. */
export function checkText(kind: ExpressionKind, text: string, bytesMax: number): void {
  const size = utf8Length(text);
  if (size > bytesMax) {
    throw refusal(
      kind,
      `Expression size has exceeded the maximum allowed size; expression size: ${size}`,
    );
  }
  if (/^[ \t\r\n]*$/.test(text)) throw refusal(kind, 'The expression can not be empty;');
}
