/**
 * Mutants: every patch applies, the simulation finds some of them within a few seeds, and what has
 * found each of the others is written down: docs/simulation.md, docs/sync-scenarios.md.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutants } from './all.ts';
import { mutate } from './mutant.ts';

/** Found within the first seeds, one of each kind. */
const quick = ['race-not-decided-again', 'tail-not-cut', 'delta-base-swept'];

const pageOf = (name: string): string => readFileSync(`docs/${name}.md`, 'utf8');
/** What docs/simulation.md says of mutants. */
const [told = ''] = pageOf('simulation').split('## Mutants\n').slice(1).join('').split('\n## ');
/** Rows of docs/sync-scenarios.md: number, mistake, mutant, what finds it. */
const demanded = pageOf('sync-scenarios')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.slice(2, -2).split(' | '));

function hunt(name: string, seeds: number): string {
  const given = ['--only', name, '--seeds', String(seeds), '--operations', '600'];
  const options = { encoding: 'utf8', timeout: 120_000 } as const;
  const { stdout } = spawnSync(process.execPath, ['scripts/mutants.mjs', ...given], options);
  return stdout;
}

describe('mutants', () => {
  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s applies', (_, mutant) => {
    const source = readFileSync(mutant.file, 'utf8');
    expect(mutate(mutant, source)).not.toBe(source);
  });

  test('have names of their own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  test('that do not apply are told', () => {
    const [mutant] = mutants as readonly [(typeof mutants)[0]];
    expect(() => mutate(mutant, 'something else')).toThrow('has no such text any more');
    expect(() => mutate(mutant, mutant.find + mutant.find)).toThrow('has the text twice');
  });

  test('that no test is to find are in docs/simulation.md, each with its seed', () => {
    const named = [...told.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, name]) => name);
    const sought = mutants.filter(({ test: by }) => by === undefined).map(({ name }) => name);
    expect(sought.filter((name) => !named.includes(name))).toEqual([]);
    const known = new Set<string | undefined>(mutants.map(({ name }) => name));
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('that must be found are all in docs/sync-scenarios.md', () => {
    const numbers = Array.from({ length: 24 }, (_, at) => String(at + 1));
    expect(demanded.map(([number]) => number)).toEqual(numbers);
  });

  test.each(demanded)('%s: %s', (_, _mistake, mutant = '', by = '') => {
    const found = mutants.find(({ name }) => mutant === `\`${name}\``);
    expect(by).toMatch(found?.test === undefined ? /^seed \d+$/ : `\`${found.test}\``);
    expect(found?.sync).toBe(true);
  });

  test.each(quick)(
    '%s is found by the simulation',
    (name) => {
      expect(hunt(name, 20)).toMatch(/mutants 1, missed 0\n$/);
    },
    130_000,
  );
});
