import { expect, test } from 'vitest';
import { encodeChanges } from '../../../src/replica/page.ts';
import { openRig } from '../../support/engine.ts';
import { internal, Pair } from '../../support/replica-pair.ts';

const Rows = encodeChanges([]);
const lacks = { Epoch: 'ee'.repeat(16), At: '{}', Rows, Absent: [], Older: [] };

test('a hub compares and a device takes what it lacks: neither does the other’s', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  expect(await internal(pair.hub, 'CompareRows', { Rows })).toEqual({ Absent: [], Older: [] });
  await expect(internal(a, 'CompareRows', { Rows })).rejects.toThrow('is no hub');
  await expect(internal(pair.hub, 'TakeLacks', lacks)).rejects.toThrow('no device');
  await expect(internal(await openRig(), 'TakeLacks', lacks)).rejects.toThrow('no device');
});

test('what nobody has asked for is not taken', async () => {
  const pair = await Pair.open();
  const a = await pair.device();
  await pair.sync(a);
  expect(await internal(a, 'TakeLacks', lacks)).toEqual({ IsTaken: false });
});
