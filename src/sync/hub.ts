/**
 * A hub's side of the wire: frames in, frames out, and what tells devices that there is news.
 *
 * It knows no server: its host brings bodies and who sent them, and carries what is answered
 * (host/sync.ts). A device is answered from one message to the next without anything kept of it.
 * Invariants
 * - An epoch begins before the first message of a process is answered.
 * - A principal's entries are judged by its policies one by one, and it is told of nothing that is
 *   not in its scope, as that is in the turn that reads.
 * - Nothing is written for a replica that has not said hello here, or is another principal's.
 */
import { DamagedData } from '../base/corruption.ts';
import { DynamoError } from '../base/errors.ts';
import { pokePauseMs, tidyEveryMs } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Scheduler } from '../port/scheduler.ts';
import type { Framed, ToHub } from '../replica/message.ts';
import { decodeFrame, encodeFrame, type Frame } from '../replica/wire.ts';
import { openConflicts } from './conflicts.ts';
import { HubCalls } from './hub-calls.ts';
import { Peer, type PeerOptions, type PeerPorts, type PeerStatus } from './peer.ts';
import { answerHub } from './run-session.ts';
import { tidyReplica } from './tidy.ts';
import { type HubVisitor, syncCaller, tellTables } from './tables.ts';

/** Who the caller is where nobody is asked. */
const localPrincipal = 'local';

export interface HubOptions {
  /** `memory`: what is answered ends with the process, and devices are told so. */
  readonly safety?: 'memory' | 'durable' | undefined;
  /** How long a device may be away, milliseconds: 90 days unless given. */
  readonly awayMs?: number | undefined;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #engine: Engine;
  readonly #scheduler: Scheduler;
  #started: Promise<void> | undefined;
  /** Those who are told that there is something new. */
  readonly #listeners: Set<() => void> = new Set();
  readonly #peers: Peer[] = [];
  readonly #calls: HubCalls;
  #unwatch: (() => void) | undefined;
  #place = 0;
  #looking: Promise<void> | undefined;
  #isDue = false;

  constructor(engine: Engine, scheduler: Scheduler, options: HubOptions = {}) {
    this.#options = options;
    this.#engine = engine;
    this.#calls = new HubCalls(engine);
    this.#scheduler = scheduler;
  }

  /**
   * Of a database that is a hub already: its cursors are good up to here. What is damaged of its
   * book is made anew first: a process that ended for it would never come to that.
   */
  async open(): Promise<void> {
    try {
      await this.#startIfHub();
    } catch (error) {
      if (!(error instanceof DamagedData)) throw error;
      await this.#engine.idle();
      await this.#startIfHub();
    }
  }

  /**
   * The answer to a frame. Rejects with WireFault for what is none, and with a DynamoError where
   * the database is no hub.
   */
  async answer(bytes: Uint8Array, visitor: HubVisitor | undefined): Promise<Uint8Array> {
    const frame = decodeFrame(bytes);
    await this.#start();
    const message = await this.#answerTo(frame, visitor);
    return encodeFrame({ replicaId: frame.replicaId, message });
  }

