/**
 * Ranges of a device that load while everything fails: what the program wants first changes all the
 * time, and chunks and pages come again long after they were taken, or were not.
 */
import type { Engine } from '../../src/engine/engine-types.ts';
import type { Request } from '../../src/operation/request.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import type { SyncLedger } from './sync-ledger.ts';

export const loadFaults: readonly string[] = [
  'chunk taken',
  'chunk passed over',
  'chunk came again',
  'range wanted first',
  'feed of one range',
  'put where nothing is known',
  'deletion where nothing is known',
];

const lateSite = siteOf('late chunk');

export class Loads {
  readonly #scheduler: SeededScheduler;
  readonly #ledger: SyncLedger;
  readonly #keys: number;

  constructor(scheduler: SeededScheduler, ledger: SyncLedger, keys: number) {
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.#keys = keys;
  }

  /** What a session asks its database, with wishes of the program's. */
  async wished(engine: Engine, request: Request): Promise<Request> {
    const { random } = this.#scheduler;
    if (request.operation !== 'PreparePush' || !random.chance(0.6)) return request;
    const Key = { p: { S: `k${random.below(this.#keys)}` } };
    const input = { First: [{ TableName: 'Things', Key }] };
    const output = await engine.call({ ...request, operation: 'FindRanges', input, form: 'wire' });
    const { Ranges } = output as { readonly Ranges: readonly Uint8Array[] };
    return { ...request, input: { First: Ranges } };
  }

  /** Told of what a database has answered; sometimes asks it the same once more. */
  heard(engine: Engine, request: Request, output: object, isBusy: boolean): void {
    const { random } = this.#scheduler;
    const { operation, input } = request;
    if (operation === 'PreparePush') {
      const { Load, Close, IsFollowed } = output as Record<string, unknown>;
      const isFirst = Load !== undefined && IsFollowed === true;
      if (isFirst) this.#ledger.fire('range wanted first');
      if (Close !== undefined) this.#ledger.fire('feed of one range');
    }
    if (operation !== 'TakeChunk' && operation !== 'TakePage') return;
    const { IsTaken } = output as { readonly IsTaken: boolean };
    if (operation === 'TakeChunk') this.#ledger.fire(IsTaken ? 'chunk taken' : 'chunk passed over');
    if (!isBusy || !random.chance(0.3)) return;
    if (operation === 'TakeChunk') this.#ledger.fire('chunk came again');
    const again = { ...request, input: structuredClone(input) };
    const delayMs = random.below(random.chance(0.3) ? 100_000 : 3000);
    void this.#scheduler.wait(lateSite, delayMs).then(() => {
      engine.call(again).catch(() => undefined);
    });
  }
}
