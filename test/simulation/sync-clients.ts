/** Who writes on the devices, and looks at pairs of items that transactions wrote together. */
import type { Engine } from '../../src/engine/engine-types.ts';
import { owner, type Request } from '../../src/operation/request.ts';
import { StoredItem } from '../../src/value/codec.ts';
import type { Item } from '../../src/value/value.ts';
import { compareBytes } from '../../src/base/bytes.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import { engineCaller } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { chainOf, chainsOf } from './sync-chains.ts';
import type { Desk } from './sync-desk.ts';
import type { Piece } from './sync-fetched.ts';
import type { SyncLedger } from './sync-ledger.ts';
import { isOfFullDisk } from './sync-room.ts';
import { isUnknown, type Seeks } from './sync-seeks.ts';
import type { Station, StationTab } from './sync-station.ts';

const clientSite = siteOf('client');
const TableName = 'Things';
export const pairs = 2;
const loadMsMax = 30_000;

/** In every fifth world; drawn by itself, so that the others are as they were. */
function batchesOf({ seed }: Station): Prng | undefined {
  const index = (seed - 1) % 10;
  const world = (seed - 1 - index) / 10;
  return world % 5 === 4 ? prng(world * 101 + index) : undefined;
}

export class SyncClient {
  /** Half of its puts are of two items in one request, which are an entry each. */
  readonly #batches: Prng | undefined;
  readonly #chains: Prng | undefined;
  readonly #scheduler: SeededScheduler;
  readonly #device: Station;
  readonly #ledger: SyncLedger;
  readonly #keys: number;
  readonly #desk: Desk;
  readonly #seeks: Seeks | undefined;
  /** What came for the last call before it was decided. */
  #fetched: readonly Piece[] = [];
  #written = 0;
  /** The disk had no room for the last call: nothing of it was written. */
  #isDenied = false;
  /** The last write was acknowledged. */
  #done = false;

  constructor(
    scheduler: SeededScheduler,
    device: Station,
    ledger: SyncLedger,
    keys: number,
    desk: Desk,
    seeks: Seeks | undefined,
  ) {
    this.#seeks = seeks;
    this.#desk = desk;
    this.#scheduler = scheduler;
    this.#device = device;
    this.#batches = batchesOf(device);
    this.#chains = chainsOf(device, 'client');
    this.#ledger = ledger;
    this.#keys = keys;
  }

  async live(operations: number): Promise<void> {
    const { random } = this.#scheduler;
    if (this.#chains !== undefined && this.#ledger.hasOneRange) await this.#loaded();
    for (let count = 0; count < operations; count += 1) {
      await this.#scheduler.wait(clientSite, random.below(random.chance(0.1) ? 3000 : 120));
      if (this.#desk.isOpen && random.chance(0.03)) await this.#askHub();
      else if (random.chance(0.15)) await this.#look();
      else if (this.#seeks !== undefined && random.chance(0.2)) await this.#read();
      else await this.#write();
    }
  }

  async #write(): Promise<void> {
    const { random } = this.#scheduler;
    if (this.#chains !== undefined) {
      const coming = this.#ledger.comingTo(this.#device.name, this.#scheduler.nowMs);
      const isNext = this.#chains.chance(coming === undefined ? 0.3 : 0.9);
      if (isNext) return this.#chain(this.#chains, coming);
    }
    this.#written += 1;
    const w = `${this.#device.name}-${this.#written}`;
    if (random.chance(0.2)) return this.#guess(w);
    const kind = random.below(12);
    const Key = { p: { S: `k${random.below(this.#keys)}` } };
    const pair = random.below(pairs);
    if (kind > 9) {
      await this.#sell(w);
    } else if (kind < 4 && this.#batches?.chance(0.5) === true) {
      await this.#putTwo(w, Key.p.S, this.#batches);
    } else if (kind < 4) {
      await this.#ask(
        'PutItem',
        { TableName, Item: { ...Key, w: { S: w } } },
        new Map([[w, Key.p.S]]),
      );
    } else if (kind < 6) {
      const UpdateExpression = 'SET w = :w, n = if_not_exists(n, :one)';
      const ExpressionAttributeValues = { ':w': { S: w }, ':one': { N: '1' } };
      const input = { TableName, Key, UpdateExpression, ExpressionAttributeValues };
      await this.#ask('UpdateItem', input, new Map([[w, Key.p.S]]));
    } else if (kind < 7)
      await this.#ask('DeleteItem', { TableName, Key }, new Map([['', Key.p.S]]));
    else if (kind < 9) {
      const items = [`x${pair}`, `y${pair}`, ...(random.chance(0.3) ? [`x${1 - pair}`] : [])];
      const TransactItems = items.map((p, at) => ({
        Put: { TableName, Item: { p: { S: p }, w: { S: `${w}.${at}` } } },
      }));
      this.#ledger.members.set(w, items.length);
      const marks = items.map((p, at) => [`${w}.${at}`, p] as const);
      await this.#ask('TransactWriteItems', { TransactItems }, new Map(marks));
    } else {
      const p = `x${pair}`;
      const Item = { p: { S: p }, w: { S: w } };
      await this.#ask('PutItem', { TableName, Item }, new Map([[w, p]]));
    }
  }

  async #putTwo(w: string, p: string, random: Prng): Promise<void> {
    const other = `k${random.below(this.#keys)}`;
    const marks = new Map([[w, p]]);
    this.#written += 1;
    if (other !== p) marks.set(`${this.#device.name}-${this.#written}`, other);
    const Things = [...marks].map(([mark, key]) => ({
      PutRequest: { Item: { p: { S: key }, w: { S: mark } } },
    }));
    await this.#ask('BatchWriteItem', { RequestItems: { Things } }, marks);
  }

