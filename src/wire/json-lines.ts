/**
 * JSON lines: a stream of bytes becomes the value of each line; what is none becomes an Error.
 *
 * The lines of a piece are parsed together, as one array, which costs half of parsing each; only a
 * piece in which something is wrong, or a number too long for a double, is taken line by line.
 */
import { concatBytes, emptyBytes } from '../base/bytes.ts';
import { NumberValue } from '../value/number-value.ts';

const lineFeed = 0x0a;
/** More digits than a double is sure to keep. */
const manyDigits = /\d[\d.]{15}/;
const exactDigits = 15;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

export class LineReader {
  readonly #exact: boolean;
  #rest: Uint8Array = emptyBytes;
  #position: number;

  /** `exact`: numbers keep all their digits. The bytes fed first are at `position`. */
  constructor(exact: boolean, position = 0) {
    this.#exact = exact;
    this.#position = position;
  }

  /** Where the first line begins that was not answered yet. */
  get position(): number {
    return this.#position;
  }

  /** The lines that are whole with these bytes; `last` ends also the line that they end in. */
  feed(bytes: Uint8Array, last = false): readonly unknown[] {
    const all = this.#rest.length === 0 ? bytes : concatBytes(this.#rest, bytes);
    const end = last ? all.length : all.lastIndexOf(lineFeed) + 1;
    this.#rest = all.slice(end);
    this.#position += end;
    return end === 0 ? [] : valuesOf(all.subarray(0, end), this.#exact);
  }
}

function valuesOf(bytes: Uint8Array, exact: boolean): readonly unknown[] {
  const text = textOf(bytes);
  if (text === undefined) {
    return linesOf(lenient.decode(bytes)).map((line) =>
      line.includes('\ufffd') ? new Error('The line is not UTF-8') : parseLine(line, exact),
    );
  }
  const lines = linesOf(text);
  if (exact && manyDigits.test(text)) return lines.map((line) => parseLine(line, exact));
  try {
    const values = JSON.parse(`[${lines.join(',')}]`) as unknown[];
    // A line may hold what only together with its neighbours is right.
    if (values.length === lines.length && lines.every(isObject)) return values;
  } catch {
    // Which line is wrong is found below.
  }
  return lines.map((line) => parseLine(line, exact));
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Empty lines say nothing. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && line.trim() !== '');
}

function isObject(line: string): boolean {
  return line.startsWith('{') && (line.endsWith('}') || line.endsWith('}\r'));
}

type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

function parseLine(line: string, exact: boolean): unknown {
  try {
    return exact && manyDigits.test(line) ? JSON.parse(line, keepDigits) : JSON.parse(line);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const keepDigits: Reviver = (_key, value, context) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const { source } = context ?? {};
  if (source !== undefined) return source.length > exactDigits ? new NumberValue(source) : value;
  // Firefox before 135, Safari before 18.4.
  if (String(value).replace('.', '').length <= exactDigits) return value;
  throw new Error('A number has too many digits for this browser: use DynamoDB JSON');
};
