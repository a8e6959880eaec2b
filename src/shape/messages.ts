/**
 * The words of DynamoDB's refusals of an input's shape: reference/protocol.md, sections 5 and 6.
 *
 * Nothing here judges: `check.ts` and `attribute-value.ts` say which type was not expected,
 * `constraints.ts` which constraint failed. Texts are built only when there is something to refuse.
 */
import { DynamoError, validation } from '../base/errors.ts';
import { nestingDepthMax } from '../base/limits.ts';
import { quoted } from '../base/quoted.ts';
import type { AnyShape, ListShape, MapShape, NumberShape, StringShape } from './constructors.ts';

export const modelPackage = 'com.amazonaws.dynamodb.v20120810.';
export const unexpectedField = 'Unexpected field type';
export const unexpectedElement = 'Unexpected value type in payload';
export const unexpectedToken = 'Unexpected token received from parser';
export const unexpectedStart = 'Start of structure or map found where not expected';
export const notBase64 = 'only base-64-encoded strings are convertible to bytes';
/** A list or map inside a list or map, given a scalar: DynamoDB shows its own cast that failed. */
export const unexpectedNested: string =
  'class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class ' +
  'java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and ' +
  "java.lang.Class are in module java.base of loader 'bootstrap')";
/** The misspelling is DynamoDB's. */
export const base64Invalid = 'Invalid last non-pad Base64 character dectected';

export function base64Length(length: number): string {
  return `Base64 encoded length is expected a multiple of 4 bytes but found: ${length}`;
}

export function serialization(message: string): DynamoError {
  return new DynamoError('SerializationException', message);
}

/** A list where the Java type `type` was expected. */
export function unrecognizedCollection(type: string): DynamoError {
  return serialization(`Unrecognized collection type ${type}`);
}

export function unrecognizedMap(javaValue: string): DynamoError {
  return unrecognizedCollection(`java.util.Map<java.lang.String, ${javaValue}>`);
}

/** A scalar where another scalar, `target`, was expected. */
export function notConvertible(raw: unknown, target: string): DynamoError {
  return serialization(`${tokenOf(raw)} cannot be converted to ${target}`);
}

function tokenOf(raw: unknown): string {
  if (typeof raw === 'boolean') return raw ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof raw === 'string') return 'STRING_VALUE';
  return Number.isInteger(raw) || typeof raw === 'bigint' ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
}

/** Where operations on tables say it, instead of `notNull`. */
export function missingParameter(name: string): DynamoError {
  return validation(`The parameter '${name}' is required but was not present in the request`);
}

export const notNull = 'Member must not be null';

export function minLength(min: number): string {
  return `Member must have length greater than or equal to ${min}`;
}

export function maxLength(max: number): string {
  return `Member must have length less than or equal to ${max}`;
}

export function minValue(min: number): string {
  return `Member must have value greater than or equal to ${min}`;
}

export function maxValue(max: number): string {
  return `Member must have value less than or equal to ${max}`;
}

export function pattern(text: string): string {
  return `Member must satisfy regular expression pattern: ${text}`;
}

export function enumSet(values: readonly string[]): string {
  return `Member must satisfy enum value set: [${values.join(', ')}]`;
}

/** All that a shape demands of one map key or map value, in the order DynamoDB lists it. */
export function allOf(shape: StringShape | ListShape | MapShape | NumberShape): string {
  const texts: string[] = [];
  const isNumber = !('of' in shape) && shape.kind !== 'string';
  if (shape.max !== undefined) texts.push(isNumber ? maxValue(shape.max) : maxLength(shape.max));
  if (shape.min !== undefined) texts.push(isNumber ? minValue(shape.min) : minLength(shape.min));
  if (shape.kind === 'string' && shape.pattern !== undefined) texts.push(pattern(shape.pattern));
  if (shape.kind === 'string' && shape.values !== undefined) texts.push(enumSet(shape.values));
  return `[${texts.join(', ')}]`;
}

/** The refusal that lists `violations`, at most ten. */
export function violated(violations: readonly string[]): DynamoError {
  const errors = violations.length === 1 ? 'error' : 'errors';
  return new DynamoError(
    'ValidationException',
    `${violations.length} validation ${errors} detected: ${violations.join('; ')}`,
  );
}

export function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** A value as Java prints it, the way DynamoDB quotes it. Deeper than an item may be: `...`. */
export function javaText(shape: AnyShape, value: unknown, depth = 0): string {
  if (value === undefined || value === null) return 'null';
  if (depth > nestingDepthMax) return '...';
  if (shape.kind === 'list') {
    return textOfList(value, (element) => javaText(shape.of, element, depth + 1));
  }
  if (shape.kind === 'map') {
    return textOfMap(value, (element) => javaText(shape.of, element, depth + 1));
  }
  if (shape.kind === 'value') return textOfAttribute(value, depth);
  if (shape.kind !== 'struct') return String(value);
  const fields = Object.entries(shape.fields).map(([name, field]) => {
    return `${lowerFirst(name)}=${javaText(field, member(value, name), depth + 1)}`;
  });
  return `${shape.name}(${fields.join(', ')})`;
}

function textOfAttribute(value: unknown, depth: number): string {
  if (depth > nestingDepthMax) return '...';
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.keys(value).map((name) => {
    return `${lowerFirst(name)}=${textOfContent(name, member(value, name), depth)}`;
  });
  return `AttributeValue(${members.join(', ')})`;
}

function textOfContent(type: string, content: unknown, depth: number): string {
  const deeper = (element: unknown): string => textOfAttribute(element, depth + 1);
  if (type === 'M') return textOfMap(content, deeper);
  if (type === 'L') return textOfList(content, deeper);
  if (Array.isArray(content)) return textOfList(content, textOfScalar);
  return textOfScalar(content);
}

function textOfScalar(value: unknown): string {
  if (!(value instanceof Uint8Array)) return String(value);
  return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
}

function textOfList(value: unknown, text: (element: unknown) => string): string {
  return Array.isArray(value) ? `[${quoted(value, text)}]` : '[]';
}

function textOfMap(value: unknown, text: (element: unknown) => string): string {
  if (typeof value !== 'object' || value === null) return '{}';
  return `{${quoted(Object.keys(value), (key) => `${key}=${text(member(value, key))}`)}}`;
}

function member(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>>)[name];
}
