/**
 * The parts of the benchmark: what is asked of which pages, of which browser processes, in order.
 *
 * Each run of a part has a profile of its own; nothing is warm but the machine.
 */
import { contenders } from '../contenders.ts';
import type { Figures, Task } from '../measure.ts';
import { delay } from './cdp.ts';
import { Browser, createProfile, type Page, removeProfile, storedBytes } from './browser.ts';
import { fillHub, startHub } from './hub.ts';

export interface PartRun {
  readonly executable: string;
  readonly origin: string;
  readonly contender: string;
  readonly round: number;
  readonly items: number;
  readonly limitMs: number;
  readonly settleMs: number;
}

export interface Part {
  readonly name: string;
  /** Items unless the command line says; a part takes no more than `itemsMax` of what it says. */
  readonly items: number;
  /** Only when asked for by name, or with --heavy. */
  readonly heavy?: boolean;
  /** Several pages have the database open. */
  readonly tabs?: boolean;
  /** Who is measured when nobody is named; everybody where this is absent. */
  readonly contenders?: readonly string[];
  run(run: PartRun): Promise<Figures>;
}

const MB = 1_000_000;
/** What an item takes in the cache with its index entry. */
const cachedItemBytes = 600;
const opens = 3;

export const parts: readonly Part[] = [
  { name: 'base', items: 50_000, run: base },
  { name: 'import', items: 50_000, run: (run) => single(run, ['imports']) },
  { name: 'updates', items: 20_000, run: (run) => single(run, ['updates']) },
  { name: 'beyond', items: 50_000, run: beyond },
  { name: 'cold', items: 50_000, run: cold },
  { name: 'tabs', items: 20_000, tabs: true, run: tabs },
  { name: 'live', items: 10_000, contenders: ['tidetable'], run: live },
  {
    name: 'streams',
    items: 10_000,
    contenders: ['tidetable'],
    run: (run) => single(run, ['beside-stream']),
  },
  { name: 'sync', items: 50_000, contenders: ['tidetable'], run: syncs },
  {
    name: 'beyond-full',
    items: 440_000,
    heavy: true,
    contenders: ['raw', 'tidetable'],
    run: beyondFull,
  },
  { name: 'large', items: 1_000_000, heavy: true, contenders: ['raw', 'tidetable'], run: large },
];

function taskOf(run: PartRun, step: string, more: Partial<Task> = {}): Task {
  const { contender, round, items, limitMs, settleMs } = run;
  const common = { contender, step, database: 'bench', items, seed: round + 1 };
  return { ...common, tab: 0, tabs: 1, limitMs, settleMs, ...more };
}

const startRestMs = 2000;

async function inProfile<T>(work: (profile: string) => Promise<T>): Promise<T> {
  const profile = createProfile();
  try {
    return await work(profile);
  } finally {
    removeProfile(profile);
  }
}

/** One browser process: closed in order when all went well, killed when not. */
async function inBrowser<T>(
  { executable, origin }: PartRun,
  profile: string,
  work: (browser: Browser) => Promise<T>,
): Promise<T> {
  const browser = await Browser.launch(executable, profile, origin);
  // It has a page of its own then, which takes 0.6 s of a core.
  await delay(startRestMs);
  try {
    const result = await work(browser);
    await browser.close();
    return result;
  } catch (error) {
    await browser.kill();
    throw error;
  }
}

/** `heapAs`: what the worker's memory after these steps is called, where it is told. */
function single(
  run: PartRun,
  steps: readonly string[],
  more: Partial<Task> = {},
  heapAs?: string,
): Promise<Figures> {
  return inProfile((profile) => {
    return inBrowser(run, profile, async (browser) => {
      const page = await browser.page();
      const figures: Figures = {};
      for (const step of steps) Object.assign(figures, await page.run(taskOf(run, step, more)));
      const isTold = heapAs !== undefined && contenders.get(run.contender)?.heap === true;
      return isTold ? { ...figures, [heapAs]: (await page.workerBytes()) / MB } : figures;
    });
  });
}

