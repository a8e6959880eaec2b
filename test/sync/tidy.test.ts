import { expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine-types.ts';
import { tidyReplica } from '../../src/sync/tidy.ts';

test('slices follow one another until nothing is left, or it is over', async () => {
  const asked: unknown[] = [];
  const engine = {
    call: ({ input }: { readonly input: object }) => {
      asked.push(input);
      return Promise.resolve({ Done: asked.length === 3, After: `after ${asked.length}` });
    },
  } as unknown as Engine;
  await tidyReplica(engine, { AwayMs: 5 }, () => false);
  expect(asked).toEqual([
    { AwayMs: 5 },
    { AwayMs: 5, After: 'after 1' },
    { AwayMs: 5, After: 'after 2' },
  ]);
  await tidyReplica(engine, {}, () => asked.length === 3);
  expect(asked).toHaveLength(3);
});
