import { describe, expect, test } from 'vitest';
import type { ToDevice } from '../../src/replica/message.ts';
import { advance, offline, type Session, type SessionEvent } from '../../src/replica/session.ts';

const link = { ReplicaId: 'r', First: 1, Settled: 0, Epoch: 'e', Cursor: 4 };
const prepared = (Entries: readonly Uint8Array[]): SessionEvent => ({
  type: 'answered',
  output: { ReplicaId: 'r', Entries, Epoch: 'e', Cursor: 4, Reach: 4, IsFollowed: true },
});
const heard = (message: ToDevice): SessionEvent => ({ type: 'received', message });
const greeting = (number: number): ToDevice => ({
  kind: 'greeting',
  number,
  ReplicaId: 'r',
  Epoch: 'e',
  ...{ IsHeld: true, IsBelow: false, IsRetired: false, HubId: 'h', Safe: 0, AwayMs: 1 },
  MarkSeq: 0,
  MarkId: '',
  Now: 1,
});
const page = (number: number, UpToDate: boolean, IsHeld = true): ToDevice => ({
  kind: 'page',
  number,
  IsHeld,
  Cursor: 9,
  Changes: new Uint8Array(),
  UpToDate,
  Through: 9,
});

/** What a session does with one event after another: `phase act`. */
function told(events: readonly SessionEvent[], from: Session = offline): readonly string[] {
  let session = from;
  return events.map((event) => {
    const step = advance(session, event);
    session = step.session;
    const { act } = step;
    const what =
      act?.type === 'ask' ? act.operation : act?.type === 'send' ? act.message.kind : act?.type;
    return `${session.phase} ${what ?? ''}`.trim();
  });
}

const answered = (output: object = {}): SessionEvent => ({ type: 'answered', output });
const greeted: readonly SessionEvent[] = [
  { type: 'connected' },
  answered(link),
  heard(greeting(1)),
  answered({ IsFork: false }),
];

describe('a session', () => {
  test('says hello, pushes, then pulls, and is live', () => {
    const outcome = { Seq: 1, Kind: 'applied', Code: '', Ms: 1, Counter: 0 } as const;
    const events = [
      ...greeted,
      prepared([Uint8Array.of(0xaa)]),
      heard({ kind: 'outcomes', number: 2, Outcomes: [outcome] }),
      answered(),
      prepared([]),
      heard(page(3, true)),
      answered(),
    ];
    expect(told(events)).toEqual([
      'reading ReadLink',
      'greeting hello',
      'taking-greeting TakeGreeting',
      'preparing PreparePush',
      'pushing push',
      'settling TakeOutcome',
      'preparing PreparePush',
      'pulling pull',
      'applying TakePage',
      'live',
    ]);
  });

  test('P3: pushes before each page that it asks for', () => {
    const events = [
      ...greeted,
      prepared([]),
      heard(page(2, false)),
      answered(),
      prepared([Uint8Array.of(0xaa)]),
    ];
    expect(told(events).slice(-3)).toEqual([
      'applying TakePage',
      'preparing PreparePush',
      'pushing push',
    ]);
  });

  test('asks again what is late, as it was, and does not hear an answer twice', () => {
    const events = [
      ...greeted.slice(0, 2),
      { type: 'late' },
      heard(greeting(1)),
      heard(greeting(1)),
      { type: 'late' },
    ] as const;
    expect(told(events).slice(-4)).toEqual([
      'greeting hello',
      'taking-greeting TakeGreeting',
      'taking-greeting',
      'taking-greeting',
    ]);
  });

  test('does not hear an answer to something else', () => {
    const events = [...greeted, prepared([]), heard(page(1, true)), heard(greeting(2))];
    expect(told(events).slice(-2)).toEqual(['pulling', 'pulling']);
  });

  test.each([
    ['a fork', answered({ IsFork: true }), 3],
    ['a batch that stopped', heard({ kind: 'outcomes', number: 2, Outcomes: [], Stop: 'gap' }), 5],
  ] as const)('begins anew after %s', (_, event, at) => {
    const events = [...greeted, prepared([Uint8Array.of(0xaa)])].slice(0, at);
    expect(told([...events, event]).at(-1)).toBe('reading ReadLink');
  });

  test('U19: says hello anew when another tab has given its id up', () => {
    const output = { ReplicaId: 'new', Entries: [Uint8Array.of(0xaa)], Epoch: 'e', Cursor: 4 };
    expect(told([...greeted, answered(output)]).at(-1)).toBe('reading ReadLink');
  });

  test('begins anew when the hub does not know its cursor', () => {
    const events = [...greeted, prepared([]), heard(page(2, true, false))];
    expect(told(events).at(-1)).toBe('reading ReadLink');
  });

  test('says hello anew when the hub waits for entries that are gone', () => {
    const Load = { Range: Uint8Array.of(1), After: new Uint8Array(), WithDeleted: false };
    const { output } = prepared([]) as { readonly output: object };
    const counts = { Sequence: 1, MarkSeq: 0, Count: 0, TotalItems: 0, TotalBytes: 0 };
    const bytes = { To: new Uint8Array(), Items: new Uint8Array() };
    const chunk = { kind: 'chunk', number: 2, IsHeld: true, Refusal: '', ...bytes, ...counts };
    const events: readonly SessionEvent[] = [
      ...greeted,
      answered({ ...output, IsFollowed: false, Load }),
      heard(chunk as ToDevice),
    ];
    expect(told(events).at(-1)).toBe('applying TakeChunk');
    const late = answered({ IsTaken: false });
    expect(told([...events, late]).at(-1)).toBe('preparing PreparePush');
    const behind = answered({ IsTaken: false, IsBehind: true });
    expect(told([...events, behind]).at(-1)).toBe('reading ReadLink');
  });

  test('L17: offers refused edits again, though another session has found that they are due', () => {
    const { output } = prepared([]) as { readonly output: object };
    const due = answered({ ...output, IsAgainDue: true });
    const events = [...greeted, due, heard(page(2, true)), answered(), answered({}), prepared([])];
    expect(told(events).slice(-4)).toEqual([
      'applying TakePage',
      'offering OfferAgain',
      'preparing PreparePush',
      'pulling pull',
    ]);
    expect(told([...events, heard(page(3, true)), answered()]).at(-1)).toBe('live');
  });

  test('looks again when something moved: at once, or when it is done', () => {
    const live: readonly SessionEvent[] = [
      ...greeted,
      prepared([]),
      heard(page(2, true)),
      answered(),
    ];
    expect(told([...live, { type: 'moved' }]).at(-1)).toBe('preparing PreparePush');
    expect(told([...live, heard({ kind: 'poke' })]).at(-1)).toBe('preparing PreparePush');
    const busy = [...live.slice(0, -1), { type: 'moved' }, answered()] as const;
    expect(told(busy).at(-1)).toBe('preparing PreparePush');
  });

  test('closes when its database fails, and forgets what it waited for', () => {
    expect(told([...greeted, { type: 'failed' }]).at(-1)).toBe('offline close');
    expect(told([...greeted, { type: 'closed' }, { type: 'late' }]).at(-1)).toBe('offline');
    expect(told([answered()])).toEqual(['offline']);
  });
});