  /** Pages bring nothing into a range that is loading. */
  async #loaded(): Promise<void> {
    const untilMs = this.#scheduler.nowMs + loadMsMax;
    while (this.#scheduler.nowMs < untilMs && !(await this.#isComplete()))
      await this.#scheduler.wait(clientSite, 200);
  }

  async #chain(random: Prng, coming: string | undefined): Promise<void> {
    const isMoving = !this.#ledger.hasOneRange;
    const mark = (): string => {
      this.#written += 1;
      return `${this.#device.name}-${this.#written}`;
    };
    this.#ledger.fire('edit on an edit');
    const where = { keys: this.#keys, isMoving, coming, mark };
    for (const link of chainOf(random, where)) {
      const [w = ''] = link.keys.keys();
      if (link.keys.size > 1) this.#ledger.members.set(w.split('.', 1)[0] ?? '', link.keys.size);
      await this.#ask(link.operation, link.input, link.keys);
    }
  }

  /** Each hub carries out what it is asked on its own items: one of them keeps the tally. */
  async #askHub(): Promise<void> {
    if (this.#device.home !== undefined) return;
    this.#written += 1;
    const tab = await this.#device.anyTab();
    const cut = new Promise<void>((resolve) => {
      tab.ends.add(resolve);
    });
    const asked = this.#desk.add(this.#device, tab, `${this.#device.name}-${this.#written}`);
    await Promise.race([asked, cut]);
  }

  /** So is stock, whose condition holds at the hub that executes the sale. */
  async #sell(w: string): Promise<void> {
    if (this.#device.home !== undefined) return;
    const { random } = this.#scheduler;
    const sale = this.#ledger.sales?.sale(this.#device.name, w, random);
    if (sale === undefined) return;
    const { operation, input, keys } = sale;
    // An edit of what waits for the hub's word does not ask for it itself.
    if (operation === 'note') await this.#ask('UpdateItem', input, keys);
    else {
      const expiresMs = random.chance(0.2) ? 1 + random.below(20_000) : undefined;
      await this.#ask(operation, input, keys, { mode: 'confirm', expiresMs });
    }
  }

  /** What looks for an item, or deletes one, where the device may not know what the hub has. */
  async #guess(w: string): Promise<void> {
    const { random } = this.#scheduler;
    const p = `k${random.below(this.#keys)}`;
    const isDelete = random.chance(0.4);
    const before = await this.#isUnseen(p);
    if (isDelete) {
      const input = { TableName, Key: { p: { S: p } } };
      await this.#ask('DeleteItem', input, new Map([['', p]]), { durability: 'strict' });
    } else {
      const Item = { p: { S: p }, w: { S: w } };
      const input = { TableName, Item, ConditionExpression: 'attribute_not_exists(p)' };
      await this.#ask('PutItem', input, new Map([[w, p]]), { durability: 'strict' });
    }
    if (!before || !(await this.#isUnseen(p))) return;
    if (!isDelete) this.#ledger.guessed(w);
    else if (this.#done) this.#ledger.deletedUnseen(this.#device.name, p);
  }

  /**
   * The device cannot tell whether there is an item: nothing of the table is whole yet, and this
   * one was not asked for by itself. What the program wants first would be whole, and what is
   * loaded at once.
   */
  async #isUnseen(p: string): Promise<boolean> {
    if (this.#device.wishes || !this.#ledger.hasOneRange) return false;
    return this.#asked((tab) => isUnknown(tab, p));
  }

  /** False too when the tab that is asked is killed. */
  #isComplete(): Promise<boolean> {
    return this.#asked((tab) => isComplete(tab.engine));
  }

  async #asked(ask: (tab: StationTab) => Promise<boolean>): Promise<boolean> {
    const tab = await this.#device.anyTab();
    return new Promise((resolve) => {
      const cut = (): void => resolve(false);
      tab.ends.add(cut);
      void ask(tab)
        .then(resolve)
        .finally(() => tab.ends.delete(cut));
    });
  }

  /** One item, wherever the device stands. */
  async #read(): Promise<void> {
    const { random } = this.#scheduler;
    const pair = random.below(pairs);
    const p = random.chance(0.7) ? `k${random.below(this.#keys)}` : `x${pair}`;
    const input = { TableName, Key: { p: { S: p } }, ConsistentRead: true };
    const output = await this.#call('GetItem', input, {});
    if (output === undefined || this.#fetched.length === 0) return;
    this.#ledger.fire('read of what was fetched');
    const { Item: item } = output as { readonly Item?: unknown };
    this.#ledger.fetches?.read(this.#device.name, p, this.#fetched, markOf(item));
  }

