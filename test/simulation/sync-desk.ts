/**
 * Calls that the hub carries out itself, on a connection of their own: each adds one to a tally
 * that nobody else writes. At the end that must be what the hub has carried out; and nothing that a
 * device had written before may come to the hub after such a call.
 */
import { DynamoError } from '../../src/base/errors.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { owner, type Request } from '../../src/operation/request.ts';
import type { HubCall } from '../../src/replica/message.ts';
import { decodeInput } from '../../src/replica/request-input.ts';
import { askHub, type HubPorts } from '../../src/sync/ask-hub.ts';
import { HubError, SyncFault } from '../../src/sync/fault.ts';
import { HubCalls } from '../../src/sync/hub-calls.ts';
import { decodeItem } from '../../src/value/codec.ts';
import { entriesOf, type Stored } from '../support/replica.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { Network } from './sync-network.ts';
import type { SyncLedger } from './sync-ledger.ts';
import type { Station, StationTab } from './sync-station.ts';

const TableName = 'Things';
const deskSite = siteOf('desk');
const silenceMs = 1500;
/** Nobody waits longer for what was written before to be sent. */
const patienceMs = 2000;

interface Asked {
  /** Marks of what the device had written before, and the hub had not had. */
  readonly before: readonly string[];
  carriedOut: number;
  /** It was begun, and the hub died before it said how it ended. */
  isOpen: boolean;
}

export class Desk {
  readonly #scheduler: SeededScheduler;
  readonly #network: Network;
  readonly #ledger: SyncLedger;
  readonly #calls = new WeakMap<Engine, HubCalls>();
  /** By the mark of each call. */
  readonly #asked = new Map<string, Asked>();
  /** Marks that the hub had not had when it carried out what was asked later. */
  readonly #overtaken = new Set<string>();

  readonly isOpen: boolean;

  constructor(scheduler: SeededScheduler, network: Network, ledger: SyncLedger, isOpen: boolean) {
    this.isOpen = isOpen;
    this.#scheduler = scheduler;
    this.#network = network;
    this.#ledger = ledger;
  }

  /** Resolves when the hub has answered, or cannot. */
  async add(device: Station, tab: StationTab, w: string): Promise<void> {
    const { acked, outcomes } = this.#ledger;
    const own = [...acked].filter(([mark, note]) => {
      return note.device === device.name && !outcomes.has(mark) && !mark.includes('older');
    });
    this.#asked.set(w, { before: own.map(([mark]) => mark), carriedOut: 0, isOpen: false });
    const input = {
      TableName,
      Key: { p: { S: 'tally' } },
      UpdateExpression: 'ADD n :one SET w = :w',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':w': { S: w } },
    };
    const over = new AbortController();
    void this.#scheduler.wait(deskSite, patienceMs).then(() => over.abort());
    const { signal } = over;
    const request: Request = {
      operation: 'UpdateItem',
      input,
      form: 'wire',
      caller: owner,
      signal,
    };
    try {
      await askHub(this.#portsOf(device, tab), request);
      this.#ledger.fire('hub answered');
      if (this.#asked.get(w)?.carriedOut !== 1) this.#ledger.violate(`${w} is answered, not done`);
    } catch (error) {
      if (!(error instanceof HubError)) return;
      this.#ledger.fire('hub out of reach');
      const asked = this.#asked.get(w);
      const isDone = asked?.isOpen === true || asked?.carriedOut === 1;
      if (isDone && !error.mayHaveBeenApplied) this.#ledger.violate(`${w} is done, and denied`);
    }
  }

  judge(hub: Stored, isExact: boolean): void {
    const tally = entriesOf(hub.reader, hub.table.tree)
      .map(([, bytes]) => decodeItem(bytes))
      .find((item) => item.get('p')?.value === 'tally');
    const found = Number(tally?.get('n')?.value ?? 0);
    const all = [...this.#asked.values()];
    const done = all.reduce((sum, { carriedOut }) => sum + carriedOut, 0);
    const open = all.filter(({ isOpen }) => isOpen).length;
    if (found < done || found > done + open) {
      this.#ledger.violate(
        `the tally is ${found}, of ${done} that were carried out (${open} open)`,
      );
    }
    for (const w of isExact ? this.#overtaken : []) {
      if (this.#ledger.outcomes.has(w))
        this.#ledger.violate(`${w} came after what was asked later`);
    }
  }

  #portsOf(device: Station, { engine, timers }: StationTab): HubPorts {
    const { random } = this.#scheduler;
    return {
      engine,
      random,
      scheduler: timers,
      clock: { wallMs: () => device.wallMs(), monoMs: () => this.#scheduler.nowMs },
      status: () => ({ state: device.isOffline ? 'offline' : 'live', message: undefined }),
      watch: () => () => undefined,
      tell: (replicaId, message) => {
        const silence = this.#scheduler.wait(deskSite, silenceMs).then((): never => {
          throw new SyncFault('offline', 'silence');
        });
        const answered = this.#network.ask(device, replicaId, message, (hub, call, principal) =>
          this.#callsOf(hub.engine).answer(call as HubCall, { replicaId, principal }),
        );
        return Promise.race([answered, silence]);
      },
    };
  }

  #callsOf(engine: Engine): HubCalls {
    const known = this.#calls.get(engine) ?? new HubCalls(this.#watched(engine));
    this.#calls.set(engine, known);
    return known;
  }

  /** The hub's engine, whose answers are counted. */
  #watched(engine: Engine): Engine {
    const call = async (request: Request): Promise<object> => {
      if (request.operation !== 'CarryOutCall') return engine.call(request);
      const { Input } = request.input as { readonly Input: Uint8Array };
      const asked = this.#asked.get(markOf(decodeInput(Input))) as Asked;
      asked.isOpen = true;
      const { outcomes } = this.#ledger;
      try {
        const output = await engine.call(request);
        // Sent again, it is answered again: what was done twice shows in the tally.
        asked.carriedOut = 1;
        asked.isOpen = false;
        for (const w of asked.before) if (!outcomes.has(w)) this.#overtaken.add(w);
        return output;
      } catch (error) {
        asked.isOpen = !(error instanceof DynamoError) || error.name === 'InternalServerError';
        throw error;
      }
    };
    return { call } as unknown as Engine;
  }
}

function markOf(input: unknown): string {
  const { ExpressionAttributeValues } = input as {
    readonly ExpressionAttributeValues: { readonly ':w': { readonly S: string } };
  };
  return ExpressionAttributeValues[':w'].S;
}
