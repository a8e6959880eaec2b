/**
 * When all is quiet again: every engine, and a fresh one, shows what the model holds, the store
 * holds what is reachable and no more, and a scrub finds nothing to mend.
 */
import { equalBytes } from '../../src/base/bytes.ts';
import { streamRetentionMs } from '../../src/base/limits.ts';
import { countedKey } from '../../src/engine/doubt.ts';
import { owner } from '../../src/operation/request.ts';
import { equalItems } from '../../src/value/compare.ts';
import type { Item } from '../../src/value/value.ts';
import { itemToWire } from '../../src/value/wire.ts';
import { isIn } from '../model/reads.ts';
import type { Input, ModelTable } from '../model/state.ts';
import { type AskStream, readStream, shardsOf } from '../support/streams.ts';
import type { Device, Tab } from './device.ts';
import { overdue, untilQuiet } from './expiry.ts';
import { isDynamo, itemOf, sameItems } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { LiveWatch } from './live.ts';
import { tableA } from './operations.ts';
import { isUnswept, strayPages } from './pages.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';
import { compareStreams } from './streams.ts';
import type { Triggers } from './triggers.ts';

const restSite = siteOf('rest');
const pagesMax = 1000;
const scrubsMax = 4;
const sweepsMax = 2;
const hourMs = 3_600_000;
/** Most items' time is over by then. */
const dueMs = 300_000;
/** Longer than tabs are compared, and what their clocks differ by. */
const quietMs = 600_000;
/** Background work without faults ends sooner. */
const idleMsMax = 300_000;
/** A reservation of a dead engine is taken over once it was seen for 5 s. */
const patienceMs = 6000;

type Output = Readonly<Record<string, unknown>>;

/** Who follows the changes of a world; undefined where nobody does. */
export interface Watchers {
  readonly triggers: Triggers | undefined;
  readonly live: LiveWatch | undefined;
}

export async function comeToRest(
  device: Device,
  ledger: Ledger,
  scheduler: SeededScheduler,
  { triggers, live }: Watchers,
): Promise<void> {
  const tabs = await device.heal();
  // What was being done when all was well again may still fail, and is tried again.
  await scheduler.wait(restSite, patienceMs);
  const idle = (tab: Tab): Promise<void> => comeToIdle(tab, device, ledger, scheduler);
  for (const tab of tabs) await idle(tab).catch(() => undefined);
  await endBuilds(device, ledger, scheduler, tabs);
  const fresh = await device.extra();
  if (device.isDamaged) {
    // What was damaged for long enough is out of reach; what is not must be right.
    for (const tab of tabs) await compareItems(ledger, tab);
    return;
  }
  await countDoubted(device, ledger, scheduler, fresh);
  await triggers?.settle(fresh, () => device.wallMs);
  passTime(device, ledger, dueMs);
  for (const tab of [...tabs, fresh]) await idle(tab);
  for (const tab of [...tabs, fresh]) await compare(ledger, tab);
  await live?.compare([...tabs, fresh]);
  for (const tab of [...tabs, fresh]) await compareStreamsOf(device, ledger, tab);
  await trimStreams(device, ledger, fresh, tabs);
  await checkExpired(device, ledger, fresh);
  await sweepAll(device, ledger, scheduler, fresh);
  for (const tab of tabs) await compare(ledger, tab);
  await live?.compare(tabs);
  const last = await device.extra();
  await compare(ledger, last);
  // Indexes, and the counters of trees and of item collections.
  const { damagedPages, mended, counters } = await last.engine.scrub();
  if (damagedPages + mended + counters > 0) {
    ledger.violate(`a scrub found ${damagedPages} pages, ${mended} entries, ${counters} counters`);
  }
}

/**
 * So much time passes, or more: nothing is to fall due while tabs are compared. Steps of a clock
 * add up, so that an item may have any time left to live.
 */
function passTime(device: Device, ledger: Ledger, leastMs: number): void {
  const wanted = { leastMs, quietMs };
  device.passTime(untilQuiet(ledger.state, ledger.expiring, device.wallMs, wanted));
}

/** Waits until a tab has nothing to do; what has no end is a violation, and what it left undone. */
async function comeToIdle(
  { engine }: Tab,
  device: Device,
  ledger: Ledger,
  scheduler: SeededScheduler,
): Promise<void> {
  const ends = engine.idle().then(() => true);
  if (await Promise.race([ends, scheduler.wait(restSite, idleMsMax)])) return;
  ledger.violate('background work has no end');
  const [left] = overdue(ledger.state, ledger.expiring, device.wallMs, idleMsMax);
  if (left !== undefined) ledger.violate(`an item stays beyond its time: ${left}`);
}

