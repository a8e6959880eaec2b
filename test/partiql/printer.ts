/** Values and conditions as PartiQL text: the way back, for property tests of the parser. */
import type { BoundCondition, Operand } from '../../src/expression/bind.ts';
import { parseStatement } from '../../src/partiql/parser.ts';
import type { Value } from '../../src/value/value.ts';

export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
export const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Undefined for a value that has no literal: binary. */
export function printValue(value: Value): string | undefined {
  switch (value.type) {
    case 'S':
      return quote(value.value);
    case 'N':
      return value.value;
    case 'BOOL':
      return String(value.value);
    case 'NULL':
      return 'null';
    case 'SS':
      return `<<${value.value.map(quote).join(', ')}>>`;
    case 'NS':
      return `<<${value.value.join(',')}>>`;
    case 'L': {
      const elements = value.value.map(printValue);
      return elements.includes(undefined) ? undefined : `[${elements.join(', ')}]`;
    }
    case 'M': {
      const members = [...value.value].map(([key, member]) => [quote(key), printValue(member)]);
      if (members.some(([, member]) => member === undefined)) return undefined;
      return `{${members.map(([key, member]) => `${key}: ${member}`).join(', ')}}`;
    }
    default:
      return undefined;
  }
}

export function printCondition(condition: BoundCondition): string {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.operands
        .map((inner) => `(${printCondition(inner)})`)
        .join(` ${condition.type.toUpperCase()} `);
    case 'not':
      return `NOT (${printCondition(condition.operand)})`;
    case 'compare':
      return `${operand(condition.left)} ${condition.operator} ${operand(condition.right)}`;
    case 'between':
      return `${operand(condition.operand)} BETWEEN ${operand(condition.lower)} AND ${operand(condition.upper)}`;
    case 'in':
      return `${operand(condition.operand)} IN [${condition.candidates.map(operand).join(', ')}]`;
    case 'attribute_exists':
    case 'attribute_not_exists':
      return `${condition.type}(${operand({ type: 'path', path: condition.path })})`;
    case 'attribute_type':
      return `attribute_type(${operand(condition.operand)}, '${condition.expected}')`;
    default:
      return `${condition.type}(${operand(condition.operand)}, ${operand(condition.part)})`;
  }
}

function operand(each: Operand): string {
  if (each.type === 'literal') return printValue(each.value) ?? '?';
  if (each.type === 'size') return `size(${operand(each.of)})`;
  if (each.type === 'test') return `(${printCondition(each.condition)})`;
  return each.path
    .map((step, at) => {
      if (typeof step === 'number') return `[${step}]`;
      return at === 0 ? name(step) : `.${name(step)}`;
    })
    .join('');
}

/** The message of a statement's refusal; undefined when it is well formed. */
export function malformation(text: string): string | undefined {
  try {
    parseStatement(text);
    return undefined;
  } catch (error) {
    const { name: kind, message } = error as Error;
    return kind === 'ValidationException' ? message : `${kind}: ${message}`;
  }
}
