/**
 * What the tests of the examples share: the server that `npm start` runs, browsers with profiles of
 * their own, steps in order, and what every page is judged by.
 *
 * Steps follow one another: each begins where the one before ended. A step that fails ends the run,
 * and those after it count as failed too. Prints last `N passed, N failed, N skipped`.
 */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type BrowserContext, chromium, type Page, type ViewportSize } from 'playwright-core';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';
import { lineOf } from '../../scripts/report.mjs';

export type Step = readonly [name: string, step: () => unknown];

export interface SiteOptions {
  readonly name: string;
  readonly viewport: ViewportSize;
  /** How long anything in a page is waited for. */
  readonly stepMsMax: number;
  /** What a page may complain of. */
  readonly expected?: (complaint: string) => boolean;
}

const startMsMax = 120_000;
const tabsMax = 150;
const axe: string = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export class ExampleSite {
  origin = '';
  /** What the pages said on their consoles that no step expects. */
  readonly complaints: string[] = [];
  readonly #options: SiteOptions;
  readonly #executablePath: string;
  readonly #profiles: string[] = [];
  readonly #contexts: BrowserContext[] = [];
  #server: ChildProcessByStdio<null, Readable, null> | undefined;

  /** Ends the process where there is no Chromium, with a line that says so. */
  constructor(options: SiteOptions) {
    const found = findChromium();
    if (found === undefined) {
      console.log(
        `skipped ${options.name}: install a Chromium (apt-get install chromium) or set CHROME_PATH`,
      );
      console.log(lineOf({ passed: 0, failed: 0, skipped: 1 }));
      process.exit(0);
    }
    this.#executablePath = found;
    this.#options = options;
  }

  /** Runs the steps and ends the process; `tabs` are those that are asked what they show. */
  async run(steps: readonly Step[], tabs: () => readonly (Page | undefined)[]): Promise<never> {
    let passed = 0;
    try {
      for (const [name, step] of steps) {
        await step();
        passed += 1;
        console.log(`ok   ${name}`);
      }
    } catch (error) {
      console.log(`FAIL ${steps[passed]?.[0]}\n${(error as Error).stack}`);
      for (const tab of tabs()) {
        const text = await tab
          ?.locator('body')
          .textContent()
          .catch(() => '');
        if (!text) continue;
        const said = text.replace(/\s+/g, ' ');
        console.log(`a page said: ${said.slice(0, 600)} … ${said.slice(-300)}`);
      }
      for (const complaint of this.complaints.slice(0, 10))
        console.log(`on a console: ${complaint}`);
    } finally {
      await this.#end();
    }
    console.log(lineOf({ passed, failed: steps.length - passed, skipped: 0 }));
    process.exit(passed === steps.length ? 0 : 1);
  }

  /** Starts the server and waits until it is ready; answers what it printed. */
  async start(...more: readonly string[]): Promise<readonly string[]> {
    const server = spawn(process.execPath, ['scripts/start.mjs', '--port', '0', ...more], {
      cwd: new URL('../..', import.meta.url),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#server = server;
    const lines = await new Promise<readonly string[]>((resolve, reject) => {
      let output = '';
      const late = setTimeout(() => reject(new Error('the server did not start')), startMsMax);
      server.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (!/^ready .*\n/m.test(output)) return;
        clearTimeout(late);
        resolve(output.trimEnd().split('\n'));
      });
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    const [, url] = /^ready (http:\/\/localhost:\d+)$/.exec(lines.at(-1) ?? '') ?? [];
    assert.ok(url, lines.join('\n'));
    this.origin = url;
    return lines;
  }

  /** A browser process; of the profile given, or of one of its own. */
  async browser(profile: string = this.profile()): Promise<BrowserContext> {
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: this.#executablePath,
      headless: true,
      args: [...chromiumArgs],
      viewport: this.#options.viewport,
    });
    context.setDefaultTimeout(this.#options.stepMsMax);
    this.#contexts.push(context);
    return context;
  }

  profile(): string {
    const profile = mkdtempSync(join(tmpdir(), 'tidetable-example-'));
    this.#profiles.push(profile);
    return profile;
  }

  async newTab(context: BrowserContext): Promise<Page> {
    const tab = await context.newPage();
    this.listenTo(tab);
    return tab;
  }

  listenTo(tab: Page): void {
    const complain = (text: string): void => {
      if (this.#options.expected?.(text) !== true) this.complaints.push(text);
    };
    tab.on('pageerror', (error) => complain(error.stack ?? error.message));
    tab.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complain(message.text());
    });
  }

  /** A step: no page complained. */
  readonly isQuiet = (): void => assert.deepEqual(this.complaints, []);

  /** A step: Ctrl-C ends the server cleanly. */
  readonly endsServer = async (): Promise<void> => {
    const server = this.#server;
    if (server === undefined) throw new Error('there is no server');
    const ended = new Promise((resolve) => {
      server.once('exit', (code, signal) => resolve([code, signal]));
    });
    server.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  };

  async #end(): Promise<void> {
    for (const context of this.#contexts) await context.close().catch(() => undefined);
    this.#server?.kill('SIGKILL');
    for (const profile of this.#profiles) {
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    }
  }
}

/** What axe finds: the rule's name and the elements. */
export async function violations(tab: Page): Promise<readonly (readonly string[])[]> {
  await tab.addScriptTag({ path: axe });
  return tab.evaluate(async () => {
    interface Axe {
      run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    }
    const { violations: found } = await (globalThis as unknown as { axe: Axe }).axe.run();
    return found.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
  });
}

/** Narrow, middle and wide, light and dark: nothing is cut off, and axe finds nothing. */
export async function assertAccessible(tab: Page, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    await tab.setViewportSize({ width, height: 900 });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `the page is ${wide} wide on ${width}`);
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme });
      assert.deepEqual(await violations(tab), [], `${colorScheme}, ${width} wide`);
    }
  }
}

/** Presses Tab until what has focus begins so, by its label or its text. */
export async function tabTo(tab: Page, name: string): Promise<void> {
  for (let presses = 0; presses < tabsMax; presses += 1) {
    await tab.keyboard.press('Tab');
    const focused = await tab.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
    if (focused.startsWith(name)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

/** Asserts again until it holds, for ten seconds; then what did not hold is thrown. */
export async function settled<T>(asserts: () => Promise<T>): Promise<T> {
  for (let round = 0; round < 100; round += 1) {
    try {
      return await asserts();
    } catch {
      await delay(100);
    }
  }
  return asserts();
}
