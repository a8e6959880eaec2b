/**
 * `npm run coverage [-- vitest arguments]`: branch coverage of the storage engine by the tests in
 * Node, a line for each folder and for each file below the floor, and `branches P %` for all.
 *
 * Fails when a folder is below the floor. Files that only a browser runs are counted like the
 * others: what cannot be run in Node is not excused here.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const folders = ['tree', 'pager', 'log', 'engine', 'storage'];
const floor = 95;

const folder = mkdtempSync(join(tmpdir(), 'tidetable-coverage-'));
const given = process.argv.slice(2);
const args = [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project=node',
  '--coverage.enabled',
  '--coverage.provider=v8',
  '--coverage.reporter=json-summary',
  '--coverage.reportOnFailure',
  `--coverage.reportsDirectory=${folder}`,
  ...folders.map((name) => `--coverage.include=src/${name}/**`),
  ...given,
];
const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
let summary = {};
try {
  summary = JSON.parse(readFileSync(join(folder, 'coverage-summary.json'), 'utf8'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const files = Object.entries(summary)
  .filter(([name]) => name !== 'total')
  .map(([name, { branches }]) => ({ name: relative('.', name), ...branches }));
let below = 0;
for (const name of folders) {
  const inside = files.filter((file) => file.name.startsWith(`src/${name}/`));
  const percent = percentOf(inside);
  if (percent < floor) below += 1;
  console.log(`src/${name}`.padEnd(36), `${percent.toFixed(1)} %`);
  for (const file of inside.filter((one) => one.pct < floor)) {
    console.log(`  ${file.name}`.padEnd(36), `${file.covered} of ${file.total}`);
  }
}
console.log(`branches ${percentOf(files).toFixed(1)} %`);
process.exitCode = status !== 0 || below > 0 ? 1 : 0;

function percentOf(some) {
  const sum = (member) => some.reduce((total, file) => total + file[member], 0);
  return (100 * sum('covered')) / Math.max(1, sum('total'));
}
