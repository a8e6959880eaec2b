import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry } from '../../../src/replica/entry.ts';
import { edit, internal, textAt } from '../../support/replica-pair.ts';
import { sell, stocked } from '../../support/sales.ts';

test('what is no write, or cannot be read, is refused, and blocks nothing', async () => {
  const { pair, a } = await stocked(5);
  await sell(a);
  await edit(a, 'other', 'behind');
  const { Entries } = await internal(a, 'PreparePush');
  const [first] = (Entries as readonly Uint8Array[]).map((one) => decodeEntry(one));
  expect(first?.mutations[0]?.image).toBeUndefined();
  expect(first?.request).toMatchObject({ operation: 'UpdateItem', form: 'wire' });
  const ReplicaId = String((await internal(a, 'ReadLink'))['ReplicaId']);
  const request = { operation: 'CreateTable', form: 'wire', input: Uint8Array.of(9, 0) } as const;
  const hostile = encodeEntry({ ...(first as NonNullable<typeof first>), request });
  const push = { kind: 'push', number: 1, Entries: [hostile] } as const;
  expect(await pair.tell(push, ReplicaId)).toMatchObject({
    Outcomes: [{ Kind: 'refused', Code: 'Malformed' }],
  });
  await pair.sync(a);
  expect(await textAt(pair.hub, 'other')).toBe('behind');
});
