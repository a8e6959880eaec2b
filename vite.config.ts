/**
 * The tests: one project for Node, one for each browser that this machine has.
 *
 * The library is built by the configurations in build/, which this file knows nothing of.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import type { BrowserProviderOption } from 'vitest/node';
import { findBrowsers, howToInstall, missingBrowsers } from './test/support/browsers.ts';
import { rawBrowser } from './test/support/raw-browser.ts';

const found = findBrowsers();
const missing = missingBrowsers(found);
// A green run in CI always includes both of these.
if (process.env['CI'] && (missing.includes('chromium') || missing.includes('firefox'))) {
  throw new Error(howToInstall(missing));
}

function source(entry: string): string {
  return `${new URL('./src/', import.meta.url).pathname}${entry}.ts`;
}

const aliases = [
  { find: /^tidetable$/, replacement: source('index') },
  { find: /^tidetable\/(aws|node|react|sync|testing)$/, replacement: source('$1') },
];
const processOfAPage = new URL('./test/support/process.ts', import.meta.url).pathname;

type BrowserName = 'chromium' | 'firefox' | 'webkit';

function inBrowser(
  browser: BrowserName,
  provider: BrowserProviderOption,
): TestProjectInlineConfiguration {
  return {
    extends: true,
    // Each its own: servers that share one overwrite each other's bundled dependencies.
    cacheDir: `node_modules/.vite/${browser}`,
    // OneTable's metrics ask for a process while they load.
    resolve: { alias: [...aliases, { find: /^(node:)?process$/, replacement: processOfAPage }] },
    test: {
      name: browser,
      include: ['test/browser/**/*.test.ts'],
      // What needs DevTools of the page.
      exclude: browser === 'chromium' ? [] : ['test/browser/chromium/**'],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider,
        instances: [{ browser }],
      },
    },
  };
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const browsers: TestProjectInlineConfiguration[] = [];
if (found.chromium !== undefined) {
  const provider = playwright({ launchOptions: { executablePath: found.chromium, args } });
  browsers.push(inBrowser('chromium', provider));
}
if (found.firefox !== undefined) {
  browsers.push(inBrowser('firefox', rawBrowser('firefox', { browser: found.firefox })));
}
if (found.webkit !== undefined) {
  browsers.push(inBrowser('webkit', rawBrowser('webkit', found.webkit)));
}

export default defineConfig({
  // Examples import the package by its name, as their readers will.
  resolve: { alias: aliases },
  // A dependency that is found late would reload the page in the middle of its tests.
  optimizeDeps: {
    include: [
      ...['idb', 'comlink', '@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb'],
      ...['buffer/', 'dynamodb-onetable', 'dynamodb-toolbox', 'dynamoose', 'electrodb'],
      ...['react', 'react-dom/client', 'react-dom/server'],
    ],
  },
  test: {
    // Generous: a test says what holds, and a machine may be busy.
    testTimeout: 30_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts', 'worker/**/*.ts'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**'],
          // Of two cores vitest would use one.
          maxWorkers: '100%',
        },
      },
      ...browsers,
    ],
  },
});
