/**
 * `npm run bench`: this engine beside raw IndexedDB and other databases, in one run.
 *
 *   --only A,B         parts (base, import, updates, beyond, cold, tabs, live, streams, engine,
 *                      http, counts, simulate;
 *                      heavy ones: beyond-full, large, counts-full) or pieces of workloads' names
 *   --contenders a,b   raw, raw-each, tidetable, dexie, pouchdb, rxdb, sqlite, pglite
 *   --rounds N         of raw and tidetable (3); --peer-rounds N of the others (1)
 *   --items N          instead of each part's own number
 *   --limit MS         how long a workload may go on (3000); --settle MS the rest after it (3000)
 *   --heavy            the heavy parts too
 *   --json FILE, --chart FILE   what was measured, and a page that shows it
 *   --forms            instead: the forms an answer could have on its way to the page (ADR 2)
 *
 * Each measurement has a browser and a profile on disk of its own, the contenders in turn, another
 * one first in each round. Nothing else should run on the machine.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { contenders } from '../test/bench/contenders.ts';
import { cities } from '../test/bench/items.ts';
import { Browser, createProfile, removeProfile } from '../test/bench/run/browser.ts';
import { workloads } from '../test/bench/run/catalog.ts';
import { count, printCounts } from '../test/bench/run/count.ts';
import { speedOfHttp } from '../test/bench/run/http.ts';
import { parts } from '../test/bench/run/parts.ts';
import { serve } from '../test/bench/run/server.ts';
import { speedOfSimulation } from '../test/bench/run/simulate.ts';
import { linesOf, print } from '../test/bench/run/summary.ts';
import { chartPage } from './bench-chart.mjs';
import { findChromium } from './chromium.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    contenders: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    'peer-rounds': { type: 'string', default: '1' },
    items: { type: 'string' },
    limit: { type: 'string', default: '3000' },
    settle: { type: 'string', default: '3000' },
    json: { type: 'string' },
    chart: { type: 'string' },
    heavy: { type: 'boolean', default: false },
    forms: { type: 'boolean', default: false },
  },
});
const ours = ['raw', 'tidetable'];
const rounds = whole('rounds');
const peerRounds = whole('peer-rounds');
const items = options.items === undefined ? undefined : whole('items');
if (items !== undefined && items % 1000 !== 0) {
  throw new Error('--items takes a multiple of 1000: whole partitions and whole cities');
}
const names = options.contenders?.split(',');
for (const name of names ?? []) {
  if (!contenders.has(name)) throw new Error(`no contender ${name}`);
}
const only = options.only?.split(',');

const executable = findChromium();
if (executable === undefined) {
  console.error('no Chromium: install one (apt-get install chromium) or set CHROME_PATH');
  process.exit(1);
}
if (options.forms) {
  await measureForms();
  process.exit(0);
}

const started = Date.now();
const measured = [];
const failures = [];
const chosen = parts.filter((part) => isChosen(part.name, part.heavy === true));
let version;
if (chosen.length > 0) {
  const served = await serve(folder('../test/bench/'), folder('../.tmp/bench/'));
  version = await browserVersion(served.origin);
  for (const part of chosen) await measurePart(part, served.origin);
  await served.close();
}

const result = {
  date: new Date().toISOString(),
  environment: {
    browser: version,
    cores: cpus().length,
    processor: cpus()[0]?.model,
    memoryGB: Math.round(totalmem() / 1e9),
    node: process.version,
  },
  options,
  contenders: Object.fromEntries(
    [...contenders].map(([name, { label, durability, how }]) => [name, { label, durability, how }]),
  ),
  lines: linesOf(measured, isWanted),
  engine: await measureEngine(),
  http: await measureHttp(),
  counts: await countAll(),
  simulation: await measureSimulation(),
  failures,
  measured,
  seconds: Math.round((Date.now() - started) / 1000),
};
if (options.json !== undefined) write(options.json, `${JSON.stringify(result, null, 2)}\n`);
if (options.chart !== undefined) write(options.chart, chartPage(result));
for (const { part, contender, message } of failures) {
  console.error(`FAILED ${part} of ${contender}: ${message}`);
}
if (result.lines.length > 0) print(result.lines);
const isHealthy = failures.every(({ contender }) => !ours.includes(contender));
const isBounded = result.counts?.holds !== false;
process.exit(isHealthy && isBounded && (result.simulation?.violations ?? 0) === 0 ? 0 : 1);

async function measurePart(part, origin) {
  const everybody = [...contenders.keys()].filter((name) => name !== 'raw-each');
  const able = (names ?? part.contenders ?? everybody).filter((name) => {
    return !part.tabs || contenders.get(name).tabs;
  });
  const most = part.heavy ? 1 : rounds;
  for (let round = 0; round < most; round += 1) {
    // Who begins changes with the round: nobody always finds the disk as another left it.
    const from = round % able.length;
    for (const contender of [...able.slice(from), ...able.slice(0, from)]) {
      if (!ours.includes(contender) && round >= peerRounds) continue;
      await measureOne(part, { contender, round, origin });
    }
  }
}

async function measureOne(part, { contender, round, origin }) {
  const begun = Date.now();
  const run = {
    executable,
    origin,
    contender,
    round,
    items: items ?? part.items,
    limitMs: whole('limit'),
    settleMs: whole('settle'),
  };
  try {
    measured.push({ part: part.name, contender, round, figures: await part.run(run) });
  } catch (error) {
    failures.push({ part: part.name, contender, round, message: String(error?.message ?? error) });
  }
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  process.stderr.write(`${part.name}, round ${round + 1}: ${contender} (${seconds} s)\n`);
}

async function browserVersion(origin) {
  const profile = createProfile();
  const browser = await Browser.launch(executable, profile, origin);
  try {
    return await browser.version();
  } finally {
    await browser.close();
    removeProfile(profile);
  }
}

/** In Chromium's worker, from within: wanted are 0.3 ms and 15 ms. */
async function measureEngine() {
  if (!isChosen('engine', false)) return undefined;
  const figures = await inPage('engine', 'window.engine()');
  for (const [name, ms] of Object.entries(figures)) {
    console.log(`engine in a worker: ${name.replace(', ms', '')} ${ms.toFixed(3)} ms`);
  }
  return figures;
}

