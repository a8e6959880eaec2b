/**
 * A vitest browser provider of our own: opens the test page in Firefox or WebKitGTK, and closes it.
 *
 * Playwright drives neither a distribution's Firefox nor its WebKit. A provider needs little: open
 * a URL, close, and accept vitest's own commands (which are for screenshots and traces, so do
 * nothing).
 */
import { createBrowserServer } from '@vitest/browser';
import { launch } from 'puppeteer-core';
import type { BrowserProvider, BrowserProviderOption } from 'vitest/node';
import { openWebKit } from './raw-webkit.ts';

export interface RawPage {
  open(url: string): Promise<void>;
  close(): Promise<void>;
}

export interface RawPaths {
  readonly browser: string;
  readonly driver?: string;
}

type Name = 'firefox' | 'webkit';

/** Without these every test file fails: "does not support command __vitest_viewport". */
const commands = ['viewport', 'cleanup', 'markTrace', 'groupTraceStart', 'groupTraceEnd'];

export function rawBrowser(name: Name, paths: RawPaths): BrowserProviderOption {
  return {
    name: `raw-${name}`,
    supportedBrowser: [name],
    options: {},
    serverFactory: createBrowserServer,
    providerFactory(project): BrowserProvider {
      const nothing = async (): Promise<void> => {};
      for (const command of commands) {
        project.browser?.registerCommand(`__vitest_${command}` as never, nothing as never);
      }
      let page: Promise<RawPage> | undefined;
      return {
        name: `raw-${name}`,
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        async openPage(_id, url) {
          page ??= name === 'firefox' ? openFirefox(paths) : openWebKit(paths);
          await (await page).open(url);
        },
        async close() {
          const closing = page;
          page = undefined;
          await (await closing)?.close();
        },
      };
    },
  };
}

async function openFirefox({ browser: executablePath }: RawPaths): Promise<RawPage> {
  const browser = await launch({ browser: 'firefox', executablePath, headless: true });
  return {
    async open(url) {
      const page = await browser.newPage();
      await page.goto(url, { waitUntil: 'domcontentloaded' });
    },
    close: () => browser.close(),
  };
}