  /** Calls `poke` when there is something new, until the function it answers is called. */
  async listen(poke: () => void): Promise<() => void> {
    await this.#start();
    if (this.#unwatch === undefined) {
      const { Place = 0 } = await this.#describe();
      // Another may have come meanwhile, who watches.
      if (this.#unwatch === undefined) {
        this.#place = Place;
        this.#unwatch = this.#engine.watch(() => this.#moved());
      }
    }
    this.#listeners.add(poke);
    return () => {
      this.#listeners.delete(poke);
      if (this.#listeners.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
    };
  }

  /** Follows the feed of another hub, until this one is closed. */
  async follow(options: PeerOptions, ports: PeerPorts): Promise<void> {
    await this.#start();
    const peer = new Peer(this.#engine, options, ports);
    this.#peers.push(peer);
    peer.start();
  }

  /** How it goes with the hubs that it follows. */
  get peers(): readonly PeerStatus[] {
    return this.#peers.map(({ status }) => status);
  }

  /** Follows nobody any more; to be called before the engine is closed. */
  async close(): Promise<void> {
    await Promise.all(this.#peers.splice(0).map((peer) => peer.close()));
  }

  async #startIfHub(): Promise<void> {
    const { Role } = await this.#describe();
    if (Role === 'hub') await this.#start();
  }

  #start(): Promise<void> {
    this.#started ??= (async () => {
      await this.#ask('OpenReplica', { Role: 'hub' });
      await openConflicts(this.#engine);
      await this.#ask('StartHub', {});
      void this.#tidy();
    })();
    this.#started.catch(() => {
      this.#started = undefined;
    });
    return this.#started;
  }

  /** Every hour, until the database is closed; a wait for it holds up no program that would end. */
  async #tidy(): Promise<void> {
    const { awayMs: AwayMs } = this.#options;
    const known = AwayMs === undefined ? {} : { AwayMs };
    while (!this.#engine.status().closed) {
      await tidyReplica(this.#engine, known, () => this.#engine.status().closed).catch(() => null);
      await this.#scheduler.delay(tidyEveryMs, undefined, true);
    }
  }

  async #answerTo({ replicaId, message }: Frame, visitor?: HubVisitor): Promise<Framed> {
    const principal = visitor?.caller.principal ?? localPrincipal;
    if (message.kind === 'tables') {
      const told = await tellTables(this.#engine, message.Tables, visitor);
      const { number } = message;
      return { kind: 'catalog', number, Principal: principal, Tables: JSON.stringify(told) };
    }
    if (message.kind === 'call') {
      return this.#calls.answer(message, { replicaId, principal }, visitor);
    }
    const toHub = message as ToHub;
    const refused = await this.#refusals(toHub, visitor);
    const { safety: Safety, awayMs: AwayMs } = this.#options;
    const greeted = toHub.kind === 'hello' ? { Safety, AwayMs } : {};
    const known = { Principal: principal, ...greeted };
    const answer = await answerHub(
      this.#engine,
      replicaId,
      toHub,
      (_, entry) => refused.get(entry),
      known,
      visitor?.scope,
    );
    if (answer === undefined || answer.kind === 'poke') throw new Error('a message unanswered');
    return answer;
  }

  /** Why the caller may not have entries of a push. */
  async #refusals(
    message: ToHub,
    visitor: HubVisitor | undefined,
  ): Promise<ReadonlyMap<Uint8Array, string>> {
    const refused = new Map<Uint8Array, string>();
    if (message.kind !== 'push' || visitor === undefined) return refused;
    const judge = async (Entry: Uint8Array): Promise<void> => {
      if (!(await this.#may('JudgeEntry', { Entry }, visitor))) refused.set(Entry, 'AccessDenied');
    };
    await Promise.all(message.Entries.map(judge));
    return refused;
  }

  async #may(operation: string, input: object, { judge }: HubVisitor): Promise<boolean> {
    try {
      await this.#engine.call({ operation, input, form: 'plain', caller: syncCaller, judge });
      return true;
    } catch (error) {
      if (error instanceof DynamoError && error.name === 'AccessDeniedException') return false;
      throw error;
    }
  }

  /** Many commits at once are one poke. */
  #moved(): void {
    this.#isDue = true;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
  }

  async #look(): Promise<void> {
    while (this.#isDue && this.#listeners.size > 0) {
      this.#isDue = false;
      const { Place: place = 0 } = await this.#describe().catch(() => ({ Place: this.#place }));
      if (place !== this.#place) {
        this.#place = place;
        for (const poke of [...this.#listeners]) poke();
      }
      await this.#scheduler.delay(pokePauseMs, undefined, true);
    }
  }

  async #describe(): Promise<{ readonly Role: string; readonly Place?: number }> {
    return (await this.#ask('DescribeReplica', {})) as { readonly Role: string };
  }

  #ask(operation: string, input: object): Promise<object> {
    return this.#engine.call({ operation, input, form: 'plain', caller: syncCaller });
  }
}
