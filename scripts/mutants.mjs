/**
 * `npm run mutants -- [--only NAME] [--sync] [--seeds N] [--operations N] [--workers N]`: applies
 * each of test/mutants/ (with `--sync`, those of sync alone) to a copy of the sources and has the
 * simulation look for it.
 *
 * Prints a line for each mutant with the first seed that failed, and ends with `mutants N, missed
 * M`. Fails when one was missed, or when a patch does not apply any more.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutants } from '../test/mutants/all.ts';
import { mutate } from '../test/mutants/mutant.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    sync: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '500' },
    operations: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
  },
});
const root = new URL('..', import.meta.url).pathname;
/** What the simulation is made of. */
const parts = [
  'src',
  'test/simulation',
  'test/model',
  'test/support',
  'scripts/simulate.mjs',
  'package.json',
];

const chosen = mutants
  .filter(({ name }) => options.only === undefined || name === options.only)
  .filter(({ sync }) => !options.sync || sync === true);
if (chosen.length === 0) throw new Error(`there is no mutant ${options.only}`);
// All patches first: one that does not apply should be known at once.
for (const mutant of chosen) mutated(mutant);

const folder = mkdtempSync(join(tmpdir(), 'tidetable-mutants-'));
const missed = [];
try {
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  // Without a mistake nothing is found: else the copy itself is what fails.
  for (const sync of new Set(chosen.map((mutant) => mutant.sync === true))) {
    const sound = await hunt(sync, '1');
    if (sound.seed !== undefined) throw new Error(`the copy does not run: ${sound.violation}`);
  }
  for (const mutant of chosen) {
    const target = join(folder, mutant.file);
    writeFileSync(target, mutated(mutant));
    const { seed, violation } = await hunt(mutant.sync === true);
    cpSync(join(root, mutant.file), target);
    if (seed === undefined) missed.push(mutant.name);
    console.log(`${mutant.name.padEnd(26)} ${String(seed ?? 'missed').padStart(6)}  ${violation}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const name of missed) console.log(`${name} was not found in ${options.seeds} seeds`);
console.log(`mutants ${chosen.length}, missed ${missed.length}`);
process.exitCode = missed.length === 0 ? 0 : 1;

function mutated(mutant) {
  return mutate(mutant, readFileSync(join(root, mutant.file), 'utf8'));
}

/** The first seed that fails, and what it says. */
function hunt(sync, seeds = options.seeds) {
  const { operations, workers } = options;
  const args = ['scripts/simulate.mjs', '--first', '--seeds', seeds, '--operations', operations];
  if (sync) args.push('--sync');
  const child = spawn(process.execPath, [...args, '--workers', workers], { cwd: folder });
  let printed = '';
  child.stdout.on('data', (data) => {
    printed += data;
  });
  return new Promise((resolve) => {
    child.on('close', () => {
      const found = [...printed.matchAll(/^seed (\d+): (.*)$/gm)];
      const lowest = found.sort((a, b) => Number(a[1]) - Number(b[1]))[0];
      const violation = (lowest?.[2] ?? '').slice(0, 70);
      resolve({ seed: lowest === undefined ? undefined : Number(lowest[1]), violation });
    });
  });
}
