/**
 * A simulated device: several engines over one memory store under a seeded scheduler, clients that
 * ask them, engines that are killed and replaced, and a judge.
 *
 * Every answer must be the model's in some state between asking and answering (linearizability of
 * an operation); every acknowledged write must be in the ledger, once; at the end every engine, and
 * one that is opened afresh, must hold the model's items, indexes and counters.
 */
import type { Item } from '../../src/value/value.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine, EngineOptions } from '../../src/engine/engine-types.ts';
import { owner } from '../../src/operation/request.ts';
import { prng } from '../../src/base/prng.ts';
import { StoreFailure } from '../../src/port/store.ts';
import { createMemory, type MemoryDisk, openMemory } from '../../src/storage/memory.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { equalItems } from '../../src/value/compare.ts';
import { itemSize } from '../../src/value/size.ts';
import { evaluate, type Input, keyOf, type Outcome } from '../model/model.ts';
import { Ledger, type Op } from './ledger.ts';
import { draw, tableA } from './operations.ts';
import { strayPages } from './pages.ts';
import { SeededScheduler } from './scheduler.ts';
import { type SimFaults, SimStore } from './sim-store.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly engines?: number;
  readonly clients?: number;
  readonly operations?: number;
  readonly faults?: Partial<SimFaults>;
  /** Share of operations before which an engine is killed. */
  readonly kills?: number;
}

export interface Verdict {
  readonly violations: readonly string[];
  readonly trace: number;
  readonly commits: number;
  readonly lostRaces: number;
  readonly checkpoints: number;
  readonly kills: number;
  /** Reservations of checkpoints that another engine, or a later attempt, took over. */
  readonly takeOvers: number;
  readonly schemaChanges: number;
  readonly steps: number;
}

interface Tab {
  readonly engine: Engine;
  readonly store: SimStore;
}

type Reply = { readonly output: Readonly<Record<string, unknown>> } | { readonly error: Error };

const stepsMax = 2_000_000;
const openTriesMax = 20;
const killed = Symbol('killed');

export async function simulate(options: WorldOptions): Promise<Verdict> {
  const world = new World(options);
  return world.run();
}

