import { expect, test } from 'vitest';
import { ask, openRig } from '../../support/engine.ts';
import { engineCaller, openReplica } from '../../support/replica.ts';

test('has nothing to do in a database that has lost nothing, or is no replica', async () => {
  for (const rig of [await openRig(), await openReplica('device'), await openReplica('hub')]) {
    const output = await ask(rig, 'MendReplica', {}, { caller: engineCaller });
    expect(output).toEqual({ Done: true });
  }
});
