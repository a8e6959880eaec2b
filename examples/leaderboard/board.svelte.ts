/**
 * The state of the page: the database, what its live queries show, and what can be undone.
 *
 * Nothing is read again after a write, and tabs do not speak to each other: the live queries of
 * every tab follow the log. All tabs open the same trigger, and one of them runs it.
 */
import { tick } from 'svelte';
import { type Database, type LiveItemsInput, open, type Trigger } from 'tidetable';
import { type Failure, failureOf } from './failure.ts';
import { othersRounds, type Round, sessionSeconds } from './rounds.ts';
import {
  allSessions,
  countedTable,
  games,
  type Score,
  scoresTable,
  type Session,
  sessionsTable,
  tables,
  timeAttribute,
  topTen,
  type Total,
  totalsOf,
} from './tables.ts';
import { countScores } from './totals.ts';

interface Undo {
  readonly what: string;
  readonly score: Score;
}

const databaseName = 'leaderboard';
const undosMax = 20;

export class Board {
  phase: 'opening' | 'failed' | 'open' = $state('opening');
  failure: Failure | undefined = $state.raw();
  game: string = $state(gameOf(location.hash));
  /** Undefined until the first result. */
  top: readonly Score[] | undefined = $state.raw();
  totals: readonly Total[] | undefined = $state.raw();
  sessions: readonly Session[] = $state.raw([]);
  /** Whether this tab runs the trigger that keeps the totals. */
  isCounting: boolean = $state(false);
  /** Epoch milliseconds, each second while somebody plays. */
  nowMs: number = $state(Date.now());
  /** What was done here last, for the status line. */
  status: string = $state('');
  /** What happened last, in whatever tab: beside the status, since both may come at once. */
  news: string = $state('');
  undos: readonly Undo[] = $state.raw([]);
  readonly sessionSeconds: number = sessionSeconds(location.search);
  #db: Database | undefined;
  #trigger: Trigger<Partial<Score>> | undefined;
  /** Of the live queries of the game on show. */
  #following: AbortController = new AbortController();

  constructor() {
    addEventListener('hashchange', () => this.#show(gameOf(location.hash)));
    setInterval(() => {
      if (this.sessions.length > 0) this.nowMs = Date.now();
    }, 1000);
  }

  /** Opens the database, again if need be. */
  async open(): Promise<void> {
    this.phase = 'opening';
    this.failure = undefined;
    const before = this.#db;
    this.#db = undefined;
    try {
      await before?.close().catch(() => undefined);
      const db = await open(databaseName, { tables });
      this.#db = db;
      db.on('closed', ({ message }) => this.#end(db, new Error(message)));
      await letExpire(db, sessionsTable);
      await letExpire(db, countedTable);
      await this.#count(db);
    } catch (error) {
      this.#end(this.#db, error);
      return;
    }
    this.phase = 'open';
    this.#show(this.game);
  }

  choose(game: string): void {
    location.hash = encodeURIComponent(game);
  }

  /** Says whether it was done. */
  add({ player, score }: Round): Promise<boolean> {
    return this.#do(async (db) => {
      const name = player.trim();
      await this.#play(db, { player: name, score });
      this.status = `Added ${score.toLocaleString('en')} for ${name}.`;
    });
  }

  othersPlay(): Promise<boolean> {
    return this.#do(async (db) => {
      const rounds = othersRounds(Math.random);
      await Promise.all(rounds.map((round) => this.#play(db, round)));
      this.status = 'Ten rounds were played by others.';
    });
  }

