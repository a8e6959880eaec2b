/**
 * A value as text that is the same for equal content, whoever made it and in whatever order its
 * members stand: by it identical inputs are known.
 *
 * Texts that are equal mean inputs that are equal. Members that are undefined count as absent.
 */
import { nestingCheckedMax } from './limits.ts';

/** Throws on what is nested deeper than any input is. */
export function canonicalText(value: unknown, depth = 0): string {
  if (depth > 4 * nestingCheckedMax) throw new RangeError('An input that is nested too deep');
  if (value instanceof String) return `d${JSON.stringify(String(value))}`;
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'bigint':
      return `${value}n`;
    case 'object':
      return value === null ? 'null' : ofObject(value, depth + 1);
    default:
      return String(value);
  }
}

function ofObject(value: object, depth: number): string {
  const inner = (member: unknown): string => canonicalText(member, depth);
  if (Array.isArray(value)) return `[${value.map(inner).join(',')}]`;
  if (ArrayBuffer.isView(value)) {
    return `b${new Uint8Array(value.buffer, value.byteOffset, value.byteLength).join('.')}`;
  }
  if (value instanceof ArrayBuffer) return `b${new Uint8Array(value).join('.')}`;
  if (value instanceof Set) return `s[${[...value].map(inner).sort().join(',')}]`;
  if (value instanceof Map) return `m[${[...value].map(inner).sort().join(',')}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const texts = members.map(([name, member]) => `${JSON.stringify(name)}:${inner(member)}`);
  return `{${texts.sort().join(',')}}`;
}