/** GetItem over keep-alive connections, the server on one core: wanted are 5,000 a second. */
async function measureHttp() {
  if (!isChosen('http', false)) return undefined;
  const speed = await speedOfHttp(whole('limit'));
  const cores = speed.isPinned ? 'a core each' : 'cores shared';
  console.log(
    `http: ${Math.round(speed.perSecond)} GetItem/s on ${speed.connections} connections, ` +
      `server and client with ${cores} (wanted 5000/s)`,
  );
  return speed;
}

/** Of 10 worlds; `--items 1000` is one. */
async function measureSimulation() {
  if (!isChosen('simulate', false)) return undefined;
  const speed = await speedOfSimulation(Math.ceil((items ?? 40_000) / 1000));
  const { operations, cpuSeconds, perSecond, violations } = speed;
  console.log(
    `\nsimulation: ${operations} operations in ${cpuSeconds.toFixed(1)} s of one core, ` +
      `${Math.round(perSecond)}/s, violations ${violations} (wanted 5000/s, 0)`,
  );
  return speed;
}

/** Few items and ten times as many; with --heavy a million at the end. */
async function countAll() {
  const isFull = isChosen('counts-full', true);
  if (!isFull && !isChosen('counts', false)) return undefined;
  // Fewer would all lie in the cache.
  const few = Math.max(10_000, items ?? (isFull ? 100_000 : 10_000));
  const ofCity = Math.min(100, few / cities);
  const counts = [await count(few, ofCity), await count(few * 10, ofCity)];
  const holds = printCounts(counts);
  return { counts, holds };
}

/** A part by its name; or, when nothing is named so, those with such workloads. */
function isChosen(name, isHeavy) {
  if (only === undefined) return options.heavy || !isHeavy;
  return only.some((piece) => {
    if (isPart(piece)) return piece === name;
    return workloads.some((row) => row.part === name && row.name.includes(piece));
  });
}

function isWanted({ part, name }) {
  if (only === undefined) return true;
  return only.some((piece) => (isPart(piece) ? piece === part : name.includes(piece)));
}

function isPart(piece) {
  return (
    ['counts', 'counts-full', 'engine', 'http', 'simulate'].includes(piece) ||
    parts.some(isNamed(piece))
  );
}

function isNamed(piece) {
  return ({ name }) => name === piece;
}

function whole(name) {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a number from 1`);
  return value;
}

function folder(path) {
  return new URL(path, import.meta.url);
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function measureForms() {
  console.log('microseconds for a round trip');
  console.table(await inPage('forms', 'window.forms()'));
}

/** What `expression` comes to in the page of a folder of test/bench. */
async function inPage(name, expression) {
  const served = await serve(folder(`../test/bench/${name}/`), folder(`../.tmp/${name}/`));
  const profile = createProfile();
  const browser = await Browser.launch(executable, profile, served.origin);
  const page = await browser.page();
  const answer = await page.evaluate(expression);
  await browser.close();
  removeProfile(profile);
  await served.close();
  return answer;
}
