/**
 * Stock that is sold with the hub's word: each sale takes one, on condition that there is one, and
 * some write an order beside it. What the hub says of each sale is counted, and at the end what is
 * left must be what there was, less what was sold: a sale that is executed twice, never or from a
 * device's own guess shows.
 */
import { compareStamps, type Stamp } from '../../src/base/hlc.ts';
import { hexOf } from '../../src/base/bytes.ts';
import type { Prng } from '../../src/base/prng.ts';
import type { Entry } from '../../src/replica/entry.ts';
import { decodeChanges } from '../../src/replica/page.ts';
import { decodeInput } from '../../src/replica/request-input.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { hashPrefix } from '../../src/value/key.ts';
import type { Stored } from '../support/replica.ts';
import { entriesOf } from '../support/replica.ts';

const TableName = 'Things';
const stockKey = { p: { S: 'stock' } };
const mark = /^d\d+-\d+(\.\d)?$/;

export interface Sale {
  readonly operation: string;
  readonly input: object;
  /** By the mark of what it writes there. */
  readonly keys: ReadonlyMap<string, string>;
}

export class Sales {
  readonly begun: number;
  readonly #violate: (what: string) => void;
  readonly #fire: (what: string) => void;
  /** Orders have keys of their own, which policies that move do not name. */
  readonly #hasOrders: boolean;
  /** Marks of sales that the hub has said it has executed; with those of orders. */
  readonly #sold = new Set<string>();
  readonly #ordered = new Set<string>();
  /** The order that a device made last. */
  readonly #orders = new Map<string, string>();

  constructor(
    random: Prng,
    {
      violate,
      fire,
      hasOrders,
    }: {
      readonly hasOrders: boolean;
      violate(what: string): void;
      fire(what: string): void;
    },
  ) {
    this.begun = random.below(25);
    this.#hasOrders = hasOrders;
    this.#violate = violate;
    this.#fire = fire;
  }

  /** The first item, of the hub. */
  get stock(): object {
    return { TableName, Item: { ...stockKey, n: { N: String(this.begun) } } };
  }

  sale(device: string, w: string, random: Prng): Sale {
    const order = this.#orders.get(device);
    if (order !== undefined && random.chance(0.2)) return noteOn(order, w);
    const update = {
      TableName,
      Key: stockKey,
      UpdateExpression: 'SET n = n - :one, w = :w',
      ConditionExpression: 'n > :zero',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' }, ':w': { S: w } },
    };
    const keys = new Map([[w, 'stock']]);
    if (!this.#hasOrders || random.chance(0.6))
      return { operation: 'UpdateItem', input: update, keys };
    const p = `order ${w}`;
    this.#orders.set(device, p);
    const Put = { TableName, Item: { p: { S: p }, w: { S: `${w} ordered` } } };
    const TransactItems = [{ Update: update }, { Put }];
    const both = new Map([...keys, [`${w} ordered`, p]]);
    return { operation: 'TransactWriteItems', input: { TransactItems }, keys: both };
  }

  /** Marks of what the request writes. */
  marks({ request }: Entry): readonly string[] {
    return request === undefined ? [] : textsOf(decodeInput(request.input)).filter(isMark);
  }

  /** What the hub has made of a request, of the items that are still as it made them. */
  executed(
    entry: Entry,
    kind: string,
    stamp: Stamp,
    { Changes }: { readonly Changes?: Uint8Array },
  ): readonly { key: string; image: string | undefined; w: string | undefined }[] {
    this.#fire(`request ${kind}`);
    if (kind === 'refused') return [];
    for (const w of this.marks(entry)) {
      if (entry.mutations.some(({ key }) => isOf(key, 'stock'))) this.#sold.add(w);
      if (w.endsWith(' ordered')) this.#ordered.add(w);
    }
    const changes = Changes === undefined ? [] : decodeChanges(Changes);
    const own = changes.filter((one) => compareStamps(one.stamp, stamp) === 0);
    return own.map(({ table, key, image }) => {
      const item = image && decodeItem(image);
      if (Number(item?.get('n')?.value ?? 0) < 0) this.#violate('the stock is below zero');
      const w = item && String(item.get('w')?.value);
      return { key: `${table} ${hexOf(key)}`, image: image && hexOf(image), w };
    });
  }

  /**
   * What it has written, by its own word: an answer has nothing of items that the device may not
   * read, or that others have written since.
   */
  said({ request, mutations }: Entry): readonly { readonly key: string; readonly w: string }[] {
    const parts = request === undefined ? [] : partsOf(decodeInput(request.input));
    return mutations.flatMap(({ table, key }) => {
      const part = parts.find(
        ({ p }) => hexOf(hashPrefix([{ type: 'S', value: p }])) === hexOf(key),
      );
      return part?.w === undefined ? [] : [{ key: `${table} ${hexOf(key)}`, w: part.w }];
    });
  }

  judge({ reader, table }: Stored): void {
    const items = entriesOf(reader, table.tree).map(([, bytes]) => decodeItem(bytes));
    const at = (p: string) => items.find((item) => item.get('p')?.value === p);
    const sold = [...this.#sold].filter((w) => mark.test(w)).length;
    const left = Number(at('stock')?.get('n')?.value);
    if (left !== this.begun - sold) {
      this.#violate(`${left} are left of ${this.begun}, though ${sold} were sold`);
    }
    for (const w of this.#ordered) {
      if (at(`order ${w.split(' ', 1)[0]}`) === undefined) this.#violate(`${w}, and no order`);
    }
    const orders = items.filter((item) => String(item.get('p')?.value).startsWith('order '));
    if (orders.length !== this.#ordered.size) {
      this.#violate(`${orders.length} orders of ${this.#ordered.size} sales`);
    }
  }
}

/** An edit of an order that may wait for the hub's word still. */
function noteOn(p: string, w: string): Sale {
  const input = {
    TableName,
    Key: { p: { S: p } },
    UpdateExpression: 'SET w = :w',
    ConditionExpression: 'attribute_exists(p)',
    ExpressionAttributeValues: { ':w': { S: w } },
  };
  return { operation: 'note', input, keys: new Map([[w, p]]) };
}

function isMark(text: string): boolean {
  return mark.test(text.split(' ', 1)[0] ?? '') && (mark.test(text) || text.endsWith(' ordered'));
}

function isOf(key: Uint8Array, name: string): boolean {
  return String.fromCharCode(...key).includes(name);
}

interface Part {
  readonly p: string;
  readonly w: string | undefined;
}

/** What a request says of each of its items. */
function partsOf(raw: unknown): readonly Part[] {
  if (typeof raw !== 'object' || raw === null) return [];
  const { Key, Item = Key } = raw as { readonly Key?: Named; readonly Item?: Named };
  const p = Item?.p?.S;
  if (p === undefined) return Object.values(raw).flatMap(partsOf);
  return [{ p, w: textsOf(raw).find(isMark) }];
}

interface Named {
  readonly p?: { readonly S?: string };
}

function textsOf(raw: unknown): readonly string[] {
  if (typeof raw === 'string') return [raw];
  if (typeof raw !== 'object' || raw === null) return [];
  return Object.values(raw).flatMap(textsOf);
}
