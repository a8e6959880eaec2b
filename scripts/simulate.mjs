/**
 * `npm run simulate -- [--sync] [--seeds N] [--from N] [--seed S] [--operations N] [--workers N]
 * [--first]`: seeded worlds of several engines over one store, each judged against the model.
 *
 * `--sync`: several devices and their hub; its faults are counted by name, and one that never fired
 * in 20 seeds or more fails the run, and a site of replicas that never failed in 500 or more.
 *
 * `--from N` begins with seed N, so that a long run can be done in portions;
 * `--seed S` runs that one alone and prints what it found; `--first` stops at the first violation.
 * Ends with a table of the faults that fired, by site, and `seeds N, violations V`. A run of 500
 * seeds or more in which a site never failed, or a fault never fired, is no proof, and fails.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { maxYoungGenerationSizeMb } from '../test/simulation/memory.ts';
import { syncFaults } from '../test/simulation/sync-world.ts';
import { faultTable, idleReplicaSites, idleSites } from '../test/simulation/table.ts';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    operations: { type: 'string', default: '2000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    first: { type: 'boolean', default: false },
    sync: { type: 'boolean', default: false },
  },
});
const number = (name) => {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
};
const single = options.seed === undefined ? undefined : number('seed');
const start = single ?? number('from');
const last = single ?? number('seeds');
const operations = number('operations');
const workers = Math.min(number('workers'), single === undefined ? last : 1);

/** A seed takes a second or two; this is for those that loop for ever. */
const seedLimitMs = 300_000;

const fired = {};
const traces = [];
const totals = { operations: 0, steps: 0, commits: 0, kills: 0, powerLosses: 0, amnesias: 0 };
const found = [];
let next = start;
let cpuMs = 0;

await Promise.all(Array.from({ length: workers }, runWorker));
report();

function runWorker() {
  const worker = new Worker(new URL('../test/simulation/worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb },
  });
  return new Promise((resolve, reject) => {
    let seed = 0;
    let watch;
    const end = (why) => {
      clearTimeout(watch);
      if (why !== undefined) found.push(seed);
      if (why !== undefined) console.log(`seed ${seed}: ${why}`);
      // The seeds behind one that hangs or kills its worker are another worker's.
      const more = why !== undefined && next <= last && !options.first;
      worker.terminate().then(more ? () => resolve(runWorker()) : resolve, reject);
    };
    const ask = () => {
      clearTimeout(watch);
      const stop = next > last || (options.first && found.length > 0);
      if (stop) {
        end();
        return;
      }
      seed = next;
      next += 1;
      watch = setTimeout(() => end('it does not come to its end'), seedLimitMs);
      worker.postMessage({ seed, operations, sync: options.sync });
    };
    worker.on('message', (answer) => {
      take(answer);
      ask();
    });
    worker.on('error', (error) => end(`the worker died: ${error}`));
    ask();
  });
}

function take({ seed, verdict, cpuMs: spentMs }) {
  cpuMs += spentMs;
  for (const name of Object.keys(totals)) totals[name] += verdict[name] ?? 0;
  for (const [name, count] of Object.entries(verdict.fired)) {
    fired[name] = (fired[name] ?? 0) + count;
  }
  traces[seed] = verdict.trace;
  if (verdict.violations.length > 0) found.push(seed);
  for (const violation of verdict.violations) console.log(`seed ${seed}: ${violation}`);
  if (single !== undefined) console.log(JSON.stringify({ ...verdict, violations: undefined }));
}

function report() {
  const seeds = last - start + 1;
  const trace = traces.reduce((sum, value) => (Math.imul(sum, 31) + value) >>> 0, 0);
  if (single === undefined) for (const line of faultLines()) console.log(line);
  console.log(
    Object.entries(totals)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
  );
  const rate = Math.round((totals.operations * 1000) / cpuMs);
  console.log(`${rate} operations a second of a core, trace ${trace.toString(16)}`);
  const idle = idleOf(seeds);
  for (const name of idle) console.log(`it never happened: ${name}`);
  console.log(`seeds ${seeds}, violations ${found.length}`);
  process.exitCode = found.length + idle.length === 0 ? 0 : 1;
}

function faultLines() {
  if (!options.sync) return faultTable(fired);
  return syncFaults.map((name) => `${name}: ${fired[name] ?? 0}`);
}

/** What never happened, of all that a run of so many seeds must show. */
function idleOf(seeds) {
  if (options.first) return [];
  if (options.sync) {
    const idle = seeds >= 20 ? syncFaults.filter((name) => !fired[name]) : [];
    return seeds >= 500 ? [...idle, ...idleReplicaSites(fired)] : idle;
  }
  return seeds >= 500 ? idleSites(fired) : [];
}
