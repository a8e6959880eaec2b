/**
 * A trigger of a simulated database, opened by every tab, and judged at the end: each change since
 * it began was taken by a handler or is in the dead letters, the changes of a key were first taken
 * in their order, and nothing was handed over that a loss of power could still undo.
 */
import { type Prng, prng } from '../../src/base/prng.ts';
import { streamRetentionMs } from '../../src/base/limits.ts';
import { engineHost, type HostPorts, type TriggerHost } from '../../src/engine/trigger-host.ts';
import type { Delivery } from '../../src/engine/trigger-lane.ts';
import { TriggerRunner } from '../../src/engine/trigger-runner.ts';
import { rulesOf } from '../../src/engine/trigger-settings.ts';
import { owner } from '../../src/operation/request.ts';
import type { LetterOutput } from '../../src/operation/trigger/dead-letters.ts';
import type { PeekOutput } from '../../src/operation/trigger/read-trigger.ts';
import { placeOfNumber } from '../../src/stream/sequence.ts';
import { keyOf } from '../model/state.ts';
import type { Tab } from './device.ts';
import type { Faults } from './faults.ts';
import { isDynamo, itemOf } from './judge.ts';
import type { Ledger } from './ledger.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';

interface Parts {
  readonly scheduler: SeededScheduler;
  readonly ledger: Ledger;
  readonly faults: Faults;
  losePower(): void;
}

interface Delivered {
  readonly dynamodb: { readonly Keys: unknown; readonly SequenceNumber: string };
}

/** Under what name a tab has the trigger, once it has. */
interface Owned {
  owner: string;
}

/** What a runner may ask to be saved. */
interface Asked {
  readonly Owner?: string;
  readonly Expect?: string;
  readonly Failed?: { readonly Numbers: readonly string[] };
}

const Name = 'watch';
const site = siteOf('trigger');
const timeoutMs = 30_000;
/** How often the power is lost while a handler is at work. */
const lossesMax = 3;
/** Looks at whether it has come to its end, a second apart. */
const looksMax = 600;

export class Triggers {
  readonly #parts: Parts;
  readonly #random: Prng;
  readonly #settings: ConstructorParameters<typeof TriggerRunner>[1];
  readonly #failShare: number;
  /** The one most is written to, or the one that has a stream from its beginning. */
  readonly #table: string;
  readonly #runners: Map<Tab, TriggerRunner> = new Map();
  /** The stream that it began with, and how many commits there were; undefined: not known yet. */
  #began: { readonly label: string; readonly commits: number } | undefined;
  /** Sequence numbers that a handler was given, and those that it took, by key, in order. */
  #given: Set<number> = new Set();
  #taken: Map<string, number[]> = new Map();
  /** What was taken before the trigger that is there now was made: it keeps no order with that. */
  #before: ReadonlySet<number> = new Set();
  /**
   * Given up by a holder, what was after them may be taken. A frozen handler may yet take them, and
   * so may the next one after a loss of power that undid their dead letter; and a handler that is
   * over its time, when their shard was trimmed meanwhile.
   */
  readonly #buried: Set<number> = new Set();
  /** Holders that another has taken the trigger from, and the ledger's life then. */
  readonly #superseded: Map<string, number> = new Map();
  #closed = false;
  #losses = 0;
  /** Batches that were handed over. */
  deliveries = 0;

  constructor(parts: Parts, random: Prng) {
    this.#parts = parts;
    this.#random = prng(random.u32());
    this.#table = this.#random.chance(0.7) ? 'Alpha' : 'Beta';
    this.#failShare = this.#random.chance(0.5) ? 0.5 : 0.01;
    const rules = rulesOf({
      batchSize: 1 + this.#random.below(6),
      parallel: this.#random.chance(0.5) ? 1 : 3,
      window: this.#random.chance(0.3) ? 1 : 0,
      retries: this.#random.chance(0.5) ? 2 : -1,
      bisect: this.#random.chance(0.5),
      timeout: timeoutMs / 1000,
    });
    const kept = { patterns: undefined, keepsDead: true, dropOldest: false };
    // There is one replica: all is made here.
    this.#settings = { name: Name, rules, on: 'origin', ...kept };
  }

