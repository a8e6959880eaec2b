/**
 * The refusals of expressions that several files make, and how they print paths and values.
 *
 * Texts are those of reference/expressions.md, sections 3 and 4.
 */
import { type DynamoError, validation } from '../base/errors.ts';
import type { Value } from '../value/value.ts';
import type { ExpressionKind } from './ast.ts';

/** A document path with its placeholders resolved: names and list indexes. */
export type Path = readonly (string | number)[];

/** `Invalid <kind>Expression: <tail>`; of a statement the tail alone. */
export function refusal(kind: ExpressionKind, tail: string): DynamoError {
  return validation(kind === 'Statement' ? tail : `Invalid ${kind}Expression: ${tail}`);
}

/** `type` is a short type name such as `N`, or whatever DynamoDB prints in its place. */
export function wrongType(kind: ExpressionKind, operator: string, type: string): DynamoError {
  return refusal(
    kind,
    'Incorrect operand type for operator or function; ' +
      `operator or function: ${operator}, operand type: ${type}`,
  );
}

export function wrongCount(kind: ExpressionKind, operator: string, count: number): DynamoError {
  return refusal(
    kind,
    'Incorrect number of operands for operator or function; ' +
      `operator or function: ${operator}, number of operands: ${count}`,
  );
}

/** A known function that may not stand where it does. */
export function misused(kind: ExpressionKind, name: string): DynamoError {
  return refusal(
    kind,
    `The function is not allowed to be used this way in an expression; function: ${name}`,
  );
}

export function pathRequired(kind: ExpressionKind, operator: string): DynamoError {
  return refusal(
    kind,
    `Operator or function requires a document path; operator or function: ${operator}`,
  );
}

/** `[a, b, [1]]`. */
export function printPath(path: Path): string {
  return `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;
}

/** `AttributeValue: {N:1}`. */
export function printValue(value: Value): string {
  return `AttributeValue: ${printBare(value)}`;
}

function printBare(value: Value): string {
  switch (value.type) {
    case 'B':
      return `{B:${printBytes(value.value)}}`;
    case 'SS':
    case 'NS':
      return `{${value.type}:[${value.value.join(', ')}]}`;
    case 'BS':
      return `{BS:[${value.value.map(printBytes).join(', ')}]}`;
    case 'L':
      return `{L:[${value.value.map(printBare).join(', ')}]}`;
    case 'M': {
      const members = [...value.value].map(([name, member]) => `${name}=${printBare(member)}`);
      return `{M:{${members.join(', ')}}}`;
    }
    default:
      return `{${value.type}:${value.value}}`;
  }
}

/** DynamoDB prints the Java object that holds the bytes, not the bytes. */
function printBytes(bytes: Uint8Array): string {
  return `java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]`;
}
