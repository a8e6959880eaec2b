/**
 * docs/sync-scenarios.md names the tests of each scenario of sync; here it is looked that all
 * scenarios are there, that each has a test or a reason, and that the tests are.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/sync-scenarios.md', root), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => /^\| [A-Z]\d/.test(line))
  .map((line) => line.slice(2, -2).split(' | '));

/** How many there are of each kind. */
const counts = { L: 17, D: 8, R: 3, T: 6, K: 7, P: 7, U: 31 } as const;

/** The source of a test, a text that goes over several lines being one. */
function sourceOf(file: string): string {
  const text = readFileSync(new URL(`test/${file}.test.ts`, root), 'utf8');
  return text.replaceAll(/['`] \+\s+['`]/g, '');
}

describe('the scenarios of sync', () => {
  test('are all in the table, in their order, each once', () => {
    const all = Object.entries(counts).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, at) => `${kind}${at + 1}`),
    );
    expect(rows.map(([id]) => id)).toEqual(all);
  });

  test.each(rows)('%s: %s', (_id, what = '', tests = '') => {
    expect(what.length).toBeGreaterThan(10);
    if (/^not built: \S/.test(tests)) return;
    expect(tests).toMatch(/^`[\w/-]+` \S/);
    for (const one of tests.split('; `')) {
      const [, file = '', name = ''] = /^`?([\w/-]+)` (.+)$/.exec(one) ?? [];
      expect(sourceOf(file).includes(name), `${file}: ${name}`).toBe(true);
    }
  });
});
