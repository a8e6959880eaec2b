/**
 * A seeded world of two to six devices with one to three tabs each, and a hub: first a phase in
 * which everything may fail, then one in which all goes well and all must become equal.
 */
import { hexOf } from '../../src/base/bytes.ts';
import { stampBytes } from '../../src/base/hlc.ts';
import { DamagedData } from '../../src/base/corruption.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openState } from '../../src/engine/recover.ts';
import { againKey } from '../../src/replica/again.ts';
import { decodeQuarantined } from '../../src/replica/quarantine.ts';
import { decodeJoined, joinedKey } from '../../src/replica/book.ts';
import { readHoldings } from '../../src/replica/holding.ts';
import { readLink } from '../../src/replica/link.ts';
import { holdsRange } from '../../src/replica/range.ts';
import { rangesOfScope, readScope } from '../../src/replica/scope.ts';
import { decodeVersion } from '../../src/replica/version.ts';
import { owner } from '../../src/operation/request.ts';
import { openMemory } from '../../src/storage/memory.ts';
import { damagePage, pagesAt } from '../support/damage.ts';
import { openConflicts } from '../../src/sync/conflicts.ts';
import { tableInput } from '../support/engine.ts';
import { engineCaller, entriesOf, Stored } from '../support/replica.ts';
import { Faults, type Rates } from './faults.ts';
import { SeededScheduler, siteOf } from './scheduler.ts';
import { chainFaults } from './sync-chains.ts';
import { SyncClient } from './sync-clients.ts';
import { Desk } from './sync-desk.ts';
import { doorFaults, Doors } from './sync-door.ts';
import { type Befallen, fateFaults, fateOf, Fates } from './sync-fates.ts';
import { FetchBook } from './sync-fetched.ts';
import { entryFaults, SyncLedger } from './sync-ledger.ts';
import { endOf, peerFaults, Peers } from './sync-peers.ts';
import { Policies, policyFaults } from './sync-policies.ts';
import { loadFaults } from './sync-loads.ts';
import { type BookLoss, hiddenAt, quarantinedAt } from './sync-losses.ts';
import { Network, networkFaults } from './sync-network.ts';
import { fillsIn, fillUp, roomFaults } from './sync-room.ts';
import { Sales } from './sync-sales.ts';
import { seekFaults, Seeks, seeksIn } from './sync-seeks.ts';
import { countOf, Station, stationFaults } from './sync-station.ts';
import { hasStreams, StreamBook, streamedTable, streamFaults } from './sync-streams.ts';

export interface SyncVerdict {
  readonly violations: readonly string[];
  readonly trace: number;
  readonly fired: Readonly<Record<string, number>>;
  readonly operations: number;
  readonly steps: number;
}

/** Every one of them must have fired in a run of some seeds. */
export const syncFaults: readonly string[] = [
  ...networkFaults,
  ...peerFaults,
  'clock wrong by years',
  'clock jumped',
  'older items of a device',
  'older items of the hub',
  'older item refused',
  'page of a device lost',
  'page of the hub lost',
  ...stationFaults,
  ...entryFaults,
  'pairs looked at',
  ...policyFaults,
  'request applied',
  'request refused',
  'sale expired',
  'hub answered',
  'hub out of reach',
  ...doorFaults,
  ...roomFaults,
  ...chainFaults,
  ...loadFaults,
  ...fateFaults,
  ...seekFaults,
  ...streamFaults,
];

const yearMs = 365 * 24 * 3600 * 1000;
const worldSite = siteOf('sync world');
const stepsMax = 4_000_000;
/** After so long in which all goes well, everybody has what 200 operations have done. */
const healMs = 600_000;

