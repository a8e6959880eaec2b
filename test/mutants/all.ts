/** Every mutant. */
import { appendMutants } from './append.ts';
import { checkpointMutants } from './checkpoint.ts';
import { commitMutants } from './commit.ts';
import { damageMutants } from './damage.ts';
import { expiryMutants } from './expiry.ts';
import { followMutants } from './follow.ts';
import { lifeMutants } from './life.ts';
import { liveMutants } from './live.ts';
import { modesMutants } from './modes.ts';
import { pagesMutants } from './pages.ts';
import { peersMutants } from './peers.ts';
import { replicaMutants } from './replica.ts';
import { scenarioMutants } from './scenarios.ts';
import { seekMutants } from './seeks.ts';
import { storageMutants } from './storage.ts';
import { triggerMutants } from './triggers.ts';
import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  ...appendMutants,
  ...commitMutants,
  ...followMutants,
  ...checkpointMutants,
  ...pagesMutants,
  ...damageMutants,
  ...expiryMutants,
  ...triggerMutants,
  ...liveMutants,
  ...replicaMutants,
  ...modesMutants,
  ...peersMutants,
  ...seekMutants,
  ...lifeMutants,
  ...scenarioMutants,
  ...storageMutants,
];