  /** A tab has been opened: it opens the trigger too. */
  opened(tab: Tab, ports: HostPorts, isOrphan: () => boolean): void {
    const owned: Owned = { owner: '' };
    const host = this.#watched(engineHost(tab.engine, ports), owned);
    const live = async (): Promise<void> => {
      const never = new AbortController().signal;
      while (!this.#closed) {
        try {
          await host.call('OpenTrigger', {
            Name,
            Table: this.#table,
            StartingPosition: 'TRIM_HORIZON',
          });
          break;
        } catch (error) {
          // The table is not there yet, has no stream, or the store failed.
          if (String(error).includes('has no stream')) await this.#turnOn(tab);
          await host.delay(1000, never);
        }
      }
      if (this.#closed) return;
      const handle = (delivery: Delivery): Promise<unknown> =>
        // A tab that has died does nothing more, though in its last step it may be asked to.
        this.#handle(delivery, ports, owned, () => isOrphan() || tab.store.dead);
      const runner = new TriggerRunner(host, this.#settings, handle, (event) => {
        if (event.type === 'error' && isDynamo(event.error) && !this.#parts.faults.mayFail) {
          this.#parts.ledger.violate(`a trigger broke off: ${event.error.message}`);
        }
      });
      this.#runners.set(tab, runner);
      runner.start();
    };
    void live();
  }

  async #turnOn({ engine }: Tab): Promise<void> {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };
    const input = { TableName: this.#table, StreamSpecification };
    const request = { operation: 'UpdateTable', input, form: 'plain', caller: owner } as const;
    await engine.call(request).catch(() => undefined);
  }

