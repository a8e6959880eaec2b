/**
 * `npm run check`: types, lint and format, the house rules, dead code, the package's shape.
 *
 * Every step runs, so that one run names all there is to mend. What a step says is shown if it
 * fails.
 */
import { spawnSync } from 'node:child_process';

const tsc = 'node_modules/typescript/bin/tsc';
const steps = [
  ['types of the product', [tsc, '-p', 'tsconfig.json']],
  ['types of tests and scripts', [tsc, '-p', 'tsconfig.test.json']],
  ['lint and format', ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings']],
  [
    'house rules',
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'node', 'test/house.test.ts'],
  ],
  ['dead code', ['node_modules/knip/bin/knip.js', '--no-progress']],
  ['build', ['scripts/build.mjs']],
  ['package shape', ['node_modules/publint/src/cli.js', '--strict']],
];

const summary = [];
for (const [name, args] of steps) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = status === 0;
  summary.push({ name, ok });
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (!ok) console.log(`${stdout ?? ''}${stderr ?? ''}`);
}

const failed = summary.filter(({ ok }) => !ok).map(({ name }) => name);
console.log(
  failed.length === 0 ? `check: all ${summary.length} hold` : `check failed: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
