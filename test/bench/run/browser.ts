/**
 * A Chromium process of its own over a profile on disk: opened, asked, closed in order or killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumArgs } from '../../../scripts/chromium.mjs';
import type { Figures, Task } from '../measure.ts';
import { Cdp, delay, eventually } from './cdp.ts';

/** What pages that are not in front must not lose. */
const tabArgs = [
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
];
const windowRestMs = 1500;
/** Where Chromium keeps what pages store. */
const storageFolders = ['IndexedDB', 'File System', 'Local Storage'];

export function createProfile(): string {
  return mkdtempSync(join(tmpdir(), 'tidetable-bench-'));
}

export function removeProfile(profile: string): void {
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** Bytes of everything that pages of this profile stored. */
export function storedBytes(profile: string): number {
  return storageFolders.reduce((sum, name) => sum + bytesOf(join(profile, 'Default', name)), 0);
}

function bytesOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

export class Browser {
  readonly #process: ChildProcess;
  readonly #cdp: Cdp;
  readonly #origin: string;
  readonly #gone: Promise<unknown>;

  private constructor(child: ChildProcess, gone: Promise<unknown>, cdp: Cdp, origin: string) {
    this.#process = child;
    this.#gone = gone;
    this.#cdp = cdp;
    this.#origin = origin;
  }

  static async launch(executable: string, profile: string, origin: string): Promise<Browser> {
    const portFile = join(profile, 'DevToolsActivePort');
    rmSync(portFile, { force: true });
    const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`];
    const args = [...chromiumArgs, ...tabArgs, ...own, 'about:blank'];
    // A process group of its own, so that all of the browser can be killed at once.
    const child = spawn(executable, args, { detached: true, stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const address = await eventually(async () => {
      try {
        const [port, path] = readFileSync(portFile, 'utf8').split('\n');
        return path === undefined ? undefined : `ws://127.0.0.1:${port}${path}`;
      } catch {
        return undefined;
      }
    }, 'the address of DevTools');
    return new Browser(child, gone, await Cdp.connect(address), origin);
  }

  async version(): Promise<string> {
    return String((await this.#cdp.send('Browser.getVersion'))['product']);
  }

  /**
   * A page in a window of its own, so that it is never hidden behind another. A window loads pages
   * of the browser's own, which take 0.5 s of a core: they are there before what is measured.
   */
  async page(query = ''): Promise<Page> {
    const target = await this.#cdp.send('Target.createTarget', {
      url: 'about:blank',
      newWindow: true,
    });
    const { sessionId } = await this.#cdp.send('Target.attachToTarget', {
      targetId: target['targetId'],
      flatten: true,
    });
    const page = new Page(this.#cdp, String(sessionId));
    await delay(windowRestMs);
    await page.show(`${this.#origin}/${query}`);
    return page;
  }

  /** As a user closes it: pages are unloaded, storage is closed. */
  async close(): Promise<void> {
    await this.#cdp.send('Browser.close').catch(() => undefined);
    const isGone = await Promise.race([this.#gone.then(() => true), delay(10_000)]);
    if (isGone !== true) await this.kill();
    this.#cdp.close();
    await delay(100);
  }

  async kill(): Promise<void> {
    try {
      process.kill(-(this.#process.pid as number), 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.#gone;
    await delay(100);
  }
}

interface Evaluated {
  readonly result?: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

export class Page {
  readonly #cdp: Cdp;
  readonly #session: string;
  readonly #crashed: Promise<never>;

  constructor(cdp: Cdp, session: string) {
    this.#cdp = cdp;
    this.#session = session;
    this.#crashed = new Promise((_, reject) => {
      cdp.on('Inspector.targetCrashed', session, () => reject(new Error('the page crashed')));
    });
    this.#crashed.catch(() => undefined);
  }

  async show(url: string): Promise<void> {
    await this.#cdp.send('Inspector.enable', {}, this.#session);
    await this.#cdp.send('Page.navigate', { url }, this.#session);
    await this.title();
  }

  /** The page's title, once its script has set it: `ready`, or what came out as JSON. */
  title(): Promise<string> {
    return eventually(async () => {
      const title = String(await this.evaluate('document.title').catch(() => ''));
      return title === 'ready' || title.startsWith('{') ? title : undefined;
    }, 'the page');
  }

  async evaluate(expression: string): Promise<unknown> {
    const asked = this.#cdp.send(
      'Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true },
      this.#session,
    );
    const { result, exceptionDetails } = (await Promise.race([asked, this.#crashed])) as Evaluated;
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result?.value;
  }

  async run(task: Task): Promise<Figures> {
    return (await this.evaluate(`window.bench(${JSON.stringify(task)})`)) as Figures;
  }

  /** Bytes that this page's workers hold after a collection, backing stores included. */
  async workerBytes(): Promise<number> {
    const workers: string[] = [];
    const stop = this.#cdp.on('Target.attachedToTarget', this.#session, (event) => {
      workers.push(String(event['sessionId']));
    });
    const attach = (autoAttach: boolean): Promise<unknown> => {
      const params = { autoAttach, waitForDebuggerOnStart: false, flatten: true };
      return this.#cdp.send('Target.setAutoAttach', params, this.#session);
    };
    await attach(true);
    await delay(200);
    let bytes = 0;
    for (const worker of workers) {
      await this.#cdp.send('HeapProfiler.collectGarbage', {}, worker);
      const heap = await this.#cdp.send('Runtime.getHeapUsage', {}, worker);
      bytes += Number(heap['usedSize']) + Number(heap['backingStorageSize'] ?? 0);
    }
    await attach(false);
    stop();
    return bytes;
  }
}