  /** Of the commits only the first are left: by a loss of power, or with the store. */
  lost(commits: number, isPower: boolean): void {
    const gone = [...this.#given].filter((sequence) => sequence > commits);
    if (isPower && gone.length > 0) {
      this.#parts.ledger.violate(`a trigger was given ${gone[0]}, which a loss of power undid`);
    }
    this.#given = new Set([...this.#given].filter((sequence) => sequence <= commits));
    for (const [key, taken] of this.#taken) {
      this.#taken.set(
        key,
        taken.filter((sequence) => sequence <= commits),
      );
    }
    for (const sequence of this.#buried) if (sequence > commits) this.#buried.delete(sequence);
    // It may be made anew.
    if (!isPower || commits < (this.#began?.commits ?? 0)) this.#began = undefined;
  }

  /** Lets it come to its end, compares, and closes it in every tab. */
  async settle(tab: Tab, nowMs: () => number): Promise<void> {
    const { ledger, scheduler } = this.#parts;
    const call = (operation: string, input: object): Promise<object> =>
      tab.engine.call({
        operation,
        input: { Name, ...input },
        form: 'plain',
        caller: { kind: 'engine', principal: 'trigger' },
      });
    const peek = async (): Promise<PeekOutput> => {
      return (await call('PeekTrigger', { Lanes: 1 })) as PeekOutput;
    };
    let last = await peek();
    // Items expire meanwhile: what came after the last look began is nobody's concern.
    let commits = 0;
    for (let look = 0; look < looksMax && last.Known; look += 1) {
      if (look > 0 && last.OldestMs === undefined && !last.Advance) break;
      commits = ledger.length;
      await scheduler.wait(site, 1000);
      last = await peek();
    }
    if (last.OldestMs !== undefined || last.Advance)
      ledger.violate(`a trigger has work left: ${JSON.stringify(last)}`);
    if (last.Known) this.#compare(await this.#dead(call), nowMs(), commits);
    this.#closed = true;
    await Promise.all([...this.#runners].map(([one, runner]) => closed(one, runner)));
    await call('RemoveTrigger', {});
  }

  /**
   * Notes which stream a trigger that is new begins with, and who was taken over: what such a one
   * asks to be saved from then on must be refused.
   */
  #watched(host: TriggerHost, owned: Owned): TriggerHost {
    const call = async (operation: string, input: object): Promise<object> => {
      const { life } = this.#parts.ledger;
      const { Owner = '', Expect = '', Failed } = input as Asked;
      const isLate = operation === 'SaveTrigger' && this.#isSuperseded(Owner);
      let output: object = {};
      try {
        output = await host.call(operation, input);
      } finally {
        // An outcome that is not known counts: it may have been saved.
        const isHeld = (output as { Held?: boolean }).Held !== false;
        if (life === this.#parts.ledger.life && isHeld) this.#bury(Failed?.Numbers ?? []);
      }
      if (life !== this.#parts.ledger.life) return output;
      const { Claimed, Held } = output as { Claimed?: boolean; Held?: boolean };
      if (Claimed === true) owned.owner = Owner;
      if (Claimed === true && Expect !== '') this.#superseded.set(Expect, life);
      if (isLate && Held === true) {
        this.#parts.ledger.violate('who was taken over has saved its place');
      }
      // Made anew where a power loss undid it, and with it, perhaps, that records were trimmed.
      if ((output as { Made?: boolean }).Made === true) this.#before = this.#allTaken();
      if (operation === 'PeekTrigger') {
        const label = (output as PeekOutput).StreamArn.split('/stream/')[1];
        const commits = this.#parts.ledger.length;
        if (label !== undefined) this.#began ??= { label, commits };
      }
      return output;
    };
    return { ...host, call };
  }

  /** Takes its time, fails now and then, and remembers what it took. */
  async #handle(
    { records }: Delivery,
    { scheduler, clock }: HostPorts,
    owned: Owned,
    isOrphan: () => boolean,
  ): Promise<unknown> {
    const { ledger, faults } = this.#parts;
    const { life } = ledger;
    const given = records as readonly Delivered[];
    const numbers = given.map(({ dynamodb }) => sequenceOf(dynamodb.SequenceNumber));
    const counts = (): boolean => life === ledger.life && !isOrphan();
    if (!counts()) return undefined;
    this.deliveries += 1;
    for (const number of numbers) this.#given.add(number);
    const random = this.#random;
    // What a handler does is done, and what it was told of must not come undone.
    const losesPower =
      faults.rates.power !== undefined || faults.rates['power-after'] !== undefined;
    if (faults.active && losesPower && this.#losses < lossesMax && random.chance(0.02)) {
      this.#losses += 1;
      this.#parts.losePower();
    }
    const isSlow = faults.active && random.chance(0.02);
    const beganMs = clock.monoMs();
    await scheduler.delay(isSlow ? random.below(40_000) : random.below(30));
    if (!counts()) return undefined;
    // Of a frozen tab that was taken over nobody waits for what it was at, and it may be trimmed.
    if (clock.monoMs() - beganMs >= timeoutMs || this.#isSuperseded(owned.owner)) {
      for (const number of numbers) this.#buried.add(number);
    }
    let taken = given.length;
    if (faults.active && random.chance(this.#failShare)) {
      if (random.chance(0.5)) throw new Error('a handler that fails');
      taken = random.below(given.length);
    }
    for (const { dynamodb } of given.slice(0, taken)) {
      this.#take(keyOf(itemOf(dynamodb.Keys)), sequenceOf(dynamodb.SequenceNumber));
    }
    const first = given[taken]?.dynamodb.SequenceNumber;
    return { batchItemFailures: first === undefined ? [] : [{ itemIdentifier: first }] };
  }

  /** What was lost since, to a loss of power or with a damaged end of the log, may be the claim. */
  #isSuperseded(holder: string): boolean {
    return this.#superseded.get(holder) === this.#parts.ledger.life;
  }

  #bury(numbers: readonly string[]): void {
    for (const number of numbers) this.#buried.add(sequenceOf(number));
  }

  #allTaken(): Set<number> {
    return new Set([...this.#taken.values()].flat());
  }

  #take(key: string, sequence: number): void {
    const taken = this.#taken.get(key) ?? [];
    if (taken.includes(sequence)) return;
    const last = Math.max(0, ...taken.filter((number) => !this.#before.has(number)));
    if (last > sequence && !this.#buried.has(sequence)) {
      this.#parts.ledger.violate(`a trigger took ${sequence} of ${key} after ${last}`);
    }
    this.#taken.set(key, [...taken, sequence]);
  }

  /** Sequence numbers that are in dead letters. */
  async #dead(call: (operation: string, input: object) => Promise<object>): Promise<Set<number>> {
    const dead = new Set<number>();
    let After = -1;
    for (let more = true; more; ) {
      const page = (await call('ListDeadLetters', { Limit: 20, After })) as {
        Letters: readonly LetterOutput[];
        More: boolean;
      };
      for (const { records, id, missing } of page.Letters) {
        if (missing > 0) this.#parts.ledger.violate(`a dead letter lacks ${missing} records`);
        for (const record of records as readonly Delivered[]) {
          dead.add(sequenceOf(record.dynamodb.SequenceNumber));
        }
        After = id;
      }
      more = page.More;
    }
    return dead;
  }

  #compare(dead: ReadonlySet<number>, nowMs: number, commits: number): void {
    const { ledger, faults } = this.#parts;
    const began = this.#began;
    if (faults.mayDamage || began === undefined) return;
    const taken = this.#allTaken();
    const known = new Set<number>();
    for (const change of ledger.recordsOfTable(this.#table)) {
      known.add(change.sequence);
      const isBefore = change.label !== began.label && change.sequence <= began.commits;
      if (change.sequence > commits) continue;
      if (isBefore || taken.has(change.sequence) || dead.has(change.sequence)) continue;
      // It may have been trimmed before anybody came to it.
      if (!ledger.tokensLast || change.stampMs + streamRetentionMs <= nowMs) continue;
      ledger.violate(`a trigger missed ${change.sequence}`);
    }
    for (const sequence of taken) {
      if (!known.has(sequence)) ledger.violate(`a trigger was given ${sequence}: nobody made it`);
    }
  }
}

/** Resolves when the runner is closed, or its tab has died: one that was being closed does so. */
function closed({ cuts }: Tab, runner: TriggerRunner): Promise<void> {
  return new Promise((resolve, reject) => {
    cuts.add(resolve);
    runner.close().then(resolve, reject);
  });
}

function sequenceOf(number: string): number {
  return placeOfNumber(number)?.sequence ?? -1;
}
