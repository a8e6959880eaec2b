/**
 * The state of the page: who is signed in, the database of that user, what its live queries show,
 * and how sync goes.
 *
 * Every write goes to the database of this device and is answered by it, with a network or without;
 * sync sends it when it can. Nothing is read again after a write: live queries follow the log,
 * whoever wrote, here or elsewhere.
 */
import { type Database, type LiveItemsInput, open } from 'tidetable';
import {
  type Conflict,
  type QuarantinedWrite,
  type Sync,
  type SyncStatus,
  sync,
} from 'tidetable/sync';
import { type Failure, failureOf } from './failure.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Picture } from './photo.ts';
import {
  allNotices,
  newestNotes,
  noticesTable,
  type Note,
  type Notice,
  notesTable,
  type Photo,
  photosOf,
  photosTable,
  tables,
  team,
} from './tables.ts';
import { rememberUser, signedIn, tokenOf, type User } from './users.ts';

interface Undo {
  readonly what: string;
  readonly note: Note;
  readonly photos: readonly Photo[];
}

const undosMax = 20;
const offlineKey = 'fieldnotes-offline';
/** Of a transaction: the note and its photos. */
const photosMax = 99;

export class Notebook {
  user: User | undefined = $state.raw(signedIn());
  phase: 'signed-out' | 'opening' | 'failed' | 'open' = $state('signed-out');
  failure: Failure | undefined = $state.raw();
  /** Undefined until the first result. */
  notes: readonly Note[] | undefined = $state.raw();
  notices: readonly Notice[] = $state.raw([]);
  /** Of the note that is open. */
  photos: readonly Photo[] = $state.raw([]);
  /** Id of the note that is open; undefined of a new one. */
  chosen: string | undefined = $state();
  sync: SyncStatus | undefined = $state.raw();
  refused: readonly QuarantinedWrite[] = $state.raw([]);
  /** Versions of this user's that were replaced by who had not seen them. */
  conflicts: readonly Conflict[] = $state.raw([]);
  /** The user's wish, also after a reload: false cuts this device off. */
  isOnline: boolean = $state(localStorage.getItem(offlineKey) === null);
  /** What was done here last, for the status line. */
  status: string = $state('');
  undos: readonly Undo[] = $state.raw([]);
  #db: Database | undefined;
  #remote: Sync | undefined;
  #following: AbortController = new AbortController();
  #photosFollowed: (() => void) | undefined;

  constructor() {
    if (this.user !== undefined) void this.open();
  }

  get note(): Note | undefined {
    return this.notes?.find(({ id }) => id === this.chosen);
  }

  signIn(user: User): Promise<void> {
    rememberUser(user);
    this.user = user;
    return this.open();
  }

  /** What is not sent stays in this user's database, and is sent when they sign in again. */
  async signOut(): Promise<void> {
    rememberUser(undefined);
    await this.#leave();
    this.user = undefined;
    this.phase = 'signed-out';
    this.status = '';
  }

