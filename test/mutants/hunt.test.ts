/** The hunt for a mutant among seeds: what fails without the mistake does not count. */
import { describe, expect, test } from 'vitest';
import { type Found, hunt } from './hunt.ts';

interface World {
  readonly mutated: readonly number[];
  readonly plain: readonly number[];
}

async function hunted({ mutated, plain }: World): Promise<{ found?: Found; told: string[] }> {
  const told: string[] = [];
  const found = await hunt(10, {
    mutated: async (from) => failed(mutated.find((seed) => seed >= from)),
    plain: async (seed) => failed(plain.find((one) => one === seed)),
    tell: (text) => told.push(text),
  });
  return found === undefined ? { told } : { found, told };
}

function failed(seed: number | undefined): Found | undefined {
  return seed === undefined ? undefined : { seed, violation: `world ${seed}` };
}

describe('the hunt for a mutant', () => {
  test('ends at the first seed that fails', async () => {
    const { found, told } = await hunted({ mutated: [3, 7], plain: [] });
    expect(found).toEqual({ seed: 3, violation: 'world 3' });
    expect(told).toEqual([]);
  });

  test('goes on behind a seed that fails without the mistake too, and tells of it', async () => {
    const { found, told } = await hunted({ mutated: [3, 4, 7], plain: [3, 4] });
    expect(found?.seed).toBe(7);
    expect(told).toHaveLength(2);
    expect(told[0]).toBe('seed 3 fails without a mistake too: world 3');
  });

  test('finds nothing where all that fail do so without the mistake', async () => {
    const { found } = await hunted({ mutated: [10], plain: [10] });
    expect(found).toBeUndefined();
    expect((await hunted({ mutated: [], plain: [] })).found).toBeUndefined();
  });
});
