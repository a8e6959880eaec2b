/**
 * What a device does not know is fetched before a call is decided on it: keys and partitions that
 * the call looks for in ranges that are not complete here (shared/SYNC.md, Semantics 4).
 *
 * Each is a range of its own, loaded like any other (docs/adr/0028). Without a hub, or when it
 * takes longer than `seekWaitMs`, the call is decided on what is here, and what it writes then is
 * the hub's to judge. A hub that was too slow once is not waited for until it has answered again.
 */
import { seekChunksMax, seekWaitMs } from '../base/replica-limits.ts';
import type { Request } from '../operation/request.ts';
import type { Framed, Snapshot } from '../replica/message.ts';
import { encodeInput } from '../replica/request.ts';
import type { HubPorts } from './ask-hub.ts';
import type { SyncStatus } from './sync-types.ts';
import { syncCaller } from './tables.ts';

export interface SeekPorts extends Omit<HubPorts, 'status' | 'random'> {
  status(): SyncStatus;
}

/** As FindUnknown answers it. */
interface Unknown extends Pick<Snapshot, 'Epoch' | 'Reach'> {
  readonly ReplicaId: string;
  readonly Principal: string;
  readonly Loads: readonly Pick<Snapshot, 'Range' | 'After' | 'WithDeleted'>[];
}

export class Seeker {
  readonly #ports: SeekPorts;
  /** The hub's last answer when it was waited for in vain. */
  #slowAt: number | undefined;
  #isSlow = false;

  constructor(ports: SeekPorts) {
    this.#ports = ports;
  }

  /** Whether `seek` may have something to do for a call. */
  isDue({ operation, caller }: Request): boolean {
    if (caller.kind !== 'user' || !looking.test(operation)) return false;
    const { state, ranges, lastRoundTripAt } = this.#ports.status();
    if (state !== 'connecting' && state !== 'catching-up' && state !== 'live') return false;
    if (this.#isSlow && lastRoundTripAt === this.#slowAt) return false;
    this.#isSlow = false;
    return ranges.length === 0 || ranges.some((one) => one.state !== 'complete');
  }

  /** Resolves when the call may be decided; never rejects. */
  async seek(request: Request): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    request.signal?.addEventListener('abort', end, { once: true });
    const late = this.#ports.scheduler.delay(seekWaitMs, over.signal, true).then(() => {
      if (over.signal.aborted) return;
      this.#isSlow = true;
      this.#slowAt = this.#ports.status().lastRoundTripAt;
    });
    try {
      await Promise.race([this.#fetch(request, over.signal), late]);
    } catch {
      // The hub is out of reach, or the database is no device: it is decided on what is here.
    } finally {
      end();
      request.signal?.removeEventListener('abort', end);
    }
  }

  async #fetch(request: Request, signal: AbortSignal): Promise<void> {
    let unknown = await this.#find(request);
    if (unknown.Loads.length === 0) return;
    if (await this.#isGreeted(signal)) unknown = await this.#find(request);
    await Promise.all(unknown.Loads.map((load) => this.#load(unknown, load, signal)));
  }

  async #find({ operation, form, input }: Request): Promise<Unknown> {
    const asked = { Operation: operation, Form: form, Input: encodeInput(input) };
    return (await this.#call('FindUnknown', asked)) as Unknown;
  }

  async #load(
    { ReplicaId, Principal, Epoch, Reach }: Unknown,
    load: Unknown['Loads'][number],
    signal: AbortSignal,
  ): Promise<void> {
    let { After } = load;
    for (let chunks = 0; chunks < seekChunksMax && !signal.aborted; chunks += 1) {
      const asked = { Epoch, Reach, ...load, After };
      const wish: Snapshot = { kind: 'snapshot', number: chunks + 1, ...asked };
      const answer: Framed = await this.#ports.tell(ReplicaId, wish, signal, Principal);
      if (answer.kind !== 'chunk' || !answer.IsHeld) return;
      const { kind: _, number: __, ...chunk } = answer;
      const taken = await this.#call('TakeChunk', { ...asked, ...chunk, ReplicaId });
      const { IsTaken } = taken as { readonly IsTaken: boolean };
      if (!IsTaken || chunk.To.length === 0) return;
      After = chunk.To;
    }
  }

  /** Before the greeting nobody knows whether it is the hub that it was. True where it waited. */
  async #isGreeted(signal: AbortSignal): Promise<boolean> {
    const { status, watch } = this.#ports;
    if (status().state !== 'connecting') return false;
    await new Promise<void>((resolve) => {
      const leave = watch(() => {
        if (status().state === 'connecting') return;
        leave();
        resolve();
      });
      signal.addEventListener('abort', () => {
        leave();
        resolve();
      });
    });
    return true;
  }

  #call(operation: string, input: object): Promise<object> {
    const { engine } = this.#ports;
    return engine.call({ operation, input, form: 'plain', caller: syncCaller });
  }
}

const looking: RegExp = /^(Get|Query|BatchGet|Transact|Put|Update|Delete|Execute|BatchExecute)/;
