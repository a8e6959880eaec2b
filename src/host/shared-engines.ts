/**
 * The open engines of a worker by database name, counted, and what is heard of each.
 *
 * Whoever opened a database hears its notices; the status says what they came to, also to a page
 * that opened it later.
 */
import type { Engine } from '../engine/engine-types.ts';
import type { Notice, Notify } from '../port/notice.ts';
import type { DatabaseStatus, OpenSettings } from '../wire/control.ts';

/** Opens the engine of one database. */
export type OpenDatabaseEngine = (
  name: string,
  settings: OpenSettings,
  notify: Notify,
) => Promise<Engine>;

/** What notices came to. */
type Health = Pick<DatabaseStatus, 'connection' | 'reconnects' | 'dataLoss'>;

interface SharedEngine {
  readonly engine: Promise<Engine>;
  readonly users: Set<Notify>;
  health: Health;
}

export class SharedEngines {
  readonly #open: OpenDatabaseEngine;
  readonly #engines: Map<string, SharedEngine> = new Map();

  constructor(open: OpenDatabaseEngine) {
    this.#open = open;
  }

  /** Must be followed by `leave`, even if it rejects. The first one's settings count. */
  take(name: string, settings: OpenSettings, user: Notify): Promise<Engine> {
    const shared = this.#engines.get(name) ?? this.#begin(name, settings);
    shared.users.add(user);
    return shared.engine;
  }

  async leave(name: string, user: Notify): Promise<void> {
    const shared = this.#engines.get(name);
    if (shared === undefined || !shared.users.delete(user) || shared.users.size > 0) return;
    this.#engines.delete(name);
    const engine = await shared.engine.catch(() => undefined);
    await engine?.close();
  }

  /** Undefined of a database that nobody has open. */
  health(name: string): Health | undefined {
    return this.#engines.get(name)?.health;
  }

  #begin(name: string, settings: OpenSettings): SharedEngine {
    const users = new Set<Notify>();
    const shared: SharedEngine = {
      engine: this.#open(name, settings, (notice) => {
        shared.health = after(shared.health, notice);
        for (const user of users) user(notice);
      }),
      users,
      health: { connection: 'open', reconnects: 0 },
    };
    this.#engines.set(name, shared);
    return shared;
  }
}

function after(health: Health, { type, message }: Notice): Health {
  switch (type) {
    case 'connection-lost':
      return { ...health, connection: 'lost' };
    case 'reconnected':
      return { ...health, connection: 'open', reconnects: health.reconnects + 1 };
    case 'data-loss':
      return { ...health, connection: 'closed', dataLoss: message };
    case 'closed':
      return { ...health, connection: 'closed' };
    default:
      return health;
  }
}
