import { beforeEach, describe, expect, test } from 'vitest';
import { ItemWorld } from '../../support/item-world.ts';

let world: ItemWorld;
const at = (s: number): object => ({ p: { S: 'x' }, s: { N: `${s}` } });
const scan = (more: object = {}): object => ({ TableName: 'Tab', ...more });
const greater = {
  FilterExpression: 's > :3',
  ExpressionAttributeValues: { ':3': { N: '3' } },
};

beforeEach(() => {
  world = new ItemWorld();
  world.table('Tab', ['p:S', 's:N'], { global: { gsi: { keys: ['c:S'], project: 'KEYS_ONLY' } } });
  for (const s of [1, 2, 3, 4, 5]) {
    const c = s % 2 === 0 ? { c: { S: 'r' } } : {};
    world.call('PutItem', { TableName: 'Tab', Item: { ...at(s), ...c, v: { S: 'v' } } });
  }
});

describe('the worked examples', () => {
  test.each([
    [scan({ Limit: 5 }), 5, 5, at(5)],
    [scan({ Limit: 6 }), 5, 5, undefined],
    [scan(greater), 2, 5, undefined],
    [scan({ ExclusiveStartKey: at(3) }), 2, 2, undefined],
    [scan({ IndexName: 'gsi' }), 2, 2, undefined],
    [scan({ Select: 'COUNT' }), 5, 5, undefined],
  ])('%j', (input, count, scanned, last) => {
    const answer = world.call('Scan', input);
    expect([answer['Count'], answer['ScannedCount'], answer['LastEvaluatedKey']]).toEqual([
      count,
      scanned,
      last,
    ]);
  });
});

describe('segments', () => {
  const inSegments = (total: number, more: object = {}): string[][] =>
    Array.from({ length: total }, (_, Segment) => {
      const input = scan({ TotalSegments: total, Segment, ...more });
      const items = world.call('Scan', input)['Items'] as { p: { S: string } }[];
      return items.map(({ p }) => p.S);
    });

  test('keep the items of one partition key together', () => {
    const counts = inSegments(4).map((found) => found.length);
    expect(counts.filter((count) => count > 0)).toEqual([5]);
  });

  test('are disjoint and cover the table', () => {
    for (let n = 0; n < 60; n += 1) {
      world.call('PutItem', { TableName: 'Tab', Item: { p: { S: `p${n}` }, s: { N: '0' } } });
    }
    const segments = inSegments(7);
    const all = segments.flat();
    expect(all).toHaveLength(65);
    expect(new Set(all).size).toBe(61);
    expect(segments.filter((found) => found.length > 0).length).toBeGreaterThan(3);
  });

  test('refuse the start key of another', () => {
    const mine = inSegments(2).findIndex((found) => found.length > 0);
    const other = scan({ TotalSegments: 2, Segment: 1 - mine, ExclusiveStartKey: at(1) });
    expect(world.invalid('Scan', other)).toBe(
      'The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ' +
        `ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: ${1 - mine}`,
    );
    const same = scan({ TotalSegments: 2, Segment: mine, ExclusiveStartKey: at(1) });
    expect(world.call('Scan', same)['Count']).toBe(4);
  });
});

describe('a Scan is refused', () => {
  const start = 'The provided starting key is invalid';
  const mismatch = `${start}: The provided key element does not match the schema`;
  const rows: readonly [string, object, string][] = [
    [
      'with Segment alone',
      scan({ TableName: 'none', Segment: 0 }),
      'The TotalSegments parameter is required but was not present in the request when Segment ' +
        'parameter is present',
    ],
    [
      'with TotalSegments alone',
      scan({ TableName: 'none', TotalSegments: 1 }),
      'The Segment parameter is required but was not present in the request when parameter ' +
        'TotalSegments is present',
    ],
    [
      'with a segment beyond the last',
      scan({ TableName: 'none', Segment: 2, TotalSegments: 2 }),
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: ' +
        'Segment: 2 is not less than TotalSegments: 2',
    ],
    [
      'with ALL_PROJECTED_ATTRIBUTES of a table',
      scan({ TableName: 'none', Select: 'ALL_PROJECTED_ATTRIBUTES' }),
      'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    ],
    [
      'with SPECIFIC_ATTRIBUTES and no projection',
      scan({ TableName: 'none', Select: 'SPECIFIC_ATTRIBUTES' }),
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get ' +
        'SPECIFIC_ATTRIBUTES',
    ],
    [
      'with an unknown index',
      scan({ IndexName: 'nope' }),
      'The table does not have the specified index: nope',
    ],
    [
      'when a global index shall be consistent',
      scan({ IndexName: 'gsi', ConsistentRead: true }),
      'Consistent reads are not supported on global secondary indexes',
    ],
    ['with a part of a start key', scan({ ExclusiveStartKey: { p: { S: 'x' } } }), mismatch],
    [
      'with a start key of a wrong type',
      scan({ ExclusiveStartKey: { p: { S: 'x' }, s: { S: '1' } } }),
      mismatch,
    ],
    [
      'with a start key of the table, on an index',
      scan({ IndexName: 'gsi', ExclusiveStartKey: at(2) }),
      start,
    ],
  ];
  test.each(rows)('%s', (_, input, message) => {
    expect(world.invalid('Scan', input)).toBe(message);
  });

  test('when the table is missing', () => {
    expect(world.refuse('Scan', { TableName: 'none' }).name).toBe('ResourceNotFoundException');
  });
});

test('pages of one item each are the whole table, in its order', () => {
  const whole = world.call('Scan', scan())['Items'];
  const found: unknown[] = [];
  let from: object | undefined;
  for (let page = 0; page < 10; page += 1) {
    const answer = world.call('Scan', scan({ Limit: 1, ...(from && { ExclusiveStartKey: from }) }));
    found.push(...(answer['Items'] as unknown[]));
    from = answer['LastEvaluatedKey'] as object | undefined;
    if (from === undefined) break;
  }
  expect(found).toEqual(whole);
});
