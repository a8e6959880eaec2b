/**
 * `npm test [-- vitest arguments]`: every test, in Node and in every browser that is found.
 *
 * Names once more what failed, and prints last `N passed, N failed, N skipped`. A browser that is
 * missing is one skipped, and one line says how to get it; in CI, vite.config.ts refuses to go on
 * without Chromium and Firefox.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowsers, howToInstall, missingBrowsers } from '../test/support/browsers.ts';
import {
  add,
  countsIn,
  countsOfVitest,
  failuresIn,
  failuresOfVitest,
  lineOf,
  nothing,
} from './report.mjs';

/** Test programs beside vitest, run with Node; each prints its own counts last. */
const programs = [
  ['test/browser-scripts/tabs.mjs'],
  ['test/browser-scripts/atlas.mjs'],
  ['test/browser-scripts/leaderboard.mjs'],
  ['test/browser-scripts/fieldnotes.mjs'],
  ['test/browser-scripts/sync.mjs'],
];

const given = process.argv.slice(2);
const missing = missingBrowsers(findBrowsers());
let total = nothing;
const failures = [];
if (given.length > 0) {
  total = await runVitest(given);
} else {
  // One after the other: browsers that start all at once on a small machine time out.
  const browsers = ['chromium', 'firefox', 'webkit'].filter((name) => !missing.includes(name));
  for (const project of ['node', ...browsers]) {
    total = add(total, await runVitest(['--project', project]));
  }
  for (const program of programs) total = add(total, await runProgram(program));
  total = add(total, { ...nothing, skipped: missing.length });
}
if (missing.length > 0) console.log(howToInstall(missing));
for (const failure of failures) console.log(`failed: ${failure}`);
console.log(lineOf(total));
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'tidetable-test-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = 'node_modules/vitest/vitest.mjs';
  const { code } = await run([vitest, 'run', ...reporters, ...args], false);
  const told = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  rmSync(folder, { recursive: true });
  const counts = told ? countsOfVitest(told, code) : { ...nothing, failed: 1 };
  const named = told ? failuresOfVitest(told) : [];
  if (counts.failed > 0) failures.push(...(named.length > 0 ? named : [unnamed(args)]));
  return counts;
}

async function runProgram(args) {
  console.log(`\n${args.join(' ')}`);
  const { code, output } = await run(args, true);
  const told = countsIn(output) ?? { ...nothing, failed: 1 };
  const counts = code !== 0 && told.failed === 0 ? { ...told, failed: 1 } : told;
  const named = failuresIn(output).map((line) => `${args.join(' ')}: ${line}`);
  if (counts.failed > 0) failures.push(...(named.length > 0 ? named : [unnamed(args)]));
  return counts;
}

/** An error outside of every test, which its own output tells of. */
function unnamed(args) {
  return `${args.join(' ')}: an error outside of its tests, or no report; see its output`;
}

/** Runs Node with `args`; the output is shown, and also kept if `keep`. */
function run(args, keep) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', keep ? 'pipe' : 'inherit', 'inherit'];
    const child = spawn(process.execPath, args, { stdio });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
