import { describe, expect, test } from 'vitest';
import type { Call } from '../../src/engine/call.ts';
import { completeCommits, type Place } from '../../src/engine/commit.ts';
import type { Effect } from '../../src/operation/operation.ts';

const replica = new Uint8Array(16).fill(7);
const drafts = [0, 1, 2].map((units) => ({ table: 200, mutations: [], units }));

function callAt(nowMs: number): Call {
  const context = { nowMs, caller: { kind: 'user', principal: '' } };
  return { context, request: {} } as unknown as Call;
}

function placeAt(sequence: number, ms: number): Place {
  return { sequence, clock: { ms, counter: 0 } };
}

function complete(effect: Partial<Effect>, place: Place, nowMs = 1000) {
  return completeCommits(callAt(nowMs), { output: {}, ...effect }, replica, place);
}

describe('commits', () => {
  test('are numbered densely from the place of the turn, which moves past them', () => {
    const place = placeAt(41, 0);
    const commits = complete({ commits: drafts }, place);
    expect(commits.map(({ sequence }) => sequence)).toEqual([42, 43, 44]);
    expect(place.sequence).toBe(44);
    expect(commits.map(({ transaction, transactionEnd }) => [transaction, transactionEnd])).toEqual(
      [
        [0, true],
        [0, true],
        [0, true],
      ],
    );
  });

  test('of a transaction share a stamp and its id; only the last ends it', () => {
    const commits = complete({ commits: drafts, transaction: true }, placeAt(9, 0));
    expect(commits.map(({ transaction }) => transaction)).toEqual([10, 10, 10]);
    expect(commits.map(({ transactionEnd }) => transactionEnd)).toEqual([false, false, true]);
    expect(new Set(commits.map(({ stamp }) => `${stamp.ms} ${stamp.counter}`)).size).toBe(1);
  });

  test('have rising stamps, even when the wall clock was set back', () => {
    const place = placeAt(0, 5000);
    const commits = [...complete({ commits: drafts }, place, 1000)];
    commits.push(...complete({ commits: drafts }, place, 6000));
    const stamps = commits.map(({ stamp }) => stamp.ms * 100_000 + stamp.counter);
    expect(stamps[0]).toBeGreaterThan(5000 * 100_000);
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
    expect(commits[3]?.stamp.ms).toBe(6000);
  });

  test('are of the request’s caller, unless their draft says whose they are', () => {
    const [draft] = drafts as [(typeof drafts)[number]];
    const commits = complete({ commits: [draft, { ...draft, caller: 'engine' }] }, placeAt(0, 0));
    expect(commits.map(({ caller }) => caller)).toEqual(['user', 'engine']);
  });

  test('of an effect that changes nothing are none', () => {
    const place = placeAt(5, 3);
    expect(complete({}, place)).toEqual([]);
    expect(place).toEqual(placeAt(5, 3));
  });
});
