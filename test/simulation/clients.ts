/**
 * The clients of a simulated device: they ask, wait for the answer, have it judged, and sometimes
 * go on from it: to the next page, or once more with the same token.
 */
import type { Prng } from '../../src/base/prng.ts';
import { headFreshMs, streamRetentionMs } from '../../src/base/limits.ts';
import { owner } from '../../src/operation/request.ts';
import { itemToWire } from '../../src/value/wire.ts';
import type { Input } from '../model/state.ts';
import type { Device, Tab } from './device.ts';
import type { Faults } from './faults.ts';
import { drawTurn } from './expiry.ts';
import { Imports } from './imports.ts';
import { deniesWrite, isDynamo, itemOf, type Judge, type Reply } from './judge.ts';
import type { Ledger, Op } from './ledger.ts';
import {
  type Asked,
  draw,
  drawPut,
  getOf,
  scanAll,
  drawRead,
  goOn,
  removedKeys,
  repeat,
  type Shape,
  tableA,
} from './operations.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { drawStatement, understood } from './statements.ts';
import { Upkeep } from './upkeep.ts';

const killed = Symbol('killed');
const barrierShare = 0.004;
/** Where most operations are reads: how many come before, and how many of the others are not. */
const fillingMax = 300;
const writeShare = 0.1;
const abortSite = siteOf('abort');
const reads: ReadonlySet<string> = new Set([
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'DescribeTable',
]);

/** What is peculiar to the clients of one world. */
export interface Habits {
  /** Each client asks one tab, as a page does its own. */
  readonly keepsTab: boolean;
  /** The first client's tab makes many checkpoints in a row, and the others only follow. */
  readonly oneKeepsUp: boolean;
  /** After the first operations most are reads, so that pages stay as they are for long. */
  readonly readsMostly: boolean;
  /** The first table is filled by an import while it is empty. */
  readonly importsFirst: boolean;
  /** Now and then two days pass. */
  readonly daysPass: boolean;
}

/** Share of operations on the database as a whole; higher where many follow one that keeps up. */
const upkeepShare = 0.002;
const followsShare = 0.01;
/** Where one keeps up: how often it makes many checkpoints in a row, and how many. */
const seriesShare = 0.02;
const seriesMin = 10;
const importShare = 0.003;
const turnShare = 0.01;
const statementShare = 0.06;

const daysShare = 0.01;
const dayMs = streamRetentionMs + 3_600_000;
/** How long one goes on in the evening. */
const eveningMsMax = 3000;
/** Where bytes go bad: how often somebody looks whether something is damaged, and repairs it. */
const repairShare = 0.02;
const daySite = siteOf('day');

export function drawHabits(random: Prng): Omit<Habits, 'daysPass'> {
  const oneKeepsUp = random.chance(1 / 8);
  return {
    oneKeepsUp,
    keepsTab: oneKeepsUp || random.chance(0.5),
    readsMostly: random.chance(oneKeepsUp ? 0.8 : 0.2),
    importsFirst: oneKeepsUp || random.chance(0.3),
  };
}

