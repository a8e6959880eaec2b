/**
 * A device's side of its connection to the hub, as a reducer: what happened goes in, what is to be
 * done comes out. It pushes before it pulls, always; all that must survive is in the database.
 *
 * Invariants
 * - One thing is waited for at a time: an answer of the database, or one of the hub.
 * - Everything may be done twice: what is late is sent again as it was.
 */
import type { EntryOutcome, Pull, Snapshot, ToDevice, ToHub } from './message.ts';

export type Phase =
  | 'offline'
  /** Answers of the database are waited for: */
  | 'reading'
  | 'taking-greeting'
  | 'taking-scope'
  | 'preparing'
  | 'settling'
  | 'applying'
  | 'offering'
  | 'answering-lacks'
  /** Answers of the hub: */
  | 'greeting'
  | 'pushing'
  | 'pulling'
  | 'comparing'
  | 'loading'
  /** Nothing: what there was is sent, and taken. */
  | 'live';

export interface Session {
  readonly phase: Phase;
  /** Of the last message. */
  readonly number: number;
  readonly replicaId: string;
  /** The hub has had the entries of this database up to here. */
  readonly mark?: number | undefined;
  /** What the hub has not answered. */
  readonly waiting?: ToHub | undefined;
  /** Answers of the hub that the database has not taken yet, and whether there is to be a hello. */
  readonly outcomes: readonly EntryOutcome[];
  readonly isStopped: boolean;
  /** Another scope than the one that the hello named: it is to be taken before anything is sent. */
  readonly scope?: TakenScope | undefined;
  /** Refused edits are offered once more when all is here: numbers before and after, in pairs. */
  readonly again?: readonly number[] | undefined;
  /** Of the rows that are compared: where the survey was, and where it goes on. */
  readonly survey?: SurveyPart | undefined;
  /** Something happened since the last push was prepared. */
  readonly isDue: boolean;
  readonly upToDate: boolean;
  /** A range is to be loaded, or closed, after the page that was asked for. */
  readonly isLoading: boolean;
  /** The feed's pages and the ranges' chunks are taken in turns. */
  readonly hasPulled: boolean;
}

interface TakenScope {
  readonly Asked: string | undefined;
  readonly Scope: Uint8Array;
}

/** A slice of a survey (survey.ts), as PreparePush answers it. */
export interface SurveyPart {
  readonly At: string;
  readonly Next?: string | undefined;
  readonly Epoch: string;
  readonly Rows: Uint8Array;
}

export type SessionEvent =
  | { readonly type: 'connected' | 'closed' }
  /** There may be something to push, or to pull. */
  | { readonly type: 'moved' }
  /** The hub has not answered for a while. */
  | { readonly type: 'late' }
  | { readonly type: 'received'; readonly message: ToDevice }
  | { readonly type: 'answered'; readonly output: object }
  | { readonly type: 'failed' };

export type SessionAct =
  | { readonly type: 'send'; readonly message: ToHub }
  | { readonly type: 'ask'; readonly operation: string; readonly input: object }
  | { readonly type: 'close' };

export interface Step {
  readonly session: Session;
  readonly act?: SessionAct | undefined;
}

export const offline: Session = {
  phase: 'offline',
  number: 0,
  replicaId: '',
  outcomes: [],
  isStopped: false,
  isDue: false,
  upToDate: false,
  isLoading: false,
  hasPulled: false,
};

export function advance(session: Session, event: SessionEvent): Step {
  switch (event.type) {
    case 'connected':
      return ask({ ...offline, number: session.number }, 'reading', 'ReadLink', {});
    case 'closed':
      return { session: { ...offline, number: session.number } };
    case 'failed':
      return { session: { ...offline, number: session.number }, act: { type: 'close' } };
    case 'moved':
      return moved(session);
    case 'late':
      return session.waiting === undefined
        ? { session }
        : { session, act: { type: 'send', message: session.waiting } };
    case 'received':
      return received(session, event.message);
    case 'answered':
      return answered(session, event.output);
  }
}

