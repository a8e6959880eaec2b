/**
 * In which tables of a BatchWriteItem a fault can be. The whole call is refused for any of its
 * requests (transactions-batch-partiql.md, section 5), and the tables are members of a map: of
 * faults in two tables no line of the reference says which one is told.
 *
 * The schemas are not at hand: where a request does not show its fault, each table can have it.
 */
import { canonical } from './answer.ts';
import type { Json } from './chance.ts';

type Writes = readonly Json[];

/** What a text tells, and whether the requests of one table show it. */
type Fault = readonly [text: RegExp, isIn: (writes: Writes, text: RegExpExecArray) => boolean];

const keyBytesMax = 1024;

const duplicates = /list of item keys contains duplicates/;

const faults: readonly Fault[] = [
  [duplicates, hasTwins],
  [
    /Type mismatch for Index Key (\S+) Expected: \w+ Actual: (\w+)/,
    (writes, [, name = '', type = '']) => {
      return writes.some((write) => Object.keys(putOf(write)[name] ?? {})[0] === type);
    },
  ],
  [
    /size limit of ?\d+ bytes|primary key values must be under|Size limit exceeded/,
    (writes) => hasLength(writes, (bytes) => bytes > keyBytesMax),
  ],
  [/cannot contain an empty/, (writes) => hasLength(writes, (bytes) => bytes === 0)],
  [/key element does not match|required keys was not given|conditions on the keys/, () => true],
];

/**
 * Whether the two refusals of a BatchWriteItem can be of two tables, or of one request: that it is
 * the second of its item comes before keys of indexes (protocol.md, section 4: "duplicate keys").
 */
export function areOfTwoTables(ours: string, theirs: string, { RequestItems }: Json): boolean {
  const tables = Object.values(RequestItems as Readonly<Record<string, Writes>>);
  if (duplicates.test(ours) && tables.some((writes) => isTwin(theirs, writes))) return true;
  const [mine, other] = [ours, theirs].map((line) =>
    tables.filter((writes) => shows(line, writes)),
  );
  return mine?.some((table) => other?.some((second) => second !== table)) === true;
}

/** Whether the first request that is of the same item as one before it shows the fault. */
function isTwin(line: string, writes: Writes): boolean {
  return writes.some((write, at) => {
    const before = writes.slice(0, at);
    return shows(line, [write]) && !hasTwins(before) && hasTwins([...before, write]);
  });
}

function shows(line: string, writes: Writes): boolean {
  return faults.some(([text, isIn]) => {
    const told = text.exec(line);
    return told !== null && isIn(writes, told);
  });
}

/** Two requests that can be of one item: one has the key of the other whole, or puts share some. */
function hasTwins(writes: Writes): boolean {
  const items = writes.map((write) => {
    const entries = Object.entries(deletedOf(write) ?? putOf(write));
    const texts = entries.map(([name, value]) => JSON.stringify([name, canonical(value as Json)]));
    return { isKey: deletedOf(write) !== undefined, texts: new Set(texts) };
  });
  return items.some((one, at) => {
    return items.slice(at + 1).some((two) => {
      const shared = [...one.texts].filter((text) => two.texts.has(text)).length;
      const whole = [one, two].filter(({ isKey }) => isKey).map(({ texts }) => texts.size);
      return shared > 0 && whole.every((size) => size === shared);
    });
  });
}

/** Whether a string or binary value at the top has such a length. */
function hasLength(writes: Writes, fits: (bytes: number) => boolean): boolean {
  return writes.some((write) => {
    return Object.values(deletedOf(write) ?? putOf(write)).some((value) => {
      const { S, B } = value as { readonly S?: string; readonly B?: string };
      const bytes = S === undefined ? B && Buffer.from(B, 'base64') : Buffer.from(S);
      return bytes !== undefined && fits(bytes.length);
    });
  });
}

function putOf({ PutRequest }: Json): Json {
  return ((PutRequest as Json | undefined)?.['Item'] ?? {}) as Json;
}

function deletedOf({ DeleteRequest }: Json): Json | undefined {
  return (DeleteRequest as Json | undefined)?.['Key'] as Json | undefined;
}
