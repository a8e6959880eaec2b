/** A hub and its devices side by side, whose messages a test carries itself. */
import { advance, offline, type Session, type SessionEvent } from '../../src/replica/session.ts';
import { advanceHub, begun, type HubEvent, type Refusals } from '../../src/replica/hub-session.ts';
import type { Request, ScopeOf } from '../../src/operation/request.ts';
import { decodeFrame, encodeFrame } from '../../src/replica/wire.ts';
import { openConflicts } from '../../src/sync/conflicts.ts';
import { syncCaller } from '../../src/sync/tables.ts';
import type { ToDevice, ToHub } from '../../src/replica/message.ts';
import { ask, find, type Output, put, type Rig, TestTime } from './engine.ts';
import { openReplica, Stored } from './replica.ts';

export const internal = (
  rig: Rig,
  operation: string,
  input: object = {},
  more: Partial<Request> = {},
): Promise<Output> => ask(rig, operation, input, { caller: syncCaller, ...more });

export class Pair {
  readonly hub: Rig;
  readonly time: TestTime;
  readonly global: string;
  refusals: Refusals = () => undefined;
  /** What a replica may see, by its id; everything where it is undefined. */
  scopes: (replicaId: string) => ScopeOf | undefined = () => undefined;
  /** All that was said since. */
  readonly said: (ToHub | ToDevice)[] = [];

  constructor(hub: Rig, time: TestTime, global: string) {
    this.hub = hub;
    this.time = time;
    this.global = global;
  }

  static async open(): Promise<Pair> {
    const time = new TestTime();
    const hub = await openReplica('hub', { time });
    await openConflicts(hub.engine);
    await internal(hub, 'StartHub');
    const { table } = await Stored.of(hub.store.disk);
    return new Pair(hub, time, table.id);
  }

  /** A device of its own time, which is off by so much. */
  device(skewMs = 0): Promise<Rig> {
    const time = new TestTime();
    time.wallMs = this.time.wallMs + skewMs;
    return openReplica('device', { time }, this.global);
  }

  /** Everything that a device and the hub have to say to one another, until it is live. */
  async sync(device: Rig): Promise<Session> {
    let session = offline;
    let event: SessionEvent | undefined = { type: 'connected' };
    for (let step = 0; event !== undefined && step < 2000; step += 1) {
      const next = advance(session, event);
      session = next.session;
      event = undefined;
      const { act } = next;
      if (act?.type === 'ask') {
        const output = await internal(device, act.operation, act.input);
        event = { type: 'answered', output };
      } else if (act?.type === 'send') {
        const { replicaId } = session;
        // As it comes out of a frame: what cannot be said in one fails here.
        const { message } = decodeFrame(encodeFrame({ replicaId, message: act.message }));
        event = { type: 'received', message: await this.tell(message as ToHub, replicaId) };
      }
    }
    return session;
  }

  /** The hub's answer to one message of a replica. */
  async tell(message: ToHub, replicaId: string): Promise<ToDevice> {
    this.said.push(message);
    let session = { ...begun, replicaId };
    let event: HubEvent = { type: 'received', message };
    for (let step = 0; step < 2000; step += 1) {
      const next = advanceHub(session, event, this.refusals);
      session = { ...session, ...next.session };
      const [act] = next.acts;
      if (act === undefined) throw new Error(`the hub says nothing to ${message.kind}`);
      if (act.type === 'send') {
        this.said.push(act.message);
        return act.message;
      }
      if (act.type === 'cover') event = { type: 'covered' };
      else {
        const scope = this.scopes(replicaId);
        const output = await internal(this.hub, act.operation, act.input, { scope });
        event = { type: 'answered', output };
      }
    }
    throw new Error('an answer without end');
  }

  /** The entries that a device would push, without sending them. */
  async prepared(device: Rig): Promise<readonly Uint8Array[]> {
    const { Entries } = await internal(device, 'PreparePush');
    return Entries as readonly Uint8Array[];
  }
}

export const text = (v: string): object => ({ v: { S: v } });

export function keyOf(p: string): object {
  return { TableName: 'Things', Key: { p: { S: p } } };
}

export function remove(rig: Rig, p: string): Promise<Output> {
  return ask(rig, 'DeleteItem', keyOf(p));
}

/** An edit that looks at the item first. */
export function edit(rig: Rig, p: string, v: string): Promise<Output> {
  return ask(rig, 'UpdateItem', {
    ...keyOf(p),
    UpdateExpression: 'SET v = :v',
    ExpressionAttributeValues: { ':v': { S: v } },
  });
}

export function transact(rig: Rig, keys: readonly string[], v: string): Promise<Output> {
  const TransactItems = keys.map((p) => ({
    Put: { TableName: 'Things', Item: { p: { S: p }, ...text(v) } },
  }));
  return ask(rig, 'TransactWriteItems', { TransactItems });
}

/** `v` of an item; undefined where there is none. */
export async function textAt(rig: Rig, p: string): Promise<string | undefined> {
  const item = await find(rig, p);
  return item && String(item.get('v')?.value ?? '');
}

export async function putText(rig: Rig, p: string, v: string): Promise<void> {
  await put(rig, p, text(v));
}

/**
 * The hub refuses all that waits, a second after others wrote `keys` there; of what it says only
 * the answer to the first entry arrives, with what it has.
 */
export async function answerFirst(pair: Pair, rig: Rig, keys: readonly string[]): Promise<void> {
  pair.time.pass(1000);
  await transact(pair.hub, keys, 'theirs');
  pair.refusals = () => 'AccessDenied';
  const { ReplicaId } = await internal(rig, 'ReadLink');
  const Entries = await pair.prepared(rig);
  const said = await pair.tell({ kind: 'push', number: 1, Entries }, String(ReplicaId));
  pair.refusals = () => undefined;
  if (said.kind !== 'outcomes') throw new Error(`${said.kind} in answer to a push`);
  await internal(rig, 'TakeOutcome', { ReplicaId, ...said.Outcomes[0] });
}
