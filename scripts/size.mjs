/**
 * Prints the gzip size of each entry, bundled and minified, and fails when one is over its budget.
 *
 * Counted is what an entry loads at once: its own chunk and those it imports statically. The
 * inlined worker is a chunk that `open` imports when it needs it, so it is shown on a line of its
 * own. A worker's own script is some lines that import its host (docs/adr/0037): weighed is what it
 * runs with it.
 */
import { existsSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import {
  budgets,
  entries,
  external,
  optimization,
  weighed,
  workerBuild,
} from '../build/entries.ts';

/** The chunks of one entry, bundled alone. */
async function bundle(file) {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    worker: workerBuild,
    build: {
      write: false,
      target: 'es2022',
      lib: { formats: ['es'], entry: file },
      // Vite itself leaves the white space in a library.
      rolldownOptions: { external: [...external], optimization, output: { minify: true } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  return outputs.flatMap(({ output }) => output).filter(({ type }) => type === 'chunk');
}

/** Gzip bytes of the entry chunk and of those it imports statically; then of the rest. */
function sizes(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set();
  const queue = chunks.filter(({ isEntry }) => isEntry);
  for (const chunk of queue) {
    if (first.has(chunk)) continue;
    first.add(chunk);
    for (const name of chunk.imports) if (byName.has(name)) queue.push(byName.get(name));
  }
  const total = (some) =>
    some.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  return {
    atOnce: total([...first]),
    later: total(chunks.filter((chunk) => !first.has(chunk))),
  };
}

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(1)} KB`;
const row = (...cells) =>
  console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(20) : cell.padStart(10))).join(''));

let isOver = false;
row('entry', 'gzip', 'budget', 'later');
for (const [name, file] of Object.entries(entries)) {
  if (!existsSync(file)) continue;
  const { atOnce, later } = sizes(await bundle(weighed[name] ?? file));
  const budget = budgets[name];
  const over = budget !== undefined && atOnce > budget;
  isOver ||= over;
  const title = name === 'index' ? 'tidetable' : `tidetable/${name}`;
  const mark = over ? ' over' : '';
  row(
    title,
    kilobytes(atOnce),
    budget === undefined ? '-' : kilobytes(budget) + mark,
    later === 0 ? '-' : kilobytes(later),
  );
}
if (isOver) process.exitCode = 1;
