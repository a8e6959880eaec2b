import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/log/change.ts';
import { recordOfChange } from '../../src/stream/record.ts';
import { sequenceNumber } from '../../src/stream/sequence.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { joinKey } from '../../src/value/key.ts';
import type { Item } from '../../src/value/value.ts';

const arn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/T/stream/2026-01-01T00:00:00.000';
const stream = {
  arn,
  view: 'NEW_AND_OLD_IMAGES',
  keys: { hash: [{ name: 'p', type: 'S' }], range: [{ name: 's', type: 'N' }] },
} as const;
const key: Item = new Map([
  ['p', { type: 'S', value: 'a' }],
  ['s', { type: 'N', value: '12' }],
]);
const item: Item = new Map([...key, ['v', { type: 'S', value: 'xyz' }]]);

function change(more: Partial<Change> = {}): Change {
  return {
    place: { ms: 1_767_225_600_600, sequence: 9 },
    caller: 'user',
    key: joinKey([{ type: 'S', value: 'a' }], [{ type: 'N', value: '12' }]),
    kind: 'modify',
    before: encodeItem(key),
    after: encodeItem(item),
    ...more,
  };
}

const stamp = { ms: 7, counter: 3, replica: new Uint8Array(16).fill(0xab) };

describe('a record of a replicated table', () => {
  const marksOf = (more: Partial<Change>, isPlain?: boolean): object => {
    const { origin, stamp } = recordOfChange(stream, change(more), stream.view, isPlain);
    return { origin, stamp };
  };

  test('tells of replicas only where it is asked for in our own words', () => {
    const told = { ms: 7, counter: 3, replica: 'ab'.repeat(16) };
    expect(marksOf({ stamp }, true)).toEqual({ origin: 'here', stamp: told });
    expect(marksOf({ stamp, caller: 'sync' }, true)).toEqual({ origin: 'elsewhere', stamp: told });
    const shown = recordOfChange(stream, change({ stamp }));
    expect(shown).toEqual(recordOfChange(stream, change()));
    expect(Object.keys(shown)).not.toContain('origin');
  });

  test('has no stamp where no version was left, and neither where none was recorded', () => {
    expect(marksOf({ stamp: { ...stamp, ms: 0 } }, true)).toEqual({ origin: 'here' });
    expect(marksOf({ caller: 'sync' }, true)).toEqual({});
  });
});

describe('a record', () => {
  test('has the members of the reference', () => {
    const { dynamodb, ...rest } = recordOfChange(stream, change());
    const { NewImage, OldImage, ...others } = dynamodb;
    expect(rest).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'MODIFY',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
    });
    expect(others).toEqual({
      ApproximateCreationDateTime: 1_767_225_601,
      Keys: key,
      SequenceNumber: sequenceNumber({ ms: 1_767_225_600_600, sequence: 9 }),
      // Keys twice and once more in the images: 1 + 1 + 1 + 2 each, and v with its value.
      SizeBytes: 5 + 5 + (5 + 4),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    });
    expect(NewImage?.item()).toEqual(item);
    expect(OldImage?.item()).toEqual(key);
  });

  test('without images has the keys all the same', () => {
    const { dynamodb } = recordOfChange(stream, change({ before: undefined, after: undefined }));
    expect(dynamodb).not.toHaveProperty('NewImage');
    expect(dynamodb).not.toHaveProperty('OldImage');
    expect(dynamodb.Keys).toEqual(key);
    expect(dynamodb.SizeBytes).toBe(5);
  });

  test.each([
    ['insert', 'INSERT'],
    ['modify', 'MODIFY'],
    ['remove', 'REMOVE'],
  ] as const)('of %s is called %s', (kind, name) => {
    expect(recordOfChange(stream, change({ kind })).eventName).toBe(name);
  });

  test("says who it was only where the item's time was over", () => {
    expect(recordOfChange(stream, change({ caller: 'ttl', kind: 'remove' })).userIdentity).toEqual({
      PrincipalId: 'dynamodb.amazonaws.com',
      Type: 'Service',
    });
    for (const caller of ['user', 'sync', 'backfill', 'engine'] as const) {
      expect(recordOfChange(stream, change({ caller }))).not.toHaveProperty('userIdentity');
    }
  });

  test('has an id that no other record has, and the same whenever it is read', () => {
    const ids = new Set<string>();
    for (let sequence = 0; sequence < 200; sequence += 1) {
      const place = { ms: 1_767_225_600_600, sequence };
      const { eventID } = recordOfChange(stream, change({ place }));
      expect(recordOfChange(stream, change({ place })).eventID).toBe(eventID);
      ids.add(eventID);
      ids.add(recordOfChange({ ...stream, arn: `${arn}x` }, change({ place })).eventID);
    }
    expect(ids.size).toBe(400);
  });
});
