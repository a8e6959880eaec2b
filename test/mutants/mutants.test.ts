/** Mutants: every patch applies, and the simulation finds some of them within a few seeds. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutants } from './all.ts';
import { mutate } from './mutant.ts';

/** Found within the first seeds, one of each kind. */
const quick = ['race-not-decided-again', 'tail-not-cut', 'delta-base-swept'];

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

  test.each(quick)(
    '%s is found by the simulation',
    (name) => {
      expect(hunt(name, 20)).toMatch(/mutants 1, missed 0\n$/);
    },
    130_000,
  );
});
