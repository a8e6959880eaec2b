/**
 * Statement text as tokens, in one pass over it.
 *
 * The lexer refuses nothing. What belongs to no token (a stray sign, a quote or comment without an
 * end, a number that fits no decimal) becomes a token of kind `bad`, for which the parser answers
 * with DynamoDB's refusal before anything else. Comments are blanks. The last token is `end`.
 */

export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'sign' | 'bad' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** A word in capitals; a name or string without quotes; else the text. */
  readonly value: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Where a token stands, as messages say it: line, column, length. */
export function placeOf({ line, column, text }: Token): string {
  return `${line}:${column}:${text.length}`;
}

const blank = /(?:[ \t\r\n\f]+|--[^\n]*|\/\*[^*]*\*+(?:[^/*][^*]*\*+)*\/)+/y;
const word = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const quoted = /"(?:[^"]|"")*"/y;
const string = /'(?:[^']|'')*'/y;
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z0-9_$.])/y;
const sign = /<<|>>|<=|>=|<>|!=|[=<>+\-*(){}[\],.:;?]/y;
const newline = /\n/g;

const kinds: readonly (readonly [TokenKind, RegExp])[] = [
  ['word', word],
  ['quoted', quoted],
  ['string', string],
  ['number', number],
  ['sign', sign],
];

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  let at = 0;
  const pass = (part: string): void => {
    newline.lastIndex = 0;
    while (newline.exec(part) !== null) {
      line += 1;
      lineStart = at + newline.lastIndex;
    }
    at += part.length;
  };
  pass(match(blank, text, at) ?? '');
  while (at < text.length) {
    const token = readToken(text, at);
    tokens.push({ ...token, line, column: at - lineStart + 1 });
    // Nothing behind a bad token is looked at.
    pass(token.kind === 'bad' ? text.slice(at) : token.text);
    pass(match(blank, text, at) ?? '');
  }
  tokens.push({ kind: 'end', text: '', value: '', line, column: at - lineStart + 1 });
  return tokens;
}

function readToken(text: string, at: number): Pick<Token, 'kind' | 'text' | 'value'> {
  for (const [kind, pattern] of kinds) {
    const part = match(pattern, text, at);
    if (part === undefined) continue;
    if (kind === 'number' && !isScaled(part)) break;
    return { kind, text: part, value: meaningOf(kind, part) };
  }
  return { kind: 'bad', text: text.charAt(at), value: '' };
}

function meaningOf(kind: TokenKind, part: string): string {
  if (kind === 'word') return part.toUpperCase();
  if (kind === 'quoted') return part.slice(1, -1).replaceAll('""', '"');
  return kind === 'string' ? part.slice(1, -1).replaceAll("''", "'") : part;
}

/** DynamoDB keeps the exponent, and the scale that follows from it, in 32 bits. */
function isScaled(part: string): boolean {
  const [digits = '', power = '0'] = part.toLowerCase().split('e');
  const fraction = digits.split('.')[1]?.length ?? 0;
  const exponent = Number(power);
  const scale = fraction - exponent;
  return fits32(exponent) && fits32(scale);
}

function fits32(value: number): boolean {
  return value >= -(2 ** 31) && value < 2 ** 31;
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