function moved(session: Session): Step {
  if (session.phase === 'live') return prepare(session);
  return { session: { ...session, isDue: true } };
}

/** An answer to anything but the last message came late, or twice: it is passed over. */
function received(session: Session, message: ToDevice): Step {
  if (message.kind === 'poke') return moved(session);
  const { waiting, number } = session;
  if (waiting === undefined || message.number !== number) return { session };
  if (message.kind === 'greeting' && waiting.kind === 'hello') {
    const { kind: _, number: __, Scope, ...greeting } = message;
    const { Epoch: AskedEpoch, Cursor: Asked, First, ScopeHash } = waiting;
    const scope = Scope && { Asked: ScopeHash, Scope };
    const input = { ...greeting, AskedEpoch, Asked, First };
    const { MarkSeq: mark } = message;
    return ask({ ...session, scope, mark }, 'taking-greeting', 'TakeGreeting', input);
  }
  if (message.kind === 'outcomes' && waiting.kind === 'push') {
    const { Outcomes: outcomes } = message;
    const isStopped = message.Stop !== undefined;
    const mark = Math.max(session.mark ?? 0, outcomes.at(-1)?.Seq ?? 0);
    return nextOutcome({ ...session, outcomes, isStopped, mark });
  }
  if (message.kind === 'lacks' && waiting.kind === 'survey') {
    const { Absent, Older } = message;
    return ask(session, 'answering-lacks', 'TakeLacks', { ...session.survey, Absent, Older });
  }
  if (message.kind === 'page' && waiting.kind === 'pull') {
    if (!message.IsHeld) return ask(session, 'reading', 'ReadLink', {});
    const { Epoch, Cursor: Asked, Range } = waiting;
    const { Cursor, Changes, Through, UpToDate: upToDate, ScopeHash } = message;
    const input = { Epoch, Asked, Cursor, Changes, Through, ScopeHash, UpToDate: upToDate };
    return Range === undefined
      ? ask({ ...session, upToDate, hasPulled: true }, 'applying', 'TakePage', input)
      : ask({ ...session, hasPulled: false }, 'applying', 'TakePage', { ...input, Range });
  }
  if (message.kind === 'chunk' && waiting.kind === 'snapshot') {
    if (!message.IsHeld) return ask(session, 'reading', 'ReadLink', {});
    const { kind: _, number: __, ...asked } = waiting;
    const { kind: ___, number: ____, ...chunk } = message;
    const input = { ...asked, ...chunk, ReplicaId: session.replicaId };
    return ask({ ...session, hasPulled: false }, 'applying', 'TakeChunk', input);
  }
  return { session };
}

function answered(session: Session, output: object): Step {
  switch (session.phase) {
    case 'reading': {
      const link = output as Known;
      const { ReplicaId: replicaId } = link;
      return send({ ...session, replicaId }, 'greeting', { kind: 'hello', ...link });
    }
    case 'taking-greeting':
      if ((output as { readonly IsFork: boolean }).IsFork)
        return ask(session, 'reading', 'ReadLink', {});
      if (session.scope === undefined) return prepare(session);
      return ask({ ...session, scope: undefined }, 'taking-scope', 'TakeScope', session.scope);
    case 'taking-scope':
      return prepare({ ...session, again: [] });
    case 'offering':
      return offered(session, output as Offered);
    case 'preparing':
      return prepared(session, output as Prepared);
    case 'answering-lacks':
      return prepare(session);
    case 'settling':
      return nextOutcome(session);
    case 'applying': {
      const { IsOfScope, IsBehind } = output as Applied;
      if (IsOfScope === false || IsBehind === true) return ask(session, 'reading', 'ReadLink', {});
      if (session.upToDate && !session.isLoading && session.again !== undefined)
        return offerAgain(session, 0);
      if (session.upToDate && !session.isDue && !session.isLoading) {
        return { session: { ...session, phase: 'live' } };
      }
      return prepare(session);
    }
    default:
      return { session };
  }
}

