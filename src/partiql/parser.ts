/**
 * Statement text to syntax tree, and the trees that are kept, as expression/parser.ts does.
 *
 *   SELECT columns FROM table[.index] [WHERE condition] [ORDER BY name [ASC|DESC], ...]
 *   INSERT INTO table VALUE item
 *   UPDATE table { SET path = value, ... | REMOVE path } [WHERE condition] [RETURNING ...]
 *   FROM table [WHERE condition] { SET ... | REMOVE ... } [RETURNING ...]
 *   DELETE FROM table [WHERE condition] [RETURNING ...]
 *   EXISTS(SELECT ...)
 */
import { parsedExpressionsMax, parsedTextMax } from '../base/limits.ts';
import type {
  Column,
  DeleteStatement,
  ExistsStatement,
  InsertStatement,
  OrderTerm,
  ParsedStatement,
  Returning,
  SelectStatement,
  Statement,
  Target,
} from './ast.ts';
import { isCall, parseCondition, parseList, parsePath } from './condition-parser.ts';
import { placeOf, type Token } from './lexer.ts';
import { parseLiteral, parseMembers } from './literal-parser.ts';
import { malformed, TokenReader } from './token-reader.ts';
import { parseUpdate } from './update-parser.ts';

const statements = new Map<string, ParsedStatement>();

/** Throws DynamoDB's refusal of a statement that is not well formed. */
export function parseStatement(text: string): ParsedStatement {
  const known = statements.get(text);
  if (known !== undefined) return known;
  const reader = new TokenReader(text);
  const statement = readStatement(reader);
  reader.assertDone();
  const { literals, names, parameters, fault } = reader;
  const parsed = { statement, literals, names, parameters, fault };
  if (text.length > parsedTextMax) return parsed;
  if (statements.size >= parsedExpressionsMax) {
    const oldest = statements.keys().next();
    if (!oldest.done) statements.delete(oldest.value);
  }
  statements.set(text, parsed);
  return parsed;
}

function readStatement(reader: TokenReader): Statement {
  if (reader.takeWord('SELECT')) return parseSelect(reader);
  if (reader.takeWord('INSERT')) return parseInsert(reader);
  if (reader.takeWord('DELETE')) return parseDelete(reader);
  if (reader.takeWord('EXISTS')) return parseExists(reader);
  if (reader.takeWord('UPDATE')) {
    const target = parseTarget(reader);
    const changes = parseUpdate(reader);
    const where = parseWhere(reader);
    return { type: 'update', ...target, ...changes, where, returning: parseReturning(reader) };
  }
  if (reader.takeWord('FROM')) {
    const target = parseTarget(reader);
    const where = parseWhere(reader);
    const changes = parseUpdate(reader);
    return { type: 'update', ...target, ...changes, where, returning: parseReturning(reader) };
  }
  throw malformed('Expected data manipulation');
}

function parseSelect(reader: TokenReader): SelectStatement {
  let columnFault: string | undefined;
  const columns = new Map<string, Column>();
  const isAll = reader.takeSign('*');
  if (!isAll) {
    do columnFault ??= parseColumn(reader, columns);
    while (reader.takeSign(','));
  }
  if (!reader.takeWord('FROM')) throw malformed('Expected FROM after SELECT list');
  if (!reader.isName()) reader.failTerm(false);
  const target = parseNames(reader);
  parseAlias(reader);
  const where = parseWhere(reader);
  const orderBy = parseOrder(reader);
  return {
    type: 'select',
    ...target,
    columns: isAll ? undefined : [...columns.values()],
    where,
    orderBy,
    columnFault,
  };
}

/** Adds a column under its name; answers with what is wrong with it. */
function parseColumn(reader: TokenReader, columns: Map<string, Column>): string | undefined {
  const { token } = reader;
  if (token.kind === 'word' && isCall(reader)) {
    reader.advance();
    reader.advance();
    if (reader.takeSign('*')) reader.expectSign(')');
    else parseList(reader, ')');
    return `Unexpected path component at ${placeOf(token)}`;
  }
  if (!reader.isName()) reader.failTerm(false);
  const path = parsePath(reader);
  if (reader.takeWord('AS')) {
    reader.takeName('Expected identifier for alias');
    reader.note('Aliasing is not supported');
  }
  const { steps } = path;
  const last = steps.findLastIndex((step) => typeof step === 'string');
  const indexes = steps.slice(last + 1).map((index) => `[${index}]`);
  const name = `${steps[last]}${indexes.join('')}`;
  if (columns.has(name)) reader.note(`Duplicate identifiers in select clause: ${name}`);
  columns.set(name, { name, path });
  return undefined;
}

