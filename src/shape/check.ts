/**
 * Tests an input against its declared shape: steps 7 and 8 of a request's judgement
 * (reference/protocol.md, sections 4 to 6).
 *
 * First the JSON types of the whole input, in the order it was written, the first mismatch being
 * the answer; then the declared constraints, aggregated (`constraints.ts`). The input itself is
 * never changed, and a name in it is never assigned to an object that has a prototype.
 */
import {
  eachElement,
  eachMember,
  isStructure,
  notAScalar,
  notAStructure,
  type Place,
  readAttribute,
  readAttributeList,
  readAttributes,
  readBoolean,
  readString,
} from './attribute-value.ts';
import { checkConstraints } from './constraints.ts';
import type { AnyShape, ListShape, MapShape, NumberShape, StructShape } from './constructors.ts';
import { prepared } from '../value/prepared.ts';
import {
  modelPackage,
  notConvertible,
  serialization,
  unexpectedField,
  unexpectedNested,
  unexpectedStart,
  unrecognizedMap,
} from './messages.ts';

/** As operation/request.ts says: base64 text, bytes, or JavaScript values left as they are. */
type Form = 'json' | 'wire' | 'plain';

/**
 * What passes the shape: without null and unknown members, integers floored, in form `json` binary
 * as bytes. Throws SerializationException or ValidationException.
 */
export function checkInput(shape: AnyShape, raw: unknown, form: Form): unknown {
  if (shape.kind !== 'struct' || !isStructure(raw)) throw serialization('');
  const input = readStruct(shape, raw, form);
  checkConstraints(shape, input);
  return input;
}

function read(shape: AnyShape, raw: unknown, form: Form, place: Place): unknown {
  switch (shape.kind) {
    case 'string':
      return readString(raw);
    case 'boolean':
      return readBoolean(raw);
    case 'integer':
    case 'long':
    case 'double':
    case 'timestamp':
      return readNumber(shape, raw);
    case 'list':
      return readList(shape, raw, form, place);
    case 'map':
      return readMap(shape, raw, form, place);
    case 'bytes':
      if (raw instanceof Uint8Array) return raw;
      throw serialization('');
    case 'value':
      return form === 'plain' ? raw : readAttribute(raw, form, place);
    case 'struct':
      if (isStructure(raw)) return readStruct(shape, raw, form);
      throw notAStructure(raw, `class ${modelPackage}${shape.name}`, place);
  }
}

function readStruct(
  shape: StructShape,
  raw: Readonly<Record<string, unknown>>,
  form: Form,
): object {
  const input: Record<string, unknown> = {};
  let isSame = form === 'json';
  for (const name of Object.keys(raw)) {
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
    const value = field === undefined ? undefined : raw[name];
    if (field === undefined || isAbsent(field, value, form)) {
      isSame = false;
      continue;
    }
    const after = read(field, value, form, 'field');
    isSame &&= after === value;
    input[name] = after;
  }
  // What JSON.parse made is ours: of a long list no element is kept twice.
  return isSame ? raw : input;
}

/** Null is absent, but for a plain attribute value: there it is NULL. */
function isAbsent(shape: AnyShape, raw: unknown, form: Form): boolean {
  return raw === undefined || (raw === null && !(form === 'plain' && shape.kind === 'value'));
}

const javaNames: Readonly<Record<NumberShape['kind'], string>> = {
  integer: 'Integer',
  long: 'Long',
  double: 'Double',
  timestamp: 'Date',
};

function readNumber(shape: NumberShape, raw: unknown): number {
  if (typeof raw === 'number' || typeof raw === 'bigint') {
    const number = Number(raw);
    return shape.kind === 'integer' || shape.kind === 'long' ? Math.floor(number) : number;
  }
  const name = javaNames[shape.kind];
  const javaClass = shape.kind === 'timestamp' ? 'java.util.Date' : `java.lang.${name}`;
  throw notAScalar(raw, javaClass) ?? notConvertible(raw, name);
}

function readList(shape: ListShape, raw: unknown, form: Form, place: Place): readonly unknown[] {
  if (!Array.isArray(raw)) {
    if (isStructure(raw)) throw serialization(unexpectedStart);
    throw serialization(place === 'field' ? unexpectedField : unexpectedNested);
  }
  if (shape.of.kind === 'value') return form === 'plain' ? raw : readAttributeList(raw, form);
  // A null element stays: that it must not be null is a constraint, not a type.
  return eachElement(raw, (element) =>
    element === null || element === undefined ? null : read(shape.of, element, form, 'element'),
  );
}

function readMap(shape: MapShape, raw: unknown, form: Form, place: Place): unknown {
  if (Array.isArray(raw)) throw unrecognizedMap(shape.javaValue);
  if (!isStructure(raw)) {
    throw serialization(place === 'field' ? unexpectedField : unexpectedNested);
  }
  if (shape.of.kind === 'value') {
    return form === 'plain' ? raw : (prepared(raw) ?? readAttributes(raw, form));
  }
  return eachMember(raw, (_name, value) => read(shape.of, value, form, 'element'));
}
