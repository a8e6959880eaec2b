/**
 * `npm run bench -- [--only NAME] [--rounds N] [--json FILE]`: this engine beside raw IndexedDB.
 * `npm run bench -- --forms`: the forms an answer could have on its way to the page (ADR 2).
 *
 * Builds the page of test/bench, runs it in a fresh Chromium profile on disk, the contenders in
 * turn, round after round, and prints the medians and their ratios. Nothing else should run on the
 * machine.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { build, preview } from 'vite';
import { chromiumArgs, findChromium } from './chromium.mjs';

const root = new URL('../test/bench/', import.meta.url).pathname;
const outDir = new URL('../.tmp/bench/', import.meta.url).pathname;
const contenders = ['raw', 'tidetable'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string' },
    forms: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error('--rounds takes a whole number from 1');

const executablePath = findChromium();
if (executablePath === undefined) {
  console.error('no Chromium: install one (apt-get install chromium) or set CHROME_PATH');
  process.exit(1);
}

if (options.forms) {
  await measureForms();
  process.exit(0);
}
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
const { port } = server.httpServer.address();
const results = Object.fromEntries(contenders.map((name) => [name, []]));
for (let round = 0; round < rounds; round += 1) {
  // Who begins changes with the round: neither always finds the disk as the other left it.
  const order = round % 2 === 0 ? contenders : [...contenders].reverse();
  for (const name of order) results[name].push(await oneRound(name, round));
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
}
await server.close();

const table = tableOf(results, options.only);
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version };
  writeFileSync(options.json, JSON.stringify({ machine, rounds, table, results }, null, 2));
}
print(table);
process.exit(0);

async function measureForms() {
  const folder = join(root, 'forms');
  const target = join(outDir, '..', 'forms');
  const common = { root: folder, configFile: false, logLevel: 'warn' };
  const built = { outDir: target, emptyOutDir: true, target: 'es2022' };
  await build({ ...common, worker: { format: 'es' }, build: built });
  const pages = await preview({
    ...common,
    build: { outDir: target },
    preview: { port: 0, host: '127.0.0.1' },
  });
  const browser = await chromium.launch({ executablePath, headless: true, args: chromiumArgs });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${pages.httpServer.address().port}/`);
  await page.waitForFunction(() => document.title === 'ready');
  console.log('microseconds for a round trip');
  console.table(await page.evaluate(() => window.forms()));
  await browser.close();
  await pages.close();
}

/** A browser of its own for each measurement: nothing is warm but the machine. */
async function oneRound(name, round) {
  const profile = mkdtempSync(join(tmpdir(), 'tidetable-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: chromiumArgs,
  });
  try {
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error(error));
    page.on('console', (message) => console.error(message.text()));
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(() => document.title === 'ready');
    return await page.evaluate(([which, number]) => window.bench(which, number), [name, round]);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

function tableOf(all, only) {
  const names = Object.keys(all.raw[0]).filter((name) => only === undefined || name.includes(only));
  return names.map((workload) => {
    const raw = median(all.raw.map((figures) => figures[workload]));
    const tidetable = median(all.tidetable.map((figures) => figures[workload]));
    return { workload, raw, tidetable, ratio: tidetable / raw };
  });
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function print(rows) {
  console.log(
    `${'workload'.padEnd(22)}${'raw /s'.padStart(12)}${'tidetable /s'.padStart(14)}  ratio`,
  );
  for (const { workload, raw, tidetable, ratio } of rows) {
    const figures = raw.toFixed(raw < 100 ? 1 : 0).padStart(12);
    const ours = tidetable.toFixed(tidetable < 100 ? 1 : 0).padStart(14);
    console.log(`${workload.padEnd(22)}${figures}${ours}${ratio.toFixed(2).padStart(7)}`);
  }
}
