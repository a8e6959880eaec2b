/**
 * JSON lines: a stream of bytes becomes the value of each line; what is none becomes an Error.
 *
 * The lines of a piece are parsed together, as one array, which costs half of parsing each; only a
 * piece in which something is wrong, or a number too long for a double, is taken line by line.
 */
import { concatBytes, emptyBytes } from '../base/bytes.ts';
import { hasManyDigits, JsonLine, parseLine } from '../value/json-line.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blank = 0x20;
const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');
/** What stands for bytes that are no UTF-8. Not written down: docs/adr/0037. */
const replacement = lenient.decode(Uint8Array.of(0xff));

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
    const whole = this.#take(bytes, last);
    return whole.length === 0 ? [] : valuesOf(whole, this.#exact);
  }

  /** The same lines, not parsed. */
  feedRaw(bytes: Uint8Array, last = false): readonly JsonLine[] {
    return rawLinesOf(this.#take(bytes, last));
  }

  #take(bytes: Uint8Array, last: boolean): Uint8Array {
    const all = this.#rest.length === 0 ? bytes : concatBytes(this.#rest, bytes);
    const end = last ? all.length : all.lastIndexOf(lineFeed) + 1;
    this.#rest = all.slice(end);
    this.#position += end;
    return all.subarray(0, end);
  }
}

/** Empty lines say nothing. */
function rawLinesOf(bytes: Uint8Array): JsonLine[] {
  const lines: JsonLine[] = [];
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, from);
    const to = found < 0 ? bytes.length : found;
    if (!isEmpty(bytes, from, to)) lines.push(new JsonLine(bytes, from, to));
    from = to + 1;
  }
  return lines;
}

function isEmpty(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    if (bytes[at] !== blank && bytes[at] !== carriageReturn) return false;
  }
  return true;
}

function valuesOf(bytes: Uint8Array, exact: boolean): readonly unknown[] {
  const text = textOf(bytes);
  if (text === undefined) {
    return linesOf(lenient.decode(bytes)).map((line) =>
      line.includes(replacement) ? new Error('The line is not UTF-8') : parseLine(line, exact),
    );
  }
  const lines = linesOf(text);
  if (exact && hasManyDigits(text)) return lines.map((line) => parseLine(line, exact));
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
