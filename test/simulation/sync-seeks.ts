/**
 * In half of the worlds a call of a client that looks for what has not come fetches it first, by
 * the step that the product takes (src/sync/seek.ts), over a network that loses what it asks and
 * what it is answered. Half of the devices load slowly there, so that there is much to look for.
 */
import { seekWaitMs } from '../../src/base/replica-limits.ts';
import { prng } from '../../src/base/prng.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import type { Request } from '../../src/operation/request.ts';
import type { Snapshot } from '../../src/replica/message.ts';
import { ShortNames } from '../../src/replica/names.ts';
import { decodeChanges, type PageChange } from '../../src/replica/page.ts';
import { decodeRange, isInRange } from '../../src/replica/range.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { SyncFault } from '../../src/sync/fault.ts';
import { initialStatus } from '../../src/sync/initial-status.ts';
import { describeDevice } from '../../src/sync/look.ts';
import { Seeker, type SeekPorts } from '../../src/sync/seek.ts';
import type { SyncStatus } from '../../src/sync/sync-types.ts';
import { engineCaller } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { type Piece, storedKey } from './sync-fetched.ts';
import type { SyncLedger } from './sync-ledger.ts';
import type { Network } from './sync-network.ts';
import type { Station, StationTab } from './sync-station.ts';

export const seekFaults: readonly string[] = [
  'load held up',
  'item fetched',
  'absence fetched',
  'fetch unanswered',
  'fetch not taken',
  'fetch came again',
  'hub not waited for',
  'tab killed in a fetch',
  'write on what was fetched',
  'read of what was fetched',
];

const seekSite = siteOf('seek');
const TableName = 'Things';

/** Drawn by itself: worlds in which nobody fetches are as they were without it. */
export function seeksIn(seed: number): boolean {
  return prng(seed * 31 + 7).chance(0.5);
}

/** As FindUnknown answers it. */
interface Found {
  readonly ReplicaId: string;
  readonly Epoch: string;
  readonly Loads: readonly { readonly Range: Uint8Array }[];
}

/** Of a database that cannot be read just now. */
const nothing = { ReplicaId: '', Epoch: '', Loads: [], Ranges: [], Cursor: -1 } as const;

/** What a tab has of it. */
interface Desk {
  readonly seeker: Seeker;
  ranges: SyncStatus['ranges'];
  found: Found | undefined;
  /** By range. */
  came: Map<string, Came>;
}

/**
 * Of a range: what came of it, where the hub's feed was then, how many answers its device had taken
 * before, and whether that is all.
 */
interface Came {
  readonly changes: PageChange[];
  readonly places: number[];
  readonly answers: number;
  isWhole: boolean;
}

export class Seeks {
  readonly #scheduler: SeededScheduler;
  readonly #network: Network;
  readonly #ledger: SyncLedger;
  readonly #isSteady: (device: Station) => boolean;
  readonly #desks = new WeakMap<Engine, Desk>();

  /** `isSteady`: nothing takes away from this device what it has. */
  constructor(
    scheduler: SeededScheduler,
    network: Network,
    ledger: SyncLedger,
    isSteady: (device: Station) => boolean,
  ) {
    this.#scheduler = scheduler;
    this.#network = network;
    this.#ledger = ledger;
    this.#isSteady = isSteady;
  }

  /** Before a call is decided: what came for it. */
  async before(device: Station, tab: StationTab, request: Request): Promise<readonly Piece[]> {
    const desk = this.#deskOf(device, tab);
    const { Ranges } = await describeDevice(tab.engine).catch(() => nothing);
    desk.ranges = Ranges.map(({ TableName: table, State: state }) => ({ table, state }));
    if (!desk.seeker.isDue(request)) {
      const { state } = this.#network.statusOf(device);
      const isThere = state !== 'offline' && request.operation === 'GetItem';
      if (isThere && desk.ranges.some((one) => one.state !== 'complete')) {
        this.#ledger.fire('hub not waited for');
      }
      return [];
    }
    desk.found = undefined;
    desk.came = new Map();
    const sinceMs = this.#scheduler.nowMs;
    const killed = (): void => this.#ledger.fire('tab killed in a fetch');
    tab.ends.add(killed);
    await desk.seeker.seek(request);
    tab.ends.delete(killed);
    return await this.#fetched(device, tab, request, this.#scheduler.nowMs - sinceMs);
  }

