/**
 * The items of a large request, made one by one before the engine is asked, so that others get
 * their turn between: a BatchWriteItem of 25 items of 400 KB has a million values.
 *
 * Its shape says where items are. What is wrong with one is not told here: it is left for the
 * request's check. Only what is larger than any item, or has more members than any list of actions
 * or conditions may have, is refused at once, before its values are read.
 */
import { DynamoError, validation } from '../base/errors.ts';
import {
  itemBytesMax,
  itemPartsMax,
  itemTextMax,
  requestPartsMax,
  requestTextMax,
  turnParts,
} from '../base/limits.ts';
import { isStructure, readAttributes } from '../shape/attribute-value.ts';
import type { AnyShape } from '../shape/constructors.ts';
import { encodeItem } from '../value/codec.ts';
import { rememberBytes, rememberItem } from '../value/prepared.ts';
import { itemSize } from '../value/size.ts';
import { wireReader } from '../value/wire.ts';

type Turns = Generator<undefined, void>;

/** What was gone through of one request. */
interface Count {
  /** Elements and members outside of items. */
  parts: number;
  /** Of all, since others had their turn. */
  sinceTurn: number;
}

/** Every `yield` is a place to let others have their turn. Throws ValidationException. */
export function prepareItems(shape: AnyShape, input: unknown): Turns {
  return prepareAll(shape, input, { parts: 0, sinceTurn: 0 });
}

/** Of a request that could not be carried out whatever was in it. */
export function vast(): DynamoError {
  return validation('The request has more members than any request that can be carried out');
}

function* prepareAll(shape: AnyShape, raw: unknown, count: Count): Turns {
  switch (shape.kind) {
    case 'string':
      if (typeof raw === 'string' && raw.length > requestTextMax) throw vast();
      return;
    case 'struct':
      if (!isStructure(raw)) return;
      for (const name of Object.keys(shape.fields)) {
        const field = shape.fields[name];
        if (field === undefined || !Object.hasOwn(raw, name)) continue;
        yield* prepareAll(field, raw[name], count);
      }
      return;
    case 'list':
      if (Array.isArray(raw)) yield* prepareEach(shape.of, raw, count);
      return;
    case 'map':
      if (!isStructure(raw)) return;
      if (shape.of.kind === 'value') yield* prepareItem(raw, count);
      else yield* prepareEach(shape.of, Object.values(raw), count);
      return;
    default:
  }
}

function* prepareEach(shape: AnyShape, elements: readonly unknown[], count: Count): Turns {
  count.parts += elements.length;
  if (count.parts > requestPartsMax) throw vast();
  if (shape.kind === 'value') return;
  for (const element of elements) {
    yield* prepareAll(shape, element, count);
    yield* turn(count, 1);
  }
}

function* prepareItem(raw: Readonly<Record<string, unknown>>, count: Count): Turns {
  const parts = yield* checkParts(raw, count);
  try {
    const read = readAttributes(raw, 'json') as object;
    yield* turn(count, parts);
    const item = wireReader.item(read);
    yield* turn(count, parts);
    const size = itemSize(item);
    if (size <= itemBytesMax) rememberBytes(item, encodeItem(item, { size }));
    rememberItem(raw, read, item);
  } catch (error) {
    // The check meets it again, when its turn has come among the others.
    if (!(error instanceof DynamoError)) throw error;
  }
  yield* turn(count, parts);
}

function* turn(count: Count, parts: number): Turns {
  count.sinceTurn += parts;
  if (count.sinceTurn < turnParts) return;
  count.sinceTurn = 0;
  yield;
}

/** How many parts it has. Throws where there are more of them, or more text, than in an item. */
function* checkParts(raw: object, count: Count): Generator<undefined, number> {
  const open: object[] = [raw];
  let parts = 0;
  let chars = 0;
  for (let inside = open.pop(); inside !== undefined; inside = open.pop()) {
    const members: readonly unknown[] = Array.isArray(inside) ? inside : Object.values(inside);
    for (const member of members) {
      if (typeof member === 'object' && member !== null) open.push(member);
      else if (typeof member === 'string') chars += member.length;
    }
    parts += members.length;
    if (parts > itemPartsMax || chars > itemTextMax) {
      throw validation('Item size has exceeded the maximum allowed size');
    }
    yield* turn(count, members.length);
  }
  return parts;
}
