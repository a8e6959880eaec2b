import { expect, test } from 'vitest';
import { beginMend, counted, encodeMend, inPhase, seen } from '../../src/replica/mend.ts';
import { textOf } from '../../src/base/bytes.ts';

const replica = new Uint8Array(16);

test('a walk is kept as text, and goes on where it was', () => {
  const begun = { ...beginMend('items', [8]), table: 't', after: 'ff' };
  expect(JSON.parse(textOf(encodeMend(begun)))).toEqual(begun);
  expect(inPhase(begun, 'end')).toMatchObject({ phase: 'end', table: '', after: '', kinds: [8] });
});

test('what was lost is counted, and the greatest stamp is known', () => {
  const one = counted(beginMend('items', []), { rebuilt: 2, unknown: 1 });
  const two = counted(one, { rebuilt: 1, emptied: 4 });
  expect(two.tally).toEqual({ rebuilt: 3, emptied: 4, unknown: 1 });
  const later = seen(two, { stamp: { ms: 7, counter: 2, replica }, isDeleted: false });
  expect(seen(later, { stamp: { ms: 6, counter: 9, replica }, isDeleted: true }).clock).toEqual({
    ms: 7,
    counter: 2,
  });
});
