/**
 * The way between devices and their hub: messages are lost, come twice, late or out of order, also
 * from connections that are long over; a device is offline for a while.
 */
import type { Prng } from '../../src/base/prng.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import type { Refusals } from '../../src/replica/hub-session.ts';
import type { Framed, Snapshot, ToDevice, ToHub } from '../../src/replica/message.ts';
import type { Frame } from '../../src/replica/wire.ts';
import { ShortNames } from '../../src/replica/names.ts';
import { decodeChanges, type PageChange } from '../../src/replica/page.ts';
import { DynamoError } from '../../src/base/errors.ts';
import { SyncFault, type SyncTrouble } from '../../src/sync/fault.ts';
import { describeDevice } from '../../src/sync/look.ts';
import { answerHub, type DeviceLink, runDevice } from '../../src/sync/run-session.ts';
import type { SyncStatus } from '../../src/sync/sync-types.ts';
import { owner, type ScopeOf } from '../../src/operation/request.ts';
import { calmBy, chainsOf, heldOf, pushOf, refusedShareOf } from './sync-chains.ts';
import { isComplete, lookAtPair, pairs } from './sync-clients.ts';
import { type Doors, type Pass, user } from './sync-door.ts';
import { Loads } from './sync-loads.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { Station, StationTab } from './sync-station.ts';
import type { SyncLedger } from './sync-ledger.ts';
import type { Policies } from './sync-policies.ts';
import { arrived, cutFrame, sent } from './sync-wire.ts';

export interface NetworkRates {
  readonly lost: number;
  readonly twice: number;
  readonly late: number;
  readonly cut: number;
}

export const networkFaults: readonly string[] = [
  'request lost',
  'answer lost',
  'message truncated',
  'message twice',
  'message late',
  'offline',
  'two sessions',
];

/** Which way a message goes. */
type Way = 'request' | 'answer';

const netSite = siteOf('network');
const keepSite = siteOf('keeper');
/** Chunks of a few items, so that a range takes many, and much happens between them. */
const chunkBytesMost = 200;
/** Another principal may read nothing here. */
const nobodys: ScopeOf = () => ({ user: 'somebody', tables: new Map() });
const denied = new SyncFault('needs-auth', 'Another account', undefined, 403);

/** Before its hub has greeted it. */
const early: ReadonlySet<string> = new Set(['offline', 'reading', 'greeting', 'taking-greeting']);

export class Network {
  readonly #scheduler: SeededScheduler;
  readonly #hub: Station;
  readonly #rates: NetworkRates;
  readonly #ledger: SyncLedger;
  readonly #policies: Policies;
  readonly #loads: Loads;
  readonly #doors: Doors;
  /** Why a conversation has ended last, until its hub is heard again. */
  readonly #troubles = new Map<Station, SyncTrouble>();
  readonly #cursors = new Map<Engine, { readonly Epoch: string; readonly Cursor: number }>();
  readonly #links = new Map<Station, Set<DeviceLink>>();
  /** When a device has heard of its hub last. */
  readonly #heardMs = new Map<Station, number>();
  /** What is drawn for those that chains are made on. */
  readonly #chains = new Map<Station, Prng | undefined>();
  /** False when all is to go well from now on. */
  active = true;

  constructor(
    scheduler: SeededScheduler,
    hub: Station,
    rates: NetworkRates,
    ledger: SyncLedger,
    policies: Policies,
    doors: Doors,
  ) {
    this.#doors = doors;
    this.#scheduler = scheduler;
    this.#hub = hub;
    this.#rates = rates;
    this.#ledger = ledger;
    this.#policies = policies;
    this.#loads = new Loads(scheduler, ledger, 12);
  }

  /** Keeps a device in touch, by whichever tab lives; sometimes by two at once. */
  async keep(device: Station, over: () => boolean): Promise<void> {
    const { random } = this.#scheduler;
    const links = new Set<DeviceLink>();
    this.#links.set(device, links);
    this.#chains.set(device, chainsOf(device, 'network'));
    while (!over()) {
      await this.#scheduler.wait(keepSite, 20 + random.below(200));
      for (const link of [...links]) {
        if (device.isOffline && random.chance(0.5)) link.close();
        else link.moved();
      }
      const stolen = this.active && links.size === 1 && random.chance(0.02);
      if (device.isOffline || (links.size > 0 && !stolen)) continue;
      const tab = device.tab();
      if (tab === undefined) continue;
      if (stolen) this.#ledger.fire('two sessions');
      const link = this.#connect(device, tab, () => links.delete(link));
      links.add(link);
      tab.ends.add(() => link.close());
    }
    for (const link of [...links]) link.close();
  }

