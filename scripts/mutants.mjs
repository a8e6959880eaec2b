/**
 * `npm run mutants -- [--only NAME] [--sync | --engine] [--seeds N] [--operations N] [--workers N]`:
 * applies each of test/mutants/ (with `--sync` or `--engine`, those of sync or all others alone) to
 * a copy of the sources and has the simulation look for it, or run the test that a mutant names.
 * Operations are 200 a seed for sync unless given, and 1000 for all others.
 *
 * Prints a line for each mutant with the first seed that failed, and ends with `mutants N, missed
 * M`. Fails when one was missed, or when a patch does not apply any more. A seed that fails on the
 * sources as they are does not count, and is told of on stderr.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants } from '../test/mutants/all.ts';
import { hunt } from '../test/mutants/hunt.ts';
import { mutate } from '../test/mutants/mutant.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sync: { type: 'boolean', default: false },
    engine: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '500' },
    operations: { type: 'string' },
    workers: { type: 'string', default: '2' },
  },
});
const root = new URL('..', import.meta.url).pathname;
/** How long the test of a mutant may take. */
const testMs = 300_000;
/** What the simulation is made of, and the tests that are run. */
const parts = ['src', 'test', 'build', 'scripts', 'package.json', 'vite.config.ts'];

const chosen = mutants
  .filter(({ name }) => options.only === undefined || name === options.only)
  .filter(({ sync }) => (sync === true ? !options.engine : !options.sync));
if (chosen.length === 0) throw new Error(`there is no mutant ${options.only}`);
// All patches first: one that does not apply should be known at once.
for (const mutant of chosen) mutated(mutant);

const folder = mkdtempSync(join(tmpdir(), 'tidetable-mutants-'));
const missed = [];
try {
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // Without a mistake nothing is found: else the copy itself is what fails.
  const kinds = new Map(chosen.map(({ sync, test }) => [test ?? sync === true, { sync, test }]));
  for (const { sync, test } of kinds.values()) {
    const failed = await (test === undefined ? simulated(sync, ['--seed', '1']) : tried(test));
    if (failed !== undefined) throw new Error(`the copy does not run: ${failed.violation}`);
  }
  for (const mutant of chosen) {
    const { seed = 'missed', violation = '' } = (await look(mutant)) ?? {};
    if (seed === 'missed') missed.push(mutant.name);
    console.log(`${mutant.name.padEnd(26)} ${String(seed).padStart(6)}  ${violation}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const name of missed)
  console.log(`${name} was not found in ${options.seeds} seeds, or its test`);
console.log(`mutants ${chosen.length}, missed ${missed.length}`);
process.exitCode = missed.length === 0 ? 0 : 1;

function mutated(mutant) {
  return mutate(mutant, readFileSync(join(root, mutant.file), 'utf8'));
}

/** What finds a mutant, a seed or `test`, and what that says. */
function look(mutant) {
  const { sync, test, file } = mutant;
  const target = join(folder, file);
  const plain = readFileSync(target);
  const patched = async (run) => {
    writeFileSync(target, mutated(mutant));
    const found = await run();
    writeFileSync(target, plain);
    return found;
  };
  if (test !== undefined) return patched(() => tried(test));
  const { seeds } = options;
  return hunt(Number(seeds), {
    mutated: (from) =>
      patched(() => simulated(sync, ['--first', '--from', String(from), '--seeds', seeds])),
    plain: (seed) => simulated(sync, ['--seed', String(seed)]),
    tell: (text) => console.error(text),
  });
}

/** The first of these seeds that fails, and what it says. */
async function simulated(sync, which) {
  const { operations = sync === true ? '200' : '1000', workers } = options;
  const args = ['scripts/simulate.mjs', ...which, '--operations', operations];
  if (sync === true) args.push('--sync');
  const { printed } = await run([...args, '--workers', workers]);
  const found = [...printed.matchAll(/^seed (\d+): (.*)$/gm)];
  const [lowest] = found.sort((a, b) => Number(a[1]) - Number(b[1]));
  return lowest && { seed: Number(lowest[1]), violation: lowest[2].slice(0, 70) };
}

/** Which statement of the test does not hold. */
async function tried(test) {
  const vitest = 'node_modules/vitest/vitest.mjs';
  const args = [vitest, 'run', '--project', 'node', '--bail=1', test];
  // One that never ends does not hold.
  const { status, printed } = await run(args, testMs);
  if (status === 0) return undefined;
  const failed = printed.split('\n').find((line) => line.includes(' FAIL ')) ?? printed;
  return { seed: 'test', violation: (failed.split(' > ').at(-1) ?? '').slice(0, 70) };
}

/** Its status and what it printed; after `ms`, it and all that it has begun are ended. */
function run(args, ms) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    detached: ms !== undefined,
    env: { ...process.env, NO_COLOR: '1' },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      printed += data;
    });
  }
  const end = ms && setTimeout(() => process.kill(-child.pid, 'SIGKILL'), ms);
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(end);
      resolve({ status, printed });
    });
  });
}
