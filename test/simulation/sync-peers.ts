/**
 * Hubs that pull one another in a simulated world: what one says is lost, comes late or twice, and
 * two pulls of one hub may be under way at once. They are joined as a ring, or each with each.
 */
import type { Engine } from '../../src/engine/engine-types.ts';
import { conflictsTable } from '../../src/replica/conflict.ts';
import { readPeer } from '../../src/replica/peer.ts';
import { syncCaller } from '../../src/sync/tables.ts';
import type { Stored } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { Station } from './sync-station.ts';
import type { SyncLedger } from './sync-ledger.ts';

const peerSite = siteOf('peers');
type Json = Readonly<Record<string, unknown>>;

export class Peers {
  readonly #scheduler: SeededScheduler;
  readonly #ledger: SyncLedger;
  /** Who pulls whom. */
  readonly pairs: readonly { readonly to: Station; readonly from: Station }[];
  /** The table's name among replicas, the same at all of them. */
  global = '';
  /** False when all is to go well from now on. */
  active = true;

  constructor(scheduler: SeededScheduler, hubs: readonly Station[], ledger: SyncLedger) {
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    const isRing = hubs.length > 2 && scheduler.random.chance(0.5);
    this.pairs = hubs.flatMap((to, at) => {
      const others = hubs.filter((one) => one !== to);
      const before = hubs.at(at - 1) as Station;
      return (isRing ? others.slice(0, 1).map(() => before) : others).map((from) => ({ to, from }));
    });
  }

  async keep(over: () => boolean): Promise<void> {
    await Promise.all(this.pairs.map((pair) => this.#keepPair(pair.to, pair.from, over)));
  }

  /** Every hub has all that it can have of those that it pulls. */
  isQuiet(stored: ReadonlyMap<Station, Stored>): boolean {
    return this.pairs.every(({ to, from }) => {
      const [mine, theirs] = [stored.get(to), stored.get(from)];
      if (mine === undefined || theirs === undefined) return false;
      const { cursor } = readPeer(mine.reader, mine.self.book, from.name).peer;
      return cursor === endOf(theirs);
    });
  }

  async #keepPair(to: Station, from: Station, over: () => boolean): Promise<void> {
    const { random } = this.#scheduler;
    while (!over()) {
      await this.#scheduler.wait(peerSite, 20 + random.below(this.active ? 2000 : 200));
      const pull = this.#pull(to, from).catch(() => undefined);
      const isTwice = this.active && random.chance(0.2);
      if (isTwice) this.#ledger.fire('two pulls of a hub');
      else await Promise.race([pull, this.#scheduler.wait(peerSite, 20_000)]);
    }
  }

  /** One page, if the two are alive for so long. */
  async #pull(to: Station, from: Station): Promise<void> {
    const [mine, theirs] = [to.tab()?.engine, from.tab()?.engine];
    if (mine === undefined || theirs === undefined) return;
    const Peer = from.name;
    const at = await ask(mine, 'ReadPeer', { Peer });
    const { Epoch: AskedEpoch, Cursor: Asked, ReplicaId } = at;
    const hello = { ReplicaId, First: 1, Settled: 0, Epoch: AskedEpoch, Cursor: Asked };
    const { Epoch, IsHeld } = await ask(theirs, 'GreetReplica', hello);
    if (await this.#isLost()) return;
    const Tables = [this.global, conflictsTable];
    await ask(mine, 'TakePeerGreeting', { Peer, Epoch, IsHeld, AskedEpoch, Asked, Tables });
    const place = await ask(mine, 'ReadPeer', { Peer });
    const Bytes = 1 + this.#scheduler.random.below(2000);
    const asked = { Epoch: place['Epoch'], Cursor: place['Cursor'], WithJoined: true, Bytes };
    const page = await ask(theirs, 'ReadFeed', asked);
    if (page['IsHeld'] !== true) return;
    if (theirs.status().durableSeq < Number(page['Through'])) await theirs.barrier();
    if (await this.#isLost()) return;
    const { Cursor, Changes, Joined } = page;
    const named = [
      { Global: this.global, TableName: 'Things' },
      { Global: conflictsTable, TableName: conflictsTable },
    ];
    const input = { Peer, Epoch: place['Epoch'], Asked: place['Cursor'], Cursor, Changes, Joined };
    const taken = await ask(mine, 'TakePeerPage', { ...input, Tables: named });
    if (taken['IsTaken'] === false) this.#ledger.fire('page of a hub not taken');
    for (let n = 0; n < Number(taken['Changed'] ?? 0); n += 1) {
      this.#ledger.fire('change taken from another hub');
    }
  }

  async #isLost(): Promise<boolean> {
    const { random } = this.#scheduler;
    const isLate = this.active && random.chance(0.1);
    await this.#scheduler.wait(peerSite, isLate ? random.below(15_000) : 1 + random.below(40));
    return this.active && random.chance(0.1);
  }
}

/** The greatest place of its feed. */
export function endOf(hub: Stored): number {
  const last = hub.book(5).at(-1)?.[0];
  return [...(last ?? [])].reduce((sum, byte) => sum * 256 + byte, 0);
}

async function ask(engine: Engine, operation: string, input: object): Promise<Json> {
  const request = { operation, input, form: 'wire', caller: syncCaller } as const;
  return (await engine.call(request)) as Json;
}
