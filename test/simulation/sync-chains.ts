/**
 * Edits on edits that the hub has not answered, in every seventh world: one write, and at once what
 * has read it, often a transaction that writes another item besides, so that what falls with a
 * refused edit takes more with it than the items of that. Most pushes are of one entry there, so
 * that much falls that was never sent.
 *
 * Where policies move, what is read is always in scope, and what is written beside it may go out of
 * it. Elsewhere the other item is news: an item of another device that is on a page which is on its
 * way, and which is written hardly ever again, so that what it comes to shows at the end. Drawn by
 * itself, so that other worlds are as they were.
 */
import { type Prng, prng } from '../../src/base/prng.ts';
import type { ToDevice } from '../../src/replica/message.ts';
import type { Request } from '../../src/operation/request.ts';
import { decodeEntry } from '../../src/replica/entry.ts';
import { decodeChanges } from '../../src/replica/page.ts';
import { decodeItem } from '../../src/value/codec.ts';

export const chainFaults: readonly string[] = [
  'edit on an edit',
  'push of one entry',
  'page held up',
];

/** Who waits for an answer that is lost takes no page: fewer are, by so much. */
export const calmBy = 8;

const TableName = 'Things';
const news = 'news-';

export interface Link {
  readonly operation: string;
  readonly input: object;
  /** By the mark of what it writes there. */
  readonly keys: ReadonlyMap<string, string>;
}

interface Where {
  /** Of the keys that all clients write. */
  readonly keys: number;
  readonly isMoving: boolean;
  /** What a page brings that is on its way. */
  readonly coming: string | undefined;
  /** Another one each time, for a write. */
  mark(): string;
}

/** What is drawn for a device, `of` its client or the network; undefined in other worlds. */
export function chainsOf(
  { seed }: { readonly seed: number },
  of: 'client' | 'network',
): Prng | undefined {
  const index = (seed - 1) % 10;
  const world = (seed - 1 - index) / 10;
  return world % 7 === 0 ? prng(world * 211 + index * 17 + of.length) : undefined;
}

/** What is written one after another. */
export function chainOf(random: Prng, { keys, isMoving, coming, mark }: Where): readonly Link[] {
  const some = `k${random.below(keys)}`;
  if (!isMoving && coming === undefined) {
    const w = mark();
    return [linkOf(w, put(`${news}${w}`), undefined)];
  }
  const root = isMoving ? 'x0' : some;
  const first = random.chance(isMoving ? 0.8 : 0.2) ? put('x1') : undefined;
  const second = random.chance(0.7) ? put(coming ?? some) : undefined;
  return [linkOf(mark(), put(root), first), linkOf(mark(), update(root), second)];
}

/** A push holds one entry at least, whatever fits. */
export function pushOf(request: Request, random: Prng | undefined): Request | undefined {
  if (request.operation !== 'PreparePush' || random?.chance(0.6) !== true) return undefined;
  return { ...request, input: { ...(request.input as object), Bytes: 1 } };
}

/** News that others have written are on their way for longer than an edit takes to be made. */
export function heldOf(
  message: ToDevice,
  device: string,
  random: Prng | undefined,
): { readonly p: string; readonly heldMs: number } | undefined {
  if (random === undefined || message.kind !== 'page') return undefined;
  const keys = keysOf(decodeChanges(message.Changes));
  const p = keys.findLast((one) => one.startsWith(news) && !one.startsWith(`${news}${device}-`));
  return p === undefined || random.chance(0.2) ? undefined : { p, heldMs: 300 + random.below(900) };
}

/** How many of a hundred such entries the hub may not have: news it may. */
export function refusedShareOf(bytes: Uint8Array): number {
  const [p = ''] = keysOf(decodeEntry(bytes).mutations);
  return p.startsWith(news) ? 0 : 30;
}

function keysOf(images: readonly { readonly image?: Uint8Array | undefined }[]): readonly string[] {
  return images.flatMap(({ image }) => {
    return image === undefined ? [] : [String(decodeItem(image).get('p')?.value)];
  });
}

interface Write {
  readonly p: string;
  of(w: string): { readonly Put: object } | { readonly Update: object };
}

function put(p: string): Write {
  return { p, of: (w) => ({ Put: { TableName, Item: { p: { S: p }, w: { S: w } } } }) };
}

/** It reads its item. */
function update(p: string): Write {
  return {
    p,
    of: (w) => ({
      Update: {
        TableName,
        Key: { p: { S: p } },
        UpdateExpression: 'SET w = :w',
        ExpressionAttributeValues: { ':w': { S: w } },
      },
    }),
  };
}

function linkOf(w: string, one: Write, other: Write | undefined): Link {
  if (other === undefined) {
    const [[operation, input] = []] = Object.entries(one.of(w));
    return { operation: `${operation}Item`, input: input as object, keys: new Map([[w, one.p]]) };
  }
  const marks = [`${w}.0`, `${w}.1`] as const;
  const TransactItems = [one.of(marks[0]), other.of(marks[1])];
  const keys = new Map([
    [marks[0], one.p],
    [marks[1], other.p],
  ]);
  return { operation: 'TransactWriteItems', input: { TransactItems }, keys };
}
