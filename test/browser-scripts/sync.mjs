/**
 * Two Chromium processes with profiles of their own and a hub in a third process, over networks
 * that are cut: what both wrote is on both and on the hub, and nothing is lost.
 *
 * Nothing stands between them but a proxy for each device that can be cut. Each side tells a hash
 * of what it stores; the hub's is made from its own folder too, after it was killed and after it was
 * stopped in order. Prints last `N passed, N failed, N skipped`.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { workerBuild } from '../../build/entries.ts';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';
import { lineOf } from '../../scripts/report.mjs';
import { clockOffMsMax } from '../../src/base/replica-limits.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { owner } from '../../src/operation/request.ts';
import { Cable } from '../support/cable.ts';
import { Devtools } from '../support/devtools.ts';
import { PlainTab } from '../support/plain-tab.ts';
import { startHub } from '../support/sync.ts';

const stepMsMax = 60_000;
/** A write is durable a second later, and then the tab asks nothing of its store. */
const barrierMs = 2000;
const root = new URL('../sync-pages/', import.meta.url).pathname;
const outDir = new URL('../../.tmp/sync-pages/', import.meta.url).pathname;

const executablePath = findChromium();
if (executablePath === undefined) {
  console.log('skipped sync: install a Chromium (apt-get install chromium) or set CHROME_PATH');
  console.log(lineOf({ passed: 0, failed: 0, skipped: 1 }));
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'tidetable-sync-'));
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  worker: workerBuild,
  build: { outDir, emptyOutDir: true, target: 'es2022' },
});
const site = await preview({
  root,
  configFile: false,
  logLevel: 'warn',
  build: { outDir },
  preview: { port: 0, host: '127.0.0.1' },
});
const origin = `http://127.0.0.1:${site.httpServer.address().port}`;

const data = join(folder, 'hub');
let hub = await startHub(['--port', '0', '--data', data]);
const { port } = hub;
/** One for each device: its browser, its tabs, its network. */
const devices = [];

const steps = [
  ['both become live, and what one writes shows on the other', converges],
  ['one that was cut off for a while has all, and gives all it wrote', goesOffline],
  ['both are cut off at the same time, edit the same, and come back', goOffline],
  ['a network that is silent is found out, and is no loss', goesSilent],
  ['another tab takes over when the one that leads is closed', handsOver],
  ['a tab that leads and is frozen is overtaken, and sends nothing stale when it wakes', freezes],
  ['a hub that is killed in mid-push and comes back has all', killsHub],
  ['a device that is begun anew has what it had, and goes on', beginsAnew],
  ['a hub that is stopped in order has stored what the devices have', stopsHub],
];

