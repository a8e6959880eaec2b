import { describe, expect, test } from 'vitest';
import {
  advanceHub,
  begun,
  type HubEvent,
  type HubSession,
} from '../../src/replica/hub-session.ts';
import type { ToHub } from '../../src/replica/message.ts';

const none = (): undefined => undefined;
const hello: ToHub = {
  kind: 'hello',
  number: 1,
  ReplicaId: 'r',
  First: 1,
  Settled: 0,
  Epoch: '',
  Cursor: 0,
  Known: 0,
};
const push: ToHub = {
  kind: 'push',
  number: 2,
  Entries: [Uint8Array.of(0xaa), Uint8Array.of(0xbb)],
};
const pull: ToHub = { kind: 'pull', number: 3, Epoch: 'e', Cursor: 0, Reach: 0 };
const taken = (Seq: number): object => ({ Seq, Kind: 'applied', Code: '', Ms: 1, Counter: 0 });
const received = (message: ToHub): HubEvent => ({ type: 'received', message });
const answered = (output: object): HubEvent => ({ type: 'answered', output });

function told(
  events: readonly HubEvent[],
  refusals: () => string | undefined = none,
): readonly string[] {
  let session: HubSession = begun;
  return events.map((event) => {
    const step = advanceHub(session, event, refusals);
    session = step.session;
    return step.acts
      .map((act) => {
        if (act.type === 'ask') return act.operation;
        return act.type === 'send' ? JSON.stringify(act.message) : `${act.type} ${act.through}`;
      })
      .join(' ');
  });
}

describe("a hub's session", () => {
  test('greets, takes entries one after another, and answers them together', () => {
    const events = [
      received(hello),
      answered({ Now: 5 }),
      received(push),
      answered(taken(1)),
      answered(taken(2)),
    ];
    const [greet, greeting, first, second, outcomes = ''] = told(events);
    expect([greet, first, second]).toEqual(['GreetReplica', 'TakeEntry', 'TakeEntry']);
    expect(greeting).toContain('"kind":"greeting","number":1');
    expect(JSON.parse(outcomes)).toEqual({
      kind: 'outcomes',
      number: 2,
      Outcomes: [taken(1), taken(2)],
    });
  });

  test('L9: looks at nothing behind an entry that was not consumed', () => {
    const events = [received(hello), answered({}), received(push), answered({ Stop: 'gap' })];
    const last = JSON.parse(told(events).at(-1) ?? '');
    expect(last).toEqual({ kind: 'outcomes', number: 2, Outcomes: [], Stop: 'gap' });
  });

  test('tells no entry in part: one whose items are too many for the answer is to come again', () => {
    const large = { ...taken(2), Changes: new Uint8Array(1024 * 1024) };
    const small = { ...taken(1), Changes: new Uint8Array(1) };
    const three = { ...push, Entries: [0xaa, 0xbb, 0xcc].map((byte) => Uint8Array.of(byte)) };
    const sent = (outputs: readonly object[]): unknown => {
      const events = [received(hello), answered({}), received(three), ...outputs.map(answered)];
      const message = JSON.parse(told(events).at(-1) ?? '');
      return [message.Stop, message.Outcomes.map(({ Seq }: { Seq: number }) => Seq)];
    };
    expect(sent([small, large])).toEqual(['gap', [1]]);
    expect(sent([taken(1), large, taken(3)])).toEqual([undefined, [1, 2, 3]]);
  });

  test('U29: sends a page once it is durable', () => {
    const page = { IsHeld: true, Cursor: 7, Changes: new Uint8Array(), UpToDate: true, Through: 9 };
    const events = [
      received(hello),
      answered({}),
      received(pull),
      answered(page),
      { type: 'covered' },
    ] as const;
    const [, , , cover, sent = ''] = told(events);
    expect(cover).toBe('cover 9');
    expect(sent).toBe(JSON.stringify({ ...page, kind: 'page', number: 3 }));
  });

  test('sends a chunk once the place at which it was read is durable', () => {
    const snapshot: ToHub = {
      ...{ kind: 'snapshot', number: 3, Epoch: 'e', Reach: 2, WithDeleted: false },
      ...{ Range: Uint8Array.of(1), After: Uint8Array.of(2) },
    };
    const events = [received(hello), answered({}), received(snapshot), answered({ Sequence: 8 })];
    const [, , read, cover] = told(events);
    expect([read, cover]).toEqual(['ReadSnapshot', 'cover 8']);
  });

  test('keeps what comes meanwhile in its order, and loses what is too much', () => {
    const many = Array.from({ length: 70 }, () => received(pull));
    const events = [received(hello), ...many, answered({})];
    const acts = told(events);
    expect(acts.slice(1, -1).every((act) => act === '')).toBe(true);
    expect(acts.at(-1)).toMatch(/greeting.* ReadFeed$/);
  });

  test('hears nobody who did not say hello, and answers nothing that failed', () => {
    expect(told([received(push), received(pull)])).toEqual(['', '']);
    expect(told([received(hello), { type: 'failed' }, received(hello)])).toEqual([
      'GreetReplica',
      '',
      'GreetReplica',
    ]);
    expect(told([answered({}), { type: 'covered' }])).toEqual(['', '']);
  });

  test('asks for a refusal of what the session may not have', () => {
    const { acts } = advanceHub({ ...begun, replicaId: 'r' }, received(push), () => 'AccessDenied');
    expect(acts).toMatchObject([{ operation: 'TakeEntry', input: { Refusal: 'AccessDenied' } }]);
  });
});