  async #fetched(
    device: Station,
    { engine }: StationTab,
    request: Request,
    tookMs: number,
  ): Promise<readonly Piece[]> {
    const desk = this.#desks.get(engine) as Desk;
    const { found, came } = desk;
    if (found === undefined || found.Loads.length === 0) return [];
    const { Cursor } = await describeDevice(engine).catch(() => nothing);
    const pieces = [...came].flatMap(([name, one]): readonly Piece[] => {
      const { changes, answers } = one;
      const isComplete = one.places.every((place) => place === Cursor);
      const range = decodeRange(bytesOf(name));
      return one.isWhole ? [{ range, changes, isComplete, answers }] : [];
    });
    if (pieces.length < found.Loads.length) {
      this.#ledger.fire(tookMs >= seekWaitMs ? 'fetch unanswered' : 'fetch not taken');
    }
    for (const { changes } of pieces) {
      this.#ledger.fire(changes.length === 0 ? 'absence fetched' : 'item fetched');
    }
    const again = await find(engine, request).catch(() => nothing);
    const isSame = again.ReplicaId === found.ReplicaId && again.Epoch === found.Epoch;
    for (const { Range } of isSame && this.#isSteady(device) ? again.Loads : []) {
      this.#ledger.fetches?.lookedAgain(device.name, pieces, decodeRange(Range));
    }
    return pieces;
  }

  #deskOf(device: Station, tab: StationTab): Desk {
    const known = this.#desks.get(tab.engine);
    if (known !== undefined) return known;
    const ports = this.#portsOf(device, tab);
    const desk: Desk = {
      seeker: new Seeker(ports),
      ranges: [],
      found: undefined,
      came: new Map(),
    };
    this.#desks.set(tab.engine, desk);
    return desk;
  }

  #portsOf(device: Station, tab: StationTab): SeekPorts {
    return {
      engine: this.#watched(device, tab.engine),
      scheduler: tab.timers,
      clock: { wallMs: () => device.wallMs(), monoMs: () => this.#scheduler.nowMs },
      status: () => {
        const { ranges = [] } = this.#desks.get(tab.engine) ?? {};
        return { ...initialStatus, ...this.#network.statusOf(device), ranges };
      },
      watch: (look) => {
        let isLeft = false;
        const poll = async (): Promise<void> => {
          while (!isLeft && !tab.store.dead) {
            await this.#scheduler.wait(seekSite, 20);
            look();
          }
        };
        void poll();
        return () => {
          isLeft = true;
        };
      },
      tell: (replicaId, message, signal) => {
        const cut = new Promise<never>((_, reject) => {
          const end = (): void => reject(new SyncFault('offline', 'broken off'));
          signal.addEventListener('abort', end, { once: true });
        });
        const answered = this.#network.ask(device, replicaId, message, (hub, heard, account) =>
          this.#network.answer(device, hub, replicaId, heard as Snapshot, account),
        );
        return Promise.race([answered, cut]);
      },
    };
  }

  /** A device's engine: what is asked of it for a fetch, and given to it; sometimes once more. */
  #watched({ name }: Station, engine: Engine): Engine {
    const { random } = this.#scheduler;
    const call = async (request: Request): Promise<object> => {
      const answers = this.#ledger.fetches?.answersTo(name) ?? 0;
      const output = await engine.call(request);
      const desk = this.#desks.get(engine) as Desk;
      if (request.operation === 'FindUnknown') desk.found = output as Found;
      if (request.operation !== 'TakeChunk') return output;
      const { IsTaken } = output as { readonly IsTaken: boolean };
      if (IsTaken) this.#heard(desk, request.input as TakenChunk, answers);
      if (!this.#network.active || !random.chance(0.3)) return output;
      this.#ledger.fire('fetch came again');
      const again = { ...request, input: structuredClone(request.input) };
      const delayMs = random.below(random.chance(0.3) ? 100_000 : 3000);
      void this.#scheduler.wait(seekSite, delayMs).then(() => {
        engine.call(again).catch(() => undefined);
      });
      return output;
    };
    return { call } as unknown as Engine;
  }

  #heard(desk: Desk, chunk: TakenChunk, answers: number): void {
    if (chunk.Refusal !== '') return;
    const changes = decodeChanges(chunk.Items, new ShortNames());
    this.#ledger.fetches?.came(changes);
    const name = textOf(chunk.Range);
    const there = desk.came.get(name) ?? { changes: [], places: [], answers, isWhole: false };
    there.changes.push(...changes);
    there.places.push(chunk.Sequence);
    there.isWhole = chunk.To.length === 0;
    desk.came.set(name, there);
  }
}

interface TakenChunk {
  readonly Range: Uint8Array;
  readonly To: Uint8Array;
  readonly Items: Uint8Array;
  readonly Sequence: number;
  readonly Refusal: string;
}

/** Whether the device does not know what its hub has of an item. */
export async function isUnknown({ engine }: StationTab, p: string): Promise<boolean> {
  const input = {
    TableName,
    KeyConditionExpression: 'p = :p',
    ExpressionAttributeValues: { ':p': { S: p } },
  };
  const asked = find(engine, { operation: 'Query', form: 'json', input });
  const { Loads } = await asked.catch(() => nothing);
  return Loads.some(({ Range }) => isInRange(decodeRange(Range), storedKey(p)));
}

async function find(
  engine: Engine,
  { operation, form, input }: Pick<Request, 'operation' | 'form' | 'input'>,
): Promise<Found> {
  const asked = { Operation: operation, Form: form, Input: encodeInput(input) };
  const request = { operation: 'FindUnknown', input: asked, form: 'plain' } as const;
  return (await engine.call({ ...request, caller: engineCaller })) as Found;
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
