/**
 * Builds what `npm start` serves into examples/dist: the page at `/` and the examples.
 *
 * It stays out of dist/, which is the package: the atlas's data are no part of that. Nothing is
 * built while the names, sizes and times of the sources are those of the last build.
 */
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { writeAtlasData } from './atlas-data.mjs';

const home = fileURLToPath(new URL('..', import.meta.url));
const sources = [
  'examples',
  'src',
  'worker',
  'package-lock.json',
  'scripts/atlas-data.mjs',
  'scripts/build-examples.mjs',
];

/** The folder to be served; its stamp is a hidden file, which servers do not show. */
export const siteRoot = join(home, 'examples/dist');

/** Builds when something is missing or changed; says whether it did. */
export async function buildExamples() {
  const stampFile = join(siteRoot, '.stamp');
  const stamp = sources.flatMap((source) => stampsOf(join(home, source))).join('\n');
  if (textOf(stampFile) === stamp) return false;
  const atlas = join(siteRoot, 'examples/atlas');
  // The stamp goes first: a build that is cut off must not pass for one that was done.
  mkdirSync(siteRoot, { recursive: true });
  writeFileSync(stampFile, '');
  for (const example of ['atlas', 'leaderboard', 'fieldnotes']) {
    const configFile = join(home, `examples/${example}/vite.config.ts`);
    await build({ configFile, logLevel: 'warn' });
  }
  writeAtlasData(join(atlas, 'data'));
  copyFileSync(join(home, 'examples/index.html'), join(siteRoot, 'index.html'));
  writeFileSync(stampFile, stamp);
  return true;
}

/** A line for every file at or under `path`, without the built ones. */
function stampsOf(path) {
  const { mtimeMs, size } = statSync(path);
  if (!statSync(path).isDirectory()) return [`${path.slice(home.length)} ${size} ${mtimeMs}`];
  return readdirSync(path)
    .filter((name) => name !== 'dist' && !name.startsWith('.'))
    .sort()
    .flatMap((name) => stampsOf(join(path, name)));
}

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
