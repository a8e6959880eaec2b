/**
 * A Chromium of our own over the DevTools protocol, with nothing in between.
 *
 * Libraries that drive browsers attach to workers themselves and hide them; these tests must stop,
 * freeze and prepare a page's worker before it runs. Messages go through a pipe (descriptors 3 and
 * 4), each ended by a zero byte. The browser is a process group of its own, so that all of it can
 * be killed at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** How long a command may take before it fails. */
const commandMsMax = 30_000;

export interface DevtoolsEvent {
  readonly method: string;
  readonly params: Record<string, unknown>;
  /** The target that it speaks of; undefined for the browser itself. */
  readonly sessionId?: string | undefined;
}

interface Answer {
  readonly id: number;
  readonly result?: object;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly method: string;
  readonly resolve: (result: object) => void;
  readonly reject: (error: Error) => void;
}

/** Arguments that keep hidden tabs as quick as the one in front. */
const wakeful: readonly string[] = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export class Devtools {
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #commands: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: DevtoolsEvent) => void>();
  readonly #gone: Promise<void>;
  #lastId = 0;
  #rest = '';

  /** Starts `executable` on the profile in the folder `profile`. */
  constructor(executable: string, profile: string, args: readonly string[]) {
    const own = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${profile}`];
    this.#process = spawn(executable, [...args, ...wakeful, ...own, 'about:blank'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.pid = this.#process.pid ?? 0;
    this.#commands = this.#process.stdio[3] as Writable;
    this.#commands.on('error', () => {});
    const events = this.#process.stdio[4] as Readable;
    events.setEncoding('utf8');
    events.on('data', (text: string) => this.#receive(text));
    this.#gone = new Promise((resolve) => {
      this.#process.once('close', () => {
        for (const { method, reject } of this.#waiting.values()) {
          reject(new Error(`${method}: the browser is gone`));
        }
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** One command, to the browser or to the target of a session. Rejects with what it refuses. */
  async send<T>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<object>((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      timer = setTimeout(() => {
        this.#waiting.delete(id);
        const what = `${method} ${JSON.stringify(params).slice(0, 100)}`;
        reject(new Error(`${what} was not answered in ${commandMsMax} ms`));
      }, commandMsMax);
    });
    this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    try {
      return (await answered) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls `listener` with every event; returns what ends that. */
  listen(listener: (event: DevtoolsEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Closes the browser as a user does; kills it if that takes too long. */
  async close(limitMs: number): Promise<void> {
    this.send('Browser.close').catch(() => {});
    const late = setTimeout(() => void this.kill(), limitMs);
    await this.#gone;
    clearTimeout(late);
  }

  /** Kills the whole process group. */
  async kill(): Promise<void> {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
    await this.#gone;
  }

  #receive(text: string): void {
    const parts = (this.#rest + text).split('\0');
    this.#rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Answer | DevtoolsEvent;
      if (!('id' in message)) {
        for (const listener of this.#listeners) listener(message);
        continue;
      }
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.result ?? {});
      else waiting?.reject(new Error(`${waiting.method}: ${message.error.message}`));
    }
  }
}
