/**
 * Tabs: pages of one Chromium over one database, each with a worker of its own (test/tabs).
 */
import { readFileSync } from 'node:fs';
import type { Plan, Told } from '../tabs/ledger.ts';
import type { Devtools, DevtoolsEvent } from './devtools.ts';

const prelude = readFileSync(new URL('../tabs/worker-prelude.js', import.meta.url), 'utf8');
const readyMsMax = 20_000;
const busyMs = 300;
const processTriesMax = 20;

/** What a browser without these has: nothing of them, in page and worker. */
const withoutSharing = `
  for (const name of ['BroadcastChannel', 'SharedWorker']) delete globalThis[name];
  Object.defineProperty(navigator, 'locks', { value: undefined });`;

export interface TabOptions {
  readonly devtools: Devtools;
  readonly origin: string;
  readonly name: string;
  /** Hears of every write of the tab, and of its plans. */
  readonly tell: (told: Told | Plan) => void;
  /** No Web Locks, no BroadcastChannel, no SharedWorker. */
  readonly bare?: boolean | undefined;
}

export class Tab {
  readonly name: string;
  /** True once the browser said that the renderer is gone. */
  crashed = false;
  paused = false;
  readonly #devtools: Devtools;
  readonly #tell: (told: Told | Plan) => void;
  readonly #bare: boolean;
  readonly #silence: () => void;
  #target = '';
  #session = '';
  #worker = '';
  #heard: () => void = () => {};

  private constructor({ devtools, name, tell, bare = false }: TabOptions) {
    this.name = name;
    this.#devtools = devtools;
    this.#tell = tell;
    this.#bare = bare;
    this.#silence = devtools.listen((event) => this.#hear(event));
  }

  /** Of the page, for commands that belong to none of the methods here. */
  get session(): string {
    return this.#session;
  }

