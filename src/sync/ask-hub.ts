/**
 * The mode `hub` on a device: the hub carries the operation out, and the device waits for what it
 * says (shared/SYNC.md, Semantics 3).
 *
 * All that was written here before goes first, so that nothing made earlier comes to the hub later
 * (SYNC-scenarios.md, L15 and U26). Without a hub it fails at once, and nothing is kept of it.
 */
import { hexOf } from '../base/bytes.ts';
import { DynamoError, type ErrorMembers, type ErrorName } from '../base/errors.ts';
import { hubCallTriesMax, hubShownMs, syncAnswerMs } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Request } from '../operation/request.ts';
import type { Clock } from '../port/clock.ts';
import type { Random } from '../port/random.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { CallAnswer, Framed, HubCall } from '../replica/message.ts';
import { encodeInput } from '../replica/request.ts';
import { decodeOutput } from '../replica/request-input.ts';
import { backOffMs } from './back-off.ts';
import { HubError, SyncFault } from './fault.ts';
import { hubReads, hubWrites } from './hub-calls.ts';
import { describeDevice, type DeviceState } from './look.ts';
import type { SyncStatus } from './sync-types.ts';

export interface HubPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  /** Of the hub, as it was measured last; undefined before that. */
  hubNowMs?(): number | undefined;
  status(): Pick<SyncStatus, 'state' | 'message'>;
  /** Calls `look` when the status changes; answers what ends it. */
  watch(look: () => void): () => void;
  /** The hub's answer to a message; rejects with SyncFault. */
  tell(replicaId: string, message: Framed, signal: AbortSignal, principal: string): Promise<Framed>;
}

/**
 * The hub's answer. Rejects with the DynamoError that the hub refuses it with, or with HubError
 * where there is no answer.
 */
export async function askHub(ports: HubPorts, request: Request): Promise<object> {
  const { operation } = request;
  const isRead = hubReads.has(operation);
  if (!isRead && !hubWrites.has(operation)) throw new TypeError(`A hub is not asked ${operation}`);
  const over = request.signal ?? new AbortController().signal;
  const device = await outboxPassed(ports, over);
  const { Place, Output, IsRefused } = await carriedOut(ports, request, device, over);
  const output = decodeOutput(Output);
  if (IsRefused) {
    const { name, message, members } = output as {
      readonly name: ErrorName;
      readonly message: string;
      readonly members: ErrorMembers;
    };
    throw new DynamoError(name, message, members);
  }
  // Who reads here next sees what was written there, if the feed brings it in time.
  if (!isRead) {
    await until(ports, over, hubShownMs, ({ Cursor }) => Cursor >= Place).catch(() => undefined);
  }
  return output;
}

/** It may be sent more than once: it is carried out once, under its id (hub-calls.ts). */
async function carriedOut(
  ports: HubPorts,
  { operation, input, form }: Request,
  { ReplicaId, Principal, OffsetMs = 0 }: DeviceState,
  signal: AbortSignal,
): Promise<CallAnswer> {
  const { random, clock, scheduler } = ports;
  const lateMs = clock.monoMs() + syncAnswerMs;
  const message: HubCall = {
    kind: 'call',
    number: 1,
    Id: hexOf(random.bytes(16)),
    Ms: Math.max(0, Math.round(ports.hubNowMs?.() ?? clock.wallMs() + OffsetMs)),
    Operation: operation,
    Form: form,
    Input: encodeInput(input),
  };
  const triesMax = hubWrites.has(operation) ? hubCallTriesMax : 1;
  let fault = new SyncFault('offline', 'The hub was not asked');
  let mayStand = false;
  for (let tries = 1; tries <= triesMax; tries += 1) {
    try {
      return answerIn(await ports.tell(ReplicaId, message, signal, Principal));
    } catch (error) {
      if (!(error instanceof SyncFault)) throw error;
      fault = error;
      // A hub that is out of reach may have been reached; one that says no has done nothing.
      mayStand ||= fault.why === 'offline' && hubWrites.has(operation);
      const isOver = fault.why !== 'offline' || clock.monoMs() >= lateMs || signal.aborted;
      if (isOver || tries === triesMax) break;
      const restMs = Math.max(fault.retryMs ?? 0, backOffMs(tries, fault.why, random));
      await scheduler.delay(Math.min(restMs, lateMs - clock.monoMs()), signal);
    }
  }
  throw new HubError(fault.why, fault.message, mayStand);
}

function answerIn(answer: Framed): CallAnswer {
  if (answer.kind === 'answer') return answer;
  throw new SyncFault('blocked', `The hub has answered with a ${answer.kind}`);
}

/** Of all entries that there are now the hub has had its say. */
async function outboxPassed(ports: HubPorts, signal: AbortSignal): Promise<DeviceState> {
  let goal: DeviceState | undefined;
  return await until(ports, signal, syncAnswerMs, (now) => {
    // Under another id entries have other numbers.
    if (goal?.ReplicaId !== now.ReplicaId) goal = now;
    const { state } = ports.status();
    const isGreeted = state === 'live' || state === 'catching-up';
    return isGreeted && now.NextSeq - now.Pending >= goal.NextSeq;
  });
}

/** Rejects with HubError when the hub is out of reach, or it takes longer. */
async function until(
  ports: HubPorts,
  signal: AbortSignal,
  limitMs: number,
  holds: (now: DeviceState) => boolean,
): Promise<DeviceState> {
  const { clock, engine } = ports;
  const lateMs = clock.monoMs() + limitMs;
  let isLate = false;
  while (!isLate) {
    const moved = nextMove(ports, signal, lateMs - clock.monoMs());
    try {
      signal.throwIfAborted();
      const { state, message = state } = ports.status();
      if (!towards.has(state)) throw new HubError(whyOf(state), message, false);
      // Before the first contact it is none yet.
      const now = await describeDevice(engine).catch(() => undefined);
      if (now !== undefined && holds(now)) return now;
      isLate = clock.monoMs() >= lateMs;
      if (!isLate) await moved.once;
    } finally {
      moved.leave();
    }
  }
  throw new HubError('offline', `The hub has not answered for ${limitMs} ms`, false);
}

/** States in which a hub is there, or is being looked for. */
const towards: ReadonlySet<string> = new Set(['connecting', 'catching-up', 'live']);

function whyOf(state: SyncStatus['state']): HubError['why'] {
  if (state === 'needs-auth' || state === 'update-needed' || state === 'blocked') return state;
  return 'offline';
}

/** Something has moved here, or the time is over. */
function nextMove(
  { engine, watch, scheduler }: HubPorts,
  signal: AbortSignal,
  limitMs: number,
): { readonly once: Promise<void>; leave(): void } {
  const over = new AbortController();
  const once = new Promise<void>((resolve) => {
    over.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const end = (): void => over.abort();
  const leaves = [engine.watch(end), watch(end)];
  signal.addEventListener('abort', end, { once: true });
  void scheduler.delay(Math.max(0, limitMs), over.signal).then(end, end);
  return {
    once,
    leave: () => {
      for (const leave of leaves) leave();
      signal.removeEventListener('abort', end);
      end();
    },
  };
}
