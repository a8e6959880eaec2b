/**
 * The clients of a simulated device: they ask, wait for the answer, have it judged, and sometimes
 * go on from it: to the next page, or once more with the same token.
 */
import type { Prng } from '../../src/base/prng.ts';
import { headFreshMs } from '../../src/base/limits.ts';
import { owner } from '../../src/operation/request.ts';
import { itemToWire } from '../../src/value/wire.ts';
import type { Input } from '../model/state.ts';
import type { Device, Tab } from './device.ts';
import type { Faults } from './faults.ts';
import { deniesWrite, isDynamo, itemOf, type Judge, type Reply } from './judge.ts';
import type { Ledger, Op } from './ledger.ts';
import { type Asked, draw, goOn, removedKeys, repeat, type Shape, tableA } from './operations.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';

const killed = Symbol('killed');
const barrierShare = 0.004;
const abortSite = siteOf('abort');
const reads: ReadonlySet<string> = new Set([
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'DescribeTable',
]);

export interface Parts {
  readonly scheduler: SeededScheduler;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly judge: Judge;
  readonly device: Device;
  readonly shape: Shape;
}

/** Something to be asked, and the marker that its items carry. */
interface Next {
  readonly asked: Asked;
  readonly marker: number;
}

export class Clients {
  asked = 0;
  #markers = 0;
  readonly #parts: Parts;
  readonly #random: Prng;
  /** Keys that somebody removes: of those of one key, one at a time, as they leave no marker. */
  readonly #removing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#random = parts.scheduler.random;
  }

  /** One client asks until `operations` were asked by all. */
  async live(client: number, operations: number): Promise<void> {
    let next: Next | undefined;
    while (this.asked < operations) {
      this.#disturb();
      if (this.#random.chance(barrierShare)) await this.#barrier();
      this.asked += 1;
      const id = this.asked;
      const { asked, marker } = next ?? this.#draw();
      const reply = await this.ask(client, id, marker, asked);
      next = reply === undefined ? undefined : this.#followUp(asked, marker, reply);
    }
  }

  #draw(): Next {
    const { ledger, shape } = this.#parts;
    const marker = this.#nextMarker();
    // At first, and after the store was emptied.
    if (!ledger.state.tables.has('Alpha') && this.#random.chance(0.5)) {
      return { asked: { operation: 'CreateTable', input: tableA }, marker };
    }
    return { asked: draw(this.#random, shape, marker), marker };
  }

  #nextMarker(): number {
    this.#markers += 1;
    return this.#markers;
  }

  /** As a page does that is hidden: what was stored by then may not be lost. */
  async #barrier(): Promise<void> {
    const { ledger, device } = this.#parts;
    const tab = await device.anyTab();
    const { length, life } = ledger;
    await new Promise<void>((resolve) => {
      const cut = (): void => resolve();
      tab.cuts.add(cut);
      const over = (): void => {
        tab.cuts.delete(cut);
        resolve();
      };
      tab.engine.barrier().then(() => {
        const stands = life === ledger.life && !device.isOrphan(tab) && !tab.store.dead;
        if (stands) device.durable = Math.max(device.durable, length);
        over();
      }, over);
    });
  }

  /** Things that happen to the device between two calls. */
  #disturb(): void {
    const { faults, device } = this.#parts;
    if (faults.world('decay')) device.decay();
    if (faults.world('clock-step')) device.moveClocks(false);
    if (faults.world('clock-leap')) device.moveClocks(true);
    if (faults.world('amnesia')) device.forget();
    if (faults.world('swap')) device.swap();
    if (!faults.world('close')) return;
    const tab = device.tabs[this.#random.below(device.tabs.length)];
    if (tab !== undefined) device.close(tab);
  }

  #followUp(asked: Asked, marker: number, reply: Reply): Next | undefined {
    const { shape } = this.#parts;
    const token = asked.input['ClientRequestToken'];
    if (token !== undefined && this.#random.chance(0.4)) {
      const fresh = this.#nextMarker();
      const again = repeat(this.#random, shape, asked, fresh);
      return { asked: again, marker: again.input === asked.input ? marker : fresh };
    }
    if ('error' in reply || reply.output['LastEvaluatedKey'] === undefined) return undefined;
    if (this.#random.chance(0.2)) return undefined;
    const last = itemToWire(itemOf(reply.output['LastEvaluatedKey']));
    return { asked: goOn(asked, last), marker };
  }

  /** Asks one of the tabs. Undefined when it died, or when somebody removes one of the keys. */
  async ask(client: number, id: number, marker: number, asked: Asked): Promise<Reply | undefined> {
    const { ledger, scheduler, device } = this.#parts;
    const removals = removedKeys(asked);
    let tab = await device.anyTab();
    // It may have died, or begun to close, in the very same step.
    while (!device.tabs.includes(tab)) tab = await device.anyTab();
    if (removals.some((key) => this.#removing.has(key))) return undefined;
    const { operation, input } = asked;
    const removes = removals.length > 0;
    const op = ledger.begin({ id, client, operation, input, marker, engine: tab.id, removes });
    const strong = isStrong(asked) || this.#random.chance(0.5);
    const from = strong ? op.since : this.#oldest(tab);
    const orphan = device.isOrphan(tab);
    for (const key of removals) this.#removing.add(key);
    const release = (): void => {
      for (const key of removals) this.#removing.delete(key);
      ledger.end(op);
    };
    const strict = this.#random.chance(0.05);
    const { life } = ledger;
    const reply = await this.#submit(tab, asked, strong, strict, release);
    scheduler.note(reply === killed ? 1 : 'error' in reply ? 2 : 3);
    if (reply === killed) return undefined;
    // A write of unknown outcome may still come while its tab lives.
    if (!('error' in reply) || deniesWrite(reply.error)) release();
    else tab.cuts.add(release);
    if (orphan || device.isOrphan(tab) || life !== ledger.life) {
      if ('error' in reply && !isDynamo(reply.error)) return undefined;
      if (!strong || life !== ledger.life) return undefined;
    }
    this.#judge(tab, op, reply, from, strict);
    return reply;
  }

  #judge(tab: Tab, op: Op, reply: Reply, from: number, strict: boolean): void {
    const { judge, device } = this.#parts;
    const seen = judge.check(op, reply, from);
    // What an input is refused for, no state is asked.
    if ('error' in reply && reply.error.name === 'ValidationException') return;
    if (seen > tab.low) tab.low = seen;
    if ('error' in reply) return;
    for (const { at } of op.commits) {
      if (at > tab.low) tab.low = at;
      if (strict && at > device.durable) device.durable = at;
    }
  }

  #submit(
    tab: Tab,
    { operation, input }: Asked,
    strong: boolean,
    strict: boolean,
    release: () => void,
  ): Promise<Reply | typeof killed> {
    const { faults, scheduler } = this.#parts;
    const abort = faults.world('abort') ? new AbortController() : undefined;
    if (abort !== undefined) {
      const delayMs = this.#random.below(20);
      void scheduler.wait(abortSite, delayMs).then(() => abort.abort());
    }
    const deadlineMs = faults.world('deadline')
      ? scheduler.nowMs + this.#random.below(50)
      : undefined;
    return new Promise((resolve) => {
      const cut = (): void => {
        release();
        resolve(killed);
      };
      tab.cuts.add(cut);
      const request = {
        operation,
        input,
        form: 'wire',
        caller: owner,
        consistency: strong ? 'strong' : 'session',
        durability: strict ? 'strict' : undefined,
        signal: abort?.signal,
        deadlineMs,
      } as const;
      tab.engine.submit(request, ({ output, error }) => {
        if (!tab.cuts.delete(cut)) return;
        if (error === undefined) resolve({ output: output as Readonly<Record<string, unknown>> });
        else resolve({ error });
      });
    });
  }

  /** The oldest state an eventually consistent read may show: see rule 3 of the architecture. */
  #oldest(tab: Tab): number {
    const { ledger, scheduler } = this.#parts;
    return Math.max(tab.low, ledger.lengthAt(scheduler.nowMs - headFreshMs - 1));
  }
}

function isStrong({ operation, input }: Asked): boolean {
  if (!reads.has(operation) || input['ConsistentRead'] === true) return true;
  const requests = Object.values((input['RequestItems'] ?? {}) as Input) as Input[];
  return requests.some((request) => request['ConsistentRead'] === true);
}
