/**
 * A scope: what a principal may read and write of the hub's replicated tables, as ranges, and their
 * hash (shared/SYNC.md, Permissions). Where nobody is asked who they are there is none, and
 * everybody may do everything. Layout in docs/formats/replica.md.
 *
 * Invariants
 * - Equal scopes have equal bytes: tables in order, ranges joined.
 * - A table that is not in a scope is not the hub's: a device keeps what it has of it.
 */
import { ByteReader, ByteWriter, emptyBytes } from '../base/bytes.ts';
import { hash32 } from '../base/hash.ts';
import type { KeySpan, TableScope, Touch } from '../table/scope.ts';
import { isInSpans } from '../table/scope.ts';
import type { TreeReader } from '../tree/reader.ts';
import { joinRanges, type KeyRange, wholeTable } from './range.ts';

export interface Scope {
  /** ARN of the principal. */
  readonly user: string;
  /** By their names among replicas. */
  readonly tables: ReadonlyMap<string, TableScope['spans']>;
}

/** The record of a device's book that has the hub's scope as it was taken last. */
export const scopeKey: Uint8Array = Uint8Array.of(0x0e);

const touches: readonly Touch[] = ['read', 'put', 'remove'];

/** The same for equal scopes: 32 hexadecimal digits; undefined where there is no scope. */
export function hashOfScope(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  let hash = '';
  for (let seed = 0; seed < 4; seed += 1) {
    hash += hash32(bytes, seed).toString(16).padStart(8, '0');
  }
  return hash;
}

/** Empty where there is none. */
export function encodeScope(scope: Scope | undefined): Uint8Array {
  if (scope === undefined) return emptyBytes;
  const writer = new ByteWriter(256);
  writer.text(scope.user);
  const names = [...scope.tables.keys()].sort();
  for (const name of names) {
    const spans = scope.tables.get(name);
    writer.text(name);
    for (const touch of touches) {
      const ranges = spans?.[touch] && joinSpans(spans[touch]);
      writer.byte(ranges === undefined ? 0 : 1);
      if (ranges === undefined) continue;
      writer.varint(ranges.length);
      for (const { from, to = emptyBytes } of ranges) {
        writer.block(from);
        writer.block(to);
      }
    }
  }
  return writer.take();
}

export function decodeScope(bytes: Uint8Array): Scope | undefined {
  if (bytes.length === 0) return undefined;
  const reader = new ByteReader(bytes);
  const user = reader.text();
  const tables = new Map<string, TableScope['spans']>();
  while (!reader.done) {
    const name = reader.text();
    const [read, put, remove] = touches.map(() => readSpans(reader));
    tables.set(name, { read, put, remove });
  }
  return { user, tables };
}

function readSpans(reader: ByteReader): readonly KeySpan[] | undefined {
  if (reader.byte() === 0) return undefined;
  const count = reader.varint();
  const spans: KeySpan[] = [];
  while (spans.length < count) {
    const from = reader.block();
    const to = reader.block();
    spans.push({ from, to: to.length === 0 ? undefined : to });
  }
  return spans;
}

/** What a device has taken last, and its hash. */
export function readScope(
  reader: TreeReader,
  book: number,
): {
  readonly scope: Scope | undefined;
  readonly bytes: Uint8Array | undefined;
  readonly hash: string | undefined;
} {
  const bytes = reader.get(book, scopeKey);
  return {
    scope: bytes && decodeScope(bytes),
    bytes,
    hash: bytes && hashOfScope(bytes),
  };
}

/** What a table's description has of it; nothing where all is allowed. */
export function scopeOfTable(scope: Scope | undefined, global: string): TableScope | undefined {
  const spans = scope?.tables.get(global);
  if (scope === undefined || spans === undefined) return undefined;
  const isAll = touches.every((touch) => spans[touch] === undefined || isWhole(spans[touch]));
  return isAll ? undefined : { user: scope.user, spans };
}

export function isWhole(spans: readonly KeySpan[]): boolean {
  return spans.some(({ from, to }) => from.length === 0 && to === undefined);
}

/** Whether the principal may read an item; a table that the scope lacks is nobody's. */
export function mayRead(scope: Scope | undefined, global: string, key: Uint8Array): boolean {
  if (scope === undefined) return true;
  return isInSpans(scope.tables.get(global)?.read ?? [], key);
}

/** The ranges that may be read of the tables that are named. */
export function rangesOfScope(
  scope: Scope | undefined,
  globals: readonly string[],
): readonly KeyRange[] {
  return joinRanges(
    globals.flatMap((table): readonly KeyRange[] => {
      const spans = scope?.tables.get(table);
      // What the hub does not speak of is kept as it is.
      if (spans === undefined) return [wholeTable(table)];
      return (spans.read ?? []).map((span) => ({ table, ...span }));
    }),
  );
}

function joinSpans(spans: readonly KeySpan[]): readonly KeySpan[] {
  return joinRanges(spans.map((span) => ({ table: '', ...span })));
}