function base(run: PartRun): Promise<Figures> {
  return inProfile(async (profile) => {
    const figures = await inBrowser(run, profile, async (browser) => {
      const page = await browser.page();
      const written = await page.run(taskOf(run, 'writes'));
      const afterWrites = await page.workerBytes();
      const read = await page.run(taskOf(run, 'reads'));
      const bytes = Math.max(afterWrites, await page.workerBytes());
      const heap: Figures =
        contenders.get(run.contender)?.heap === true ? { 'worker memory': bytes / MB } : {};
      await page.run(taskOf(run, 'close'));
      const again = await page.run(taskOf(run, 'reopened'));
      return { ...written, ...read, ...again, ...heap };
    });
    return { ...figures, 'bytes on disk': storedBytes(profile) / MB };
  });
}

function beyond(run: PartRun): Promise<Figures> {
  const cacheBytes = Math.round((run.items * cachedItemBytes) / 4);
  return single(run, ['beyond-cache'], { cacheBytes }, 'worker memory, 4 x cache');
}

async function beyondFull(run: PartRun): Promise<Figures> {
  const figures = await beyond(run);
  const heap = figures['worker memory, 4 x cache'];
  return {
    'random updates, 4 x 64 MB': figures['random updates, 4 x cache'] as number,
    ...(heap === undefined ? {} : { 'worker memory, 4 x 64 MB': heap }),
  };
}

function cold(run: PartRun): Promise<Figures> {
  return inProfile(async (profile) => {
    await inBrowser(run, profile, async (browser) => {
      return (await browser.page()).run(taskOf(run, 'fill'));
    });
    const visit = (): Promise<Figures> =>
      inBrowser(run, profile, (browser) => firstGet(run, browser, 'first-get'));
    const second = await visit();
    // From the third visit on, a browser may have kept what it compiled at the second.
    const later = await visit();
    const inlined = await inBrowser(run, profile, (browser) => {
      return firstGet(run, browser, 'first-get-inlined');
    });
    const scanned = await inBrowser(run, profile, async (browser) => {
      return (await browser.page()).run(taskOf(run, 'cold-scan'));
    });
    const read = await inBrowser(run, profile, async (browser) => {
      return (await browser.page()).run(taskOf(run, 'cold-reads'));
    });
    const got = 'page open to first get';
    return {
      [`${got}, second visit`]: second[got] as number,
      ...later,
      ...inlined,
      ...scanned,
      ...read,
    };
  });
}

/** The page is told in its address, so that its own start is in the measurement. */
async function firstGet(run: PartRun, browser: Browser, step: string): Promise<Figures> {
  const task = encodeURIComponent(JSON.stringify(taskOf(run, step)));
  const page = await browser.page(`?task=${task}`);
  const { figures, error } = JSON.parse(await page.title()) as {
    figures?: Figures;
    error?: string;
  };
  if (figures === undefined) throw new Error(error);
  await page.run(taskOf(run, 'close'));
  return figures;
}

async function tabs(run: PartRun): Promise<Figures> {
  const figures: Figures = {};
  for (const count of [1, 2, 4]) {
    const word = count === 1 ? 'tab' : 'tabs';
    const { puts, gets } = await inProfile((profile) => {
      return inBrowser(run, profile, (browser) => tabsOf(run, browser, count));
    });
    figures[`puts, ${count} ${word}`] = puts;
    figures[`gets, ${count} ${word}`] = gets;
  }
  return figures;
}

async function tabsOf(run: PartRun, browser: Browser, count: number) {
  const pages: Page[] = [];
  for (let tab = 0; tab < count; tab += 1) {
    const page = await browser.page();
    await page.run(taskOf(run, 'open-tab', { tab, tabs: count }));
    pages.push(page);
  }
  const all = async (step: string): Promise<readonly Figures[]> => {
    const told = pages.map((page, tab) => page.run(taskOf(run, step, { tab, tabs: count })));
    return Promise.all(told);
  };
  const sum = (figures: readonly Figures[], name: string): number => {
    return figures.reduce((total, each) => total + (each[name] as number), 0);
  };
  const puts = sum(await all('tab-puts'), 'puts');
  const gets = sum(await all('tab-gets'), 'gets');
  await all('check-tab');
  return { puts, gets };
}

