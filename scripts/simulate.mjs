/**
 * `npm run simulate -- --seeds N [--seed S]`: seeded worlds of several engines over one store, each
 * judged against the model. `--seed S` runs that one alone and prints what it found.
 */
import { parseArgs } from 'node:util';
import { simulate } from '../test/simulation/world.ts';

const { values: options } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, seed: { type: 'string' } },
});
const single = options.seed === undefined ? undefined : Number(options.seed);
const first = single ?? 1;
const last = single ?? Number(options.seeds);
if (!Number.isInteger(first) || !Number.isInteger(last) || last < 1) {
  throw new Error('--seeds and --seed take whole numbers');
}

let violations = 0;
for (let seed = first; seed <= last; seed += 1) {
  const verdict = await simulate({
    seed,
    faults: { unknown: 0.02, frozen: 0.01, full: seed % 5 ? 0 : 0.01 },
  });
  violations += verdict.violations.length;
  for (const violation of verdict.violations) console.log(`seed ${seed}: ${violation}`);
  if (single !== undefined) console.log(JSON.stringify({ ...verdict, violations: undefined }));
}
console.log(`seeds ${last - first + 1}, violations ${violations}`);
process.exit(violations === 0 ? 0 : 1);
