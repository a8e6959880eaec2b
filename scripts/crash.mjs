/**
 * `npm run crash -- --rounds N [--durability relaxed|strict|both] [--kill browser|renderer|worker|
 * all]`: kills Chromium in mid-write and looks for what it had acknowledged.
 *
 * This process keeps the ledger: the page reports a write here once its call has resolved. After a
 * random while the browser's whole process group gets SIGKILL, or its renderers do, or the page
 * terminates its worker. Then a new browser, or for the latter two a new page of the same one,
 * reports all it holds, and the browser is closed in order. A round that acknowledged fewer than
 * 100 writes, or before which no checkpoint was made, proves nothing, and fails. Kinds and
 * durabilities take turns, all of them unless told otherwise.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { Devtools } from '../test/support/devtools.ts';
import { chromiumArgs, findChromium } from './chromium.mjs';

const acknowledgedMin = 100;
const roundMsMax = 60_000;
const visitMs = 1000;
const closeMsMax = 10_000;
const settleMs = 200;
const root = new URL('../test/crash/', import.meta.url).pathname;
const outDir = new URL('../.tmp/crash/', import.meta.url).pathname;
const kinds = ['browser', 'renderer', 'worker'];
const durabilities = ['relaxed', 'strict'];
const types = { '.html': 'text/html', '.js': 'text/javascript' };

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    durability: { type: 'string', default: 'both' },
    kill: { type: 'string', default: 'all' },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error('--rounds takes a whole number from 1');
/** What each round kills, and how durable its writes are; one after another. */
const cells = chosen('kill', kinds, 'all').flatMap((kill) =>
  chosen('durability', durabilities, 'both').map((durability) => {
    return { kill, durability, rounds: 0, acknowledged: 0, lost: 0, torn: 0 };
  }),
);
const executable = findChromium();
if (executable === undefined) {
  console.error('no Chromium: install one (apt-get install chromium) or set CHROME_PATH');
  process.exit(1);
}

const ids = new Set();
const counters = new Map();
let inRound = 0;
/** The page is to terminate its worker. */
let terminates = false;
let onFound = () => {};
let onFailed = () => {};

await build({
  root,
  configFile: false,
  logLevel: 'warn',
  worker: { format: 'es' },
  build: { outDir, emptyOutDir: true, target: 'es2022' },
});
const server = createServer(answer);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const profile = mkdtempSync(join(tmpdir(), 'tidetable-crash-'));

