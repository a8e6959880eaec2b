import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowsers } from '../support/browsers.ts';

/** The built package in a browser, as a page without a bundler loads it. */
const found = findBrowsers().chromium;

/** Opens a database with the options that `options` evaluates to, and says what came of it. */
const page = (options: string): string => `<!doctype html><title>page</title>
<script type="module" src="/page.js?options=${encodeURIComponent(options)}"></script>`;

const script = (options: string): string => `
import { open } from '/dist/index.js';
import { sync } from '/dist/sync.js';
const TableName = 'Notes';
const table = {
  TableName,
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};
try {
  const db = await open('notes', { tables: [table], timeoutMs: 4000, ...(${options}) });
  await db.putItem({ TableName, Item: { id: 'a', n: 1 } });
  const { Item } = await db.getItem({ TableName, Key: { id: 'a' } });
  // The hub is out of order: what matters is that there is somebody who asks it.
  const { state } = await sync(db, { url: location.origin }).until(['offline', 'blocked']);
  await db.close();
  document.title = 'got ' + JSON.stringify(Item) + ', ' + state;
} catch (error) {
  document.title = error.name + ': ' + error.message;
}`;

const ownWorker = "{ worker: new Worker('/dist/worker.js', { type: 'module' }) }";

function serve(dist: string, policy: string | undefined): Server {
  return createServer(async ({ url = '/' }, response) => {
    if (policy !== undefined) response.setHeader('content-security-policy', policy);
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const options = searchParams.get('options') ?? '{}';
    if (pathname.startsWith('/dist/')) {
      const file = await readFile(join(dist, pathname.slice('/dist/'.length))).catch(
        () => undefined,
      );
      response.setHeader('content-type', 'text/javascript');
      response.writeHead(file === undefined ? 404 : 200).end(file);
    } else if (pathname.startsWith('/sync/')) {
      response.writeHead(503).end();
    } else if (pathname === '/page.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(script(options));
    } else {
      response.setHeader('content-type', 'text/html');
      response.end(page(options));
    }
  });
}

describe.skipIf(found === undefined)('the built package in a browser', () => {
  let dist = '';
  let browser: Browser;

  beforeAll(async () => {
    dist = await mkdtemp(join(tmpdir(), 'tidetable-'));
    await build({
      configFile: 'vite.library.config.ts',
      logLevel: 'error',
      build: { outDir: dist, emptyOutDir: true, sourcemap: false },
    });
    const args = ['--no-sandbox', '--disable-gpu'];
    browser = await chromium.launch({ executablePath: found ?? '', args });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await rm(dist, { recursive: true, force: true });
  });

  /** The page's title once it has one of its own. */
  async function titleOf(options: string, policy?: string): Promise<string> {
    const server = serve(dist, policy);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const context = await browser.newContext();
    try {
      const tab = await context.newPage();
      const { port } = server.address() as AddressInfo;
      await tab.goto(`http://127.0.0.1:${port}/?options=${encodeURIComponent(options)}`);
      // Not waitForFunction: the policies forbid what it evaluates.
      await expect.poll(() => tab.title(), { timeout: 10_000 }).not.toMatch(/^page$|^$/);
      return await tab.title();
    } finally {
      await context.close();
      server.close();
    }
  }

  test('needs nothing but its files', async () => {
    expect(await titleOf('{}')).toBe('got {"id":"a","n":1}, offline');
  }, 20_000);

  test('names the remedy where a policy forbids inlined workers', async () => {
    const title = await titleOf('{}', "default-src 'self'");
    expect(title).toMatch(/^DatabaseError: The worker .*worker-src blob:.*tidetable\/worker/);
  }, 20_000);

  test.each([
    ['with a worker file of its own', ownWorker, "default-src 'self'"],
    ['where it allows blob workers', '{}', "default-src 'self'; worker-src blob:"],
  ])(
    'works under a policy %s',
    async (_name, options, policy) => {
      expect(await titleOf(options, policy)).toBe('got {"id":"a","n":1}, offline');
    },
    20_000,
  );
});