  /** Opens the user's database, again if need be, and makes it a replica of the hub's. */
  async open(): Promise<void> {
    const { user } = this;
    if (user === undefined) return;
    await this.#leave();
    this.phase = 'opening';
    this.failure = undefined;
    try {
      const db = await open(`fieldnotes-${user.id}`, { tables });
      this.#db = db;
      db.on('closed', ({ message }) => this.#end(db, new Error(message)));
      this.phase = 'open';
      this.#followAll(db);
      this.#replicate(db, user);
    } catch (error) {
      this.#end(this.#db, error);
    }
  }

  choose(id: string | undefined): void {
    this.chosen = id;
    this.#photosFollowed?.();
    this.#photosFollowed = undefined;
    this.photos = [];
    const db = this.#db;
    if (db === undefined || id === undefined) return;
    this.#photosFollowed = this.#follow<Photo>(db, photosOf(id), (photos) => {
      this.photos = photos;
    });
  }

  /** Saves the note that is open, or a new one; says whether it was done. */
  save(title: string, text: string, place: string): Promise<boolean> {
    return this.#do(async (db, user) => {
      const id = this.chosen ?? newId();
      const note: Note = {
        team,
        id,
        title: title.trim(),
        text,
        place: place.trim(),
        by: user.name,
        at: Date.now(),
      };
      await db.putItem({ TableName: notesTable, Item: note });
      this.status = `Saved ${note.title}.`;
      if (this.chosen === undefined) this.choose(id);
    });
  }

  /** With its photos, whole or not at all. */
  remove(note: Note): Promise<boolean> {
    return this.#do(async (db) => {
      const { Items = [] } = await db.query<Photo>(photosOf(note.id));
      const photos = Items.slice(0, photosMax);
      await db.transactWriteItems({
        TransactItems: [
          { Delete: { TableName: notesTable, Key: { team, id: note.id } } },
          ...photos.map(({ id }) => ({
            Delete: { TableName: photosTable, Key: { note: note.id, id } },
          })),
        ],
      });
      this.status = `Deleted ${note.title}.`;
      const what = `the deletion of ${note.title}`;
      this.undos = [{ what, note, photos }, ...this.undos].slice(0, undosMax);
      if (this.chosen === note.id) this.choose(undefined);
    });
  }

  async undo(): Promise<void> {
    const [last, ...others] = this.undos;
    if (last === undefined) return;
    await this.#do(async (db) => {
      await db.transactWriteItems({
        TransactItems: [
          { Put: { TableName: notesTable, Item: { ...last.note } } },
          ...last.photos.map((photo) => ({ Put: { TableName: photosTable, Item: { ...photo } } })),
        ],
      });
      this.undos = others;
      this.status = `Took back ${last.what}.`;
    });
  }

  attach({ name, type, bytes }: Picture): Promise<boolean> {
    return this.#do(async (db, user) => {
      const { note } = this;
      if (note === undefined) return;
      const photo: Photo = { note: note.id, id: newId(), name, type, bytes, by: user.name };
      await db.putItem({ TableName: photosTable, Item: photo });
      this.status = `Attached ${name}.`;
    });
  }

  detach({ note, id, name }: Photo): Promise<boolean> {
    return this.#do(async (db) => {
      await db.deleteItem({ TableName: photosTable, Key: { note, id } });
      this.status = `Removed ${name}.`;
    });
  }

  announce(text: string): Promise<boolean> {
    return this.#do(async (db, user) => {
      const notice: Notice = { team, id: newId(), text, by: user.name, at: Date.now() };
      await db.putItem({ TableName: noticesTable, Item: notice });
      this.status = 'Put up the notice.';
    });
  }

  /** Cuts this device off from the hub, or lets it through again. */
  async setOnline(isOnline: boolean): Promise<void> {
    this.isOnline = isOnline;
    if (isOnline) localStorage.removeItem(offlineKey);
    else localStorage.setItem(offlineKey, 'yes');
    await (isOnline ? this.#remote?.resume() : this.#remote?.pause());
  }

  /** Says what this device stores, in a few digits that can be compared with another's. */
  fingerprint(): Promise<boolean> {
    return this.#do(async (db) => {
      const digits = await fingerprintOf([notesTable, photosTable, noticesTable], (table) =>
        itemsOf(db, table),
      );
      this.status = `Fingerprint of all that is stored here: ${digits}`;
    });
  }

  /** Writes again what was refused: a new write, made on what is there now. */
  again(write: QuarantinedWrite): Promise<boolean> {
    return this.#do(async () => {
      await this.#remote?.retry([write.seq]);
      await this.#lookAtRefused();
      this.status = 'Wrote it again.';
    });
  }

  letGo(write: QuarantinedWrite): Promise<boolean> {
    return this.#do(async () => {
      await this.#remote?.discard([write.seq]);
      await this.#lookAtRefused();
      this.status = 'Let it go.';
    });
  }

  /** Writes what was replaced once more, on what is there now; the one that stands goes. */
  takeMine({ id, table, key, lost }: Conflict): Promise<boolean> {
    return this.#do(async (db) => {
      if (lost === undefined) await db.deleteItem({ TableName: table, Key: { ...key } as never });
      else await db.putItem({ TableName: table, Item: { ...lost } });
      await this.#remote?.discardConflicts([id]);
      await this.#lookAtConflicts();
      this.status = 'Took yours.';
    });
  }

  leaveTheirs({ id }: Conflict): Promise<boolean> {
    return this.#do(async () => {
      await this.#remote?.discardConflicts([id]);
      await this.#lookAtConflicts();
      this.status = 'Left theirs.';
    });
  }

  async #do(work: (db: Database, user: User) => Promise<void>): Promise<boolean> {
    const db = this.#db;
    const { user } = this;
    if (db === undefined || user === undefined || this.phase !== 'open') return false;
    try {
      await work(db, user);
      return true;
    } catch (error) {
      this.status = `Not done: ${failureOf(error).said}`;
      return false;
    }
  }

  #followAll(db: Database): void {
    this.#follow<Note>(db, newestNotes, (notes) => {
      this.notes = notes;
    });
    this.#follow<Notice>(db, allNotices, (notices) => {
      this.notices = notices.toSorted((a, b) => b.at - a.at);
    });
  }

  #replicate(db: Database, user: User): void {
    const remote = sync(db, { url: location.origin, token: () => tokenOf(user) });
    this.#remote = remote;
    this.sync = remote.status;
    if (!this.isOnline) void remote.pause();
    remote.on('status', ({ status }) => {
      if (this.#remote !== remote) return;
      const before = this.sync;
      this.sync = status;
      // Another tab has switched it.
      if (status.state === 'paused') this.isOnline = false;
      else if (before?.state === 'paused') this.isOnline = true;
      if (before?.quarantined !== status.quarantined) void this.#lookAtRefused();
      if (before?.conflicts !== status.conflicts) void this.#lookAtConflicts();
    });
    remote.on('rejected', () => void this.#lookAtRefused());
    void this.#lookAtRefused();
    void this.#lookAtConflicts();
  }

  async #lookAtConflicts(): Promise<void> {
    const remote = this.#remote;
    try {
      const conflicts = (await remote?.conflicts()) ?? [];
      if (this.#remote === remote) this.conflicts = conflicts;
    } catch {
      // As above.
    }
  }

  async #lookAtRefused(): Promise<void> {
    const remote = this.#remote;
    try {
      const refused = (await remote?.quarantine()) ?? [];
      if (this.#remote === remote) this.refused = refused;
    } catch {
      // The database is closing: who opens it looks again.
    }
  }

  /** Answers what ends it. */
  #follow<I>(db: Database, input: LiveItemsInput, take: (items: readonly I[]) => void): () => void {
    const query = db.live<I>(input);
    const end = query.subscribe(() => {
      const { result, error } = query.getSnapshot();
      if (error !== undefined) this.#end(db, error);
      else if (result !== undefined) take(result.Items);
    });
    this.#following.signal.addEventListener('abort', end, { once: true });
    return end;
  }

  async #leave(): Promise<void> {
    this.#following.abort();
    this.#following = new AbortController();
    this.#photosFollowed = undefined;
    const db = this.#db;
    this.#db = undefined;
    this.#remote = undefined;
    this.chosen = undefined;
    this.notes = undefined;
    this.notices = [];
    this.photos = [];
    this.sync = undefined;
    this.refused = [];
    this.conflicts = [];
    this.undos = [];
    await db?.close().catch(() => undefined);
  }

  /** Of a database that was opened again since, nothing is said. */
  #end(db: Database | undefined, error: unknown): void {
    if (db !== this.#db) return;
    this.#following.abort();
    this.failure = failureOf(error, this.phase === 'open');
    this.phase = 'failed';
  }
}

async function* itemsOf(
  db: Database,
  TableName: string,
): AsyncGenerator<Readonly<Record<string, unknown>>, void, void> {
  let ExclusiveStartKey: object | undefined;
  do {
    const from = ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey };
    const page = await db.scan({ TableName, ...from } as never);
    yield* page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

function newId(): string {
  return `${Date.now().toString(36)}-${crypto.randomUUID()}`;
}
