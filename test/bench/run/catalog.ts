/**
 * The workloads by name: which part measures them, in what unit, and what is wanted of them.
 *
 * A ratio is always "so many times as good as raw": of rates ours by raw's, of times and bytes
 * raw's by ours.
 */

/** `x`: to the same without it. */
export type Unit = '/s' | 'ms' | 'MB' | 'x';

export interface Workload {
  readonly name: string;
  readonly part: string;
  readonly unit: Unit;
  /** The ratio to raw IndexedDB that is wanted. */
  readonly wanted?: number;
  /** The figure itself may be at most this much. */
  readonly atMost?: number;
  /** The figure itself must be at least this much. */
  readonly atLeast?: number;
  readonly about: string;
}

export const workloads: readonly Workload[] = [
  row('base', 'bulk load', '/s', 'items in random order, in the best chunks', 1.5),
  row('base', 'awaited put', '/s', 'one after the other, over items that are there', 1 / 1.2),
  row('base', '64 putters', '/s', '64 puts in flight', 1.5),
  row('base', 'hot get', '/s', 'one after the other, of 2,000 items read before', 3.5),
  row('base', '64 gets in flight', '/s', 'the same, 64 at a time', 6),
  row('base', 'query of 100', '/s', 'a partition, one after the other', 3),
  row('base', 'index query of 100', '/s', 'a city by time, one after the other', 4),
  row('base', 'full scan', '/s', 'items, after the workloads above'),
  row('base', 'open to first get', 'ms', 'a new worker, the browser is warm'),
  row('base', 'cold get', '/s', 'a new worker, one after the other'),
  {
    name: 'worker memory',
    part: 'base',
    unit: 'MB',
    atMost: 96,
    about: 'after a collection, backing stores included; the most seen after writes and reads',
  },
  row('base', 'bytes on disk', 'MB', "the profile's storage after these workloads"),
  row('import', 'import of objects', '/s', 'bulk load of an array by db.import', 6),
  row('import', 'import of a Blob', '/s', 'the same items as a file of JSON lines', 6),
  row('updates', 'put with two indexes', '/s', '64 puts in flight'),
  row('updates', 'hot item', '/s', 'one counter counted up, one after the other'),
  row('updates', 'hot item, 64 in flight', '/s', 'the same, 64 at a time'),
  row('updates', 'mixed 95/5', '/s', '95 gets to 5 puts, 64 in flight'),
  row(
    'beyond',
    'random updates, 4 x cache',
    '/s',
    'put that answers the old item, 64 in flight, data four times the cache',
    0.8,
  ),
  {
    name: 'worker memory, 4 x cache',
    part: 'beyond',
    unit: 'MB',
    atMost: 39.5,
    about: 'after these; a cache of 7.5 MB, where items are 50,000',
  },
  {
    name: 'worker memory, 4 x 64 MB',
    part: 'beyond-full',
    unit: 'MB',
    atMost: 96,
    about: 'the same, with the cache that a database has by default',
  },
  row(
    'beyond-full',
    'random updates, 4 x 64 MB',
    '/s',
    'the same with the cache that a database has by default',
    0.8,
  ),
  row('cold', 'cold full scan', '/s', 'items, in a new browser process', 1.5),
  row('cold', 'cold get, new process', '/s', 'random items, in a new browser process'),
  row('cold', 'open to first get, new process', 'ms', 'from the call of open, the third visit'),
  row('cold', 'page open to first get', 'ms', 'from the navigation, the third visit', 1 / 1.1),
  row('cold', 'page open to first get, second visit', 'ms', 'before a browser keeps compiled code'),
  row('cold', 'page open to first get, worker inlined', 'ms', 'with the worker that `open` brings'),
  ...[1, 2, 4].flatMap((tabs) => [
    row('tabs', `puts, ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}`, '/s', 'of all, 64 in flight each'),
    row('tabs', `gets, ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}`, '/s', 'of all, 64 in flight each'),
  ]),
  {
    name: 'awaited put, 1,000 live',
    part: 'live',
    unit: 'x',
    atLeast: 0.9,
    about: 'one after the other, live queries that none of them touches; rate to that without',
  },
  {
    name: '64 putters, 1,000 live',
    part: 'live',
    unit: 'x',
    atLeast: 0.9,
    about: 'the same with 64 puts in flight',
  },
  {
    name: 'change to a tab, p50',
    part: 'live',
    unit: 'ms',
    atMost: 10,
    about: 'from the call of putItem in one page to a live query in another, a change at a time',
  },
  row('live', 'change to a tab, p95', 'ms', 'the same'),
  ...['awaited put, stream', '64 putters, stream', 'batch writes, stream'].map((name) => ({
    name,
    part: 'streams',
    unit: 'x' as const,
    // A write takes at most 1.3 times as long.
    atLeast: 0.77,
    about: 'into a table with a stream of both images; rate to that without',
  })),
  {
    name: 'sync: bootstrap',
    part: 'sync',
    unit: 'ms',
    atMost: 5000,
    about: 'a new device, from the call of open until it is live; items of 1 KB, over loopback',
  },
  {
    name: 'sync: push of 10,000 edits',
    part: 'sync',
    unit: 'ms',
    atMost: 3000,
    about: 'made offline; until the hub has answered all',
  },
  {
    name: 'sync: bytes sent',
    part: 'sync',
    unit: 'x',
    atMost: 1.5,
    about: "by that push, to the items' own",
  },
  {
    name: 'sync: change to a device, p50',
    part: 'sync',
    unit: 'ms',
    atMost: 60,
    about: 'from the call of putItem on one device to a live query on another',
  },
  row('sync', 'sync: change to a device, p95', 'ms', 'the same'),
  {
    name: 'sync: bytes sent while idle',
    part: 'sync',
    unit: 'MB',
    atMost: 0.0001,
    about: 'by a device in 35 seconds',
  },
  {
    name: 'large: open after close',
    part: 'large',
    unit: 'ms',
    atMost: 150,
    about: 'from the call of open to the first get, new browser process',
  },
  {
    name: 'large: open after kill',
    part: 'large',
    unit: 'ms',
    atMost: 400,
    about: 'the same after SIGKILL with the log at its bound',
  },
  row('large', 'large: log at the kill', 'MB', 'what the open after the kill replays'),
  row('large', 'large: bytes on disk', 'MB', "the profile's storage after the load"),
  row('large', 'large: worker memory', 'MB', 'after the open, its first get and the kill'),
];

function row(part: string, name: string, unit: Unit, about: string, wanted?: number): Workload {
  return { part, name, unit, about, ...(wanted === undefined ? {} : { wanted }) };
}

export function isMoreBetter({ unit }: Workload): boolean {
  return unit === '/s' || unit === 'x';
}