/**
 * A build that nobody works on is given up once its count has stood still for long enough; one that
 * could be resumed, after a day.
 */
async function endBuilds(
  device: Device,
  ledger: Ledger,
  scheduler: SeededScheduler,
  tabs: readonly Tab[],
): Promise<void> {
  const builds = (): boolean => {
    return [...ledger.state.tables.values()].some(({ status }) => status === 'CREATING');
  };
  for (let round = 0; round < 6 && builds(); round += 1) {
    if (round === 3) device.passYears();
    await scheduler.wait(restSite, patienceMs);
    for (const { engine } of tabs) await engine.idle().catch(() => undefined);
  }
  // What the engine notes of builds may be out of reach until somebody asks for a repair.
  const isBarred = tabs.some(({ engine }) => {
    return engine.status().damage.some(({ kind, table }) => kind === 'page' && table === undefined);
  });
  if (builds() && !isBarred) ledger.violate('a build without a builder was never given up');
}

/**
 * Counters are right but where the store says that nobody has counted what a repair did. Another
 * engine may be about to make the checkpoint that a scrub begins with.
 */
async function countDoubted(
  device: Device,
  ledger: Ledger,
  scheduler: SeededScheduler,
  { engine }: Tab,
): Promise<void> {
  const isDoubted = (): boolean => {
    const counted = device.disk.memory.spaces.meta.get(countedKey);
    const { mark } = ledger;
    return mark !== undefined && !(counted !== undefined && equalBytes(mark, counted));
  };
  for (let round = 0; round < scrubsMax && isDoubted(); round += 1) {
    if (round > 0) await scheduler.wait(restSite, patienceMs);
    await engine.scrub();
  }
  if (isDoubted()) ledger.violate('counters stay in doubt, however often all is scrubbed');
}

async function compareStreamsOf(device: Device, ledger: Ledger, { engine }: Tab): Promise<void> {
  const asked: AskStream = (operation, input) => ask(engine, operation, input as Input);
  await compareStreams(ledger, asked, device.wallMs, !ledger.tokensLast);
}

/** Every shard is followed by another, and a day later it is gone with all that it held. */
async function trimStreams(
  device: Device,
  ledger: Ledger,
  { engine }: Tab,
  others: readonly Tab[],
): Promise<void> {
  const asked: AskStream = (operation, input) => ask(engine, operation, input as Input);
  for (let round = 0; round < 3; round += 1) {
    passTime(device, ledger, streamRetentionMs + hourMs);
    await engine.idle();
    for (const other of others) await other.engine.idle();
  }
  const { Streams } = await asked('ListStreams', {});
  for (const { StreamArn } of Streams as readonly { readonly StreamArn: string }[]) {
    const left = await readStream(asked, StreamArn);
    if (left.length > 0) ledger.violate(`${left.length} records of ${StreamArn} are not trimmed`);
    for (const { SequenceNumberRange } of await shardsOf(asked, StreamArn)) {
      if (SequenceNumberRange.EndingSequenceNumber === undefined) continue;
      ledger.violate(`a closed shard of ${StreamArn} is not trimmed`);
    }
  }
  const on = ledger.streamsOn().length;
  const listed = (Streams as readonly object[]).length;
  if (listed !== on) ledger.violate(`${listed} streams are listed, and ${on} are on`);
}

/** What was over a minute ago is gone, and was told of. */
async function checkExpired(device: Device, ledger: Ledger, tab: Tab): Promise<void> {
  const left = overdue(ledger.state, ledger.expiring, device.wallMs, 30_000);
  if (left.length > 0) ledger.violate(`${left.length} items stay beyond their time: ${left[0]}`);
  await compare(ledger, tab);
  await compareStreamsOf(device, ledger, tab);
}

