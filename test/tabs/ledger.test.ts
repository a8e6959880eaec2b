import { describe, expect, test } from 'vitest';
import { Ledger, type StoredItem, type Told } from './ledger.ts';

type Write = Pick<Told, 'id' | 'kind'> & Partial<Told>;

const lost = { name: 'ConditionalCheckFailedException', message: 'The conditional request failed' };
const full = { name: 'InternalServerError', message: 'The disk is full; nothing was written' };
const dead = { name: 'DatabaseError', message: 'died', mayHaveBeenApplied: true };

/** Writes of tab `a` that were told, then ended so; without an end for `open` ones. */
function judge(
  writes: readonly (Write & { readonly open?: boolean })[],
  items: readonly StoredItem[],
  indexed: readonly StoredItem[] = items.filter(({ tab }) => tab !== undefined),
): readonly string[] {
  const ledger = new Ledger();
  for (const { open = false, ...write } of writes) {
    ledger.take({ tab: 'a', ...write, done: false });
    if (!open) ledger.take({ tab: 'a', ...write, done: true });
  }
  return ledger.judge(items, indexed).wrongs;
}

const put = { id: 'a-1', kind: 'put' } as const;
const pair = { id: 'a-1', kind: 'pair' } as const;
const halves = [
  { id: 'a-1-a', tab: 'a' },
  { id: 'a-1-b', tab: 'a' },
];
const add = (id: string, value: number): Write => ({ id, kind: 'add', value });
const claim = { id: 'a-1', kind: 'claim', claim: 7 } as const;

describe('the ledger of the tabs', () => {
  test.each([
    ['what was acknowledged is there', [put], [{ id: 'a-1', tab: 'a' }]],
    ['what was refused is not', [{ ...put, error: full }], []],
    ['what is unknown may be there', [{ ...put, error: dead }], [{ id: 'a-1', tab: 'a' }]],
    ['or not', [{ ...put, open: true }], []],
    ['a pair is whole and counted', [pair], [...halves, { id: 'pairs a', n: 1 }]],
    ['increments are counted', [add('a-1', 1), add('a-2', 2)], [{ id: 'shared', n: 2 }]],
    [
      'an open one may be',
      [add('a-1', 1), { ...add('a-2', 0), open: true }],
      [{ id: 'shared', n: 2 }],
    ],
    ['a claim is its winner\u2019s', [claim], [{ id: 'claim 7', tab: 'a' }]],
    [
      'and its loser saw whose',
      [{ ...claim, error: { ...lost, owner: 'b' } }],
      [{ id: 'claim 7', tab: 'b' }],
    ],
  ] satisfies [string, Parameters<typeof judge>[0], StoredItem[]][])('%s', (_, writes, items) => {
    expect(judge(writes, items)).toEqual([]);
  });

  test.each([
    ['a-1 is lost', [put], []],
    ['a-1 was refused, and is there', [{ ...put, error: full }], [{ id: 'a-1', tab: 'a' }]],
    ['a-1 is torn', [{ ...pair, error: dead }], halves.slice(1)],
    ['a has 1 pairs and counted 0', [pair], halves],
    [
      'the shared counter is 1 after 2 increments',
      [add('a-1', 1), add('a-2', 1)],
      [{ id: 'shared', n: 1 }],
    ],
    ['two increments were told 1', [add('a-1', 1), add('a-2', 1)], [{ id: 'shared', n: 2 }]],
    ['an increment was told more than 1', [add('a-1', 2)], [{ id: 'shared', n: 1 }]],
    ['claim 7 was given to a and belongs to b', [claim], [{ id: 'claim 7', tab: 'b' }]],
    [
      'a saw claim 7 with b, and it belongs to c',
      [{ ...claim, error: { ...lost, owner: 'b' } }],
      [{ id: 'claim 7', tab: 'c' }],
    ],
  ] satisfies [string, Parameters<typeof judge>[0], StoredItem[]][])(
    'finds that %s',
    (wrong, writes, items) => {
      expect(judge(writes, items)).toContainEqual(expect.stringContaining(wrong));
    },
  );

  test('what a dead tab had planned may be there, and what nobody planned may not', () => {
    const ledger = new Ledger();
    const items = [...halves, { id: 'pairs a', n: 1 }, { id: 'shared', n: 1 }];
    const plan = [
      { tab: 'a', ...pair },
      { tab: 'a', ...add('a-2', 0) },
    ];
    ledger.take({ plan });
    const indexed = items.slice(0, 2);
    expect(ledger.judge(items, indexed).wrongs).toEqual([
      'nobody wrote a-1-a',
      'nobody wrote a-1-b',
      'the shared counter is 1 after 0 increments and 0 unknown ones',
    ]);
    ledger.lose('b');
    expect(ledger.judge(items, indexed).wrongs).toHaveLength(3);
    ledger.lose('a');
    expect(ledger.judge(items, indexed)).toMatchObject({ wrongs: [], unknown: 2 });
  });

  test('finds an index that differs from the table', () => {
    const item = { id: 'claim 7', tab: 'a' };
    expect(judge([], [item], [])).toEqual(['claim 7 is not in the index']);
    expect(judge([], [], [item])).toEqual(['claim 7 is in the index alone']);
    expect(judge([], [item], [item, item])).toEqual(['an item is in the index twice']);
  });
});
