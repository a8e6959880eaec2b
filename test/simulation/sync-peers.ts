/**
 * Hubs that pull one another in a simulated world: what one says is lost, truncated or late, two
 * are cut off from one another for a while, and two pulls of one hub may be under way at once. They
 * are joined as a ring, or each with each.
 */
import type { Engine } from '../../src/engine/engine-types.ts';
import { conflictsTable } from '../../src/replica/conflict.ts';
import type { Framed, ToHub } from '../../src/replica/message.ts';
import { readPeer } from '../../src/replica/peer.ts';
import type { Frame } from '../../src/replica/wire.ts';
import { answerHub } from '../../src/sync/run-session.ts';
import { syncCaller } from '../../src/sync/tables.ts';
import type { Stored } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { Station } from './sync-station.ts';
import type { SyncLedger } from './sync-ledger.ts';
import { arrived, cutFrame, sent } from './sync-wire.ts';

export const peerFaults: readonly string[] = [
  'several hubs',
  'two pulls of a hub',
  'page of a hub not taken',
  'change taken from another hub',
  'message between hubs lost',
  'frame between hubs truncated',
  'hubs cut off',
];

const peerSite = siteOf('peers');
type Json = Readonly<Record<string, unknown>>;

export class Peers {
  readonly #scheduler: SeededScheduler;
  readonly #ledger: SyncLedger;
  /** Who pulls whom. */
  readonly pairs: readonly { readonly to: Station; readonly from: Station }[];
  /** The table's name among replicas, the same at all of them. */
  global = '';
  readonly #cutUntilMs = new Map<string, number>();
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
    const tell = (message: Told): Promise<Framed | undefined> =>
      this.#tell({ to, from, theirs }, String(ReplicaId), { ...message, number: 1 } as ToHub);
    const place = { Epoch: String(AskedEpoch), Cursor: Number(Asked), Known: Number(Asked) };
    const own = { ReplicaId: String(ReplicaId), First: 1, Settled: 0 };
    const greeting = await tell({ kind: 'hello', ...own, ...place });
    if (greeting?.kind !== 'greeting') return;
    const { Epoch, IsHeld } = greeting;
    const Tables = [this.global, conflictsTable];
    await ask(mine, 'TakePeerGreeting', { Peer, Epoch, IsHeld, AskedEpoch, Asked, Tables });
    const now = await ask(mine, 'ReadPeer', { Peer });
    const Bytes = 1 + this.#scheduler.random.below(2000);
    const asked = { Epoch: String(now['Epoch']), Cursor: Number(now['Cursor']) };
    const more = { Reach: asked.Cursor, WithJoined: true, Bytes };
    const page = await tell({ kind: 'pull', ...asked, ...more });
    if (page?.kind !== 'page' || !page.IsHeld) return;
    const { Cursor, Changes, Joined } = page;
    const named = [
      { Global: this.global, TableName: 'Things' },
      { Global: conflictsTable, TableName: conflictsTable },
    ];
    const input = { Peer, Epoch: now['Epoch'], Asked: now['Cursor'], Cursor, Changes, Joined };
    const taken = await ask(mine, 'TakePeerPage', { ...input, Tables: named });
    if (taken['IsTaken'] === false) this.#ledger.fire('page of a hub not taken');
    for (let n = 0; n < Number(taken['Changed'] ?? 0); n += 1) {
      this.#ledger.fire('change taken from another hub');
    }
  }

  /** The other hub's answer; none where either of the two messages does not come. */
  async #tell(pair: Pair, replicaId: string, message: ToHub): Promise<Framed | undefined> {
    const asked = await this.#carry(pair, { replicaId, message });
    if (asked === undefined) return undefined;
    const said = asked.message as ToHub;
    const answer = await answerHub(pair.theirs, asked.replicaId, said, () => undefined, {});
    if (answer === undefined || answer.kind === 'poke') return undefined;
    return (await this.#carry(pair, { replicaId, message: answer }))?.message;
  }

  async #carry({ to, from }: Pair, frame: Frame): Promise<Frame | undefined> {
    const { random } = this.#scheduler;
    const bytes = sent(frame);
    const isLate = this.active && random.chance(0.1);
    await this.#scheduler.wait(peerSite, isLate ? random.below(15_000) : 1 + random.below(40));
    if (!this.active) return arrived(bytes);
    if (this.#isCutOff(to, from)) {
      this.#ledger.fire('hubs cut off');
      return undefined;
    }
    if (random.chance(0.1)) {
      this.#ledger.fire('message between hubs lost');
      return undefined;
    }
    if (random.chance(0.03)) {
      this.#ledger.fire('frame between hubs truncated');
      cutFrame(bytes, random, this.#ledger);
      return undefined;
    }
    return arrived(bytes);
  }

  /** Both ways, for up to a minute. */
  #isCutOff(to: Station, from: Station): boolean {
    const { random, nowMs } = this.#scheduler;
    const names = [to.name, from.name].sort().join(' ');
    if (random.chance(0.01)) this.#cutUntilMs.set(names, nowMs + random.below(60_000));
    return nowMs < (this.#cutUntilMs.get(names) ?? 0);
  }
}

interface Pair {
  readonly to: Station;
  readonly from: Station;
  readonly theirs: Engine;
}

type WithoutNumber<M> = M extends ToHub ? Omit<M, 'number'> : never;
type Told = WithoutNumber<ToHub>;

/** The greatest place of its feed. */
export function endOf(hub: Stored): number {
  const last = hub.book(5).at(-1)?.[0];
  return [...(last ?? [])].reduce((sum, byte) => sum * 256 + byte, 0);
}

async function ask(engine: Engine, operation: string, input: object): Promise<Json> {
  const request = { operation, input, form: 'wire', caller: syncCaller } as const;
  return (await engine.call(request)) as Json;
}