/** What live queries cost, in one page; then two pages, one of which listens to the other. */
async function live(run: PartRun): Promise<Figures> {
  const costs = await single(run, ['beside-live', 'close']);
  const delivery = await inProfile((profile) => {
    return inBrowser(run, profile, async (browser) => {
      const [speaker, listener] = [await browser.page(), await browser.page()];
      await listener.run(taskOf(run, 'listen'));
      await speaker.run(taskOf(run, 'speak'));
      return listener.run(taskOf(run, 'heard'));
    });
  });
  return { ...costs, ...delivery };
}

/** A hub, a device that is there before its items, and one that comes to all of them. */
async function syncs(run: PartRun): Promise<Figures> {
  const hub = await startHub();
  const task = (step: string, more: Partial<Task> = {}): Task => {
    return taskOf(run, step, { hub: hub.url, ...more });
  };
  const device = <T>(work: (browser: Browser) => Promise<T>): Promise<T> => {
    return inProfile((profile) => inBrowser(run, profile, work));
  };
  try {
    const figures = await device(async (first) => {
      const speaker = await first.page();
      await speaker.run(task('sync-join'));
      const pushed = await speaker.run(task('sync-push', { items: 10_000 }));
      return device(async (second) => {
        const listener = await second.page();
        await listener.run(task('sync-bootstrap', { items: 10_000 }));
        await listener.run(task('sync-listen'));
        await speaker.run(task('sync-speak'));
        const heard = await listener.run(task('sync-heard'));
        return { ...pushed, ...heard, ...(await listener.run(task('sync-idle'))) };
      });
    });
    // Both are closed by now: they take no part in what is measured next.
    await fillHub(hub, run.items);
    await delay(run.settleMs);
    const bootstrap = await device(async (third) => {
      return (await third.page()).run(task('sync-bootstrap'));
    });
    return { ...figures, ...bootstrap };
  } finally {
    await hub.stop();
  }
}

/** Opened `opens` times after an orderly close, and as often after a kill; the median of each. */
function large(run: PartRun): Promise<Figures> {
  return inProfile(async (profile) => {
    await inBrowser(run, profile, async (browser) => {
      return (await browser.page()).run(taskOf(run, 'fill'));
    });
    const disk = storedBytes(profile) / MB;
    const closed: number[] = [];
    for (let at = 0; at < opens; at += 1) {
      closed.push((await openLarge(run, profile, false)).ms);
    }
    const killed: number[] = [];
    let log = 0;
    let bytes = 0;
    for (let at = 0; at < opens; at += 1) {
      log = Math.max(log, await killWithFullLog(run, profile));
      const opened = await openLarge(run, profile, true);
      killed.push(opened.ms);
      bytes = Math.max(bytes, opened.bytes);
    }
    return {
      'large: open after close': median(closed),
      'large: open after kill': median(killed),
      'large: log at the kill': log / MB,
      'large: bytes on disk': disk,
      'large: worker memory': bytes / MB,
    };
  });
}

function openLarge(run: PartRun, profile: string, measured: boolean) {
  return inBrowser(run, profile, async (browser) => {
    const page = await browser.page();
    const figures = await page.run(taskOf(run, 'open-large'));
    const bytes = measured ? await page.workerBytes() : 0;
    await page.run(taskOf(run, 'close'));
    return { ms: figures['open of a large database'] as number, bytes };
  });
}

async function killWithFullLog(run: PartRun, profile: string): Promise<number> {
  const browser = await Browser.launch(run.executable, profile, run.origin);
  try {
    const page = await browser.page();
    await page.run(taskOf(run, 'open-large'));
    const figures = await page.run(taskOf(run, 'fill-log'));
    return figures['log bytes at the kill'] as number;
  } finally {
    await browser.kill();
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
