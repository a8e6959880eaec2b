/**
 * The declared constraints of an input, judged together: reference/protocol.md, section 6.
 *
 * A structure's own members come before what is nested in them, in the order its shape declares.
 * Where the walk stands is a stack of names; a path becomes text only for a violation. Attribute
 * values have no declared constraints, so the walk does not enter them.
 */
import { constraintViolationsMax, tableArnLengthMax } from '../base/limits.ts';
import type { AnyShape, ListShape, MapShape, StringShape, StructShape } from './constructors.ts';
import {
  allOf,
  enumSet,
  javaText,
  lowerFirst,
  maxLength,
  maxValue,
  minLength,
  minValue,
  missingParameter,
  notNull,
  pattern,
  violated,
} from './messages.ts';

/** A member's name, or the element or entry of the list or map before it. */
type Step = string | { readonly element: string | number };

interface Walk {
  readonly path: Step[];
  readonly found: string[];
  /** Violations that are reported without the others. */
  readonly alone: string[];
}

type Members = Readonly<Record<string, unknown>>;

/** Throws ValidationException naming every violation, at most ten. */
export function checkConstraints(shape: StructShape, input: object): void {
  const walk: Walk = { path: [], found: [], alone: [] };
  checkStruct(walk, shape, input as Members);
  if (walk.alone.length > 0) throw violated(walk.alone);
  if (walk.found.length > 0) throw violated(walk.found);
}

function checkStruct(walk: Walk, shape: StructShape, value: Members): void {
  for (const name in shape.fields) {
    const field = shape.fields[name] as AnyShape;
    const member = value[name];
    if (member === undefined && !field.isRequired) continue;
    walk.path.push(name);
    if (member === undefined && field.kind === 'string' && field.demanded === true) {
      throw missingParameter(name);
    }
    if (member === undefined) report(walk, field, undefined, notNull);
    else checkOwn(walk, field, member);
    walk.path.pop();
  }
  for (const name in shape.fields) {
    const member = value[name];
    if (member === undefined) continue;
    walk.path.push(name);
    checkNested(walk, shape.fields[name] as AnyShape, member);
    walk.path.pop();
  }
}

function checkOwn(walk: Walk, shape: AnyShape, value: unknown): void {
  switch (shape.kind) {
    case 'string':
      for (const text of brokenByString(shape, value as string)) report(walk, shape, value, text);
      return;
    case 'integer':
    case 'long':
    case 'double':
    case 'timestamp':
      if (shape.min !== undefined && (value as number) < shape.min) {
        report(walk, shape, value, minValue(shape.min));
      }
      if (shape.max !== undefined && (value as number) > shape.max) {
        report(walk, shape, value, maxValue(shape.max));
      }
      return;
    case 'list':
      checkLength(walk, shape, value, (value as readonly unknown[]).length);
      return;
    case 'map':
      checkMap(walk, shape, value as Members);
      return;
    default:
      return;
  }
}

const nothing: readonly string[] = [];

function brokenByString(shape: StringShape, value: string): readonly string[] {
  if (shape.values !== undefined) {
    return shape.values.includes(value) ? nothing : [enumSet(shape.values)];
  }
  if (shape.arn === true && value.startsWith('arn:')) {
    return value.length <= tableArnLengthMax ? nothing : [maxLength(tableArnLengthMax)];
  }
  const tooShort = shape.min !== undefined && value.length < shape.min;
  const tooLong = shape.max !== undefined && value.length > shape.max;
  // Where an ARN may stand, an empty text is too short and nothing else.
  const matches = (shape.arn === true && value === '') || matchesPattern(shape, value);
  if (matches && !tooShort && !tooLong) return nothing;
  const broken: string[] = [];
  if (!matches && shape.pattern !== undefined) broken.push(pattern(shape.pattern));
  if (tooShort && shape.min !== undefined) broken.push(minLength(shape.min));
  if (tooLong && shape.max !== undefined) broken.push(maxLength(shape.max));
  return broken;
}

/** One for each declared shape that has a pattern. */
const patterns: WeakMap<StringShape, RegExp> = new WeakMap();