  #connect(device: Station, tab: StationTab, closed: () => void): DeviceLink {
    let hear: (message: ToDevice) => void = () => undefined;
    const hub = (device.home ?? this.#hub).tab();
    const answer = hub && this.#answering(device, hub);
    let shown = this.#doors.pass(device);
    const fail = ({ why }: SyncFault): void => {
      this.#troubles.set(device, why);
      link.close();
    };
    const tell = (frame: Frame): void => {
      const pass = shown;
      const { replicaId, message } = frame;
      const back = (said: ToDevice | undefined): void => {
        if (said === undefined || said.kind === 'poke') return;
        this.#doors.judge(pass, message);
        const heldMs = this.#holdsMs(device, said);
        const answered = { replicaId, message: said };
        const heard = ({ message: one }: Frame): void => hear(one as ToDevice);
        this.#carry(device, 'answer', answered, heard, fail, heldMs);
      };
      const refused = (fault: SyncFault): void => {
        const isStale = fault.why === 'needs-auth';
        const now = isStale ? this.#doors.renewed(device, pass) : undefined;
        // Whose the next token is, is asked before a replica is named that the hub may not know.
        const isOver = link.session.phase === 'offline' || message.kind === 'hello';
        if (now === undefined || isOver || fault.status === 403) fail(fault);
        else {
          shown = now;
          tell(frame);
        }
      };
      const came = (arrivedFrame: Frame): void => {
        if (answer === undefined || hub?.store.dead !== false) return;
        const fault = this.#doors.refusal(pass, arrivedFrame);
        if (fault !== undefined) {
          this.#refuse(device, fault, refused);
          return;
        }
        answer(arrivedFrame, pass.account).then(back, (error: unknown) => {
          if (!isDenied(error)) return;
          this.#doors.refusedByHub(pass);
          this.#refuse(device, denied, refused);
        });
      };
      this.#carry(device, 'request', frame, came, fail);
    };
    const link = runDevice(
      this.#following(device, tab, () => this.#isOfIt(tab, shown, fail), shown.account),
      {
        send: (message) => {
          if (this.#isHeldUp(device, message)) return;
          const replicaId = message.kind === 'hello' ? message.ReplicaId : link.session.replicaId;
          tell({ replicaId, message });
        },
        listen: (heard) => {
          hear = (message) => {
            this.#heardMs.set(device, this.#scheduler.nowMs);
            this.#troubles.delete(device);
            if (!tab.store.dead) heard(message);
          };
        },
        close: () => undefined,
      },
      tab.timers,
      closed,
    );
    // A hub that is gone is found out by its silence.
    void this.#scheduler.wait(netSite, 1000).then(() => {
      if (hub === undefined) link.close();
    });
    hub?.ends.add(() => link.close());
    return link;
  }

  /** What a hub says to frames of a device, one by one: each says whose it is. */
  #answering(
    device: Station,
    hub: StationTab,
  ): (frame: Frame, account: string) => Promise<ToDevice | undefined> {
    const { name } = device;
    const refusals: Refusals = (replica, entry) =>
      this.#policies.refuses(name, entry)
        ? 'AccessDenied'
        : this.#ledger.refusal(
            replica,
            entry,
            this.isCalm(device) ? refusedShareOf(entry) : undefined,
          );
    const chunkBytes = this.isCalm(device) ? 20_000 : chunkBytesMost;
    const engine = this.#watched(hub.engine, device.home ?? this.#hub, chunkBytes);
    const scope = this.#policies.scope(name);
    return ({ replicaId, message }, Principal) => {
      const known = { Principal };
      const seen = Principal === user ? scope : nobodys;
      return answerHub(engine, replicaId, message as ToHub, refusals, known, seen);
    };
  }

  /** Never answers where the token is of another principal: that is the end of the conversation. */
  async #isOfIt(tab: StationTab, pass: Pass, fail: (fault: SyncFault) => void): Promise<boolean> {
    const { Principal } = await describeDevice(tab.engine);
    if (this.#doors.isOf(Principal, pass)) return true;
    fail(denied);
    return false;
  }

  /** A message that is answered by one, on a connection of its own; never where it is lost. */
  ask(
    device: Station,
    replicaId: string,
    message: Framed,
    answer: (hub: StationTab, message: Framed, account: string) => Promise<Framed>,
  ): Promise<Framed> {
    const hub = (device.home ?? this.#hub).tab();
    const pass = this.#doors.pass(device);
    return new Promise((resolve, reject) => {
      if (hub === undefined) return;
      const came = (frame: Frame): void => {
        if (hub.store.dead) return;
        const fault = this.#doors.refusal(pass, frame);
        if (fault !== undefined) {
          this.#refuse(device, fault, reject);
          return;
        }
        const back = (said: Framed): void => {
          const heard = (one: Frame): void => resolve(one.message);
          this.#carry(device, 'answer', { replicaId, message: said }, heard, reject);
        };
        answer(hub, frame.message, pass.account).then(back, () => undefined);
      };
      this.#carry(device, 'request', { replicaId, message }, came, reject);
    });
  }

  /** A hub's answer to what is asked beside a session. */
  async answer(
    { name, home = this.#hub }: Station,
    hub: StationTab,
    replicaId: string,
    message: Snapshot,
    Principal: string,
  ): Promise<Framed> {
    const scope = Principal === user ? this.#policies.scope(name) : nobodys;
    const engine = this.#watched(hub.engine, home);
    const known = { Principal };
    const answer = await answerHub(engine, replicaId, message, () => undefined, known, scope);
    if (answer === undefined || answer.kind === 'poke') throw new Error('a message unanswered');
    return answer;
  }

  /** What the sync client of a device would say. */
  statusOf(device: Station): Pick<SyncStatus, 'state' | 'lastRoundTripAt'> {
    const phases = [...(this.#links.get(device) ?? [])].map(({ session }) => session.phase);
    const greeted = phases.filter((phase) => !early.has(phase));
    const isLive = greeted.length > 0 && greeted.every((phase) => phase === 'live');
    const reached = greeted.length > 0 ? 'catching-up' : 'connecting';
    const none = this.#troubles.get(device) ?? 'offline';
    const state = phases.every((phase) => phase === 'offline') ? none : reached;
    return { state: isLive ? 'live' : state, lastRoundTripAt: this.#heardMs.get(device) };
  }

  /** It loads fast, is in touch and loses little: pages are to come while edits wait. */
  isCalm(device: Station): boolean {
    return this.#chains.get(device) !== undefined && !this.#policies.isMoving;
  }

  /** A session is to offer once more what was refused: that is on no disk. */
  isToOffer(device: Station): boolean {
    return [...(this.#links.get(device) ?? [])].some(({ session }) => session.again !== undefined);
  }

  #isHeldUp(device: Station, { kind }: ToHub): boolean {
    if (!device.loadsSlowly || kind !== 'snapshot' || !this.active) return false;
    if (this.isCalm(device)) return false;
    const isIt = this.#scheduler.random.chance(0.7);
    if (isIt) this.#ledger.fire('load held up');
    return isIt;
  }

  #holdsMs(device: Station, message: ToDevice): number {
    const held = this.active ? heldOf(message, device.name, this.#chains.get(device)) : undefined;
    if (held === undefined) return 0;
    const { p, heldMs } = held;
    this.#ledger.fire('page held up');
    this.#ledger.comes(device.name, p, this.#scheduler.nowMs + heldMs);
    return heldMs;
  }

  /** `fail`: told to the device, whichever of the two could not read it. */
  #carry(
    device: Station,
    way: Way,
    frame: Frame,
    deliver: (frame: Frame) => void,
    fail: (fault: SyncFault) => void,
    heldMs = 0,
  ): void {
    const { random } = this.#scheduler;
    const bytes = sent(frame);
    const go = (delayMs: number, came = (): void => deliver(arrived(bytes))): void => {
      void this.#scheduler.wait(netSite, heldMs + delayMs).then(came);
    };
    if (device.isOffline) {
      this.#ledger.fire('offline');
      return;
    }
    if (!this.active) {
      go(1 + random.below(5));
      return;
    }
    const calm = this.isCalm(device) ? calmBy : 1;
    if (random.chance(this.#rates.lost / calm)) {
      this.#ledger.fire(`${way} lost`);
      return;
    }
    if (random.chance(this.#rates.cut / calm)) {
      this.#ledger.fire('message truncated');
      const why = cutFrame(bytes, random, this.#ledger);
      go(1 + random.below(60), () => {
        if (way === 'answer') fail(new SyncFault('offline', why));
        else this.#refuse(device, new SyncFault('blocked', why, undefined, 400), fail);
      });
      return;
    }
    const isLate = random.chance(this.#rates.late / calm);
    if (isLate) this.#ledger.fire('message late');
    go(isLate ? random.below(random.chance(0.2) ? 600_000 : 15_000) : 1 + random.below(60));
    if (!random.chance(this.#rates.twice)) return;
    this.#ledger.fire('message twice');
    go(1 + random.below(30_000));
  }

  /** A hub answers with a status alone: that may be lost too. */
  #refuse(device: Station, fault: SyncFault, fail: (fault: SyncFault) => void): void {
    const { random } = this.#scheduler;
    if (device.isOffline || (this.active && random.chance(this.#rates.lost))) return;
    void this.#scheduler.wait(netSite, 1 + random.below(60)).then(() => fail(fault));
  }

  /** A device's engine: what one tab says of the cursor never goes back within an epoch. */
  #following(
    device: Station,
    { engine }: StationTab,
    isOfIt: () => Promise<boolean>,
    Principal: string,
  ): Engine {
    const call = async (own: Parameters<Engine['call']>[0]): Promise<object> => {
      if (own.operation === 'ReadLink' && !(await isOfIt())) return new Promise(() => {});
      const isGreeting = own.operation === 'TakeGreeting';
      const asked = isGreeting ? { ...own, input: { ...(own.input as object), Principal } } : own;
      const wished = this.active && device.wishes ? await this.#loads.wished(engine, asked) : asked;
      const short = this.active ? pushOf(wished, this.#chains.get(device)) : undefined;
      if (short !== undefined) this.#ledger.fire('push of one entry');
      const request = short ?? wished;
      const output = await engine.call(request);
      this.#loads.heard(engine, request, output, this.active);
      if (request.operation === 'PreparePush') {
        const { Epoch, Cursor } = output as { readonly Epoch: string; readonly Cursor: number };
        const last = this.#cursors.get(engine);
        // After a loss all is read once more.
        const isAnew = (device.pagesLost > 0 || this.#policies.isMoving) && Cursor === 0;
        if (last?.Epoch === Epoch && Cursor < last.Cursor && !isAnew) {
          this.#ledger.violate(`${device.name}: the cursor fell from ${last.Cursor} to ${Cursor}`);
        }
        this.#cursors.set(engine, { Epoch, Cursor });
      }
      const look = (operation: string, input: object): Promise<object> =>
        engine.call({ operation, input, form: 'wire', caller: owner });
      const isAnswer = request.operation === 'TakeOutcome';
      if (isAnswer) this.#ledger.fetches?.answered(device.name);
      const isPage = request.operation === 'TakePage';
      if (isPage || request.operation === 'TakeScope') {
        this.#count(output);
        await this.#policies.look(device.name, look);
      }
      if (isPage && this.#hub.pagesLost === 0 && (await isComplete(engine))) {
        const last = this.#policies.isMoving ? 1 : pairs;
        for (let pair = 0; pair < last; pair += 1) {
          await lookAtPair(pair, look, this.#ledger, device.name);
        }
      }
      return output;
    };
    return { call } as unknown as Engine;
  }

  #count(output: object): void {
    const { Purged, Withdrawn, Gained, IsOfScope } = output as Readonly<Record<string, unknown>>;
    if (Number(Purged ?? 0) > 0) this.#ledger.fire('items purged');
    if (Number(Withdrawn ?? 0) > 0) this.#ledger.fire('edits out of scope');
    if (Number(Gained ?? 0) > 0) this.#ledger.fire('range gained');
    if (IsOfScope === false) this.#ledger.fire('page of another scope');
  }

  /** The hub's engine, whose answers to entries the ledger hears. */
  #watched(
    engine: Engine,
    { name, lives, pagesLost }: Station,
    chunkBytes = chunkBytesMost,
  ): Engine {
    const by = { name, life: lives + pagesLost };
    return {
      call: async (request: Parameters<Engine['call']>[0]) => {
        const isBounded = request.operation === 'ReadFeed' || request.operation === 'ReadSnapshot';
        const { random } = this.#scheduler;
        const most =
          request.operation === 'ReadSnapshot' ? chunkBytes : random.chance(0.5) ? 2000 : 50_000;
        const Bytes = 1 + random.below(most);
        const input = isBounded ? { ...(request.input as object), Bytes } : request.input;
        if (request.operation === 'TakeEntry') this.#ledger.asked(input as object, by);
        const { scope, seen } = this.#policies.watched(request.scope);
        const output = await engine.call({ ...request, input, scope });
        this.#policies.told(seen(), changesOf(output));
        if (request.operation === 'GreetReplica') this.#ledger.greeted(output);
        if (request.operation === 'TakeEntry')
          this.#ledger.consumed(request.input as object, output, by);
        this.#ledger.hubShows(changesOf(output));
        if (this.#ledger.hubLostPages) this.#ledger.hubSays(changesOf(output));
        const { streams } = this.#ledger;
        streams?.told(changesOf(output));
        if (request.operation === 'TakeEntry') streams?.answered(request.input as object, output);
        return output;
      },
      status: () => engine.status(),
      barrier: () => engine.barrier(),
    } as unknown as Engine;
  }
}

/** Of an answer of a hub's engine: a page, a chunk, or what an entry has met. */
function changesOf(output: object): readonly PageChange[] {
  const { Changes, Items } = output as { readonly Changes?: Uint8Array; Items?: Uint8Array };
  if (Items !== undefined) return decodeChanges(Items, new ShortNames());
  return Changes === undefined ? [] : decodeChanges(Changes);
}

function isDenied(error: unknown): boolean {
  return error instanceof DynamoError && error.name === 'AccessDeniedException';
}