/** After some checkpoints without faults, the store holds what is reachable and no more. */
async function sweepAll(
  device: Device,
  ledger: Ledger,
  scheduler: SeededScheduler,
  { engine }: Tab,
): Promise<void> {
  if (!ledger.state.tables.has('Alpha')) await ask(engine, 'CreateTable', tableA);
  for (let round = 0; round < 4; round += 1) {
    const input = { TableName: 'Alpha', DeletionProtectionEnabled: round % 2 === 0 };
    await ask(engine, 'UpdateTable', input);
    await engine.checkpoint();
    await engine.idle();
    await scheduler.wait(restSite, patienceMs);
  }
  await engine.checkpoint();
  // Another tab may be at its own just then, and is soon done.
  for (let round = 0; round < sweepsMax && isUnswept(device.disk.memory); round += 1) {
    await scheduler.wait(restSite, patienceMs);
    await engine.idle();
  }
  // A repair that was broken off may leave the records of a page that it was done with, and a tree
  // that goes leaves what only a damaged page of it knew of: its children, its large values.
  const isExcused = ledger.isUncounted || device.hadDamage;
  const stray = isExcused ? [] : strayPages(device.disk.memory);
  for (const page of stray) ledger.violate(page);
  const records = device.disk.memory.spaces.log.keys(0, Number.MAX_SAFE_INTEGER).length;
  if (records > 1) ledger.violate(`${records} records are left in the log`);
}

/** Every item alone: it is the model's, or the answer is that it is damaged. */
async function compareItems(ledger: Ledger, { engine }: Tab): Promise<void> {
  for (const [TableName, { items }] of ledger.state.tables) {
    for (const [key, item] of items) {
      const Key = { p: { S: key.split(' ')[0] }, s: { N: key.split(' ')[1] } };
      try {
        const { Item } = await ask(engine, 'GetItem', { TableName, Key });
        const found = Item === undefined ? undefined : itemOf(Item);
        // Its time may have been over meanwhile.
        if (ledger.state.tables.get(TableName)?.items.get(key) !== item) continue;
        if (found === undefined || !equalItems(found, item)) {
          ledger.violate(`${key} of the damaged ${TableName} is not the model's`);
        }
      } catch (error) {
        if (isDynamo(error as Error)) ledger.violate(`${key} of ${TableName}: ${String(error)}`);
      }
    }
  }
}

async function compare(ledger: Ledger, { engine }: Tab): Promise<void> {
  const { TableNames } = await ask(engine, 'ListTables', {});
  const names = [...ledger.state.tables.keys()].sort();
  if (String(TableNames) !== String(names)) ledger.violate(`tables ${String(TableNames)}`);
  for (const [TableName, table] of ledger.state.tables) {
    const held = [...table.items.values()];
    const items = await readAll(engine, { TableName, ConsistentRead: true });
    if (!sameItems(items, held)) {
      ledger.violate(`table ${TableName} holds ${items.length} items, not the model's`);
    }
    for (const [IndexName, index] of table.indexes) {
      if (index.status !== 'ACTIVE') ledger.violate(`index ${IndexName} never finished`);
      const entries = await readAll(engine, { TableName, IndexName });
      const wanted = held.filter((item) => isIn(index, item));
      if (!sameItems(entries, wanted)) {
        ledger.violate(`index ${IndexName}: ${entries.length} entries for ${wanted.length}`);
      }
    }
    await compareCounters(ledger, engine, TableName, table);
  }
}

async function compareCounters(
  ledger: Ledger,
  engine: Tab['engine'],
  TableName: string,
  table: ModelTable,
): Promise<void> {
  const answer = await ask(engine, 'DescribeTable', { TableName });
  const described = answer['Table'] as Output;
  const { ItemCount: count, TableSizeBytes: size } = described;
  if (count !== table.items.size || size !== table.bytes) {
    const told = `${String(count)} items of ${String(size)} bytes`;
    ledger.violate(`${TableName} counts ${told}, not ${table.items.size} of ${table.bytes}`);
  }
  for (const index of (described['GlobalSecondaryIndexes'] ?? []) as Output[]) {
    const known = table.indexes.get(index['IndexName'] as string);
    const inside = [...table.items.values()].filter((item) => isIn(known, item)).length;
    if (index['ItemCount'] !== inside) {
      ledger.violate(`an index counts ${String(index['ItemCount'])}, not ${inside}`);
    }
  }
}

async function readAll(engine: Tab['engine'], input: Input): Promise<Item[]> {
  const items: Item[] = [];
  let start: Input = {};
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await ask(engine, 'Scan', { ...input, ...start });
    for (const item of answer['Items'] as unknown[]) items.push(itemOf(item));
    if (answer['LastEvaluatedKey'] === undefined) return items;
    start = { ExclusiveStartKey: itemToWire(itemOf(answer['LastEvaluatedKey'])) };
  }
  throw new Error('a scan without end');
}

async function ask(engine: Tab['engine'], operation: string, input: Input): Promise<Output> {
  const request = { operation, input, form: 'wire', caller: owner, consistency: 'strong' } as const;
  return (await engine.call(request)) as Output;
}