function matchesPattern(shape: StringShape, value: string): boolean {
  if (shape.pattern === undefined) return true;
  let compiled = patterns.get(shape);
  if (compiled === undefined) {
    compiled = new RegExp(`^(?:${shape.pattern})$`);
    patterns.set(shape, compiled);
  }
  return compiled.test(value);
}

function checkLength(
  walk: Walk,
  shape: ListShape | MapShape,
  value: unknown,
  length: number,
): void {
  if (shape.min !== undefined && length < shape.min) {
    report(walk, shape, value, minLength(shape.min));
  }
  if (shape.max !== undefined && length > shape.max) {
    report(walk, shape, value, maxLength(shape.max));
  }
}

/**
 * Keys and values of a map are reported at the map, once for all keys and once for all values.
 * There may be a million keys: they are listed once, and only where something is asked of them.
 */
function checkMap(walk: Walk, shape: MapShape, value: Members): void {
  const { keys, of } = shape;
  const hasRule = of.kind === 'string' || of.kind === 'list' || of.kind === 'map';
  const rules = hasRule && allOf(of) !== '[]' ? of : undefined;
  const isCounted = shape.min !== undefined || shape.max !== undefined;
  if (keys === undefined && rules === undefined && !isCounted) return;
  const names = Object.keys(value);
  checkLength(walk, shape, value, names.length);
  if (keys !== undefined && names.some((name) => brokenByString(keys, name).length > 0)) {
    report(walk, shape, value, `Map keys must satisfy constraint: ${allOf(keys)}`);
  }
  if (rules !== undefined && names.some((name) => breaks(rules, value[name]))) {
    report(walk, shape, value, `Map value must satisfy constraint: ${allOf(rules)}`);
  }
}

function breaks(shape: StringShape | ListShape | MapShape, value: unknown): boolean {
  if (shape.kind === 'string') return brokenByString(shape, value as string).length > 0;
  const length = Array.isArray(value) ? value.length : Object.keys(value as Members).length;
  return (
    (shape.min !== undefined && length < shape.min) ||
    (shape.max !== undefined && length > shape.max)
  );
}

function checkNested(walk: Walk, shape: AnyShape, value: unknown): void {
  if (shape.kind === 'struct') {
    checkStruct(walk, shape, value as Members);
    return;
  }
  if ((shape.kind !== 'list' && shape.kind !== 'map') || shape.of.kind === 'value') return;
  if (shape.kind === 'list') {
    const list = value as readonly unknown[];
    for (let at = 0; at < list.length; at += 1) {
      walk.path.push({ element: at + 1 });
      checkElement(walk, shape.of, list[at]);
      walk.path.pop();
    }
    return;
  }
  // The own constraints of a map's values are told at the map.
  if (!hasParts(shape.of)) return;
  for (const key of Object.keys(value as Members)) {
    walk.path.push({ element: key });
    checkNested(walk, shape.of, (value as Members)[key]);
    walk.path.pop();
  }
}

/** Whether a value of this shape has members or elements with constraints of their own. */
function hasParts(shape: AnyShape): boolean {
  return shape.kind === 'struct' || shape.kind === 'list' || shape.kind === 'map';
}

function checkElement(walk: Walk, shape: AnyShape, value: unknown): void {
  if (value === null) {
    report(walk, shape, undefined, notNull);
    return;
  }
  checkOwn(walk, shape, value);
  checkNested(walk, shape, value);
}

function report(walk: Walk, shape: AnyShape, value: unknown, constraint: string): void {
  const isAlone = shape.kind === 'string' && shape.alone === true && value !== undefined;
  const list = isAlone ? walk.alone : walk.found;
  if (list.length >= constraintViolationsMax) return;
  const hidden = 'hidden' in shape && shape.hidden === true && value !== undefined;
  const quoted = value === undefined ? ' null' : hidden ? '' : ` '${javaText(shape, value)}'`;
  const path = pathText(walk.path, hidden);
  list.push(`Value${quoted} at '${path}' failed to satisfy constraint: ${constraint}`);
}

/** Paths start names with a small letter; those of the form that hides the value do not. */
function pathText(path: readonly Step[], verbatim: boolean): string {
  const parts = path.map((step) => {
    if (typeof step !== 'string') return `${step.element}.member`;
    return verbatim ? step : lowerFirst(step);
  });
  return parts.join('.');
}