class World {
  readonly #options: WorldOptions;
  readonly #scheduler: SeededScheduler;
  readonly #disk: MemoryDisk = createMemory();
  readonly #ledger = new Ledger();
  readonly #tabs: Tab[] = [];
  readonly #faults: { unknown: number; full: number; frozen: number };
  #born = 0;
  #asked = 0;
  #kills = 0;
  #lostRaces = 0;
  #checkpoints = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#scheduler = new SeededScheduler(options.seed);
    const { unknown = 0, full = 0, frozen = 0 } = options.faults ?? {};
    this.#faults = { unknown, full, frozen };
  }

  async run(): Promise<Verdict> {
    const { engines = 4, clients = 6 } = this.#options;
    let over = false;
    let failure: unknown;
    const story = async (): Promise<void> => {
      for (let index = 0; index < engines; index += 1) this.#tabs.push(await this.#open());
      // The disk may be full at first.
      for (let tries = 0; tries < openTriesMax && !this.#ledger.state.has('Alpha'); tries += 1) {
        await this.#ask(0, 'CreateTable', tableA);
      }
      const lives: Promise<void>[] = [];
      for (let client = 0; client < clients; client += 1) lives.push(this.#live(client));
      await Promise.all(lives);
      this.#faults.unknown = 0;
      this.#faults.full = 0;
      this.#faults.frozen = 0;
      await this.#judge();
    };
    story()
      .catch((error: unknown) => {
        failure = error;
      })
      .finally(() => {
        over = true;
      });
    await this.#scheduler.run(() => over, stepsMax);
    if (failure !== undefined)
      this.#ledger.violate(`the story broke off: ${String((failure as Error).stack)}`);
    for (const tab of this.#tabs) this.#count(tab.engine);
    return {
      violations: this.#ledger.violations,
      trace: this.#scheduler.trace,
      commits: this.#ledger.length,
      lostRaces: this.#lostRaces,
      checkpoints: this.#checkpoints,
      kills: this.#kills,
      takeOvers: this.#ledger.takeOvers,
      schemaChanges: this.#ledger.schemaChanges,
      steps: this.#scheduler.steps,
    };
  }

  async #open(): Promise<Tab> {
    const scheduler = this.#scheduler;
    this.#born += 1;
    const name = `engine${this.#born}`;
    const store = new SimStore(openMemory(this.#disk), scheduler, name, this.#faults, (batch) => {
      this.#ledger.written(batch);
    });
    const random = prng(this.#options.seed * 1000 + this.#born);
    const skewMs = random.below(20_000);
    const engine = await this.#openEngine({
      store,
      random,
      clock: { wallMs: () => scheduler.nowMs + skewMs, monoMs: () => scheduler.nowMs },
      scheduler: {
        delay: (ms) => scheduler.wait(`${name} delay`, ms),
        breathe: () => scheduler.wait(`${name} breathe`),
      },
      cacheBytes: 40_000 + random.below(400_000),
      checkpointBytes: 4_000 + random.below(60_000),
    });
    return { engine, store };
  }

  /** A full disk may refuse the first meta record: a tab that cannot open is opened again. */
  async #openEngine(options: EngineOptions): Promise<Engine> {
    for (let attempt = 1; attempt < openTriesMax; attempt += 1) {
      try {
        return await openEngine(options);
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error;
      }
    }
    return openEngine(options);
  }

  async #live(client: number): Promise<void> {
    const { operations = 40, kills = 0.025 } = this.#options;
    const { random } = this.#scheduler;
    for (let count = 0; count < operations; count += 1) {
      if (random.chance(kills)) await this.#kill();
      const id = this.#asked + 1;
      const { operation, input } = draw(random, id);
      await this.#ask(client, operation, input);
    }
  }

  /** Ends an engine where it stands: what it asked of the store may or may not happen. */
  async #kill(): Promise<void> {
    const index = this.#scheduler.random.below(this.#tabs.length);
    const tab = this.#tabs[index] as Tab;
    if (tab.store.dead) return;
    tab.store.dead = true;
    this.#kills += 1;
    this.#count(tab.engine);
    for (const cut of this.#cuts.get(tab.engine) ?? []) cut();
    this.#tabs[index] = await this.#open();
  }

  #count(engine: Engine): void {
    const { lostRaces, checkpoints } = engine.status();
    this.#lostRaces += lostRaces;
    this.#checkpoints += checkpoints;
  }

  readonly #removing = new Set<string>();
  readonly #cuts = new Map<Engine, Set<() => void>>();

  async #ask(client: number, operation: string, input: Input): Promise<void> {
    // A removal leaves no marker: of those of one key, one at a time is under way.
    const removals = removedKeys(operation, input);
    if (removals.some((key) => this.#removing.has(key))) return;
    const { engine, store } = this.#tabs[this.#scheduler.random.below(this.#tabs.length)] as Tab;
    if (store.dead) return;
    this.#asked += 1;
    const op = this.#ledger.begin({ id: this.#asked, client, operation, input });
    // A read that asks for nothing may be up to headFreshMs old; half of them ask to be strong.
    const strong = input['ConsistentRead'] === true || this.#scheduler.random.chance(0.5);
    const cuts = this.#cuts.get(engine) ?? new Set();
    this.#cuts.set(engine, cuts);
    for (const key of removals) this.#removing.add(key);
    const reply = await new Promise<Reply | typeof killed>((resolve) => {
      const cut = (): void => resolve(killed);
      cuts.add(cut);
      const request = { operation, input, form: 'wire', caller: owner } as const;
      const consistency = strong ? 'strong' : 'session';
      engine.submit({ ...request, consistency }, ({ output, error }) => {
        cuts.delete(cut);
        if (error === undefined) resolve({ output: output as Readonly<Record<string, unknown>> });
        else resolve({ error });
      });
    });
    for (const key of removals) this.#removing.delete(key);
    op.over = true;
    if (reply === killed) return;
    const reads = operation === 'Query' || operation === 'Scan' || operation === 'GetItem';
    this.#check(op, reply, reads && !strong ? 0 : op.since);
  }

  #check(op: Op, reply: Reply, from: number): void {
    if ('error' in reply && reply.error.name === 'InternalServerError') {
      // The disk was full or the outcome is not known: it may be in the ledger or not.
      const notWritten = reply.error.message.includes('nothing was written');
      if (notWritten && op.commits.length > 0) this.#violate(op, 'was written, and denied it');
      return;
    }
    if (op.operation.endsWith('Table')) return;
    if (op.operation === 'BatchWriteItem' && !('error' in reply)) {
      this.#checkBatch(op);
      return;
    }
    if (op.commits.length > 0) {
      const before = this.#ledger.states[(op.commits[0] as number) - 1];
      if (
        before === undefined ||
        !matches(op.operation, evaluate(before, op.operation, op.input), reply)
      ) {
        this.#violate(op, `answered ${show(reply)} to what it had written`);
      }
      return;
    }
    for (let at = from; at <= this.#ledger.length; at += 1) {
      const state = this.#ledger.states[at];
      if (state === undefined) break;
      const outcome = evaluate(state, op.operation, op.input);
      const silent = outcome.changes.every((change) => {
        const now = state.get(change.table)?.items.get(change.key);
        return now === undefined ? change.after === undefined : sameItem(now, change.after);
      });
      if (silent && matches(op.operation, outcome, reply)) return;
    }
    this.#violate(op, `answered ${show(reply)}, which no state in its time would`);
  }

  /** Each put of an acknowledged batch is in the ledger; a removal may have found nothing. */
  #checkBatch(op: Op): void {
    const puts = Object.values(op.input['RequestItems'] as Input).flatMap((requests) => {
      return (requests as Input[]).filter((request) => request['PutRequest'] !== undefined);
    });
    if (op.commits.length < puts.length) this.#violate(op, 'was acknowledged, and is not there');
  }

  #violate(op: Op, text: string): void {
    this.#ledger.violate(`client ${op.client}: ${op.operation} ${op.id} ${text}`);
  }

  /** When all is quiet: every engine, and a fresh one, shows what the model holds. */
  async #judge(): Promise<void> {
    for (const { engine } of this.#tabs) await engine.idle();
    this.#tabs.push(await this.#open());
    for (const { engine } of this.#tabs) {
      await engine.idle();
      await this.#compare(engine);
    }
    await this.#rest();
    for (const { engine } of this.#tabs) await this.#compare(engine);
    const fresh = await this.#open();
    await this.#compare(fresh.engine);
  }

  /** After some checkpoints without faults, the store holds what is reachable and no more. */
  async #rest(): Promise<void> {
    const { engine } = this.#tabs[this.#tabs.length - 1] as Tab;
    // A reservation of a killed engine is taken over once it was seen for 5 s, by who has to write.
    for (let round = 0; round < 4; round += 1) {
      const input = { TableName: 'Alpha', DeletionProtectionEnabled: round % 2 === 0 };
      await engine.call({ operation: 'UpdateTable', input, form: 'wire', caller: owner });
      await engine.checkpoint();
      await engine.idle();
      await this.#scheduler.wait('rest', 6000);
    }
    await engine.checkpoint();
    for (const stray of strayPages(this.#disk)) this.#ledger.violate(stray);
    const records = this.#disk.spaces.log.keys(0, Number.MAX_SAFE_INTEGER).length;
    if (records > 1) this.#ledger.violate(`${records} records are left in the log`);
  }

  async #compare(engine: Engine): Promise<void> {
    const { tables } = { tables: this.#ledger.state };
    for (const [name, table] of tables) {
      const items = await readAll(engine, { TableName: name, ConsistentRead: true });
      if (!sameItems(items, [...table.items.values()])) {
        this.#ledger.violate(`table ${name} holds ${items.length} items, not the model's`);
      }
      for (const [IndexName, index] of table.indexes) {
        if (index.status !== 'ACTIVE') this.#ledger.violate(`index ${IndexName} never finished`);
        const entries = await readAll(engine, { TableName: name, IndexName });
        const wanted = [...table.items.values()].filter((item) => {
          return item.has(index.hash) && item.has(index.range);
        });
        if (!sameItems(entries, wanted)) {
          const sizes = `${entries.length} entries for ${wanted.length}`;
          this.#ledger.violate(`index ${IndexName} of ${name}: ${sizes}`);
        }
      }
      await this.#compareCounters(engine, name);
    }
  }

  async #compareCounters(engine: Engine, name: string): Promise<void> {
    const table = this.#ledger.state.get(name);
    const input = { TableName: name };
    const answer = await engine.call({
      operation: 'DescribeTable',
      input,
      form: 'wire',
      caller: owner,
      consistency: 'strong',
    });
    const described = (answer as Record<string, unknown>)['Table'] as Record<string, unknown>;
    const items = [...(table?.items.values() ?? [])];
    const bytes = items.reduce((sum, item) => sum + itemSize(item), 0);
    const { ItemCount: count, TableSizeBytes: size } = described;
    if (count !== items.length || size !== bytes) {
      const told = `${String(count)} items of ${String(size)} bytes`;
      this.#ledger.violate(`${name} counts ${told}, not ${items.length} of ${bytes}`);
    }
    for (const index of (described['GlobalSecondaryIndexes'] ?? []) as Record<string, unknown>[]) {
      const inside = items.filter((item) => item.has('g') && item.has('r'));
      if (index['ItemCount'] !== inside.length) {
        const told = `${String(index['ItemCount'])}, not ${inside.length}`;
        this.#ledger.violate(`index ${String(index['IndexName'])} counts ${told}`);
      }
    }
  }
}

