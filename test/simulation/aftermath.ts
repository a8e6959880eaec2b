/**
 * What comes after the end of some worlds: pages of a copy of the disk go bad and stay so, those of
 * the engine's own trees and the records of damage too, whatever is asked for meanwhile, repairs
 * as well.
 *
 * One engine at a time reads every item, changes and deletes some, makes checkpoints and repairs.
 * An item is as it was left, or out of reach; after a repair it may be lost, if it was out of reach
 * before; none that was deleted comes back. Checkpoints and repairs come to their end, and a scrub
 * after a repair finds nothing. It draws from a generator of its own: the world before stays as is.
 */
import { DamagedData } from '../../src/base/corruption.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import { walkRoots } from '../../src/engine/damage.ts';
import { walkTree } from '../../src/engine/page-walk.ts';
import { pageKey } from '../../src/pager/versions.ts';
import type { MemoryDisk } from '../../src/storage/memory.ts';
import { catalogTree, damageTree, firstUserTree, rootsTree } from '../../src/table/system.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';
import { itemToWire } from '../../src/value/wire.ts';
import { ask, openRig, openTestState, type Rig, TestTime } from '../support/engine.ts';
import { isDynamo, itemOf } from './judge.ts';
import type { Ledger } from './ledger.ts';

const share = 1 / 4;
const roundsMax = 4;
const pagesMax = 3;
const changesMax = 12;
const repairsMax = 4;
/** A reservation of a dead engine is taken over once it was seen for 5 s. */
const patienceMs = 6000;

type Outcome = 'found' | 'absent' | 'damaged';

interface Place {
  readonly table: string;
  readonly wire: object;
  /** Undefined: it was deleted, or given up. */
  item: Item | undefined;
  outcome: Outcome;
}

interface Spoilt {
  readonly key: number;
  readonly good: Uint8Array;
  readonly bad: Uint8Array;
}

export class Aftermath {
  readonly #ledger: Ledger;
  readonly #random: Prng;
  readonly #disk: MemoryDisk;
  readonly #seed: number;
  readonly #places: Place[] = [];
  #spoilt: Spoilt[] = [];
  #engines = 0;
  /** The catalog has lost a page: its tables may be gone. */
  #mayLoseTables = false;
  /** Pages that were bad when a repair looked at them. */
  stayed = 0;

  constructor(ledger: Ledger, disk: MemoryDisk, seed: number) {
    this.#ledger = ledger;
    this.#disk = disk;
    this.#seed = seed;
    this.#random = prng(seed ^ 0x1a57ed);
    for (const [table, { items }] of ledger.state.tables) {
      for (const [key, item] of items) {
        const wire = { p: { S: key.split(' ')[0] }, s: { N: key.split(' ')[1] } };
        this.#places.push({ table, wire, item, outcome: 'found' });
      }
    }
  }

  /** Whether this seed has one. */
  static isIn(seed: number): boolean {
    return prng(seed ^ 0xaf7e6).chance(share);
  }