export async function simulateSync({
  seed,
  operations,
}: {
  readonly seed: number;
  readonly operations: number;
}): Promise<SyncVerdict> {
  const scheduler = new SeededScheduler(seed);
  const world = new World(scheduler, prng(seed * 7919 + 1), seed, operations);
  let over = false;
  const story = world
    .play()
    .catch((error: unknown) => {
      world.ledger.violate(`the story broke off: ${String((error as Error).stack)}`);
    })
    .finally(() => {
      over = true;
    });
  await scheduler
    .run(() => over, stepsMax)
    .catch((error: unknown) => {
      world.ledger.violate(String(error));
    });
  if (over) await story;
  const { violations, fired } = world.ledger;
  return { violations, trace: scheduler.trace, fired, operations, steps: scheduler.steps };
}

class World {
  readonly ledger = new SyncLedger();
  readonly #scheduler: SeededScheduler;
  readonly #drawn: Prng;
  readonly #operations: number;
  readonly #seed: number;
  readonly #faults: Faults;
  readonly #hub: Station;
  /** Of other regions: they and the first pull one another. */
  readonly #others: Station[] = [];
  readonly #peers: Peers;
  readonly #devices: Station[] = [];
  readonly #network: Network;
  readonly #doors: Doors;
  readonly #desk: Desk;
  readonly #losesPages: boolean;
  readonly #policies: Policies;
  readonly #fates: Fates;
  readonly #seeks: Seeks | undefined;
  readonly #table: object;
  #global: string | undefined;
  readonly #hasOlder = new Set<string>();
  readonly #losses: BookLoss[] = [];
  #over = false;

  constructor(scheduler: SeededScheduler, drawn: Prng, seed: number, operations: number) {
    this.#scheduler = scheduler;
    this.#drawn = drawn;
    this.#operations = operations;
    const rate = drawn.chance(0.2) ? 0 : 0.0004 * (1 + drawn.below(5));
    const rates: Rates =
      rate === 0
        ? {}
        : { kill: rate, 'kill-after': rate, power: rate / 3, 'power-after': rate / 3, lost: rate };
    this.#faults = new Faults(scheduler.random, rates, this.ledger);
    this.#hub = new Station(scheduler, this.#faults, { name: 'hub', seed, tabs: 1, skewMs: 0 });
    const regions = regionsOf(seed);
    this.#fates = new Fates(fateOf(seed), scheduler, this.ledger);
    for (let index = 1; index < regions; index += 1) {
      const shape = { name: `hub${index}`, seed: seed * 100 + index, tabs: 1, skewMs: index * 700 };
      this.#others.push(new Station(scheduler, this.#faults, shape));
    }
    // Beside a hub: five replicas or more in most worlds.
    const count = drawn.chance(0.8) ? 4 + drawn.below(3) : 2 + drawn.below(2);
    for (let index = 0; index < count; index += 1) {
      const isWrong = drawn.chance(0.4);
      if (isWrong) this.ledger.fire('clock wrong by years');
      const skewMs = isWrong ? drawn.below(4 * yearMs) - 2 * yearMs : drawn.below(4000) - 2000;
      const shape = {
        name: `d${index}`,
        seed: seed * 10 + index + 1,
        tabs: 1 + drawn.below(3),
        skewMs,
      };
      const device = new Station(scheduler, this.#faults, shape);
      device.wishes = index % 2 === 1;
      device.loadsSlowly = seeksIn(seed) && index % 2 === 0;
      device.home = [undefined, ...this.#others][index % regions];
      this.#devices.push(device);
    }
    this.ledger.refuses = drawn.chance(0.7);
    const often = (most: number): number =>
      drawn.chance(0.3) ? 0 : drawn.below(100) * most * 0.01;
    const net = { lost: often(0.3), twice: often(0.5), late: often(0.2), cut: often(0.08) };
    this.#losesPages = drawn.chance(0.4) && regions === 1 && this.#fates.fate === 'none';
    this.#seed = seed;
    // Who may not read what a hub has lost cannot give it back.
    const mayMove = regions === 1 && !this.#fates.isOfHub;
    this.#policies = new Policies(this.ledger, drawn.chance(0.4) && mayMove);
    this.#peers = new Peers(scheduler, [this.#hub, ...this.#others], this.ledger);
    this.ledger.hasOneRange = !this.#policies.isMoving;
    this.ledger.sales = new Sales(drawn, {
      hasOrders: !this.#policies.isMoving,
      violate: (what) => this.ledger.violate(what),
      fire: (what) => this.ledger.fire(what),
    });
    const isSteady = this.#fates.fate === 'none' && !this.#losesPages;
    this.#doors = new Doors(scheduler, this.ledger, seed, isSteady);
    this.#network = new Network(
      scheduler,
      this.#hub,
      net,
      this.ledger,
      this.#policies,
      this.#doors,
    );
    // Who waits for the hub lets time pass, in which more pages would be lost than can be mended.
    this.#desk = new Desk(scheduler, this.#network, this.ledger, !this.#losesPages);
    this.#table = hasStreams(seed) ? streamedTable : tableInput;
    if (hasStreams(seed)) this.ledger.streams = new StreamBook(this.ledger, this.#stations);
    if (!seeksIn(seed)) return;
    this.ledger.fetches = new FetchBook(this.ledger);
    this.#seeks = new Seeks(scheduler, this.#network, this.ledger, ({ pagesLost }) => {
      return pagesLost === 0 && !this.#policies.isMoving && this.#fates.fate === 'none';
    });
  }