let lost = 0;
let torn = 0;
let failed = 0;
try {
  for (let round = 1; round <= rounds; round += 1) await oneRound(round);
} finally {
  server.close();
  server.closeAllConnections();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
for (const { kill, durability, ...counts } of cells) {
  const { rounds: killed, acknowledged, lost: gone, torn: halves } = counts;
  const figures = `acknowledged ${acknowledged}, lost ${gone}, torn ${halves}`;
  console.log(`${kill}, ${durability}: rounds ${killed}, ${figures}`);
}
console.log(`rounds ${rounds}, acknowledged lost ${lost}`);
process.exit(lost + torn + failed === 0 ? 0 : 1);

/** What `--name` chooses of these; `all` of them by that word. */
function chosen(name, values, all) {
  const value = options[name];
  if (value === all) return values;
  if (!values.includes(value)) throw new Error(`--${name} takes ${[...values, all].join(', ')}`);
  return [value];
}

async function oneRound(round) {
  const cell = cells[(round - 1) % cells.length];
  inRound = 0;
  terminates = false;
  const url = `${origin}/?mode=write&round=${round}&durability=${cell.durability}`;
  const { acknowledged, found } =
    cell.kill === 'browser' ? await killBrowser(url, round) : await killInside(cell, url, round);
  const verdict = judge(found);
  lost += verdict.lost;
  torn += verdict.torn;
  cell.rounds += 1;
  cell.acknowledged += acknowledged;
  cell.lost += verdict.lost;
  cell.torn += verdict.torn;
  const { checkpoint } = found.status;
  if (acknowledged < acknowledgedMin || checkpoint === 0) failed += 1;
  const line = `round ${round} (${cell.kill}, ${cell.durability}): acknowledged ${acknowledged}`;
  console.log(`${line}, lost ${verdict.lost}, torn ${verdict.torn}, checkpoint ${checkpoint}`);
  if (verdict.lost > 0) {
    const { plain, local } = found.visits;
    console.log(
      `round ${round}: visits of this profile by plain IndexedDB ${plain}, by localStorage ${local}`,
    );
  }
  if (acknowledged < acknowledgedMin) console.log(`round ${round}: fewer than ${acknowledgedMin}`);
  if (checkpoint === 0) console.log(`round ${round}: no checkpoint was ever made`);
}

async function killBrowser(url, round) {
  const browser = launch(url);
  try {
    await untilMidWrite();
  } finally {
    await kill(browser);
  }
  const acknowledged = inRound;
  const before = logsOf(profile);
  const looking = launch(checkOf(round));
  try {
    return { acknowledged, found: await report() };
  } finally {
    await close(looking);
    const kept = logsOf(profile).filter((log) => before.includes(log));
    if (kept.length > 0) {
      failed += 1;
      console.log(`round ${round}: ${kept.join(', ')} is still written to (docs/adr/0008)`);
    }
  }
}

/** LevelDB's logs of this origin: half a record may be at the end of one after a kill. */
function logsOf(folder) {
  const path = join(folder, 'Default', 'IndexedDB');
  return readdirSync(path, { recursive: true }).filter((file) => file.endsWith('.log'));
}

/** The browser lives on, with the database's connections of who was killed in its hands. */
async function killInside(cell, url, round) {
  const devtools = new Devtools(executable, profile, chromiumArgs);
  try {
    await devtools.send('Target.createTarget', { url });
    await untilMidWrite();
    if (cell.kill === 'renderer') await killRenderers(devtools);
    else await terminateWorker();
    const acknowledged = inRound;
    const found = report();
    found.catch(() => {});
    await devtools.send('Target.createTarget', { url: checkOf(round), newWindow: true });
    return { acknowledged, found: await found };
  } finally {
    await delay(visitMs);
    await devtools.close(closeMsMax);
  }
}

async function killRenderers(devtools) {
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  if (renderers.length === 0) throw new Error('no renderer to kill');
  for (const { id } of renderers) process.kill(id, 'SIGKILL');
  // What they had sent is still on its way.
  await delay(settleMs);
}

/** The page's next report is answered so that it terminates its worker. */
async function terminateWorker() {
  terminates = true;
  const started = Date.now();
  while (terminates && Date.now() - started < roundMsMax) await delay(5);
  await delay(settleMs);
}

/** From the first hundred acknowledged writes on, at any moment. */
async function untilMidWrite() {
  const failure = new Promise((_, reject) => {
    onFailed = (message) => reject(new Error(message));
  });
  failure.catch(() => {});
  const started = Date.now();
  while (inRound < acknowledgedMin && Date.now() - started < roundMsMax) {
    await Promise.race([delay(5), failure]);
  }
  await Promise.race([delay(Math.random() * 1200), failure]);
  // Whoever is killed may still complain.
  onFailed = () => {};
}

function checkOf(round) {
  return `${origin}/?mode=check&round=${round}`;
}

/** What the page that looks finds. */
function report() {
  return new Promise((resolve, reject) => {
    onFound = resolve;
    // A page that was left behind may complain late.
    onFailed = (message, mode) => mode === 'check' && reject(new Error(message));
    const late = () => reject(new Error('the reopened page did not answer'));
    setTimeout(late, roundMsMax).unref();
  });
}

/**
 * What was acknowledged and is gone; halves of transactions; entries that index and table differ
 * in.
 */
function judge(found) {
  const there = new Set(found.ids);
  const values = new Map(found.counters);
  let missing = [...ids].filter((id) => !there.has(id)).length;
  for (const [counter, value] of counters) if ((values.get(counter) ?? 0) < value) missing += 1;
  let halves = 0;
  for (const id of there) {
    if (id.endsWith('-a') && !there.has(`${id.slice(0, -1)}b`)) halves += 1;
    if (id.endsWith('-b') && !there.has(`${id.slice(0, -1)}a`)) halves += 1;
  }
  const indexed = new Set(found.indexed);
  const strays = [...there].filter((id) => !indexed.has(id)).length;
  const ghosts = [...indexed].filter((id) => !there.has(id)).length;
  return { lost: missing, torn: halves + strays + ghosts };
}

function launch(url) {
  const args = [...chromiumArgs, '--headless=new', `--user-data-dir=${profile}`, url];
  // A process group of its own, so that all of the browser can be killed at once.
  return spawn(executable, args, { detached: true, stdio: 'ignore' });
}

/** As a user closes it, not at once: only browsers that write are killed (docs/adr/0008). */
async function close(browser) {
  const gone = new Promise((resolve) => browser.once('exit', resolve));
  await delay(visitMs);
  browser.kill('SIGTERM');
  const late = delay(closeMsMax).then(() => true);
  if (await Promise.race([gone.then(() => false), late])) await kill(browser);
}

async function kill(browser) {
  const gone = new Promise((resolve) => browser.once('exit', resolve));
  process.kill(-browser.pid, 'SIGKILL');
  await gone;
  await delay(100);
}

function answer(request, response) {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { pathname } = new URL(request.url, origin);
    if (request.method === 'POST') {
      take(pathname, JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(terminates && pathname === '/acknowledged' ? 205 : 204).end();
      if (pathname === '/acknowledged') terminates = false;
      return;
    }
    file(pathname, response);
  });
}

function take(path, body) {
  if (path === '/found') onFound(body);
  else if (path === '/failed') onFailed(body.message, body.mode);
  else if (path === '/acknowledged') {
    inRound += 1;
    for (const id of body.ids ?? []) ids.add(id);
    if (body.counter !== undefined) {
      counters.set(body.counter, Math.max(counters.get(body.counter) ?? 0, body.value));
    }
  }
}

function file(pathname, response) {
  const path = normalize(pathname === '/' ? '/index.html' : pathname);
  try {
    const bytes = readFileSync(join(outDir, path));
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

function delay(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