/** The keys an operation may remove, each with its table. */
function removedKeys(operation: string, input: Input): readonly string[] {
  const keys: string[] = [];
  const note = (table: unknown, key: unknown): void => {
    if (key !== undefined) keys.push(JSON.stringify([table, key]));
  };
  if (operation === 'DeleteItem') note(input['TableName'], input['Key']);
  for (const element of (input['TransactItems'] ?? []) as Input[]) {
    const removal = element['Delete'] as Input | undefined;
    note(removal?.['TableName'], removal?.['Key']);
  }
  for (const [table, requests] of Object.entries((input['RequestItems'] ?? {}) as Input)) {
    for (const request of requests as Input[]) {
      note(table, (request['DeleteRequest'] as Input | undefined)?.['Key']);
    }
  }
  return keys;
}

async function readAll(engine: Engine, input: Input): Promise<Item[]> {
  const items: Item[] = [];
  let ExclusiveStartKey: unknown;
  for (let page = 0; page < 1000; page += 1) {
    const answer = (await engine.call({
      operation: 'Scan',
      input: { ...input, ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }) },
      form: 'wire',
      caller: owner,
      consistency: 'strong',
    })) as Record<string, unknown>;
    for (const item of answer['Items'] as unknown[]) items.push(itemOf(item));
    if (answer['LastEvaluatedKey'] === undefined) return items;
    ExclusiveStartKey = wireOf(itemOf(answer['LastEvaluatedKey']));
  }
  throw new Error('a scan without end');
}