  /** `keys`: by the mark of what it writes there. */
  async #ask(
    operation: string,
    input: object,
    keys: ReadonlyMap<string, string>,
    more: Partial<Request> = {},
  ): Promise<void> {
    const strict = more.durability === 'strict' || this.#scheduler.random.chance(0.4);
    const request: Partial<Request> = strict ? { ...more, durability: 'strict' } : more;
    for (const [w, key] of keys) {
      this.#ledger.tried.set(`${this.#device.name} ${key}`, w);
      if (w === '') this.#ledger.fetches?.deletes(this.#device.name, key);
    }
    const done = await this.#call(operation, input, request);
    this.#done = done !== undefined;
    if (this.#isDenied) for (const w of keys.keys()) if (w !== '') this.#ledger.denied.add(w);
    if (done === undefined) return;
    for (const w of keys.keys()) {
      if (w === '') continue;
      const key = keys.get(w) ?? '';
      this.#ledger.acked.set(w, { device: this.#device.name, strict, excused: false, key });
      if (more.mode === undefined) this.#ledger.fetches?.decided(w, key, this.#fetched);
    }
  }

  async #look(): Promise<void> {
    const pair = this.#scheduler.random.below(pairs);
    const isWhole = await this.#isComplete();
    const look = (operation: string, input: object): Promise<object | undefined> =>
      this.#call(operation, input, {});
    if (!isWhole && this.#seeks !== undefined) await look('TransactGetItems', readsOf(pair));
    if (!isWhole) return;
    await lookAtPair(pair, look, this.#ledger, this.#device.name);
  }

  async #call(
    operation: string,
    input: object,
    more: Partial<Request>,
  ): Promise<object | undefined> {
    const tab = await this.#device.anyTab();
    return new Promise((resolve) => {
      const cut = (): void => resolve(undefined);
      tab.ends.add(cut);
      const request: Request = { operation, input, form: 'wire', caller: owner, ...more };
      this.#fetched = [];
      this.#isDenied = false;
      const sought = this.#seeks?.before(this.#device, tab, request).then((pieces) => {
        this.#fetched = pieces;
      });
      const output =
        sought === undefined
          ? tab.engine.call(request)
          : sought.then(() => tab.engine.call(request));
      const refused = (error: unknown): void => {
        this.#isDenied = isOfFullDisk(error);
        if (this.#isDenied) this.#ledger.fire('call refused by a full disk');
        resolve(undefined);
      };
      output.then(resolve, refused).finally(() => tab.ends.delete(cut));
    });
  }
}

/** T6: only then are transactions whole. */
export async function isComplete(engine: Engine): Promise<boolean> {
  const request = { operation: 'DescribeReplica', input: {}, form: 'plain' } as const;
  const output = await engine.call({ ...request, caller: engineCaller }).catch(() => ({}));
  const { Ranges = [] } = output as { readonly Ranges?: readonly { readonly State: string }[] };
  return Ranges.length > 0 && Ranges.every(({ State }) => State === 'complete');
}

/** T1: beside a version of a transaction its other items are at that version or a newer one. */
export async function lookAtPair(
  pair: number,
  look: (operation: string, input: object) => Promise<object | undefined>,
  ledger: SyncLedger,
  device: string,
): Promise<void> {
  const output = await look('TransactGetItems', readsOf(pair));
  const { Responses } = (output ?? {}) as { readonly Responses?: readonly { Item?: unknown }[] };
  if (Responses === undefined) return;
  const [x, y] = Responses.map(({ Item: item }) => markOf(item));
  if (y === undefined) return;
  const theirs = ledger.companions.get(y);
  // The device may have it as it was taken first.
  const stampY = ledger.firstStamps.get(y) ?? ledger.stamps.get(y);
  // It stands over half of them, where a hub that had lost its version has stamped it anew since.
  const stampX = x === undefined ? undefined : ledger.shownAs(x);
  // What the hub has not consumed yet is this device's own, and later.
  const wroteX = theirs !== undefined && [...theirs.values()].some((w) => w.endsWith('.0'));
  if (!wroteX || stampY === undefined) return;
  ledger.fire('pairs looked at');
  // Under a new id of the device it has another stamp than what the hub had of it before.
  if (x !== undefined && [...theirs.values()].includes(x)) return;
  const isOlder = x === undefined || (stampX !== undefined && compareBytes(stampX, stampY) < 0);
  if (isOlder && !ledger.isBarred(`x${pair}`, stampY))
    ledger.violate(`${device}: ${x} of before beside ${y}`);
}

function readsOf(pair: number): object {
  const keys = [`x${pair}`, `y${pair}`];
  return { TransactItems: keys.map((p) => ({ Get: { TableName, Key: { p: { S: p } } } })) };
}

function markOf(item: unknown): string | undefined {
  const plain = item instanceof StoredItem ? item.item() : (item as Item | undefined);
  const w = plain?.get('w');
  return w === undefined ? undefined : String(w.value);
}