  async remove(score: Score): Promise<void> {
    const { game, id, player } = score;
    const what = `${score.score.toLocaleString('en')} of ${player}`;
    const isDone = await this.#do(async (db) => {
      await db.deleteItem({ TableName: scoresTable, Key: { game, id } });
      this.status = `Removed ${what}.`;
      this.undos = [{ what: `the removal of ${what}`, score }, ...this.undos].slice(0, undosMax);
    });
    if (!isDone) return;
    // The button that was pressed goes with its row.
    await tick();
    document.querySelector<HTMLElement>('#undo')?.focus();
  }

  async undo(): Promise<void> {
    const [last, ...others] = this.undos;
    if (last === undefined) return;
    await this.#do(async (db) => {
      await db.putItem({ TableName: scoresTable, Item: last.score });
      this.undos = others;
      this.status = `Took back ${last.what}.`;
    });
  }

  async #play(db: Database, { player, score }: Round): Promise<void> {
    const { game } = this;
    const at = Date.now();
    const id = `${at.toString(36)}-${crypto.randomUUID()}`;
    const until = Math.floor(at / 1000) + this.sessionSeconds;
    // One whose time to live is over is deleted by the database, in whatever tab.
    const session = { player, game, [timeAttribute]: until };
    await db.transactWriteItems({
      TransactItems: [
        { Put: { TableName: scoresTable, Item: { game, id, player, score, at } } },
        { Put: { TableName: sessionsTable, Item: session } },
      ],
    });
  }

  async #do(work: (db: Database) => Promise<void>): Promise<boolean> {
    const db = this.#db;
    if (db === undefined || this.phase !== 'open') return false;
    try {
      await work(db);
      return true;
    } catch (error) {
      this.status = `Not done: ${failureOf(error).said}`;
      return false;
    }
  }

  async #count(db: Database): Promise<void> {
    const trigger = await db.trigger<Partial<Score>>(
      scoresTable,
      (event) => countScores(db, event),
      {
        name: 'totals',
        plain: true,
      },
    );
    this.#trigger = trigger;
    const tell = (isCounting: boolean) => () => {
      if (this.#trigger === trigger) this.isCounting = isCounting;
    };
    trigger.on('running', tell(true));
    trigger.on('waiting', tell(false));
    trigger.on('closed', tell(false));
    this.isCounting = (await trigger.status()).state === 'running';
  }

  #show(game: string): void {
    const db = this.#db;
    this.#following.abort();
    if (game !== this.game) {
      this.top = undefined;
      this.totals = undefined;
      this.news = '';
    }
    this.game = game;
    if (db === undefined || this.phase !== 'open') return;
    this.#following = new AbortController();
    this.#follow<Score>(db, topTen(game), (scores) => this.#take(game, scores));
    this.#follow<Total>(db, totalsOf(game), (totals) => {
      const played = totals.filter(({ rounds }) => rounds > 0);
      this.totals = played.toSorted((a, b) => b.points - a.points);
    });
    this.#follow<Session>(db, allSessions, (sessions) => {
      this.nowMs = Date.now();
      this.sessions = sessions.toSorted(
        (a, b) => a.until - b.until || (a.player < b.player ? -1 : 1),
      );
    });
  }

  #follow<I>(db: Database, input: LiveItemsInput, take: (items: readonly I[]) => void): void {
    const query = db.live<I>(input);
    const end = query.subscribe(() => {
      const { result, error } = query.getSnapshot();
      if (error !== undefined) this.#end(db, error);
      else if (result !== undefined) take(result.Items);
    });
    this.#following.signal.addEventListener('abort', end);
  }

  /** A score that takes the lead is told of; other rows only show. */
  #take(game: string, scores: readonly Score[]): void {
    const [leader] = scores;
    const before = this.top;
    this.top = scores;
    if (leader !== undefined && before?.every(({ id }) => id !== leader.id)) {
      this.news = `${leader.player} leads ${game} with ${leader.score.toLocaleString('en')}.`;
    }
  }

  /** Of a database that was opened again since, nothing is said. */
  #end(db: Database | undefined, error: unknown): void {
    if (db !== this.#db) return;
    this.#following.abort();
    this.failure = failureOf(error, this.phase === 'open');
    this.phase = 'failed';
  }
}

function gameOf(hash: string): string {
  const named = decodeURIComponent(hash.slice(1));
  return games.find((game) => game === named) ?? games[0] ?? '';
}

/** Once a database: it is refused where it is so, as it may be by another tab since the look. */
async function letExpire(db: Database, TableName: string): Promise<void> {
  const isOn = async (): Promise<boolean> => {
    const { TimeToLiveDescription } = await db.describeTimeToLive({ TableName });
    return TimeToLiveDescription.AttributeName === timeAttribute;
  };
  if (await isOn()) return;
  const TimeToLiveSpecification = { Enabled: true, AttributeName: timeAttribute };
  try {
    await db.updateTimeToLive({ TableName, TimeToLiveSpecification });
  } catch (error) {
    if (!(await isOn())) throw error;
  }
}
