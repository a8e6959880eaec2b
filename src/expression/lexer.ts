/**
 * Expression text as tokens, in one pass (reference/expressions.md, section 1).
 *
 * The lexer refuses nothing: what belongs to no token becomes a token of kind `unknown`, at which
 * the parser stops with DynamoDB's syntax error. Keywords are names here, which the
 * reader tells apart. The last token is always `end`.
 */

export type TokenKind = 'name' | 'hash' | 'colon' | 'integer' | 'sign' | 'unknown' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; with its sigil for a placeholder, `<EOF>` at the end. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = blankEnd(text, 0);
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push(token);
    at = blankEnd(text, token.end);
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length });
  return tokens;
}

function readToken(text: string, start: number): Token {
  const code = text.charCodeAt(start);
  if (isLetter(code)) return token('name', text, start, wordEnd(text, start));
  if (code === 0x23 || code === 0x3a) {
    const end = wordEnd(text, start + 1);
    if (end === start + 1) return token('unknown', text, start, end);
    return token(code === 0x23 ? 'hash' : 'colon', text, start, end);
  }
  // Digits end where a letter begins, and an underscore begins nothing: `1a` is two tokens.
  if (isDigit(code)) return token('integer', text, start, digitsEnd(text, start));
  const pair = text.slice(start, start + 2);
  if (pair === '<>' || pair === '<=' || pair === '>=') {
    return token('sign', text, start, start + 2);
  }
  if ('=<>+-(),.[]'.includes(text.charAt(start))) return token('sign', text, start, start + 1);
  // A character outside the basic plane is two units, and one token.
  const length = (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  return token('unknown', text, start, start + length);
}

function token(kind: TokenKind, text: string, start: number, end: number): Token {
  return { kind, text: text.slice(start, end), start, end };
}

/** The end of the blanks that begin at `start`. */
function blankEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** The end of the letters, digits and underscores that begin at `start`. */
function wordEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (!isLetter(code) && !isDigit(code) && code !== 0x5f) break;
    at += 1;
  }
  return at;
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a && code < 0x80;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
