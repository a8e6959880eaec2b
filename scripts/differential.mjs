/**
 * `npm run differential -- [--seeds N] [--first S] [--seed S] [--requests N] [--endpoint URL]
 * [--json FILE] [--require]`: seeded tables, items and requests, asked of this engine and of
 * DynamoDB Local.
 *
 * DynamoDB Local is fetched and started (scripts/dynamodb-local.mjs); `--endpoint` asks a running
 * endpoint instead. Where neither can be had one line says so, and the run fails only with
 * `--require`. Differences that test/differential/explained.ts does not explain are printed, by
 * kind, and fail the run.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serve } from '../src/host/http.ts';
import { openNodeDatabase } from '../src/host/node.ts';
import { httpSide } from '../test/differential/sides.ts';
import { runSeed } from '../test/differential/world.ts';
import { startDynamoDbLocal } from './dynamodb-local.mjs';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    requests: { type: 'string', default: '500' },
    endpoint: { type: 'string' },
    json: { type: 'string' },
    require: { type: 'boolean', default: false },
  },
});
const number = (name) => {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
};
const first = number(options.seed === undefined ? 'first' : 'seed');
const last = options.seed === undefined ? first + number('seeds') - 1 : first;
const requests = number('requests');
const shownOfKind = 2;

const local = options.endpoint ? { url: options.endpoint } : await startDynamoDbLocal();
if (local.url === undefined) {
  console.log(`differential: left out, DynamoDB Local cannot be had here: ${local.why}`);
  process.exitCode = options.require ? 1 : 0;
} else {
  await run(local.url).finally(() => local.stop?.());
}

async function run(url) {
  const engine = await openNodeDatabase({ memory: true });
  const server = await serve({ engine, port: 0 });
  const ours = httpSide(`http://127.0.0.1:${server.port}`);
  const theirs = httpSide(url);
  const total = { requests: 0, accepted: 0, differences: [] };
  try {
    for (let seed = first; seed <= last; seed += 1) {
      const verdict = await runSeed(seed, requests, ours, theirs);
      total.requests += verdict.requests;
      total.accepted += verdict.accepted;
      total.differences.push(...verdict.differences);
    }
  } finally {
    await server.close();
    await engine.close();
  }
  report(total);
}

function report({ requests: asked, accepted, differences }) {
  if (options.json) writeFileSync(options.json, JSON.stringify(differences, null, 1));
  const known = differences.filter(({ explained }) => explained !== undefined);
  for (const [why, list] of groupBy(known, ({ explained }) => explained)) {
    console.log(`${String(list.length).padStart(6)}  explained: ${why}`);
  }
  const open = differences.filter(({ explained }) => explained === undefined);
  for (const [kind, list] of groupBy(open, kindOf)) {
    console.log(`\n${list.length} of ${kind}`);
    for (const difference of list.slice(0, shownOfKind)) show(difference);
  }
  console.log(
    `\ndifferential: ${asked} requests of ${last - first + 1} seeds, ${accepted} accepted, ` +
      `${known.length} differences explained, ${open.length} unexplained`,
  );
  process.exitCode = open.length === 0 ? 0 : 1;
}

function groupBy(list, key) {
  return [...Map.groupBy(list, key)].sort(([, a], [, b]) => b.length - a.length);
}

/** Differences with the same first words are most often of one cause. */
function kindOf({ asked, ours, theirs }) {
  const head = (line) => line.slice(0, line.startsWith('200') ? 3 : 90);
  return `${asked.operation}: ours ${head(ours)} | theirs ${head(theirs)}`;
}

function show({ seed, at, asked, ours, theirs }) {
  const cut = (text) => (text.length > 700 ? `${text.slice(0, 700)}…` : text);
  console.log(
    `  seed ${seed}, request ${at}: ${asked.operation} ${cut(JSON.stringify(asked.input))}`,
  );
  console.log(`    ours   ${cut(ours)}\n    theirs ${cut(theirs)}`);
}
