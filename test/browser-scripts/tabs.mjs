/**
 * Two to four tabs of one Chromium over one database, each a page with a worker of its own: all
 * write without pause, and are crashed, killed, terminated, hung, frozen and left without Web Locks.
 *
 * `node test/browser-scripts/tabs.mjs [--only TEXT]`. Each step has a database of its own; a ledger
 * in this process says in the end what must be there. Each prints what it counted. Prints last
 * `N passed, N failed, N skipped`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, preview } from 'vite';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';
import { lineOf } from '../../scripts/report.mjs';
import { Devtools } from '../support/devtools.ts';
import { World } from '../tabs/world.ts';

/** Nothing of another tab is waited for longer than this. */
const patienceMs = 5000;
/** What a busy machine may add. */
const slackMs = 1500;
/** Eventually consistent reads are fresh after so long (ARCHITECTURE.md, rule 3). */
const freshMs = 250;
const TableName = 'Ledger';
const trapMsMax = 20_000;
/** No call is without an answer for longer, whatever hangs. */
const answerMsMax = 12_000;
const stepMsMax = 90_000;
/** So many calls show that tabs go on. */
const writtenMin = 50;
/** Tabs frozen until one has no transaction open. */
const freezesMax = 3;
const root = new URL('../tabs/', import.meta.url).pathname;
const outDir = new URL('../../.tmp/tabs/', import.meta.url).pathname;

const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const executable = findChromium();
if (executable === undefined) {
  console.log('skipped the tabs: install a Chromium (apt-get install chromium) or set CHROME_PATH');
  console.log(lineOf({ passed: 0, failed: 0, skipped: 1 }));
  process.exit(0);
}

const steps = [
  ['tabs that write without pause lose and tear nothing', writeTogether],
  ['the same without Web Locks, BroadcastChannel and SharedWorker', writeBare],
  ['a crashed renderer holds up nobody', crashRenderer],
  ['a renderer killed in a checkpoint holds up nobody', killRenderer],
  [
    'a renderer killed inside a transaction holds up nobody',
    (world) => killRenderer(world, 'stay'),
  ],
  ['a terminated worker ends its calls and loses nothing', terminateWorker],
  ['a worker that hangs in a checkpoint is overtaken', hangWorker],
  ['a worker that hangs in a checkpoint is overtaken without Web Locks', hangBareWorker],
  ['a frozen tab is overtaken, and writes nothing stale when it wakes', freezeTab],
  [
    'while a tab is frozen inside a transaction calls are told, and go on when it wakes',
    freezeInside,
  ],
  ['cleared storage is told, and never an empty success', clearStorage],
  ['a full quota is told, applies nothing by halves, and heals', fillQuota],
].filter(([name]) => name.includes(options.only));

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { outDir, emptyOutDir: true, target: 'es2022' },
});
const server = await preview({
  root,
  configFile: false,
  logLevel: 'warn',
  build: { outDir },
  preview: { port: 0, host: '127.0.0.1' },
});
const origin = `http://127.0.0.1:${server.httpServer.address().port}`;
const localOrigin = origin.replace('127.0.0.1', 'localhost');
const profile = mkdtempSync(join(tmpdir(), 'tidetable-tabs-'));
const devtools = new Devtools(executable, profile, chromiumArgs);
await devtools.send('Target.setDiscoverTargets', { discover: true });

