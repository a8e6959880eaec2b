/**
 * The types of an AttributeValue's members, as step 7 of a request's judgement wants them.
 *
 * What the value means (one type, numbers, sets, nesting) is judged later by `value/wire.ts`. Here
 * null members go, unknown ones too, base64 becomes bytes. A value that needs none of that is
 * answered as it is, uncopied; copies have no prototype, so a name like `__proto__` is a name.
 */
import { decodeBase64 } from '../base/base64.ts';
import { invalid } from '../base/errors.ts';
import { nestingCheckedMax } from '../base/limits.ts';
import {
  base64Invalid,
  base64Length,
  modelPackage,
  notBase64,
  notConvertible,
  serialization,
  unexpectedElement,
  unexpectedField,
  unexpectedStart,
  unexpectedToken,
  unrecognizedCollection,
  unrecognizedMap,
} from './messages.ts';

/** How binary is written: as base64 text, or as bytes. */
export type BinaryForm = 'json' | 'wire';
/** Where a value stands decides the words for a scalar in the place of a structure. */
export type Place = 'field' | 'element';

type Members = Readonly<Record<string, unknown>>;

export const attributeValueClass: string = `${modelPackage}AttributeValue`;

export function isStructure(raw: unknown): raw is Members {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !ArrayBuffer.isView(raw);
}

/** Throws SerializationException where a member has the wrong JSON type. */
export function readAttribute(raw: unknown, form: BinaryForm, place: Place, depth = 1): unknown {
  if (!isStructure(raw)) throw notAStructure(raw, `class ${attributeValueClass}`, place);
  // What lies deeper than any item may be is refused by value/wire.ts before it looks there.
  if (depth > nestingCheckedMax) return raw;
  return eachMember(raw, (name, content) => readContent(name, content, form, depth));
}

/** Names to attribute values: an Item, a Key, an M. */
export function readAttributes(raw: Members, form: BinaryForm, depth = 1): unknown {
  return eachMember(raw, (_name, value) => readAttribute(value, form, 'element', depth));
}

/** A list of attribute values. A null among them is a value without a type. */
export function readAttributeList(
  raw: readonly unknown[],
  form: BinaryForm,
  depth = 1,
): readonly unknown[] {
  return eachElement(raw, (value) => readAttribute(value ?? {}, form, 'element', depth));
}

export function notAStructure(raw: unknown, type: string, place: Place): Error {
  if (Array.isArray(raw)) return unrecognizedCollection(type);
  return serialization(place === 'field' ? unexpectedField : unexpectedElement);
}

/** Undefined for a member that AttributeValue does not have. */
function readContent(name: string, content: unknown, form: BinaryForm, depth: number): unknown {
  switch (name) {
    case 'S':
    case 'N':
      return readString(content);
    case 'B':
      return readBinary(content, form);
    case 'BOOL':
    case 'NULL':
      return readBoolean(content);
    case 'SS':
    case 'NS':
      return eachElement(listIn(content), (element) => readString(notNullIn(name, element)));
    case 'BS':
      return eachElement(listIn(content), (element) => readBinary(notNullIn(name, element), form));
    case 'L':
      return readAttributeList(listIn(content), form, depth + 1);
    case 'M':
      return readAttributes(mapIn(content), form, depth + 1);
    default:
      return undefined;
  }
}

export function readString(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  throw notAScalar(raw, 'java.lang.String') ?? notConvertible(raw, 'String');
}

const trueWords: ReadonlySet<string> = new Set(['true', '1', 'yes']);
const falseWords: ReadonlySet<string> = new Set(['false', '0', 'no']);

export function readBoolean(raw: unknown): boolean {
  if (typeof raw === 'boolean') return raw;
  if (typeof raw === 'string') {
    const word = raw.toLowerCase();
    if (trueWords.has(word)) return true;
    if (falseWords.has(word)) return false;
    throw serialization(unexpectedToken);
  }
  throw notAScalar(raw, 'java.lang.Boolean') ?? notConvertible(raw, 'Boolean');
}

/** The refusal of a list or structure where a scalar belongs; undefined for a scalar. */
export function notAScalar(raw: unknown, javaClass: string): Error | undefined {
  if (Array.isArray(raw)) return unrecognizedCollection(`class ${javaClass}`);
  return typeof raw === 'object' ? serialization(unexpectedStart) : undefined;
}

function readBinary(raw: unknown, form: BinaryForm): Uint8Array {
  if (form === 'wire') {
    const bytes = bytesIn(raw);
    if (bytes !== undefined) return bytes;
  } else if (typeof raw === 'string') {
    if (raw.length % 4 !== 0) throw serialization(base64Length(raw.length));
    const bytes = decodeBase64(raw);
    if (bytes === undefined) throw serialization(base64Invalid);
    return bytes;
  }
  throw notAScalar(raw, 'java.nio.ByteBuffer') ?? serialization(notBase64);
}

/** Any buffer as a Uint8Array over the same memory; Node's Buffer is one with other habits. */
function bytesIn(raw: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(raw)) {
    if (raw instanceof Uint8Array && raw.constructor === Uint8Array) return raw;
    return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  }
  // By its tag, for a buffer of another realm is no instance of this one's class.
  const isBuffer = Object.prototype.toString.call(raw) === '[object ArrayBuffer]';
  return isBuffer ? new Uint8Array(raw as ArrayBuffer) : undefined;
}

function listIn(raw: unknown): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  throw serialization(isStructure(raw) ? unexpectedStart : unexpectedField);
}

function mapIn(raw: unknown): Members {
  if (Array.isArray(raw)) throw unrecognizedMap(attributeValueClass);
  if (!isStructure(raw)) throw serialization(unexpectedField);
  return raw;
}

const setWords: Readonly<Record<string, string>> = { SS: 'string', NS: 'number', BS: 'binary' };

function notNullIn(set: string, element: unknown): unknown {
  if (element !== null && element !== undefined) return element;
  const word = setWords[set];
  throw invalid(`An ${word} set may not have a null ${word} as a member`);
}

/** `raw` with each member read and the absent ones gone; `raw` itself when that changes nothing. */
export function eachMember(raw: Members, read: (name: string, value: unknown) => unknown): Members {
  const names = Object.keys(raw);
  let copy: Record<string, unknown> | undefined;
  for (let at = 0; at < names.length; at += 1) {
    const name = names[at] as string;
    const before = raw[name];
    const after = before === null || before === undefined ? undefined : read(name, before);
    if (copy === undefined && (after === undefined || after !== before)) {
      copy = firstMembers(raw, names, at);
    }
    if (copy !== undefined && after !== undefined) copy[name] = after;
  }
  return copy ?? raw;
}

function firstMembers(
  raw: Members,
  names: readonly string[],
  end: number,
): Record<string, unknown> {
  const copy = Object.create(null) as Record<string, unknown>;
  for (let at = 0; at < end; at += 1) {
    const name = names[at] as string;
    copy[name] = raw[name];
  }
  return copy;
}

/** `raw` with each element read; `raw` itself when that changes nothing. */
export function eachElement(
  raw: readonly unknown[],
  read: (element: unknown) => unknown,
): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let at = 0; at < raw.length; at += 1) {
    const before = raw[at];
    const after = read(before);
    if (copy === undefined && after !== before) copy = raw.slice(0, at);
    copy?.push(after);
  }
  return copy ?? raw;
}