export interface Parts {
  readonly scheduler: SeededScheduler;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly judge: Judge;
  readonly device: Device;
  readonly shape: Shape;
  readonly habits: Habits;
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
  readonly #upkeep: Upkeep;
  readonly #imports: Imports;
  #filled = false;
  /** Keys that somebody removes: of those of one key, one at a time, as they leave no marker. */
  readonly #removing = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#random = parts.scheduler.random;
    this.#upkeep = new Upkeep(parts);
    this.#imports = new Imports(parts);
  }

  /** One client asks until `operations` were asked by all. */
  async live(client: number, operations: number): Promise<void> {
    let next: Next | undefined;
    while (this.asked < operations) {
      this.#disturb();
      this.#parts.device.judgeTails();
      const slot = this.#parts.habits.keepsTab ? client : undefined;
      if (this.#random.chance(barrierShare)) await this.#barrier(slot);
      this.asked += 1;
      const id = this.asked;
      const { oneKeepsUp } = this.#parts.habits;
      if (oneKeepsUp && client === 0 && this.#random.chance(seriesShare)) await this.#series(slot);
      if (this.#random.chance(oneKeepsUp ? followsShare : upkeepShare)) {
        await this.#upkeep.ask(client, id, await this.#tab(slot));
        continue;
      }
      const { faults, device } = this.#parts;
      if (faults.mayDamage && this.#random.chance(repairShare) && device.isDamaged) {
        await this.#upkeep.ask(client, id, await this.#tab(slot), 'repair');
        continue;
      }
      if (this.#parts.habits.daysPass && this.#random.chance(daysShare)) {
        await this.#days(client, id, slot);
        continue;
      }
      if (this.#random.chance(importShare) || this.#fillsFirst(client)) {
        await this.#imports.ask(client, id, this.#nextMarker(), await this.#tab(slot));
        continue;
      }
      if (this.#parts.shape.nowSeconds !== undefined && this.#random.chance(turnShare)) {
        await this.#turnExpiry(await this.#tab(slot));
        continue;
      }
      const { asked, marker } = next ?? this.#draw();
      const reply = await this.ask(client, id, marker, asked, await this.#tab(slot));
      next = reply === undefined ? undefined : this.#followUp(asked, marker, reply);
    }
  }

  /**
   * Checkpoints of one tab, more than there are lists of, while the others have all pages in their
   * caches and apply every commit: they adopt it long after.
   */
  async #series(slot: number | undefined): Promise<void> {
    const { ledger, shape, device } = this.#parts;
    const others = (own: Tab): readonly Tab[] => {
      return device.tabs.filter((tab) => tab !== undefined && tab !== own) as readonly Tab[];
    };
    const one = async (asked: Asked, tab: Tab, marker: number = this.#nextMarker()) => {
      this.asked += 1;
      if (device.tabs.includes(tab)) await this.ask(0, this.asked, marker, asked, tab);
    };
    const checkpoint = async (tab: Tab): Promise<void> => {
      this.asked += 1;
      if (device.tabs.includes(tab)) await this.#upkeep.ask(0, this.asked, tab, 'checkpoint');
    };
    for (const tab of others(await this.#tab(slot))) await one(scanAll, tab);
    for (let left = seriesMin + this.#random.below(seriesMin); left > 0; left -= 1) {
      if (!ledger.state.tables.has('Alpha')) return;
      const marker = this.#nextMarker();
      const put = drawPut(this.#random, shape, marker);
      const own = await this.#tab(slot);
      await one(put, own, marker);
      for (const tab of others(own)) await one(getOf(put), tab);
      await checkpoint(own);
    }
    for (const tab of others(await this.#tab(slot))) {
      await checkpoint(tab);
      await one(scanAll, tab);
    }
  }

  /** On the first day shards of streams are closed, and on the second they are trimmed. */
  async #days(client: number, id: number, slot: number | undefined): Promise<void> {
    const { device, scheduler } = this.#parts;
    for (let day = 0; day < 2; day += 1) {
      device.passTime(dayMs);
      await this.#upkeep.ask(client, id, await this.#tab(slot), 'idle');
      await scheduler.wait(daySite, this.#random.below(eveningMsMax));
    }
  }

  /** Once, as soon as there is a table to be filled. */
  #fillsFirst(client: number): boolean {
    const { ledger, habits } = this.#parts;
    if (this.#filled || !habits.importsFirst || client > 0) return false;
    if (!ledger.state.tables.has('Alpha')) return false;
    this.#filled = true;
    return true;
  }

  #draw(): Next {
    const { ledger, shape, habits } = this.#parts;
    const marker = this.#nextMarker();
    // At first, and after the store was emptied.
    if (!ledger.state.tables.has('Alpha') && this.#random.chance(0.5)) {
      return { asked: { operation: 'CreateTable', input: tableA }, marker };
    }
    const reads = habits.readsMostly && this.asked > fillingMax && !this.#random.chance(writeShare);
    if (!reads && this.#random.chance(statementShare)) {
      return { asked: drawStatement(this.#random, shape, marker), marker };
    }
    const drawn = reads ? drawRead(this.#random, shape) : draw(this.#random, shape, marker);
    return { asked: drawn, marker };
  }

  #nextMarker(): number {
    this.#markers += 1;
    return this.#markers;
  }

  /** Most are refused: what it comes to, the ledger takes from the catalog. */
  async #turnExpiry(tab: Tab): Promise<void> {
    const { ledger, judge } = this.#parts;
    await new Promise<void>((resolve) => {
      const cut = (): void => resolve();
      tab.cuts.add(cut);
      const request = { operation: 'UpdateTimeToLive', form: 'wire', caller: owner } as const;
      tab.engine.submit({ ...request, input: drawTurn(this.#random) }, ({ error }) => {
        if (!tab.cuts.delete(cut)) return;
        const fault = error && !isDynamo(error) ? judge.unexcused(error) : undefined;
        if (fault !== undefined) ledger.violate(`UpdateTimeToLive ${fault}`);
        resolve();
      });
    });
  }

  /** As a page does that is hidden: what its tab knew to be stored by then may not be lost. */
  async #barrier(slot: number | undefined): Promise<void> {
    const { ledger, device } = this.#parts;
    const tab = await this.#tab(slot);
    const { life } = ledger;
    // What another tab has stored meanwhile, and this one has not heard of, is that one's to cover.
    const length = Math.min(ledger.length, tab.engine.status().sequence);
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
    return { asked: goOn(asked, last, reply.output['NextToken']), marker };
  }

  async #tab(slot: number | undefined): Promise<Tab> {
    const { device } = this.#parts;
    let tab = await device.anyTab(slot);
    // It may have died, or begun to close, in the very same step.
    while (!device.tabs.includes(tab)) tab = await device.anyTab(slot);
    return tab;
  }

  /** Asks one of the tabs. Undefined when it died, or when somebody removes one of the keys. */
  async ask(
    client: number,
    id: number,
    marker: number,
    asked: Asked,
    tab: Tab,
  ): Promise<Reply | undefined> {
    const { ledger, scheduler, device, judge } = this.#parts;
    const meant = asked.means ?? asked;
    const removals = removedKeys(meant);
    if (removals.some((key) => this.#removing.has(key))) return undefined;
    const { operation, input } = meant;
    const removes = removals.length > 0;
    const op = ledger.begin({ id, client, operation, input, marker, engine: tab.id, removes });
    const strong = isStrong(meant) || this.#random.chance(0.5);
    const from = strong ? op.since : this.#oldest(tab);
    // A tab that has not looked at the head since a damaged log was cut shows what it has read.
    const lost = strong ? [] : ledger.lostSince(scheduler.nowMs - headFreshMs - 1);
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
    const seen = judge.check(op, understood(asked, reply), from, lost);
    this.#note(tab, op, reply, seen, strict);
    return reply;
  }

  /** What the tab has shown for certain, and what is durable. */
  #note(tab: Tab, op: Op, reply: Reply, seen: number, strict: boolean): void {
    const { device } = this.#parts;
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
    // What a tab has shown may be gone with a damaged end of the log.
    const low = Math.min(tab.low, ledger.length);
    return Math.max(low, ledger.lengthAt(scheduler.nowMs - headFreshMs - 1));
  }
}

function isStrong({ operation, input }: Asked): boolean {
  if (!reads.has(operation) || input['ConsistentRead'] === true) return true;
  const requests = Object.values((input['RequestItems'] ?? {}) as Input) as Input[];
  return requests.some((request) => request['ConsistentRead'] === true);
}
