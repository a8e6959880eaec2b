/**
 * A hub's side of one connection, as a reducer. Messages are taken one after another; each is asked
 * of the hub's own database and answered with what that says.
 *
 * Invariants
 * - What is answered is durable: an entry's outcome by its own strict commit, a page once the last
 *   place in it is covered.
 * - Entries of a push are consumed in their order; nothing behind one that was not is looked at.
 * - What an answer tells of items is told whole: one that would be too much comes when it is asked
 *   for again. No page has all of it.
 */
import { outcomeBytesMax, sessionQueueMax } from '../base/replica-limits.ts';
import type {
  Chunk,
  EntryOutcome,
  Greeting,
  Lacks,
  Page,
  Push,
  ToDevice,
  ToHub,
} from './message.ts';

export interface HubSession {
  /** Of the replica that said hello; empty before. */
  readonly replicaId: string;
  /** The first is being dealt with. */
  readonly queue: readonly ToHub[];
  /** Of a push: what was answered for its first entries. */
  readonly outcomes: readonly EntryOutcome[];
  /** A page, or a chunk, that waits to be durable. */
  readonly page?: Page | Chunk | undefined;
}

export type HubEvent =
  | { readonly type: 'received'; readonly message: ToHub }
  | { readonly type: 'answered'; readonly output: object }
  | { readonly type: 'covered' | 'failed' };

export type HubAct =
  | { readonly type: 'send'; readonly message: ToDevice }
  | { readonly type: 'ask'; readonly operation: string; readonly input: object }
  /** Makes all that was read durable. */
  | { readonly type: 'cover'; readonly through: number };

export interface HubStep {
  readonly session: HubSession;
  readonly acts: readonly HubAct[];
}

/** Why a replica may not have an entry ; undefined when it may. */
export type Refusals = (replicaId: string, entry: Uint8Array) => string | undefined;

export const begun: HubSession = { replicaId: '', queue: [], outcomes: [] };

export function advanceHub(session: HubSession, event: HubEvent, refusals: Refusals): HubStep {
  switch (event.type) {
    case 'received': {
      // What is too much is lost, as on a wire: it will be sent again.
      if (session.queue.length >= sessionQueueMax) return { session, acts: [] };
      const queue = [...session.queue, event.message];
      const next = { ...session, queue };
      return queue.length > 1 ? { session: next, acts: [] } : begin(next, refusals);
    }
    case 'answered':
      return answered(session, event.output, refusals);
    case 'covered':
      return session.page === undefined
        ? { session, acts: [] }
        : reply(session, session.page, refusals);
    case 'failed':
      return drop(session, [], refusals);
  }
}

function begin(session: HubSession, refusals: Refusals): HubStep {
  const [message] = session.queue;
  if (message === undefined) return { session, acts: [] };
  if (message.kind === 'hello') {
    const { kind: _, number: __, ...input } = message;
    const next = { ...session, replicaId: message.ReplicaId };
    return { session: next, acts: [{ type: 'ask', operation: 'GreetReplica', input }] };
  }
  // Who did not say who they are is not heard.
  if (session.replicaId === '') return drop(session, [], refusals);
  if (message.kind === 'push') return nextEntry({ ...session, outcomes: [] }, message, refusals);
  if (message.kind === 'survey') {
    const { Rows } = message;
    return { session, acts: [{ type: 'ask', operation: 'CompareRows', input: { Rows } }] };
  }
  const { kind, number: _, ...input } = message;
  if (kind === 'pull') return { session, acts: [{ type: 'ask', operation: 'ReadFeed', input }] };
  const asked = { ...input, ReplicaId: session.replicaId };
  return { session, acts: [{ type: 'ask', operation: 'ReadSnapshot', input: asked }] };
}

function nextEntry(session: HubSession, push: Push, refusals: Refusals): HubStep {
  const { number, Entries, Known } = push;
  const { replicaId: ReplicaId, outcomes } = session;
  const Entry = Entries[outcomes.length];
  if (Entry === undefined) {
    return reply(session, { kind: 'outcomes', number, Outcomes: outcomes }, refusals);
  }
  const Refusal = refusals(ReplicaId, Entry);
  const input = { ReplicaId, Entry, Known, ...(Refusal === undefined ? {} : { Refusal }) };
  return { session, acts: [{ type: 'ask', operation: 'TakeEntry', input }] };
}

type Taken = EntryOutcome | { readonly Stop: 'gap' | 'fork' };

function answered(session: HubSession, output: object, refusals: Refusals): HubStep {
  const [message] = session.queue;
  if (message === undefined) return { session, acts: [] };
  const { number } = message;
  switch (message.kind) {
    case 'hello':
      return reply(session, { kind: 'greeting', number, ...output } as Greeting, refusals);
    case 'survey':
      return reply(session, { kind: 'lacks', number, ...output } as Lacks, refusals);
    case 'push': {
      const taken = output as Taken;
      const { outcomes: Outcomes } = session;
      if ('Stop' in taken || isTooMuch(Outcomes, taken)) {
        const Stop = 'Stop' in taken ? taken.Stop : 'gap';
        return reply(session, { kind: 'outcomes', number, Outcomes, Stop }, refusals);
      }
      const outcomes = [...Outcomes, taken];
      return nextEntry({ ...session, outcomes }, message, refusals);
    }
    case 'pull': {
      const page: Page = { ...(output as Page), kind: 'page', number };
      return { session: { ...session, page }, acts: [{ type: 'cover', through: page.Through }] };
    }
    case 'snapshot': {
      const page: Chunk = { ...(output as Chunk), kind: 'chunk', number };
      return { session: { ...session, page }, acts: [{ type: 'cover', through: page.Sequence }] };
    }
  }
}

/** Whether the items of another entry are too many for an answer that has some already. */
function isTooMuch(before: readonly EntryOutcome[], { Changes }: EntryOutcome): boolean {
  const told = before.reduce((sum, one) => sum + (one.Changes?.length ?? 0), 0);
  return Changes !== undefined && told > 0 && told + Changes.length > outcomeBytesMax;
}

function reply(session: HubSession, message: ToDevice, refusals: Refusals): HubStep {
  return drop(session, [{ type: 'send', message }], refusals);
}

/** The message is dealt with; the next is begun. */
function drop(session: HubSession, acts: readonly HubAct[], refusals: Refusals): HubStep {
  const { replicaId, queue } = session;
  const next = begin({ replicaId, queue: queue.slice(1), outcomes: [] }, refusals);
  return { session: next.session, acts: [...acts, ...next.acts] };
}
