/**
 * Runs the reducers of src/replica against an engine and a transport: the only part of sync that
 * waits. What it loses when it is killed is asked for again by the next one.
 */
import type { Engine } from '../engine/engine-types.ts';
import type { ScopeOf } from '../operation/request.ts';
import { advance, offline, type Session, type SessionEvent } from '../replica/session.ts';
import { advanceHub, begun, type HubEvent, type Refusals } from '../replica/hub-session.ts';
import { idOf } from '../replica/entry.ts';
import type { Push, ToDevice, ToHub } from '../replica/message.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Transport } from '../port/transport.ts';
import { answerWaitMs, pushEntriesMax } from '../base/replica-limits.ts';

export interface DeviceLink {
  /** What it is doing. */
  readonly session: Session;
  /** There may be something to push or to pull: nothing else makes a link that is live look. */
  moved(): void;
  close(): void;
}

const caller = { kind: 'sync', principal: 'sync' } as const;

/** Keeps a device in touch with its hub, until it is closed or `closed` is called for a failure. */
export function runDevice(
  engine: Engine,
  transport: Transport<ToHub, ToDevice>,
  scheduler: Scheduler,
  closed: () => void,
): DeviceLink {
  let session = offline;
  let isOver = false;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    transport.close();
    closed();
  };
  const take = (event: SessionEvent): void => {
    if (isOver) return;
    const step = advance(session, event);
    session = step.session;
    const { act } = step;
    if (act?.type === 'send') {
      transport.send(act.message);
      const { number } = act.message;
      void scheduler.delay(answerWaitMs).then(() => {
        if (session.waiting?.number === number) take({ type: 'late' });
      });
    }
    if (act?.type === 'close') end();
    if (act?.type === 'ask') {
      ask(engine, act.operation, act.input).then(
        (output) => take({ type: 'answered', output }),
        () => take({ type: 'failed' }),
      );
    }
  };
  transport.listen((message) => take({ type: 'received', message }));
  take({ type: 'connected' });
  return {
    get session(): Session {
      return session;
    },
    moved: () => take({ type: 'moved' }),
    close: () => {
      take({ type: 'closed' });
      end();
    },
  };
}

/**
 * A hub's answer to one message of a replica; undefined where it has none. Who speaks is known from
 * the message around it, so nothing is kept between two. `known`: what each question to the hub's
 * database says besides.
 *
 * The entries of a push are asked about all at once, so that one turn has many: each names the one
 * before it, and is consumed only after that.
 */
export async function answerHub(
  engine: Engine,
  replicaId: string,
  message: ToHub,
  refusals: Refusals,
  known: object,
  scope?: ScopeOf,
): Promise<ToDevice | undefined> {
  let asked: Promise<object>[] | undefined;
  const take = (): Promise<object> | undefined => {
    if (message.kind !== 'push') return undefined;
    asked ??= askEntries(engine, replicaId, message, refusals, known, scope);
    return asked.shift();
  };
  let step = advanceHub({ ...begun, replicaId }, { type: 'received', message }, refusals);
  for (let turn = 0; turn <= pushEntriesMax + 1; turn += 1) {
    const [act] = step.acts;
    if (act === undefined) return undefined;
    if (act.type === 'send') return act.message;
    let next: HubEvent;
    if (act.type === 'cover') next = await cover(engine, act.through);
    else {
      const output = take() ?? ask(engine, act.operation, { ...act.input, ...known }, scope);
      next = { type: 'answered', output: await output };
    }
    step = advanceHub(step.session, next, refusals);
  }
  throw new Error('a message without end');
}

function askEntries(
  engine: Engine,
  ReplicaId: string,
  { Entries, Known }: Push,
  refusals: Refusals,
  known: object,
  scope: ScopeOf | undefined,
): Promise<object>[] {
  let After: Uint8Array | undefined;
  return Entries.map((Entry) => {
    const Refusal = refusals(ReplicaId, Entry);
    const told = { ...(After && { After }), ...(Refusal && { Refusal }) };
    const input = { ReplicaId, Entry, Known, ...told };
    After = idOf(Entry);
    const output = ask(engine, 'TakeEntry', { ...input, ...known }, scope);
    output.catch(() => undefined);
    return output;
  });
}

async function cover(engine: Engine, through: number): Promise<HubEvent> {
  if (engine.status().durableSeq < through) await engine.barrier();
  return { type: 'covered' };
}

/** Serves one connection of a hub. */
export function runHub(
  engine: Engine,
  transport: Transport<ToDevice, ToHub>,
  refusals: Refusals,
  scope?: ScopeOf,
): void {
  let session = begun;
  const take = (event: HubEvent): void => {
    const step = advanceHub(session, event, refusals);
    session = step.session;
    for (const act of step.acts) {
      if (act.type === 'send') transport.send(act.message);
      else if (act.type === 'cover') {
        const covered = engine.status().durableSeq >= act.through;
        (covered ? Promise.resolve() : engine.barrier()).then(
          () => take({ type: 'covered' }),
          () => take({ type: 'failed' }),
        );
      } else {
        ask(engine, act.operation, act.input, scope).then(
          (output) => take({ type: 'answered', output }),
          () => take({ type: 'failed' }),
        );
      }
    }
  };
  transport.listen((message) => take({ type: 'received', message }));
}

/** `scope`: asked in the turn that reads, on what the turn sees. */
function ask(engine: Engine, operation: string, input: object, scope?: ScopeOf): Promise<object> {
  return engine.call({ operation, input, form: 'plain', caller, scope });
}
