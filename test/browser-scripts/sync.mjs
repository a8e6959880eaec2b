/**
 * Two Chromium processes with profiles of their own and a hub in a third process, over networks
 * that are cut: what both wrote is on both and on the hub, and nothing is lost.
 *
 * Nothing stands between them but a proxy for each device that can be cut. Each side tells a hash
 * of what it stores. Prints last `N passed, N failed, N skipped`.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { workerBuild } from '../../build/entries.ts';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';
import { lineOf } from '../../scripts/report.mjs';
import { Cable } from '../support/cable.ts';
import { startHub } from '../support/sync.ts';

const stepMsMax = 60_000;
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

let hub = await startHub(['--port', '0', '--data', join(folder, 'hub')]);
const { port } = hub;
/** One for each device: its browser, its tabs, its network. */
const devices = [];

const steps = [
  ['both become live, and what one writes shows on the other', converges],
  ['one that was cut off for a while has all, and gives all it wrote', goesOffline],
  ['a network that is silent is found out, and is no loss', goesSilent],
  ['another tab takes over when the one that leads is closed', handsOver],
  ['a hub that is killed in mid-push and comes back has all', killsHub],
  ['a device that is begun anew has what it had, and goes on', beginsAnew],
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
    const status = await tab.evaluate(() => JSON.stringify(globalThis.page.status())).catch(String);
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
  hub = await startHub(['--port', String(port), '--data', join(folder, 'hub')]);
  for (const { tab } of devices) await tab.evaluate(() => globalThis.page.resume());
  await equal();
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

/** Waits until nothing is pending anywhere, and all three have the same. */
async function equal() {
  for (const { tab } of devices) await tab.evaluate(() => globalThis.page.drain());
  let hashes = [];
  for (let turn = 0; turn < 200; turn += 1) {
    hashes = await Promise.all([
      hashOfHub(),
      ...devices.map(({ tab }) => tab.evaluate(() => globalThis.page.hash())),
    ]);
    if (new Set(hashes).size === 1) return;
    await delay(100);
  }
  assert.fail(`not equal: ${hashes.join(' ')}`);
}

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
