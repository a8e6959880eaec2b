/**
 * Sync: how long a new device takes to have everything, and edits made offline to be sent; how soon
 * a change on one device is live on another; what an edit costs on the wire, and silence.
 *
 * The hub is a process of its own (run/hub.ts), each device a browser process with its own profile.
 */
import { type Database, open } from '../../src/index.ts';
import { type Sync, sync } from '../../src/sync.ts';
import type { Contender } from './contender.ts';
import { itemOf } from './items.ts';
import { type Figures, keyOf, msOf, settle, type Task } from './measure.ts';
import { tableOf } from './tidetable.ts';

const TableName = 'Bench';
const offlineEdits = 10_000;
const batchItems = 25;
const changes = 200;
const gapMs = 40;
/** Longer than a heartbeat's distance. */
const idleMs = 35_000;

let db: Database | undefined;
let remote: Sync | undefined;

function device(): { readonly db: Database; readonly remote: Sync } {
  if (db === undefined || remote === undefined) throw new Error('the device is not open');
  return { db, remote };
}

async function openDevice({ database, hub }: Task, tables: readonly object[]): Promise<void> {
  const worker = (): Worker => {
    return new Worker(new URL('../../worker/web-worker.ts', import.meta.url), { type: 'module' });
  };
  db = await open(database, { tables: tables as never, worker });
  if (hub === undefined) throw new Error('there is no hub');
  remote = sync(db, { url: hub, tables: [TableName] });
}

/** A device that brings the table along, for the hub to be filled then. */
export async function syncJoin(_: Contender, task: Task): Promise<Figures> {
  await openDevice(task, [tableOf(1)]);
  await device().remote.until('live');
  return {};
}

/** A new device, until it has all of the hub's items. */
export async function syncBootstrap(_: Contender, task: Task): Promise<Figures> {
  const ms = await msOf(async () => {
    await openDevice(task, []);
    await device().remote.until('live');
  });
  const count = await countItems();
  if (count !== task.items) throw new Error(`the device has ${count} items of ${task.items}`);
  return { 'sync: bootstrap': ms };
}

async function countItems(): Promise<number> {
  let count = 0;
  let from: unknown;
  do {
    const more = from === undefined ? {} : { ExclusiveStartKey: from };
    const page = await device().db.scan({ TableName, Select: 'COUNT', ...more } as never);
    count += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}

/** Edits of so many items while nothing is sent; then until the hub has answered all. */
export async function syncPush(_: Contender, task: Task): Promise<Figures> {
  const { db, remote } = device();
  await remote.pause();
  let bytes = 0;
  for (let at = 0; at < offlineEdits; at += batchItems) {
    const items = Array.from({ length: batchItems }, (_, n) => {
      return itemOf((at + n) % task.items, 1 + Math.floor(at / task.items));
    });
    bytes += items.reduce((sum, item) => sum + bytesOf(item), 0);
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    await db.batchWriteItem({ RequestItems: { [TableName]: requests } } as never);
  }
  await settle(task);
  const before = remote.status.bytesOut;
  const ms = await msOf(async () => {
    await remote.resume();
    await remote.drain();
  });
  const { pending, bytesOut, quarantined } = remote.status;
  if (pending > 0 || quarantined > 0) throw new Error(`${pending} pending, ${quarantined} refused`);
  return { 'sync: push of 10,000 edits': ms, 'sync: bytes sent': (bytesOut - before) / bytes };
}

/** DynamoDB's size of an item of the benchmark, nearly: names, texts, digits in pairs. */
function bytesOf(item: object): number {
  return Object.entries(item).reduce((sum, [name, value]) => {
    if (typeof value === 'string') return sum + name.length + value.length;
    if (typeof value === 'boolean') return sum + name.length + 1;
    return sum + name.length + Math.ceil(String(value).replace('.', '').length / 2) + 1;
  }, 0);
}

const delays: number[] = [];

export async function syncListen(): Promise<Figures> {
  const [pk, sk] = keyOf(0);
  const query = device().db.live<{ readonly note: string }>({ TableName, Key: { pk, sk } });
  delays.length = 0;
  await new Promise<void>((resolve) => {
    query.subscribe(() => {
      const { result } = query.getSnapshot();
      const sent = Number(result?.Item?.note);
      if (sent > 0) delays.push(wallMs() - sent);
      if (result !== undefined) resolve();
    });
  });
  return {};
}

/** One change after the other, with time between for each to arrive. */
export async function syncSpeak(): Promise<Figures> {
  for (let at = 0; at < changes; at += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, gapMs + (at % 10) * 5);
    });
    await device().db.putItem({ TableName, Item: { ...itemOf(0), note: String(wallMs()) } });
  }
  await device().remote.drain();
  return {};
}

export async function syncHeard(_: Contender, task: Task): Promise<Figures> {
  await settle({ ...task, settleMs: 1000 });
  const sorted = delays.toSorted((a, b) => a - b);
  // Changes that follow one another closely may arrive as one.
  if (sorted.length < changes / 2) throw new Error(`only ${sorted.length} changes were heard of`);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] as number;
  return { 'sync: change to a device, p50': at(0.5), 'sync: change to a device, p95': at(0.95) };
}

/** Bytes that a device sends while nothing happens. */
export async function syncIdle(_: Contender, task: Task): Promise<Figures> {
  await settle({ ...task, settleMs: 2000 });
  const { bytesOut: before } = device().remote.status;
  await settle({ ...task, settleMs: idleMs });
  return { 'sync: bytes sent while idle': (device().remote.status.bytesOut - before) / 1_000_000 };
}

/** By the clock that all processes of a machine share. */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
