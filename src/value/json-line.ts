/**
 * A line of JSON, as bytes until somebody wants to know what it says.
 */
import { NumberValue } from './number-value.ts';

/** More digits than a double is sure to keep. */
const manyDigits = /\d[\d.]{15}/;
const exactDigits = 15;
const strict = new TextDecoder('utf-8', { fatal: true });

export class JsonLine {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  /** Its value, numbers with all their digits; an Error if it is none. */
  parse(): unknown {
    let text: string;
    try {
      text = strict.decode(this.bytes.subarray(this.from, this.to));
    } catch {
      return new Error('The line is not UTF-8');
    }
    return parseLine(text, true);
  }
}

/** What the line says; with `exact`, numbers keep all their digits. An Error if it is no JSON. */
export function parseLine(line: string, exact: boolean): unknown {
  try {
    return exact && manyDigits.test(line) ? JSON.parse(line, keepDigits) : JSON.parse(line);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Whether a number in it may have more digits than a double keeps. */
export function hasManyDigits(text: string): boolean {
  return manyDigits.test(text);
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const keepDigits: Reviver = (_key, value, context) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source } = context ?? {};
  if (source !== undefined) return source.length > exactDigits ? new NumberValue(source) : value;
  // Firefox before 135, Safari before 18.4.
  if (String(value).replace('.', '').length <= exactDigits) return value;
  throw new Error('A number has too many digits for this browser: use DynamoDB JSON');
};