type Known = Omit<Extract<ToHub, { kind: 'hello' }>, 'kind' | 'number'>;

interface Applied {
  /** False: the hub has read it under another scope, which is to be taken first. */
  readonly IsOfScope?: boolean;
  /** The hub lacks entries that it is to wait for no more: a hello says so. */
  readonly IsBehind?: boolean;
}

interface Offered {
  /** Nothing when there is no more; without `New` it was not offered. */
  readonly Old?: number;
  readonly New?: number;
}

function offerAgain(session: Session, after: number): Step {
  const input = { After: after, Offered: session.again ?? [] };
  return ask(session, 'offering', 'OfferAgain', input);
}

function offered(session: Session, { Old: old, New }: Offered): Step {
  if (old === undefined) return prepare({ ...session, again: undefined });
  const pair = New === undefined ? [] : [old, New];
  return offerAgain({ ...session, again: [...(session.again ?? []), ...pair] }, old);
}

interface Prepared extends Pick<Pull, 'Epoch' | 'Cursor' | 'Reach'> {
  readonly ReplicaId: string;
  readonly Entries: readonly Uint8Array[];
  readonly Survey?: SurveyPart;
  /** Refused edits are to be offered once more, whichever session has found that. */
  readonly IsAgainDue?: boolean;
  /** Some range follows the feed. */
  readonly IsFollowed: boolean;
  /** A range that is to be loaded next. */
  readonly Load?: Pick<Snapshot, 'Range' | 'After' | 'WithDeleted'>;
  /** A range that is to have the feed from this place on. */
  readonly Close?: Required<Pick<Pull, 'Range' | 'Cursor'>>;
}

function prepared(session: Session, output: Prepared): Step {
  const { ReplicaId, Entries, Epoch, Cursor, Reach, Survey, Load, Close } = output;
  // Another tab has given the id up: the hub is to hear of the new one first.
  if (ReplicaId !== session.replicaId) return ask(session, 'reading', 'ReadLink', {});
  if (Entries.length > 0) {
    return send(session, 'pushing', { kind: 'push', Entries, Known: session.mark });
  }
  if (Survey !== undefined) {
    const { Rows } = Survey;
    return send({ ...session, survey: Survey }, 'comparing', { kind: 'survey', Rows });
  }
  const isLoading = (Load ?? Close) !== undefined;
  const again = output.IsAgainDue === true ? (session.again ?? []) : session.again;
  const next = { ...session, again, isLoading, upToDate: false };
  const isPull = !isLoading || (output.IsFollowed && !session.hasPulled);
  if (isPull) return send(next, 'pulling', { kind: 'pull', Epoch, Cursor, Reach });
  if (Close !== undefined) return send(next, 'pulling', { kind: 'pull', Epoch, Reach, ...Close });
  return send(next, 'loading', { kind: 'snapshot', Epoch, Reach, ...Load } as Unnumbered<ToHub>);
}

/** The database takes one answer after another, then the next entries are prepared. */
function nextOutcome(session: Session): Step {
  const [outcome, ...outcomes] = session.outcomes;
  if (outcome !== undefined) {
    const input = { ReplicaId: session.replicaId, ...outcome };
    return ask({ ...session, outcomes }, 'settling', 'TakeOutcome', input);
  }
  return session.isStopped ? ask(session, 'reading', 'ReadLink', {}) : prepare(session);
}

function prepare(session: Session): Step {
  return ask({ ...session, isDue: false }, 'preparing', 'PreparePush', {});
}

function ask(session: Session, phase: Phase, operation: string, input: object): Step {
  return {
    session: { ...session, phase, waiting: undefined },
    act: { type: 'ask', operation, input },
  };
}

type Unnumbered<M> = M extends ToHub ? Omit<M, 'number'> : never;

function send(session: Session, phase: Phase, unnumbered: Unnumbered<ToHub>): Step {
  const number = session.number + 1;
  const message = { ...unnumbered, number } as ToHub;
  return {
    session: { ...session, phase, number, waiting: message },
    act: { type: 'send', message },
  };
}
