/**
 * Literals: numbers, strings, lists `[..]`, items `{..}` and sets `<<..>>`.
 *
 * What DynamoDB cannot keep is a fault that names its place from the literal's root, as in
 * `under root.a[0]`. A parameter may not stand inside a literal, but for the attributes of an
 * INSERT (parser.ts).
 */
import { DynamoError, invalidValues } from '../base/errors.ts';
import { nestingDepthMax } from '../base/limits.ts';
import { parseDecimal } from '../value/decimal.ts';
import { checkName } from '../value/names.ts';
import { numberSet, stringSet } from '../value/set.ts';
import { wellFormed } from '../value/text.ts';
import type { Value } from '../value/value.ts';
import { placeOf, type Token } from './lexer.ts';
import { malformed, type TokenReader } from './token-reader.ts';

const nothing: Value = { type: 'NULL', value: true };

/** Whether the next token begins a literal. A sign does, if a number follows. */
export function isLiteral({ token, following }: TokenReader): boolean {
  const { kind, text, value } = token;
  if (kind === 'string' || kind === 'number') return true;
  if (kind === 'word') return value === 'TRUE' || value === 'FALSE' || value === 'NULL';
  if (text === '-' || text === '+') return kind === 'sign' && following.text !== '';
  return kind === 'sign' && (text === '[' || text === '{' || text === '<<');
}

/** The literal that stands next; with a fault noted, any value. */
export function parseLiteral(reader: TokenReader, path = 'root', depth = 0): Value {
  // Known before the value is: nothing deeper is read.
  if (depth >= nestingDepthMax) {
    reader.note(`Nesting Levels have exceeded supported limits under ${path}`);
    skipValue(reader);
    return nothing;
  }
  const { token } = reader;
  if (token.kind === 'string') {
    return { type: 'S', value: wellFormed(reader.advance().value) };
  }
  if (token.kind === 'word') return parseWord(reader, path);
  if (reader.takeSign('[')) return parseList(reader, path, depth);
  if (reader.takeSign('{')) {
    const parse = (name: string) => parseLiteral(reader, `${path}.${name}`, depth + 1);
    const members = parseMembers(reader, parse, token);
    return { type: 'M', value: members };
  }
  if (reader.takeSign('<<')) return parseSet(reader, path, depth);
  if (reader.takeSign('?')) {
    reader.parameter();
    reader.note(`Unsupported data type: Parameter under key ${path} at ${placeOf(token)}`);
    return nothing;
  }
  return parseNumber(reader, path);
}

/**
 * `'name': value` and so on, behind the opening brace; a value that is undefined is left out. A
 * name that comes twice is told at its own place, or at that of the `tuple`.
 */
export function parseMembers<T>(
  reader: TokenReader,
  parse: (name: string) => T | undefined,
  tuple?: Token,
): ReadonlyMap<string, T> {
  const members = new Map<string, T>();
  const named = new Set<string>();
  if (reader.takeSign('}')) return members;
  do {
    if (reader.token.kind !== 'string') reader.failTerm(false);
    const { token } = reader;
    const name = checked(reader, () => checkName(reader.advance().value)) ?? '';
    if (named.has(name)) {
      const place = placeOf(tuple ?? token);
      reader.note(`Duplicate keys in tuple. Key: ${name} under root at ${place}`);
    }
    named.add(name);
    reader.expectSign(':');
    // MISSING is no value: an attribute that has it is not there.
    const value = reader.takeWord('MISSING') ? undefined : parse(name);
    if (value !== undefined) members.set(name, value);
  } while (reader.takeSign(','));
  reader.expectSign('}');
  return members;
}

function parseWord(reader: TokenReader, path: string): Value {
  const { token } = reader;
  if (reader.takeWord('TRUE')) return { type: 'BOOL', value: true };
  if (reader.takeWord('FALSE')) return { type: 'BOOL', value: false };
  if (reader.takeWord('NULL')) return nothing;
  if (!reader.isName() && !reader.isWord('MISSING')) reader.failTerm(false);
  reader.advance();
  reader.note(`Unsupported data type: VariableReference under key ${path} at ${placeOf(token)}`);
  return nothing;
}

function parseList(reader: TokenReader, path: string, depth: number): Value {
  const value: Value[] = [];
  if (reader.takeSign(']')) return { type: 'L', value };
  do value.push(parseLiteral(reader, `${path}[${value.length}]`, depth + 1));
  while (reader.takeSign(','));
  reader.expectSign(']');
  return { type: 'L', value };
}

function parseSet(reader: TokenReader, path: string, depth: number): Value {
  const texts: string[] = [];
  const values: Value[] = [];
  if (!reader.isSign('>>')) {
    do {
      texts.push(reader.token.text);
      values.push(parseLiteral(reader, `${path}[${values.length}]`, depth + 1));
    } while (reader.takeSign(','));
  }
  reader.expectSign('>>');
  const strings = values.flatMap(({ type, value }) => (type === 'S' ? [value] : []));
  const numbers = values.flatMap(({ type, value }) => (type === 'N' ? [value] : []));
  if (values.length === 0) reader.note('Empty bags are not supported');
  else if (strings.length === values.length) {
    return checked(reader, () => stringSet(strings)) ?? nothing;
  } else if (numbers.length === values.length) {
    if (new Set(numbers).size === numbers.length) return numberSet(numbers);
    const list = texts.join(', ');
    reader.note(`${invalidValues}Input collection [${list}] contains duplicates! under ${path}`);
  } else {
    reader.note(
      'Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags',
    );
  }
  return nothing;
}

/** A number with any signs before it. */
function parseNumber(reader: TokenReader, path: string): Value {
  let isNegative = false;
  while (reader.isSign('-') || reader.isSign('+')) {
    if (reader.advance().text === '-') isNegative = !isNegative;
  }
  if (reader.token.kind !== 'number') {
    if (reader.token.kind === 'end') reader.failTerm(false);
    throw malformed('Unexpected operator');
  }
  const { text } = reader.advance();
  try {
    return { type: 'N', value: parseDecimal(isNegative ? `-${text}` : text) };
  } catch (fault) {
    if (!(fault instanceof DynamoError)) throw fault;
    reader.note(`${fault.message} under ${path}`);
    return nothing;
  }
}

/** Passes over a value that is too deep: whatever stands before the sign that ends it. */
function skipValue(reader: TokenReader): void {
  let open = 0;
  while (reader.token.kind !== 'end') {
    const { kind, text } = reader.token;
    if (kind === 'sign' && (text === '[' || text === '{' || text === '<<')) open += 1;
    if (kind === 'sign' && (text === ']' || text === '}' || text === '>>' || text === ',')) {
      if (open === 0) return;
      if (text !== ',') open -= 1;
    }
    if (text === '?') reader.parameter();
    reader.advance();
  }
}

/** What `make` makes, or undefined with its refusal noted. */
function checked<T>(reader: TokenReader, make: () => T): T | undefined {
  try {
    return make();
  } catch (fault) {
    if (!(fault instanceof DynamoError)) throw fault;
    reader.note(fault.message);
    return undefined;
  }
}
