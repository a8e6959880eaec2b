/**
 * docs/reference-audit.md names the test of each row of the reference; here it is looked that each
 * of them is there, and that the page leaves no row without a test or a reason.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const page = readFileSync(new URL('docs/reference-audit.md', root), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Row |'))
  .map((line) => line.slice(2, -2).split(' | '));

/** The source of a test, a text that goes over several lines being one. */
function sourceOf(file: string): string {
  const text = readFileSync(new URL(`test/${file}.test.ts`, root), 'utf8');
  return text.replaceAll(/['`] \+\s+['`]/g, '');
}

describe('the audit of the reference', () => {
  test('has a test or a reason in every row', () => {
    const bare = rows.filter(([row, tests]) => {
      return row === '' || !/^(`[\w/-]+` \S|open: \S|no local form: \S)/.test(tests ?? '');
    });
    expect(bare).toEqual([]);
    expect(rows.length).toBeGreaterThan(400);
  });

  test.each(rows)('%s', (_row, tests = '') => {
    if (/^(open|no local form): /.test(tests)) return;
    for (const one of tests.split('; `')) {
      const [, file = '', name = ''] = /^`?([\w/-]+)` (.+)$/.exec(one) ?? [];
      expect(sourceOf(file).includes(name), `${file}: ${name}`).toBe(true);
    }
  });
});