function parseOrder(reader: TokenReader): readonly OrderTerm[] {
  if (!reader.takeWord('ORDER')) return [];
  reader.expectWord('BY');
  const terms: OrderTerm[] = [];
  do {
    if (!reader.isName()) reader.failTerm(false);
    const { steps } = parsePath(reader);
    const isDescending = reader.takeWord('DESC');
    if (!isDescending) reader.takeWord('ASC');
    terms.push({ name: steps.join('.'), isDescending });
  } while (reader.takeSign(','));
  return terms;
}

function parseInsert(reader: TokenReader): InsertStatement {
  reader.expectWord('INTO');
  const { token } = reader;
  const target = parseNames(reader);
  if (target.index !== undefined) {
    reader.note(
      'FROM clause may only contain a single table name in data manipulation statements at ' +
        placeOf(token),
    );
  }
  if (!reader.takeWord('VALUE')) throw malformed('Unexpected token after expression');
  return { type: 'insert', ...target, item: parseItem(reader) };
}

function parseItem(reader: TokenReader): InsertStatement['item'] {
  if (reader.takeSign('?')) return reader.parameter().placeholder;
  if (!reader.takeSign('{')) return reader.failTerm(false);
  return parseMembers(reader, () =>
    reader.takeSign('?')
      ? reader.parameter().placeholder
      : reader.literal(parseLiteral(reader)).placeholder,
  );
}

function parseDelete(reader: TokenReader): DeleteStatement {
  reader.expectWord('FROM');
  const target = parseTarget(reader);
  const where = parseWhere(reader);
  const returning = parseReturning(reader);
  if (returning !== undefined && returning !== 'ALL_OLD') {
    const words = returning.replace('UPDATED', 'MODIFIED').replace('_', ' ');
    reader.note(
      `Invalid returning clause: RETURNING ${words} *. ` +
        'Only RETURNING ALL OLD * is allowed in DELETE statements.',
    );
  }
  return { type: 'delete', ...target, where, returning };
}

function parseExists(reader: TokenReader): ExistsStatement {
  reader.expectSign('(');
  reader.expectWord('SELECT');
  const { table, index, where } = parseSelect(reader);
  reader.expectSign(')');
  return { type: 'exists', table, index, where };
}

/** The table of a write, which has no index. */
function parseTarget(reader: TokenReader): Target {
  const target = parseNames(reader);
  if (target.index !== undefined) reader.note('This operation is not supported on an index');
  parseAlias(reader);
  return target;
}

function parseNames(reader: TokenReader): Target {
  const names: string[] = [];
  do names.push(reader.takeName('Expected identifier for simple path'));
  while (reader.takeSign('.'));
  const [table = '', index] = names;
  if (names.length > 2) reader.note('A path may contain at most 2 components in the FROM clause');
  if (names.includes('')) reader.note('Path component cannot be an empty string');
  return { table, index };
}

function parseAlias(reader: TokenReader): void {
  const isNamed = reader.takeWord('AS');
  if (!isNamed && !reader.isName()) return;
  reader.takeName('Expected identifier for alias');
  reader.note('Aliasing is not supported');
}

function parseWhere(reader: TokenReader): SelectStatement['where'] {
  return reader.takeWord('WHERE') ? parseCondition(reader) : undefined;
}

function parseReturning(reader: TokenReader): Returning | undefined {
  if (!reader.takeWord('RETURNING')) return undefined;
  const which = oneOf(reader, 'ALL', 'MODIFIED');
  const when = oneOf(reader, 'OLD', 'NEW');
  reader.expectSign('*');
  return `${which === 'ALL' ? 'ALL' : 'UPDATED'}_${when}`;
}

function oneOf<W extends string>(reader: TokenReader, ...words: readonly W[]): W {
  const token: Token = reader.token;
  const word = words.find((each) => reader.takeWord(each));
  if (word === undefined) throw malformed(`Expected ${words.join(' or ')}, found ${token.text}`);
  return word;
}
