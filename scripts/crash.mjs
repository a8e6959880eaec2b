/**
 * `npm run crash -- --rounds N [--durability strict]`: kills Chromium in mid-write and looks for
 * what it had acknowledged.
 *
 * This process keeps the ledger: the page reports a write here once its call has resolved. After a
 * random while the browser's whole process group gets SIGKILL; then a new browser opens the same
 * profile, reports all it holds, and is closed in order after a while. A round that acknowledged
 * fewer than 100 writes proves nothing, and fails.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { chromiumArgs, findChromium } from './chromium.mjs';

const acknowledgedMin = 100;
const roundMsMax = 60_000;
const visitMs = 1000;
const closeMsMax = 10_000;
const root = new URL('../test/crash/', import.meta.url).pathname;
const outDir = new URL('../.tmp/crash/', import.meta.url).pathname;
const types = { '.html': 'text/html', '.js': 'text/javascript' };

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    durability: { type: 'string', default: 'relaxed' },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error('--rounds takes a whole number from 1');
const executable = findChromium();
if (executable === undefined) {
  console.error('no Chromium: install one (apt-get install chromium) or set CHROME_PATH');
  process.exit(1);
}

const ids = new Set();
const counters = new Map();
let inRound = 0;
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
console.log(`rounds ${rounds}, acknowledged lost ${lost}`);
process.exit(lost + torn + failed === 0 ? 0 : 1);

async function oneRound(round) {
  inRound = 0;
  const browser = launch(`${origin}/?mode=write&round=${round}&durability=${options.durability}`);
  const failure = new Promise((_, reject) => {
    onFailed = (message) => reject(new Error(message));
  });
  failure.catch(() => {});
  const started = Date.now();
  // From the first hundred on, at any moment.
  while (inRound < acknowledgedMin && Date.now() - started < roundMsMax) {
    await Promise.race([delay(5), failure]);
  }
  await Promise.race([delay(Math.random() * 1200), failure]);
  await kill(browser);
  const acknowledged = inRound;
  const found = await inspect(round);
  const verdict = judge(found);
  lost += verdict.lost;
  torn += verdict.torn;
  if (acknowledged < acknowledgedMin) failed += 1;
  const line = `round ${round}: acknowledged ${acknowledged}, lost ${verdict.lost}, torn ${verdict.torn}`;
  console.log(`${line}, checkpoint ${found.status.checkpoint}`);
  if (verdict.lost > 0) {
    const { plain, local } = found.visits;
    console.log(
      `round ${round}: visits of this profile by plain IndexedDB ${plain}, by localStorage ${local}`,
    );
  }
  if (acknowledged < acknowledgedMin) console.log(`round ${round}: fewer than ${acknowledgedMin}`);
}

async function inspect(round) {
  const found = new Promise((resolve, reject) => {
    onFound = resolve;
    onFailed = (message) => reject(new Error(message));
  });
  const browser = launch(`${origin}/?mode=check&round=${round}`);
  const late = delay(roundMsMax).then(() => {
    throw new Error('the reopened page did not answer');
  });
  late.catch(() => {});
  try {
    return await Promise.race([found, late]);
  } finally {
    await close(browser);
  }
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
      response.writeHead(204).end();
      return;
    }
    file(pathname, response);
  });
}

function take(path, body) {
  if (path === '/found') onFound(body);
  else if (path === '/failed') onFailed(body.message);
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