let failed = 0;
try {
  for (const [at, [name, step]] of steps.entries()) {
    const started = Date.now();
    const world = new World(devtools, origin, `tabs-${at}`);
    try {
      const evidence = await withLimit(step(world), stepMsMax);
      console.log(`ok   ${name} (${((Date.now() - started) / 1000).toFixed(1)} s): ${evidence}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}\n${error.stack}`);
    } finally {
      await world.close();
    }
  }
} finally {
  await devtools.kill();
  await server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
console.log(lineOf({ passed: steps.length - failed, failed, skipped: 0 }));
process.exit(failed === 0 ? 0 : 1);

async function writeTogether(world) {
  const tabs = await world.open(['a', 'b', 'c']);
  const reader = (await world.open(['reader']))[0];
  await world.write(tabs);
  const seen = await probe(world, tabs, reader, 12);
  await delay(1500);
  const made = await checkpointsOf(world, tabs);
  const slowest = await world.slowest(tabs);
  const races = await world.sum(tabs, 'lostRaces');
  assert.ok(slowest < patienceMs + slackMs, `a call took ${slowest} ms`);
  const verdict = await world.judge(tabs);
  assert.equal(verdict.unknown, 0);
  return `${verdict.text}, ${races} lost races, ${made} checkpoints, slowest ${ms(slowest)}, ${seen}`;
}

async function writeBare(world) {
  const tabs = await world.open(['a', 'b', 'c'], { bare: true });
  const [a] = tabs;
  const found = await a.evaluateInWorker(
    '[typeof BroadcastChannel, typeof SharedWorker, typeof navigator.locks].join()',
  );
  assert.equal(found, 'undefined,undefined,undefined');
  await world.write(tabs);
  const reader = (await world.open(['reader'], { bare: true }))[0];
  const seen = await probe(world, tabs, reader, 12);
  const made = await checkpointsOf(world, tabs);
  const slowest = await world.slowest(tabs);
  assert.ok(slowest < patienceMs + slackMs, `a call took ${slowest} ms`);
  const verdict = await world.judge(tabs);
  assert.equal(verdict.unknown, 0);
  return `${verdict.text}, ${made} checkpoints, slowest ${ms(slowest)}, ${seen}`;
}

/** How many were made while the tabs write; waits for the first, since tabs race for it. */
async function checkpointsOf(world, tabs) {
  const started = Date.now();
  while (Date.now() - started < trapMsMax) {
    const made = await world.sum(tabs, 'checkpoints');
    if (made > 0) return made;
    await delay(200);
  }
  throw new Error('no checkpoint was made');
}

/**
 * What one tab was told is stored, another reads: by a strong read at once, by an eventually
 * consistent one soon.
 */
async function probe(world, tabs, reader, rounds) {
  let strong = 0;
  let latest = 0;
  for (let round = 0; round < rounds; round += 1) {
    const from = tabs[round % tabs.length];
    const to = round % 3 === 2 ? reader : tabs[(round + 1) % tabs.length];
    await from.until(() => world.ledger.lastPut(from.name) !== undefined, stepMsMax);
    const Key = { id: world.ledger.lastPut(from.name) };
    const read = { TableName, Key };
    const { output, error } =
      round % 2 === 0
        ? await to.run('call', 'GetItem', { ...read, ConsistentRead: true })
        : await to.run('call', 'GetItem', read, { consistency: 'strong' });
    assert.ok(output?.Item, `${to.name} did not read ${Key.id} of ${from.name}: ${error?.message}`);
    strong += 1;
    const newer = world.ledger.lastPut(from.name);
    const after = await to.run('seenAfter', newer, 10_000);
    assert.ok(after !== undefined, `${to.name} did not come to see ${newer} of ${from.name}`);
    latest = Math.max(latest, after);
  }
  assert.ok(latest < freshMs + slackMs, `fresh only after ${latest} ms`);
  return `${strong} strong reads, fresh after ${ms(latest)} at most`;
}

async function crashRenderer(world) {
  const tabs = await world.open(['a', 'b', 'c']);
  await world.write(tabs);
  await delay(1000);
  const [victim, ...others] = tabs;
  await victim.crash();
  return await othersGoOn(world, others, 2500);
}

/** By its process, in the middle of a checkpoint: nobody gets to say goodbye. */
async function killRenderer(world, place = 'checkpoint') {
  const tabs = await world.open(['a', 'b']);
  const [victim] = await world.open(['victim']);
  const renderer = await victim.processId();
  await world.write(tabs, 4, 10);
  await victim.trap(place, trapMsMax);
  process.kill(renderer, 'SIGKILL');
  await victim.until(() => victim.crashed, patienceMs);
  return await othersGoOn(world, tabs, patienceMs + 3000);
}

async function othersGoOn(world, others, forMs, wake) {
  const before = await world.checkpoint(others);
  const acknowledged = world.ledger.acknowledged();
  await world.slowest(others);
  await delay(forMs);
  const written = await writtenSince(world, acknowledged);
  const after = await checkpointAfter(world, others, before);
  const slowest = await world.slowest(others);
  assert.ok(slowest < patienceMs + slackMs, `a call took ${slowest} ms`);
  assert.ok(written > writtenMin, `the others wrote ${written}`);
  assert.ok(after > before, `the checkpoint stayed at ${before}`);
  const woken = (await wake?.()) ?? '';
  const verdict = await world.judge(others);
  const went = `checkpoint ${before} to ${after}, slowest ${ms(slowest)}${woken}`;
  return `${verdict.text}, ${written} written meanwhile, ${went}`;
}

/** Writers whose log is full wait for the checkpoint that a dead tab has reserved. */
async function writtenSince(world, acknowledged) {
  const started = Date.now();
  while (Date.now() - started < patienceMs + slackMs) {
    const written = world.ledger.acknowledged() - acknowledged;
    if (written > writtenMin) return written;
    await delay(200);
  }
  return world.ledger.acknowledged() - acknowledged;
}

/** One that dies in the middle of a checkpoint has it reserved until its patience is over. */
async function checkpointAfter(world, others, before) {
  const started = Date.now();
  while (Date.now() - started < patienceMs + slackMs) {
    const after = await world.checkpoint(others);
    if (after > before) return after;
    await delay(200);
  }
  return before;
}

async function terminateWorker(world) {
  const tabs = await world.open(['a', 'b']);
  await world.write(tabs, 6);
  await delay(1200);
  const [victim, other] = tabs;
  const unknown = world.ledger.errors().length;
  const written = world.ledger.acknowledged('b');
  await victim.run('terminate');
  const started = Date.now();
  await victim.run('stop');
  const tookMs = Date.now() - started;
  assert.ok(tookMs < answerMsMax, `calls were under way for ${tookMs} ms`);
  const errors = world.ledger.errors().slice(unknown);
  assert.equal(errors.length, 6);
  for (const { name, why } of errors) assert.equal(`${name} ${why}`, 'DatabaseError worker');
  const meanwhile = world.ledger.acknowledged('b') - written;
  assert.ok(meanwhile > writtenMin, `the other tab wrote ${meanwhile}`);
  // The page opens it again and goes on.
  const { error } = await victim.run('open', world.database);
  assert.equal(error, undefined);
  await victim.run('write', 6);
  const rest = await othersGoOn(world, [other, victim], 1500);
  return `6 calls ended in ${ms(tookMs)} with a DatabaseError, ${rest}`;
}

async function hangWorker(world) {
  const tabs = await world.open(['a', 'b']);
  const [victim] = await world.open(['victim']);
  await world.write(tabs, 4, 10);
  await victim.trap('checkpoint', trapMsMax);
  return await othersGoOn(world, tabs, 2 * patienceMs, async () => {
    const { head } = await tabs[0].run('status');
    await victim.release();
    await world.write([victim], 2);
    await delay(500);
    await victim.run('stop');
    const woken = world.ledger.acknowledged('victim');
    const { head: caughtUp } = await victim.run('status');
    assert.ok(caughtUp >= head, `the worker is at ${caughtUp} of ${head}`);
    assert.ok(woken > 0, 'the woken worker wrote nothing');
    return `, woken, caught up and wrote ${woken}`;
  });
}

/** Here its own page has calls under way: they are told, and the worker is given up. */
async function hangBareWorker(world) {
  const tabs = await world.open(['a', 'b'], { bare: true });
  const [victim] = await world.open(['victim'], { bare: true });
  await world.write(tabs, 4, 10);
  await world.write([victim], 2, 20);
  await victim.trap('checkpoint', trapMsMax);
  return await othersGoOn(world, tabs, 2 * patienceMs, async () => {
    const told = world.ledger.errors().map(({ name, why }) => `${name} ${why}`);
    assert.deepEqual(told, ['DatabaseError worker', 'DatabaseError worker']);
    return ', its own page was told';
  });
}

async function clearStorage(world) {
  const tabs = await world.open(['a', 'b']);
  await world.write(tabs);
  await delay(1000);
  const cleared = { origin, storageTypes: 'indexeddb' };
  await devtools.send('Storage.clearDataForOrigin', cleared, tabs[0].session);
  const started = Date.now();
  await Promise.all(tabs.map((tab) => tab.run('stop')));
  const tookMs = Date.now() - started;
  const errors = world.ledger.errors();
  assert.ok(tookMs < answerMsMax, `calls were under way for ${tookMs} ms`);
  assert.equal(errors.length, 8, 'a write into nothing succeeded');
  // A write that was under way may just find no answer.
  for (const { message } of errors) assert.match(message, /is gone|has not answered/);
  for (const tab of tabs) {
    const read = { TableName, Key: { id: 'shared' }, ConsistentRead: true };
    const { error } = await tab.run('call', 'GetItem', read);
    assert.match(String(error?.message), /is gone/, 'a read of nothing succeeded');
  }
  // Opened on purpose, it begins empty.
  const { error } = await tabs[0].run('open', world.database);
  assert.equal(error, undefined);
  assert.deepEqual(await tabs[0].run('readAll'), []);
  await tabs[1].run('open', world.database);
  const made = await tabs[0].run('call', 'PutItem', { TableName, Item: { id: 'new' } });
  assert.equal(made.error, undefined);
  assert.equal((await tabs[1].run('readAll')).length, 1);
  return `8 calls told in ${ms(tookMs)}, opened again empty`;
}

/**
 * Chromium remembers for half a minute how much room an origin has, so this one is new. A store of
 * a few megabytes that is full stays so, whatever is deleted: LevelDB's own files are larger. It
 * heals when there is more room.
 */
async function fillQuota() {
  const world = new World(devtools, localOrigin, 'tabs-quota');
  const limitRoom = (quotaSize) => (tab) => {
    const room = { origin: localOrigin, ...(quotaSize && { quotaSize }) };
    return devtools.send('Storage.overrideQuotaForOrigin', room, tab.session);
  };
  const [tab, other] = await world.open(['a', 'b'], {}, limitRoom(3_000_000));
  // Chromium stores text compressed; this cannot be.
  const filler = randomBytes(75_000).toString('base64');
  const put = (id) => {
    const big = { Put: { TableName, Item: { id, tab: 'a', filler } } };
    const small = { Put: { TableName, Item: { id: `${id} too`, tab: 'a' } } };
    return tab.run('call', 'TransactWriteItems', { TransactItems: [big, small] });
  };
  const stored = [];
  let refused = 0;
  for (let at = 0; at < 40; at += 1) {
    const { error } = await put(`big ${at}`);
    if (error === undefined) {
      stored.push(`big ${at}`, `big ${at} too`);
      continue;
    }
    refused += 1;
    assert.match(`${error.name}: ${error.message}`, /^InternalServerError: .* full/);
  }
  assert.ok(refused > 20 && stored.length > 10, `${stored.length} stored, ${refused} refused`);
  await assertHolds([tab, other], stored);
  await limitRoom()(tab);
  const healedMs = await untilHealed(() => put('after'));
  stored.push('after', 'after too');
  const gone = stored.splice(0, 4);
  for (const id of gone) {
    const { error } = await other.run('call', 'DeleteItem', { TableName, Key: { id } });
    assert.equal(error, undefined);
  }
  await tab.run('checkpoint');
  await assertHolds([tab, other], stored);
  await world.close();
  return `${stored.length} items stored, ${refused} calls refused, healed after ${ms(healedMs)}`;
}

/** Exactly these items are there, in table and index, whichever tab reads. */
async function assertHolds(tabs, ids) {
  const expected = ids.toSorted();
  for (const tab of tabs) {
    for (const index of [undefined, 'byTab']) {
      const found = await tab.run('readAll', index);
      assert.deepEqual(found.map(({ id }) => id).sort(), expected, `${tab.name} ${index}`);
    }
  }
}

async function untilHealed(attempt) {
  const started = Date.now();
  let last;
  while (Date.now() - started < stepMsMax / 2) {
    last = (await attempt()).error;
    if (last === undefined) return Date.now() - started;
    await delay(200);
  }
  throw new Error(`not healed: ${last.message}`);
}

/**
 * Frozen in the middle of a checkpoint, with lock and reservation. With a transaction open it would
 * hold up everybody, which is why Chromium by itself freezes no such tab; DevTools does. Where that
 * is what happened, another tab is frozen.
 */
async function freezeTab(world) {
  const tabs = await world.open(['a', 'b']);
  await world.write(tabs, 4, 20);
  for (let tries = 0; tries < freezesMax; tries += 1) {
    const evidence = await freezeOne(world, tabs, `victim${tries}`);
    if (evidence !== undefined) return evidence;
    await world.write(tabs, 4, 20);
  }
  throw new Error(`each of ${freezesMax} tabs had a transaction open when it was frozen`);
}

/** Undefined if it was frozen inside a transaction. */
async function freezeOne(world, tabs, name) {
  const [victim] = await world.open([name]);
  await victim.trap('linger', trapMsMax);
  await victim.setLifecycle('frozen');
  // Calls that its worker finds when it wakes.
  await world.write([victim], 2);
  const stood = world.ledger.acknowledged(name);
  let insideMs = 0;
  const wake = async () => {
    assert.equal(world.ledger.acknowledged(name), stood, 'it was not frozen');
    const { head } = await tabs[0].run('status');
    await victim.setLifecycle('active');
    await delay(500);
    await victim.run('stop');
    insideMs = await victim.evaluateInWorker('traps.longestMs');
    const woken = world.ledger.acknowledged(name) - stood;
    const { head: caughtUp } = await victim.run('status');
    assert.ok(caughtUp >= head, `the woken tab is at ${caughtUp} of ${head}`);
    assert.ok(woken > 0, 'the woken tab wrote nothing');
    return `, woken, caught up and wrote ${woken}`;
  };
  const forMs = 2 * patienceMs;
  try {
    return await othersGoOn(world, tabs, forMs, wake);
  } catch (error) {
    if (insideMs === 0) await wake();
    if (insideMs < forMs / 2) throw error;
    await victim.close();
    return undefined;
  }
}

/**
 * Nobody can end another tab's transaction, and Chromium does not: what is asked of the store waits
 * for as long as the tab is frozen. No call does.
 */
async function freezeInside(world) {
  const tabs = await world.open(['a', 'b']);
  const [victim] = await world.open(['victim']);
  await world.write(tabs, 4, 10);
  await victim.trap('stay', trapMsMax);
  await victim.setLifecycle('frozen');
  const started = Date.now();
  const Item = { id: 'limited', tab: 'a' };
  const limited = await tabs[0].run('call', 'PutItem', { TableName, Item }, { timeoutMs: 1000 });
  assert.equal(limited.error?.name, 'TimeoutError', JSON.stringify(limited));
  assert.ok(limited.ms < 1000 + slackMs, `a call with a limit took ${limited.ms} ms`);
  const stood = world.ledger.acknowledged();
  // Each lane ends with the call that was told.
  await Promise.all(tabs.map((tab) => tab.run('stop')));
  const toldMs = Date.now() - started;
  assert.ok(toldMs < answerMsMax, `calls were under way for ${toldMs} ms`);
  assert.equal(world.ledger.acknowledged(), stood, 'it was not frozen inside a transaction');
  const told = world.ledger.errors();
  assert.equal(told.length, 8);
  for (const { name, reason } of told) {
    assert.match(`${name} ${reason}`, /^InternalServerError (hangs|lost|unknown)$/);
  }
  await victim.setLifecycle('active');
  await world.slowest(tabs);
  await world.write([...tabs, victim], 4, 10);
  await delay(1000);
  const written = await writtenSince(world, stood);
  const insideMs = await victim.evaluateInWorker('traps.longestMs');
  assert.ok(insideMs > toldMs, `the transaction was open for ${insideMs} ms`);
  const slowest = await world.slowest([...tabs, victim]);
  assert.ok(slowest < patienceMs + slackMs, `a call took ${slowest} ms after it woke`);
  const verdict = await world.judge([...tabs, victim]);
  assert.ok(written > writtenMin, `${written} written after it woke`);
  return `${verdict.text}, told after ${ms(toldMs)}, ${written} written after it woke`;
}

function ms(number) {
  return `${Math.round(number)} ms`;
}

function delay(forMs) {
  return new Promise((resolve) => {
    setTimeout(resolve, forMs);
  });
}

function withLimit(work, limitMs) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${limitMs} ms`)), limitMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
