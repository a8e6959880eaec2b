/**
 * As much of the DevTools protocol as the benchmark needs: one socket to a browser, sessions of
 * pages and of their workers on it.
 */

type Message = Readonly<Record<string, unknown>>;
type Listener = (params: Message) => void;

interface Pending {
  readonly resolve: (result: Message) => void;
  readonly reject: (error: Error) => void;
}

const connectTriesMax = 100;

export class Cdp {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }): void => this.#receive(JSON.parse(String(data)) as Message);
    socket.onclose = (): void => {
      for (const { reject } of this.#pending.values()) reject(new Error('the browser is gone'));
      this.#pending.clear();
    };
  }

  static connect(url: string): Promise<Cdp> {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      socket.onopen = (): void => resolve(new Cdp(socket));
      socket.onerror = (): void => reject(new Error(`no DevTools at ${url}`));
    });
  }

  send(method: string, params: Message = {}, sessionId?: string): Promise<Message> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      const session = sessionId === undefined ? {} : { sessionId };
      this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    });
  }

  /** Calls `listener` for an event of a session; answers what ends that. */
  on(event: string, sessionId: string, listener: Listener): () => void {
    const name = `${sessionId} ${event}`;
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  close(): void {
    this.#socket.close();
  }

  #receive({ id, method, params, result, error, sessionId }: Message): void {
    if (typeof id === 'number') {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) pending?.resolve(result as Message);
      else pending?.reject(new Error((error as { message: string }).message));
      return;
    }
    const listeners = this.#listeners.get(`${String(sessionId)} ${String(method)}`) ?? [];
    for (const listener of listeners) listener(params as Message);
  }
}

/** Asks again until `find` finds something. */
export async function eventually<T>(find: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let tries = 0; tries < connectTriesMax; tries += 1) {
    const found = await find();
    if (found !== undefined) return found;
    await delay(100);
  }
  throw new Error(`${what} did not come`);
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