  get #stations(): readonly Station[] {
    return [this.#hub, ...this.#others, ...this.#devices];
  }

  async play(): Promise<void> {
    this.#faults.active = false;
    this.#hub.prepare = async (engine) => {
      if (this.#global !== undefined) await this.#makeHub(engine, this.#global);
      await engine.call({ operation: 'StartHub', input: {}, form: 'plain', caller: engineCaller });
    };
    await this.#begin();
    this.#faults.active = true;
    for (const device of this.#devices) device.lostPower = () => this.#excuse(device);
    const keepers = this.#devices.map((device) => this.#network.keep(device, () => this.#over));
    keepers.push(this.#peers.keep(() => this.#over));
    const troubles = this.#devices.map((device) => this.#trouble(device));
    const fills = [this.#hub, ...this.#devices];
    if (fillsIn(this.#seed))
      troubles.push(
        ...fills.map((station) => fillUp(this.#scheduler, station, () => this.#network.active)),
      );
    if (this.#losesPages) troubles.push(this.#troubleHub());
    if (this.#fates.fate !== 'none') troubles.push(this.#fates.befall(this.#befallen()));
    const keys = 1 + this.#drawn.below(12);
    const each = Math.ceil(this.#operations / this.#devices.length);
    await Promise.all(
      this.#devices.map((device) =>
        new SyncClient(this.#scheduler, device, this.ledger, keys, this.#desk, this.#seeks).live(
          each,
        ),
      ),
    );
    this.#network.active = false;
    this.#doors.active = false;
    this.#peers.active = false;
    this.#faults.active = false;
    await Promise.all(troubles);
    for (const device of this.#devices) device.isOffline = false;
    await this.#heal();
    this.#over = true;
    await Promise.all(keepers);
    countOf(this.ledger, [this.#hub, ...this.#others], this.#devices);
    await this.#judge();
  }

  /** Tables first, while all is well: the hub's, then the same on each device. */
  async #begin(): Promise<void> {
    const hubPrepare = this.#hub.prepare;
    this.#hub.prepare = async (engine) => {
      await ask(engine, 'OpenReplica', { Role: 'hub' });
      await ask(engine, 'CreateTable', this.#table).catch(() => undefined);
      await this.#olderItems(this.#hub, engine);
      const { sales } = this.ledger;
      if (sales !== undefined) await ask(engine, 'PutItem', sales.stock).catch(() => undefined);
      await ask(engine, 'ReplicateTable', { TableName: 'Things' });
      await openConflicts(engine);
      await hubPrepare(engine);
      this.#hub.prepare = hubPrepare;
    };
    this.#hub.start();
    const { engine } = await this.#hub.anyTab();
    await engine.idle();
    const hub = await storedOf(this.#hub);
    if (hub.versions().length > 0) this.ledger.fire('older items of the hub');
    this.ledger.begunWith(hub);
    const { Table } = (await ask(engine, 'DescribeTable', { TableName: 'Things' })) as {
      readonly Table: { readonly TableId: string };
    };
    await this.#beginOthers(Table.TableId);
    if (this.#fates.isOfHub) this.#global = Table.TableId;
    for (const device of this.#devices) {
      const make = async (own: Engine, isFirst: boolean): Promise<void> => {
        await ask(own, 'OpenReplica', { Role: 'device' });
        await ask(own, 'CreateTable', this.#table).catch(() => undefined);
        const isWritten = this.#hasOlder.has(device.name);
        if (isFirst) await this.#olderItems(device, own);
        await ask(own, 'ReplicateTable', { TableName: 'Things', Global: Table.TableId });
        await own.barrier();
        if (!isWritten) this.#olderCovered(device);
      };
      device.prepare = (own) => make(own, true);
      device.start();
      await device.anyTab();
      device.prepare = (own) => (device.isNew ? make(own, false) : Promise.resolve());
    }
  }

  /** What is there already stays as it is; a hub that is another one has the names of the first. */
  async #makeHub(engine: Engine, Global: string): Promise<void> {
    await ask(engine, 'OpenReplica', { Role: 'hub' });
    await ask(engine, 'CreateTable', this.#table).catch(() => undefined);
    await ask(engine, 'ReplicateTable', { TableName: 'Things', Global });
    await openConflicts(engine);
  }

  #befallen(): Befallen {
    return {
      hubs: [this.#hub, ...this.#others],
      devices: this.#devices,
      isActive: () => this.#network.active,
      stored: storedOf,
      excuse: (device) => this.#excuse(device, true),
    };
  }

  /** Hubs of other regions have the table under the name that the first has for it. */
  async #beginOthers(Global: string): Promise<void> {
    this.#peers.global = Global;
    for (const other of this.#others) {
      const start = async (engine: Engine): Promise<void> => {
        await ask(engine, 'StartHub', {});
      };
      other.prepare = async (engine) => {
        await this.#makeHub(engine, Global);
        await start(engine);
        other.prepare = start;
      };
      other.start();
      await other.anyTab();
      this.ledger.fire('several hubs');
    }
  }

  /** Sometimes there are items before there is replication. */
  async #olderItems({ name }: Station, engine: Engine): Promise<void> {
    const random = this.#drawn;
    if (this.#hasOlder.has(name)) return;
    const isFull = name === 'hub' && this.#seeks !== undefined;
    if (!isFull && random.chance(0.6)) return;
    this.#hasOlder.add(name);
    for (let n = 0; n < (isFull ? 12 : 3); n += 1) {
      const p = `k${random.below(isFull ? 12 : 6)}`;
      const w = `${name}-older-${n}`;
      const Item = { p: { S: p }, w: { S: w } };
      await engine.call({
        operation: 'PutItem',
        input: { TableName: 'Things', Item },
        form: 'wire',
        caller: owner,
      });
      if (name === 'hub') continue;
      const over = this.ledger.tried.get(`${name} ${p}`);
      if (over !== undefined) this.ledger.acked.delete(over);
      this.ledger.tried.set(`${name} ${p}`, w);
      this.ledger.acked.set(w, { device: name, strict: false, excused: false, key: p });
    }
    // Another tab may have come first.
    const { Tables } = (await ask(engine, 'ListReplicated', {})) as { readonly Tables: object[] };
    if (name === 'hub' || Tables.length > 0) return;
    this.ledger.fire('older items of a device');
    for (let n = 0; n < 3; n += 1) this.ledger.older.add(`${name}-older-${n}`);
  }

  /** Another tab may be ready before the one that writes them, and power be lost between. */
  #olderCovered({ name }: Station): void {
    for (const [w, note] of this.ledger.acked) {
      if (w.startsWith(`${name}-older-`)) note.strict = true;
    }
  }

  /** What befalls a device as a whole, while its clients are at work. */
  async #trouble(device: Station): Promise<void> {
    const { random } = this.#scheduler;
    while (this.#network.active) {
      await this.#scheduler.wait(worldSite, 500 + random.below(12_000));
      if (!this.#network.active) return;
      if (this.#policies.isMoving && random.chance(0.6)) this.#policies.flip(device.name, random);
      if (this.#doors.hasAccounts) this.#doors.signIn(device, await storedOf(device));
      this.#doors.trouble();
      if (random.chance(0.3)) device.isOffline = !device.isOffline && !this.#network.isCalm(device);
      else if (this.#losesPages && random.chance(0.5)) await this.#spoil(device);
      else if (random.chance(0.1)) {
        this.ledger.fire('clock jumped');
        device.skewMs += random.below(2 * yearMs) - yearMs;
      }
    }
  }

  async #troubleHub(): Promise<void> {
    await this.#scheduler.wait(worldSite, 500 + this.#scheduler.random.below(15_000));
    if (this.#network.active && this.#scheduler.random.chance(0.8)) await this.#spoil(this.#hub);
  }

  /** A leaf of what it keeps as a replica is spoilt on its disk; once, two may be too many. */
  async #spoil(station: Station): Promise<void> {
    if (station.pagesLost > 0) return;
    const stored = await storedOf(station);
    const { self, table } = stored;
    const { random } = this.#scheduler;
    const tree = random.chance(0.5) ? self.book : (table.replica?.versions ?? 0);
    const leaves = await pagesAt(station.disk.memory, tree, 1);
    const leaf = leaves[random.below(leaves.length)];
    if (leaf === undefined) return;
    const isOfBook = tree === self.book;
    if (isOfBook) this.#losses.push({ station, memory: station.disk.copy(), leaf });
    damagePage(station.disk.memory, leaf.id);
    station.killAll();
    station.pagesLost += 1;
    if (station === this.#hub) {
      this.ledger.hubLostPages = true;
      this.ledger.hubLostMarks = isOfBook;
    } else if (isOfBook) this.ledger.lost(self.id, stored.entries());
    this.ledger.fire(`page of ${station === this.#hub ? 'the hub' : 'a device'} lost`);
  }

  /** What is not made anew is told of. */
  async #excuseLost(): Promise<void> {
    for (const { station, memory, leaf } of this.#losses) {
      const stored = await storedOf(station, memory);
      for (const w of [...quarantinedAt(stored), ...hiddenAt(stored, leaf)]) {
        const note = this.ledger.acked.get(w);
        if (note !== undefined) note.excused = true;
      }
    }
  }

  /** Acknowledged relaxed writes that are on no disk, and that the hub has not had, are gone. */
  #excuse(device: Station, isAll = false): void {
    for (const [w, note] of this.ledger.acked) {
      if (note.device !== device.name || (note.strict && !isAll)) continue;
      const kind = this.ledger.outcomes.get(w);
      // With a disk goes its quarantine.
      if (kind === undefined || (isAll && kind === 'refused')) note.excused = true;
    }
  }

  async #heal(): Promise<void> {
    const untilMs = this.#scheduler.nowMs + healMs * Math.max(1, this.#operations / 200);
    // What nobody has read again since it was spoilt is found by reading all.
    for (const station of [this.#hub, ...this.#devices].filter(({ pagesLost }) => pagesLost > 0)) {
      const { engine } = await station.anyTab();
      await engine
        .scrub()
        .then(() => engine.idle())
        .catch(() => undefined);
    }
    while (this.#scheduler.nowMs < untilMs) {
      await this.#scheduler.wait(worldSite, 2000);
      const quiet = await this.#isQuiet().catch((error: unknown) => {
        if (error instanceof DamagedData) return false;
        throw error;
      });
      if (quiet) return;
    }
    this.ledger.violate('it did not come to rest');
  }

  /** Every outbox is empty, and every cursor at the end of the feed; which has not grown since. */
  async #isQuiet(): Promise<boolean> {
    const hubs = await this.#storedHubs();
    if (!this.#peers.isQuiet(hubs)) return false;
    for (const device of this.#devices) {
      const stored = await storedOf(device);
      if (stored.entries().length > 0) return false;
      const hub = hubs.get(device.home ?? this.#hub) as Stored;
      if (readLink(stored.reader, stored.self.book).link.cursor !== endOf(hub)) return false;
      if (this.#policies.isMoving && !(await this.#isOfScope(device, stored))) return false;
      if (!isLoaded(stored)) return false;
      // What was refused is offered once more when all is here.
      const isAgain = stored.reader.get(stored.self.book, againKey) !== undefined;
      if (isAgain || this.#network.isToOffer(device)) return false;
    }
    const now = await this.#storedHubs();
    return [...hubs].every(([hub, stored]) => endOf(stored) === endOf(now.get(hub) as Stored));
  }

  /** The device has taken what the policies allow by now. */
  async #isOfScope({ name }: Station, { reader, self }: Stored): Promise<boolean> {
    const { engine } = await this.#hub.anyTab();
    const { link } = readLink(reader, self.book);
    const input = { Epoch: hexOf(link.epoch), Cursor: link.cursor };
    const scope = this.#policies.scope(name);
    const request = { operation: 'ReadFeed', input, form: 'plain', caller: engineCaller } as const;
    const output = await engine.call({ ...request, scope });
    const { ScopeHash } = output as { readonly ScopeHash?: string };
    return ScopeHash === readScope(reader, self.book).hash;
  }

  async #storedHubs(): Promise<ReadonlyMap<Station, Stored>> {
    const stored = new Map<Station, Stored>();
    for (const hub of [this.#hub, ...this.#others]) stored.set(hub, await storedOf(hub));
    return stored;
  }

  async #judge(): Promise<void> {
    await this.#excuseLost();
    const hub = await storedOf(this.#hub);
    this.#judgeHub(hub);
    // Whose mark is lost is asked once more; what was sold since a backup may be sold again.
    const { isSetBack } = this.ledger;
    if (this.#hub.pagesLost === 0 && !isSetBack) this.ledger.sales?.judge(hub);
    // What goes to quarantine and is offered again comes later than it was written.
    const stations = [this.#hub, ...this.#devices];
    const isExact = !this.#policies.isMoving && stations.every(({ pagesLost }) => pagesLost === 0);
    const isOrderly = isExact && this.#fates.fate === 'none';
    if (!isSetBack) this.#desk.judge(hub, isOrderly);
    if (isOrderly) this.ledger.fetches?.judge();
    for (const other of this.#others) {
      const stored = await storedOf(other);
      this.#judgeHub(stored);
      this.#compare(other, hub, stored);
      this.#compare(this.#hub, stored, hub);
    }
    const quarantined = new Set<string>();
    for (const device of this.#devices) {
      const stored = await storedOf(device);
      this.#compare(device, hub, stored);
      if (!isLoaded(stored)) this.ledger.violate(`${device.name} has not loaded all`);
      for (const [, bytes] of stored.book(8)) {
        const { code, entry } = decodeQuarantined(bytes);
        const { mutations } = entry;
        this.ledger.kept(mutations);
        this.#fates.withdrawn(entry);
        if (code === 'OutcomeUnknown') this.ledger.fire('outcome unknown');
        if (code === 'Expired') this.ledger.fire('sale expired');
      }
      for (const w of quarantinedAt(stored)) quarantined.add(w);
    }
    const withdrawn = [...quarantined].filter((w) => this.ledger.outcomes.get(w) === undefined);
    for (const _ of withdrawn) this.ledger.fire('entry withdrawn');
    this.#judgeLedger(hub, quarantined);
    await this.#fates.judge(this.#befallen(), hub, quarantined);
    await this.ledger.streams?.judge(this.#stations, storedOf, isOrderly);
  }

  #judgeHub(hub: Stored): void {
    const { replica, tree } = hub.table;
    const versions = new Map(
      entriesOf(hub.reader, replica?.versions ?? 0)
        .filter(([key]) => !isTally(key))
        .map(([key, value]) => [
          `${replica?.global} ${hexOf(key)}`,
          { key, version: decodeVersion(value) },
        ]),
    );
    for (const [name, { key, version }] of versions) {
      const image = hub.reader.get(tree, key);
      this.ledger.shown({ key: name, stamp: version.stamp, image: image && hexOf(image) });
    }
    const expected = this.ledger.expected();
    if (!this.ledger.isSetBack && versions.size !== expected.size) {
      this.ledger.violate(`the hub has ${versions.size} keys of ${expected.size}`);
    }
    const live = new Map<string, number>();
    for (const [name, { key, version }] of versions) {
      const image = hub.reader.get(tree, key);
      const best = expected.get(name);
      const found = image && hexOf(image);
      // What lost its version was stamped anew, whatever came later.
      const isKnown = this.#hub.pagesLost === 0 && !this.ledger.isSetBack;
      if (isKnown && found !== best?.image)
        this.ledger.violate(`the hub has not the newest of ${name}`);
      if (version.isDeleted !== (image === undefined)) {
        this.ledger.violate(`the hub has not the newest of ${name}`);
      }
      if (version.isJoined !== true) continue;
      const joined = hexOf(joinedKey(version.stamp));
      live.set(joined, (live.get(joined) ?? 0) + 1);
    }
    const kept = hub.book(6).map(([key, value]) => [`06${hexOf(key)}`, decodeJoined(value).live]);
    if (kept.length !== live.size || kept.some(([key, count]) => live.get(String(key)) !== count)) {
      this.ledger.violate('the hub keeps other transactions than those whose items it has');
    }
    const tallies = entriesOf(hub.reader, tree).filter(([key]) => isTally(key)).length;
    if (hub.feed().length !== versions.size + tallies)
      this.ledger.violate('the feed has a key twice');
  }

  /** All that is shown, byte for byte, and what it is of. */
  #compare({ name, pagesLost }: Station, hub: Stored, stored: Stored): void {
    const inScope = ([key]: readonly [Uint8Array, Uint8Array]): boolean =>
      this.#policies.reads(name, key);
    for (const tree of [stored.table.tree, stored.table.replica?.versions ?? 0]) {
      if (entriesOf(stored.reader, tree).every(inScope)) continue;
      this.ledger.violate(`${name} has what it may not read, in tree ${tree}`);
    }
    const items = (of: Stored): string =>
      entriesOf(of.reader, of.table.tree)
        .filter(inScope)
        .map(([key, value]) => `${hexOf(key)} ${hexOf(value)}`)
        .join('\n');
    if (items(hub) !== items(stored)) this.ledger.violate(`${name} shows other items than the hub`);
    // A snapshot has no deleted items: a device knows of those that it has heard of since.
    const stamps = (of: Stored, isDeleted: boolean): readonly string[] =>
      entriesOf(of.reader, of.table.replica?.versions ?? 0)
        .filter(inScope)
        .map(([key, value]) => ({ key, version: decodeVersion(value) }))
        .filter(({ version }) => version.isDeleted === isDeleted)
        .map(({ key, version }) => `${hexOf(key)} ${hexOf(stampBytes(version.stamp))}`);
    const gone = new Set(stamps(hub, true));
    const isSame = stamps(hub, false).join('\n') === stamps(stored, false).join('\n');
    if (!isSame || stamps(stored, true).some((one) => !gone.has(one))) {
      this.ledger.violate(`${name} has other versions`);
    }
    for (const kind of [3, 4]) {
      if (stored.book(kind).length > 0) this.ledger.violate(`${name} keeps leftovers of ${kind}`);
    }
    // A scrub corrects what pages that are lost counted.
    if (pagesLost > 0) return;
    for (const tree of [stored.self.book, stored.table.replica?.versions ?? 0]) {
      const entries = entriesOf(stored.reader, tree);
      const bytes = entries.reduce((sum, [, value]) => sum + value.length, 0);
      const counted = stored.reader.counters(tree);
      if (counted.entries !== entries.length || counted.bytes !== bytes) {
        this.ledger.violate(`${name}: tree ${tree} is counted wrongly`);
      }
    }
  }

  /** Each acknowledged write was taken, or is in quarantine; what lost unseen is in the log. */
  #judgeLedger(hub: Stored, quarantined: ReadonlySet<string>): void {
    const { acked, outcomes } = this.ledger;
    for (const w of this.ledger.denied) {
      const kind = outcomes.get(w) ?? (quarantined.has(w) ? 'quarantined' : undefined);
      if (kind !== undefined) this.ledger.violate(`${w} was refused by its disk, and is ${kind}`);
    }
    for (const [w, { excused, device, key }] of acked) {
      // Of what was written again before it was sent, an outbox made anew has nothing.
      const isOver = this.ledger.tried.get(`${device} ${key}`) !== w;
      const kind = outcomes.get(w);
      const isLost = this.#devices.some((one) => one.name === device && one.pagesLost > 0);
      // What was there before replication was written over before it was entered.
      if (isOver && w.includes('older') && kind === undefined) continue;
      if (isLost && isOver) continue;
      // A hub that has lost a mark may take what it had refused.
      if (this.#hub.pagesLost > 0 && kind === 'refused') continue;
      const isKept = kind === undefined || kind === 'refused' ? quarantined.has(w) : true;
      if (!isKept && !excused) this.ledger.violate(`${w} of ${device} is lost (${kind})`);
    }
    const logged = hub.conflicts().map(({ id }) => String(id).split('-')[1] ?? '');
    const known = new Set(logged);
    for (const _ of known) this.ledger.fire('conflict logged');
    // Where the hub died, answers may have come in another order than what they answer.
    const { isSetBack } = this.ledger;
    const isOne = this.#others.length === 0 && !isSetBack && this.#fates.fate !== 'cloned';
    const inOrder = isOne && this.#hub.kills + this.#hub.powerLosses + this.#hub.pagesLost === 0;
    for (const w of inOrder ? this.ledger.usurpers : []) {
      this.ledger.violate(`${w} took the place of an item of the hub`);
    }
    const isWhole = (name: string): boolean =>
      this.#devices.some((one) => one.name === name && one.pagesLost === 0 && !one.isNew);
    this.ledger.judgeGuesses(inOrder, isWhole);
    for (const id of inOrder ? this.ledger.conflicts : []) {
      if (!known.has(id)) this.ledger.violate(`entry ${id} replaced what it had not seen, unsaid`);
    }
    const isAllLogged = this.#hub.pagesLost === 0 && !isSetBack;
    for (const id of isAllLogged ? this.ledger.unsaid(known) : []) {
      this.ledger.violate(`entry ${id} lost, and nothing says so`);
    }
  }
}

/** Everything that it may read is complete. */
function isLoaded(stored: Stored): boolean {
  const { reader, self } = stored;
  const holdings = readHoldings(reader, self.book, stored.trees());
  const globals = [...stored.trees().values()].map(({ replica }) => replica.global);
  const wanted = rangesOfScope(readScope(reader, self.book).scope, globals);
  const complete = holdings.filter(({ state }) => state === 'complete');
  return wanted.every((range) => holdsRange(complete, range));
}

/** The desk has its own book of it (sync-desk.ts). */
function isTally(key: Uint8Array): boolean {
  return String.fromCharCode(...key).includes('tally');
}

/** One in most worlds; two or three in others. */
function regionsOf(seed: number): number {
  return seed % 3 === 2 ? 2 + (seed % 2) : 1;
}

function ask(engine: Engine, operation: string, input: object): Promise<object> {
  return engine.call({ operation, input, form: 'wire', caller: engineCaller });
}

/** What is on its disk, read by an engine that takes no part. */
async function storedOf(station: Station, memory = station.disk.memory): Promise<Stored> {
  const state = await openState({
    store: openMemory(memory),
    clock: { wallMs: () => station.wallMs(), monoMs: () => 0 },
    random: prng(1),
    scheduler: { delay: () => Promise.resolve(), breathe: () => Promise.resolve() },
    background: false,
    cacheBytes: 64 * 1024 * 1024,
  });
  return Stored.loaded(state);
}