let passed = 0;
try {
  for (const name of ['ada', 'bob']) devices.push(await openDevice(name));
  for (const [name, step] of steps) {
    await within(step(), name);
    passed += 1;
    console.log(`ok   ${name}`);
  }
} catch (error) {
  console.log(`FAIL ${steps[passed]?.[0]}\n${error.stack}`);
  for (const { tab } of devices) {
    const status = await tab
      ?.evaluate(() => JSON.stringify(globalThis.page.status()))
      .catch(String);
    console.log(`a device said: ${status}`);
  }
} finally {
  for (const { context, cable } of devices) {
    await context.close().catch(() => {});
    await cable.close();
  }
  await hub.kill();
  await new Promise((resolve) => site.httpServer.close(resolve));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
console.log(lineOf({ passed, failed: steps.length - passed, skipped: 0 }));
process.exit(passed === steps.length ? 0 : 1);

async function openDevice(name) {
  const cable = new Cable(() => port);
  const url = await cable.open();
  const profile = join(folder, name);
  const device = { name, cable, url, profile };
  await openBrowser(device);
  return device;
}

async function openBrowser(device) {
  device.context = await chromium.launchPersistentContext(device.profile, {
    executablePath,
    headless: true,
    args: chromiumArgs,
  });
  device.tab = await openTab(device);
}

async function openTab({ context, url }) {
  const tab = await context.newPage();
  tab.on('pageerror', (error) => console.log(`a page said: ${error.stack}`));
  await tab.goto(origin);
  await tab.waitForFunction(() => globalThis.page !== undefined);
  await tab.evaluate((to) => globalThis.page.start(to), url);
  return tab;
}

async function converges() {
  const [ada, bob] = devices;
  await Promise.all(devices.map(({ tab }) => tab.evaluate(() => globalThis.page.until('live'))));
  const seen = bob.tab.evaluate(() => globalThis.page.seen('first'));
  await ada.tab.evaluate(() => globalThis.page.put('first', 'of ada'));
  await seen;
  await bob.tab.evaluate(() => globalThis.page.putMany('bob', 200, 'of bob'));
  await equal();
}

async function goesOffline() {
  const [ada, bob] = devices;
  ada.cable.weather = 'cut';
  await ada.tab.evaluate(() => globalThis.page.putMany('offline', 100, 'of ada'));
  await bob.tab.evaluate(() => globalThis.page.putMany('online', 100, 'of bob'));
  await ada.tab.evaluate(() => globalThis.page.put('first', 'again, offline'));
  await ada.tab.evaluate(() => globalThis.page.until('offline'));
  assert.equal(await ada.tab.evaluate(() => globalThis.page.get('online0')), undefined);
  // What waits is counted a moment after it was written.
  await ada.tab.waitForFunction(() => globalThis.page.status().pending === 101);
  ada.cable.weather = 'fair';
  await ada.tab.evaluate(() => globalThis.page.resume());
  await equal();
  assert.equal(await bob.tab.evaluate(() => globalThis.page.get('first')), 'again, offline');
}

/** The later edit of an item stands, whichever device comes back first. */
async function goOffline() {
  const [ada, bob] = devices;
  for (const { cable } of devices) cable.weather = 'cut';
  await ada.tab.evaluate(() => globalThis.page.putMany('both', 60, 'of ada'));
  await ada.tab.evaluate(() => globalThis.page.put('online1', 'of ada too'));
  await ada.tab.evaluate(() => globalThis.page.remove('offline1'));
  await delay(clockOffMsMax);
  await bob.tab.evaluate(() => globalThis.page.putMany('both', 40, 'of bob'));
  await bob.tab.evaluate(() => globalThis.page.remove('online1'));
  await bob.tab.evaluate(() => globalThis.page.put('offline1', 'of bob after all'));
  for (const [{ tab }, count] of [
    [ada, 62],
    [bob, 42],
  ]) {
    await tab.evaluate(() => globalThis.page.until('offline'));
    await tab.waitForFunction((all) => globalThis.page.status().pending === all, count);
  }
  for (const { cable } of devices) cable.weather = 'fair';
  await Promise.all(devices.map(({ tab }) => tab.evaluate(() => globalThis.page.resume())));
  await equal();
  for (const { tab } of devices) {
    const got = await tab.evaluate(async () => {
      const ids = ['both0', 'both39', 'both40', 'both59', 'online1', 'offline1'];
      return await Promise.all(ids.map((id) => globalThis.page.get(id)));
    });
    const stand = ['of bob', 'of bob', 'of ada', 'of ada', undefined, 'of bob after all'];
    assert.deepEqual(got, stand);
  }
}

async function goesSilent() {
  const [ada, bob] = devices;
  ada.cable.weather = 'silent';
  await ada.tab.evaluate(() => globalThis.page.put('silent', 'of ada'));
  await bob.tab.evaluate(() => globalThis.page.put('meanwhile', 'of bob'));
  await delay(1000);
  ada.cable.weather = 'fair';
  await equal();
}

async function handsOver() {
  const [ada, bob] = devices;
  const second = await openTab(ada);
  await second.evaluate(() => globalThis.page.until('live'));
  assert.equal((await second.evaluate(() => globalThis.page.status())).leads, false);
  await ada.tab.close();
  ada.tab = second;
  await second.waitForFunction(() => globalThis.page.status().leads);
  await second.evaluate(() => globalThis.page.put('second tab', 'of ada'));
  await bob.tab.evaluate(() => globalThis.page.put('other', 'of bob'));
  await equal();
}

/**
 * On a third device. What the frozen tab has sent last the hub has, and the tab was not told. The
 * other tab is asked to try, so that it doubts at once that anybody leads.
 */
async function freezes() {
  const [ada, bob] = devices;
  const browser = new Devtools(executablePath, join(folder, 'cleo'), chromiumArgs);
  const cable = new Cable(() => port);
  const cleo = { context: { close: () => browser.kill() }, cable, url: await cable.open() };
  devices.push(cleo);
  const frozen = await openPlainTab(browser, cleo);
  await frozen.waitForFunction(() => globalThis.page.status().leads);
  const other = await openPlainTab(browser, cleo);
  cleo.tab = other;
  await equal();
  await bob.tab.evaluate(() => globalThis.page.watch('contended'));
  // What asks whether the rest may be sent is shorter, and answered.
  const before = cable.bytes;
  cable.sent = (bytes) => {
    if (bytes - before > 10_000) cable.weather = 'deaf';
  };
  const long = `1: of the frozen tab ${randomBytes(20_000).toString('base64')}`;
  await frozen.evaluate((v) => globalThis.page.put('contended', v), long);
  await bob.tab.waitForFunction(() => globalThis.page.watched().length === 1);
  // Frozen inside a transaction it would hold up the others (tabs.mjs): its barrier is over then.
  await delay(barrierMs);
  await frozen.freeze();
  // Its worker finds this when it wakes.
  const woken = frozen.evaluate(() => globalThis.page.put('woken', 'of the frozen tab'));
  woken.catch(() => {});
  cable.sent = undefined;
  cable.weather = 'fair';
  await other.evaluate(() => globalThis.page.put('contended', '2: of the other tab'));
  await other.evaluate(() => globalThis.page.resume());
  await bob.tab.waitForFunction(() => globalThis.page.watched().length === 2);
  assert.equal((await other.evaluate(() => globalThis.page.status())).leads, true);
  await bob.tab.evaluate(() => globalThis.page.put('contended', '3: of bob'));
  await equal();
  assert.equal(await bob.tab.evaluate(() => globalThis.page.get('woken')), undefined);
  await frozen.wake();
  await woken;
  await frozen.waitForFunction(() => !globalThis.page.status().leads);
  await frozen.evaluate(() => globalThis.page.drain());
  await equal();
  assert.equal(await hashOf({ tab: frozen }), await hashOf(ada));
  assert.equal(await ada.tab.evaluate(() => globalThis.page.get('woken')), 'of the frozen tab');
  const seen = await bob.tab.evaluate(() => globalThis.page.watched());
  assert.deepEqual(seen, [long, '2: of the other tab', '3: of bob']);
  devices.pop();
  await browser.kill();
  await cable.close();
}

async function openPlainTab(browser, { url }) {
  const tab = await PlainTab.open(browser, origin, 'globalThis.page !== undefined');
  await tab.evaluate((to) => globalThis.page.start(to), url);
  await tab.evaluate(() => globalThis.page.until('live'));
  return tab;
}

async function killsHub() {
  const [ada, bob] = devices;
  const before = ada.cable.bytes;
  const killed = new Promise((resolve) => {
    ada.cable.sent = (bytes) => {
      if (bytes - before < 60_000) return;
      ada.cable.sent = undefined;
      resolve(hub.kill());
    };
  });
  const writes = ada.tab.evaluate(
    (v) => globalThis.page.putMany('killed', 1500, v),
    'x'.repeat(200),
  );
  await killed;
  await writes;
  await bob.tab.evaluate(() => globalThis.page.put('while it is gone', 'of bob'));
  await restartHub();
  await equal();
  await hub.kill();
  assert.equal(await hashOfStore(), await hashOf(ada));
  await restartHub();
}

async function beginsAnew() {
  const [ada, bob] = devices;
  bob.cable.weather = 'cut';
  await bob.tab.evaluate(() => globalThis.page.putMany('kept', 50, 'of bob'));
  await bob.context.close();
  await ada.tab.evaluate(() => globalThis.page.put('first', 'while bob is gone'));
  bob.cable.weather = 'fair';
  await openBrowser(bob);
  await equal();
  assert.equal(await ada.tab.evaluate(() => globalThis.page.get('kept49')), 'of bob');
}

/** Ctrl-C, with devices that are connected. */
async function stopsHub() {
  assert.deepEqual(await hub.stop(), [0, null]);
  const stored = await hashOfStore();
  for (const device of devices) assert.equal(await hashOf(device), stored);
}

async function restartHub() {
  hub = await startHub(['--port', String(port), '--data', data]);
  for (const { tab } of devices) await tab.evaluate(() => globalThis.page.resume());
}

/** Waits until nothing is pending anywhere, and all three have the same. */
async function equal() {
  for (const { tab } of devices) await tab.evaluate(() => globalThis.page.drain());
  let hashes = [];
  for (let turn = 0; turn < 200; turn += 1) {
    hashes = await Promise.all([hashOfHub(), ...devices.map(hashOf)]);
    if (new Set(hashes).size === 1) return;
    await delay(100);
  }
  assert.fail(`not equal: ${hashes.join(' ')}`);
}

function hashOf({ tab }) {
  return tab.evaluate(() => globalThis.page.hash());
}

/** Of the hub that runs, as it answers. */
async function hashOfHub() {
  const lines = [];
  let ExclusiveStartKey;
  do {
    const response = await fetch(hub.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.Scan',
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
        'x-amz-date': '20260101T000000Z',
      },
      body: JSON.stringify({ TableName: 'Notes', ConsistentRead: true, ExclusiveStartKey }),
    });
    const page = await response.json();
    assert.equal(response.status, 200, JSON.stringify(page));
    for (const { id, v } of page.Items) lines.push(`${id.S} ${v.S}`);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return hashOfLines(lines);
}

/** Of what the hub that has ended stored, read by nobody but an engine. */
async function hashOfStore() {
  const engine = await openNodeDatabase({ data });
  const lines = [];
  let ExclusiveStartKey;
  do {
    const input = { TableName: 'Notes', ...(ExclusiveStartKey && { ExclusiveStartKey }) };
    const page = await engine.call({ operation: 'Scan', input, form: 'plain', caller: owner });
    for (const each of page.Items) {
      const item = each.item();
      lines.push(`${item.get('id').value} ${item.get('v').value}`);
    }
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  await engine.close();
  return hashOfLines(lines);
}

function hashOfLines(lines) {
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

async function within(work, name) {
  const late = new AbortController();
  const limit = delay(stepMsMax, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${name}: not within ${stepMsMax} ms`);
  });
  limit.catch(() => {});
  try {
    await Promise.race([work, limit]);
  } finally {
    late.abort();
  }
}