  async run(): Promise<void> {
    let rig = await this.#open();
    // What the world before has left so may have no record soon, and be given up with its tables.
    const { damage } = rig.engine.status();
    this.#mayLoseTables = damage.some(({ tree }) => tree === catalogTree);
    await this.#readAll(rig, false);
    for (let round = 0; round < roundsMax; round += 1) {
      await this.#spoil();
      if (this.#random.chance(0.7)) rig = await this.#open();
      if (this.#random.chance(0.5)) await this.#change(rig);
      await this.#readAll(rig, false);
      await this.#checkpoint(rig);
      if (this.#random.chance(0.3)) rig = await this.#open();
      await this.#change(rig);
      if (this.#random.chance(0.5)) await this.#checkpoint(rig);
      await this.#readAll(rig, false);
      if (!this.#random.chance(0.5) && round + 1 < roundsMax) continue;
      // What is in reach by a cache alone is given up by a repair, which looks at the store.
      rig = await this.#open();
      await this.#readAll(rig, false);
      await this.#repair(rig);
    }
  }

  async #open(): Promise<Rig> {
    this.#engines += 1;
    const cacheBytes = 40_000 + this.#random.below(400_000);
    const seed = this.#seed * 1000 + this.#engines;
    const time = new TestTime();
    // No item's time is over: what is gone was lost.
    time.wallMs = Date.UTC(1990, 0, 1);
    return openRig({ disk: this.#disk, time, seed, cacheBytes, checkpointBytes: 1e9 });
  }

  /** Some pages go bad: of any tree but that of the roots, which nothing can be read without. */
  async #spoil(): Promise<void> {
    const { state } = await openTestState({ disk: this.#disk, seed: this.#seed });
    const own: (readonly [number, number])[] = [];
    const all: (readonly [number, number])[] = [];
    for await (const { tree, root } of walkRoots(state)) {
      for await (const { id } of walkTree(state, state.meta, root)) {
        all.push([tree, id]);
        if (tree < firstUserTree) own.push([tree, id]);
      }
    }
    const records = own.filter(([tree]) => tree === damageTree);
    for (let count = this.#random.below(pagesMax + 1); count > 0; count -= 1) {
      const isOfRecords = records.length > 0 && this.#random.chance(0.4);
      const isOwn = own.length > 0 && this.#random.chance(0.3);
      const from = isOfRecords ? records : isOwn ? own : all;
      const chosen = from[this.#random.below(from.length)];
      if (chosen !== undefined && chosen[0] !== rootsTree) this.#spoilPage(...chosen);
    }
  }

  #spoilPage(tree: number, id: number): void {
    if (tree === catalogTree) this.#mayLoseTables = true;
    const { page } = this.#disk.spaces;
    for (const key of page.keys(pageKey(id, 0), pageKey(id + 1, 0) - 1)) {
      const good = page.get(key);
      if (good === undefined || this.#spoilt.some((one) => one.bad === good)) continue;
      const bad = good.slice();
      const at = this.#random.below(bad.length);
      bad[at] = (bad[at] as number) ^ (1 << this.#random.below(8));
      page.put(key, bad);
      this.#spoilt.push({ key, good, bad });
    }
  }

  /** Some read well again; the others stay as they are. */
  #mendSome(): void {
    const { page } = this.#disk.spaces;
    const standing = this.#spoilt.filter(({ key, bad }) => page.get(key) === bad);
    this.#spoilt = standing.filter(({ key, good }) => {
      if (this.#random.chance(0.6)) return true;
      page.put(key, good);
      return false;
    });
    this.stayed += this.#spoilt.length;
  }

  async #change(rig: Rig): Promise<void> {
    for (let count = this.#random.below(changesMax); count > 0; count -= 1) {
      const place = this.#places[this.#random.below(this.#places.length)];
      if (place?.item === undefined) continue;
      const { table: TableName, wire: Key, item } = place;
      const isDelete = this.#random.chance(0.4);
      const more = new Map(item);
      more.set('after', { type: 'N', value: String(this.#random.below(1e6)) });
      const Item = itemToWire(more);
      const [operation, input] = isDelete
        ? ['DeleteItem', { TableName, Key }]
        : ['PutItem', { TableName, Item }];
      const isDone = await this.#ask(rig, operation as string, input as object);
      if (isDone === undefined) continue;
      if (place.outcome === 'absent') this.#wrong(place, 'was written, and is not there');
      place.item = isDelete ? undefined : more;
      place.outcome = isDelete ? 'absent' : 'found';
    }
  }

  /** Undefined: out of reach, or its table is. */
  async #ask(rig: Rig, operation: string, input: object): Promise<object | undefined> {
    try {
      return await ask(rig, operation, input, { consistency: 'strong' });
    } catch (error) {
      if (error instanceof DamagedData) return undefined;
      const isGone = isDynamo(error as Error) && /not found|non-existent/.test(String(error));
      if (this.#mayLoseTables && isGone) return undefined;
      this.#ledger.violate(`afterwards: ${operation}: ${String((error as Error).stack)}`);
      return undefined;
    }
  }

  async #readAll(rig: Rig, isRepaired: boolean): Promise<void> {
    for (const place of this.#places) {
      const { table: TableName, wire: Key, item, outcome } = place;
      const answer = await this.#ask(rig, 'GetItem', { TableName, Key });
      const Item = (answer as { Item?: unknown } | undefined)?.Item;
      const found = Item === undefined ? undefined : itemOf(Item);
      if (found !== undefined) {
        place.outcome = 'found';
        if (item === undefined) this.#wrong(place, 'has come back');
        else if (!equalItems(found, item)) this.#wrong(place, 'is not what was written');
      } else if (answer === undefined) {
        if (isRepaired && !this.#mayLoseTables) this.#wrong(place, 'is out of reach when repaired');
        if (isRepaired) place.item = undefined;
        place.outcome = 'damaged';
      } else {
        const mayBeLost = item === undefined || (isRepaired && outcome === 'damaged');
        if (!mayBeLost) this.#wrong(place, `is absent, and was ${outcome}`);
        place.item = undefined;
        place.outcome = 'absent';
      }
    }
  }

  async #checkpoint({ engine, time }: Rig): Promise<void> {
    const tailBytes = (): number => engine.status().tailBytes;
    for (let times = 0; times < 3 && (times === 0 || tailBytes() > 0); times += 1) {
      // An engine of the world before may have died at one.
      if (times > 0) time.pass(patienceMs);
      await engine.idle();
      await engine.checkpoint();
    }
    if (tailBytes() > 0) this.#ledger.violate('afterwards: a checkpoint was not made');
  }

  async #repair(rig: Rig): Promise<void> {
    this.#mendSome();
    for (let times = 0; times < repairsMax; times += 1) {
      // What nobody has met yet the scrub meets, and the next repair ends.
      const { scrub } = await rig.engine.repair();
      await rig.engine.idle();
      if (scrub.damagedPages === 0 && !rig.engine.status().damage.some(isOpen)) break;
    }
    const damage = rig.engine.status().damage.filter(isOpen);
    if (damage.length > 0) this.#ledger.violate(`afterwards: ${damage[0]?.what} when repaired`);
    const { damagedPages, mended, counters } = await rig.engine.scrub();
    if (damagedPages + mended + counters > 0) {
      const what = `${damagedPages} pages, ${mended} entries, ${counters} counters`;
      this.#ledger.violate(`afterwards: a scrub found ${what} after a repair`);
    }
    await this.#readAll(rig, true);
  }

  #wrong({ table, wire }: Place, what: string): void {
    this.#ledger.violate(`afterwards: ${JSON.stringify(wire)} of ${table} ${what}`);
  }
}

/** What is made anew stays shown as that. */
function isOpen({ state }: { readonly state: string }): boolean {
  return state === 'found' || state === 'quarantined';
}
