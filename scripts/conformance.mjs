/**
 * `npm run conformance -- --suite NAME [--from FOLDER] [--only TEXT] [--json FILE] [--require]`: a
 * public suite of tests, of another project and written against the real service, asked of this
 * engine.
 *
 * The suite is fetched from its repository at a pinned commit, or taken from FOLDER, a clone of it;
 * none of its code is kept here. Each of its tests must pass, or stand with a reason in
 * test/conformance/NAME.json; a row there that excuses nothing fails the run as well. Where the
 * suite or what it runs on cannot be had, one line says so and the run ends with 0, or with 1
 * under `--require`. docs/conformance.md tells of the suites.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { Access } from '../src/host/access/access.ts';
import { readAccess } from '../src/host/access/config.ts';
import { serve } from '../src/host/http.ts';
import { openNodeDatabase } from '../src/host/node.ts';
import { systemClock } from '../src/host/ports.ts';
import { checkOut, NotHere, suites } from './conformance-suites.mjs';

const { values: options } = parseArgs({
  options: {
    suite: { type: 'string' },
    from: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    require: { type: 'boolean', default: false },
  },
});
const suite = suites[options.suite ?? ''];
if (suite === undefined) {
  console.error(`--suite takes one of: ${Object.keys(suites).join(', ')}`);
  process.exit(1);
}
const name = options.suite;

try {
  const folder = checkOut(name, suite, options.from);
  report(await run(folder));
} catch (error) {
  if (!(error instanceof NotHere)) throw error;
  console.log(`conformance ${name}: skipped, ${error.message}`);
  process.exitCode = options.require ? 1 : 0;
}

/** Each outcome is `{ test, outcome: passed | failed | skipped, why }`. */
async function run(folder) {
  const port = await freePort();
  // DescribeEndpoints names the endpoint, and a suite may go there.
  const { strictSignatures, validationEnvelope, region } = suite;
  // The account is not 000000000000, which suites name as another's.
  const owner = { region, account: '123456789012' };
  const engine = await openNodeDatabase({ memory: true, endpoint: `127.0.0.1:${port}`, ...owner });
  const access = suite.key === undefined ? undefined : accessOf(suite.key, owner);
  const answers = { strictSignatures, validationEnvelope, region };
  const server = await serve({ engine, port, access, ...answers });
  try {
    return await suite.run({ folder, port: server.port, only: options.only });
  } finally {
    await server.close();
    await engine.close();
  }
}

/** Signatures are verified, as under `serve --auth`; the one key may do everything. */
function accessOf({ id, secret }, owner) {
  const all = { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' };
  const key = { accessKeyId: id, secretAccessKey: 'x'.repeat(40), policies: ['all'] };
  const policies = { all: { Version: '2012-10-17', Statement: all } };
  const config = readAccess({ policies, keys: [key] }, '.', {});
  // What a suite signs with is shorter than the secrets that a file may have.
  const keys = new Map([[id, { ...config.keys.get(id), secret }]]);
  return new Access({ ...config, keys }, { ...owner, clock: systemClock });
}

function freePort() {
  return new Promise((found, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

function report(outcomes) {
  if (options.json) writeFileSync(options.json, JSON.stringify(outcomes, null, 1));
  const rows = readExcuses();
  const counts = { passed: 0, failed: 0, excused: 0, skipped: 0 };
  const used = new Set();
  for (const { test, outcome, why } of outcomes) {
    const isSkip = outcome === 'skipped' && !suite.skipsAreOurs;
    const row = outcome === 'passed' || isSkip ? undefined : rows.find((one) => matches(one, test));
    if (row !== undefined) used.add(row);
    const kind =
      row !== undefined ? 'excused' : isSkip || outcome === 'passed' ? outcome : 'failed';
    counts[kind] += 1;
    if (kind === 'failed') console.log(`failed: ${test}\n    ${why}`);
  }
  const idle = options.only === undefined ? rows.filter((row) => !used.has(row)) : [];
  for (const { test } of idle) console.log(`excuses nothing any more: ${test}`);
  const { passed, failed, excused, skipped } = counts;
  console.log(
    `conformance ${name} at ${suite.commit.slice(0, 12)}: ${outcomes.length} tests, ${excused} of ` +
      `them excused in test/conformance/${name}.json, ${skipped} skipped by the suite itself`,
  );
  console.log(`${passed} passed, ${failed} failed, ${excused + skipped} skipped`);
  process.exitCode = failed + idle.length === 0 && passed > 0 ? 0 : 1;
}

/** A row is one test or, with a star at its end, all whose names start so. */
function readExcuses() {
  const file = new URL(`../test/conformance/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).flatMap(({ tests, ...reason }) =>
    tests.map((test) => ({ test, ...reason })),
  );
}

function matches({ test }, asked) {
  return test.endsWith('*') ? asked.startsWith(test.slice(0, -1)) : asked === test;
}