function wireOf(item: Item): Record<string, unknown> {
  return Object.fromEntries(
    [...item].map(([name, value]) => [name, { [value.type]: value.value }]),
  );
}

function itemOf(value: unknown): Item {
  return value instanceof StoredItem ? value.item() : (value as Item);
}

function sameItem(a: Item, b: Item | undefined): boolean {
  return b !== undefined && equalItems(a, b);
}

function sameItems(a: readonly Item[], b: readonly Item[]): boolean {
  if (a.length !== b.length) return false;
  const byKey = new Map(b.map((item) => [keyOf(item), item]));
  return a.every((item) => sameItem(item, byKey.get(keyOf(item))));
}

/** Whether an answer is what the model says: the error's name, or the members the model gives. */
function matches(operation: string, outcome: Outcome, reply: Reply): boolean {
  if ('error' in reply) return matchesError(outcome, reply.error);
  if (outcome.error !== undefined) return false;
  const { output } = reply;
  const wanted = outcome.output ?? {};
  for (const member of ['Item', 'Attributes']) {
    const mine = wanted[member] as Item | undefined;
    const given = output[member];
    if ((mine === undefined) !== (given === undefined)) return false;
    if (mine !== undefined && !equalItems(mine, itemOf(given))) return false;
  }
  const items = wanted['Items'] as readonly Item[] | undefined;
  if (items === undefined) return true;
  const given = (output['Items'] as unknown[]).map(itemOf);
  return operation === 'Query' ? ordered(given, items) : sameItems(given, items);
}

function ordered(given: readonly Item[], wanted: readonly Item[]): boolean {
  if (given.length !== wanted.length) return false;
  return given.every((item, at) => sameItem(item, wanted[at]));
}

function matchesError(outcome: Outcome, error: Error): boolean {
  if (outcome.error === undefined) return false;
  if (!outcome.error.startsWith('TransactionCanceled')) return outcome.error === error.name;
  const codes = outcome.error.split(' ')[1] ?? '';
  const reasons = (error as Error & { members?: { CancellationReasons?: { Code: string }[] } })
    .members?.CancellationReasons;
  return (reasons ?? []).map(({ Code }) => Code).join() === codes;
}

function show(reply: Reply): string {
  if ('error' in reply) return `${reply.error.name} ${reply.error.message}`;
  return JSON.stringify(reply.output, (_name, value: unknown) => {
    if (value instanceof StoredItem) return [...value.item()];
    if (value instanceof Map) return [...value];
    if (value instanceof Uint8Array) return `${value.length} bytes`;
    return value;
  }).slice(0, 300);
}