  /** A new page, loaded, with no database open yet. */
  static async make(options: TabOptions): Promise<Tab> {
    const { devtools, origin, name } = options;
    const tab = new Tab(options);
    const made = { url: 'about:blank', newWindow: true };
    const { targetId } = await devtools.send<{ targetId: string }>('Target.createTarget', made);
    tab.#target = targetId;
    const attach = { targetId, flatten: true };
    const attached = await devtools.send<{ sessionId: string }>('Target.attachToTarget', attach);
    tab.#session = attached.sessionId;
    const auto = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };
    await tab.#send('Target.setAutoAttach', auto);
    await tab.#send('Inspector.enable');
    await tab.#send('Runtime.enable');
    await tab.#send('Page.enable');
    await tab.#send('Runtime.addBinding', { name: 'tell' });
    if (tab.#bare) {
      await tab.#send('Page.addScriptToEvaluateOnNewDocument', { source: withoutSharing });
    }
    await tab.#send('Page.navigate', { url: `${origin}/?tab=${name}` });
    await tab.until(async () => (await tab.evaluate('document.title')) === 'ready', readyMsMax);
    return tab;
  }

  /** Calls a method of the page's `tab` (test/tabs/page.ts). */
  run<T = void>(method: string, ...given: readonly unknown[]): Promise<T> {
    const list = given.map((each) => JSON.stringify(each) ?? 'undefined').join();
    return this.evaluate<T>(`tab.${method}(${list})`);
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.#evaluateIn<T>(this.#session, expression);
  }

  /** In the worker; while it is paused too. */
  evaluateInWorker<T>(expression: string): Promise<T> {
    return this.#evaluateIn<T>(this.#worker, expression);
  }

  /** Stops the worker where worker-prelude.js says; resolves once it is there. */
  async trap(place: 'checkpoint' | 'linger' | 'stay', limitMs: number): Promise<void> {
    if (place === 'checkpoint') await this.#devtools.send('Debugger.enable', {}, this.#worker);
    await this.evaluateInWorker(`traps.armed = '${place}'`);
    // A paused worker may leave a question without an answer.
    const isThere = async (): Promise<boolean> => {
      if (place === 'checkpoint') return this.paused;
      return await this.evaluateInWorker('traps.isSprung');
    };
    await this.until(isThere, limitMs);
  }

  /** Lets the paused worker go on. */
  async release(): Promise<void> {
    await this.#devtools.send('Debugger.resume', {}, this.#worker);
    // Not waited for: a frozen worker answers when it wakes.
    this.#devtools.send('Debugger.disable', {}, this.#worker).catch(() => {});
  }

  /** `frozen` or `active`, as the browser does to tabs in the background. */
  async setLifecycle(state: 'frozen' | 'active'): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state });
  }

  /**
   * The process that runs page and worker. The protocol does not say: it is the renderer that is
   * by far the busiest while this page is busy.
   */
  async processId(): Promise<number> {
    for (let tries = 0; tries < processTriesMax; tries += 1) {
      const before = await this.#cpuTimes();
      await this.evaluate(`for (const end = Date.now() + ${busyMs}; Date.now() < end; );`);
      const spent = [...(await this.#cpuTimes())].map(([id, seconds]) => {
        return { id, seconds: seconds - (before.get(id) ?? 0) };
      });
      const [most, next] = spent.sort((a, b) => b.seconds - a.seconds);
      if (most !== undefined && most.seconds > 5 * (next?.seconds ?? 0)) return most.id;
    }
    throw new Error(`tab ${this.name}: which process it is cannot be told`);
  }

  /** Crashes the renderer from within. */
  async crash(): Promise<void> {
    this.#send('Page.crash').catch(() => {});
    await this.until(() => this.crashed, readyMsMax);
  }

  async close(): Promise<void> {
    this.#silence();
    await this.#devtools.send('Target.closeTarget', { targetId: this.#target }).catch(() => {});
  }

  /** Resolves once `isSo`, which is asked again after each event and every 20 ms. */
  async until(isSo: () => boolean | Promise<boolean>, limitMs: number): Promise<void> {
    const started = Date.now();
    while (!(await isSo())) {
      if (Date.now() - started > limitMs) {
        throw new Error(`tab ${this.name}: not so within ${limitMs} ms: ${isSo}`);
      }
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
        setTimeout(resolve, 20);
      });
    }
  }

  async #cpuTimes(): Promise<Map<number, number>> {
    const { processInfo } = await this.#devtools.send<{
      processInfo: { id: number; type: string; cpuTime: number }[];
    }>('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    return new Map(renderers.map(({ id, cpuTime }) => [id, cpuTime]));
  }

  #send(method: string, params: object = {}): Promise<unknown> {
    return this.#devtools.send(method, params, this.#session);
  }

  async #evaluateIn<T>(session: string, expression: string): Promise<T> {
    const input = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#devtools.send<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>('Runtime.evaluate', input, session);
    if (exceptionDetails !== undefined) {
      throw new Error(`tab ${this.name}: ${exceptionDetails.exception?.description}`);
    }
    return result.value;
  }

  #hear({ method, params, sessionId }: DevtoolsEvent): void {
    if (sessionId === this.#session) {
      if (method === 'Runtime.bindingCalled') this.#take(params['payload'] as string);
      else if (method === 'Target.attachedToTarget') void this.#meetWorker(params);
      else if (method === 'Inspector.targetCrashed') this.crashed = true;
    } else if (sessionId === this.#worker) {
      if (method === 'Debugger.paused') this.paused = true;
      else if (method === 'Debugger.resumed') this.paused = false;
    }
    this.#heard();
  }

  #take(payload: string): void {
    const told = JSON.parse(payload) as Told | (Plan & { readonly last: number });
    this.#tell(told);
    if (!('plan' in told)) return;
    this.run('heard', told.last).catch((error: unknown) => {
      // A tab that died meanwhile waits for nothing.
      if (!this.crashed) console.log(`tab ${this.name} did not hear of its plan: ${error}`);
    });
  }

  /** A worker waits to be started: it is prepared first. */
  async #meetWorker(params: Record<string, unknown>): Promise<void> {
    const session = params['sessionId'] as string;
    this.#worker = session;
    this.paused = false;
    const source = this.#bare ? withoutSharing + prelude : prelude;
    await this.#evaluateIn(session, source).catch((error: unknown) => console.log(String(error)));
    await this.#devtools.send('Runtime.runIfWaitingForDebugger', {}, session);
  }
}
