/**
 * A page over the DevTools protocol alone, that can be frozen with its worker: one that Playwright
 * drives counts as looked at, and no such page is.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Devtools } from './devtools.ts';

const untilMsMax = 30_000;
const lookMs = 20;

export class PlainTab {
  readonly #devtools: Devtools;
  readonly #target: string;
  readonly #session: string;

  private constructor(devtools: Devtools, target: string, session: string) {
    this.#devtools = devtools;
    this.#target = target;
    this.#session = session;
  }

  /** A new page at `url`; resolves when `isReady`, an expression, is true in it. */
  static async open(devtools: Devtools, url: string, isReady: string): Promise<PlainTab> {
    const made = { url, newWindow: true };
    const { targetId } = await devtools.send<{ targetId: string }>('Target.createTarget', made);
    const attach = { targetId, flatten: true };
    const { sessionId } = await devtools.send<{ sessionId: string }>(
      'Target.attachToTarget',
      attach,
    );
    const tab = new PlainTab(devtools, targetId, sessionId);
    await tab.#until(isReady);
    return tab;
  }

  /** What the function comes to, in the page; it knows nothing but what it is given. */
  evaluate<T>(work: (given: unknown) => T | Promise<T>, given?: unknown): Promise<T> {
    return this.#evaluate<T>(callOf(work, given));
  }

  waitForFunction(isSo: (given: unknown) => unknown, given?: unknown): Promise<void> {
    return this.#until(callOf(isSo, given));
  }

  /** Page and worker stand still until they are woken; what is said to them waits. */
  async freeze(): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  async wake(): Promise<void> {
    await this.#send('Page.setWebLifecycleState', { state: 'active' });
  }

  async close(): Promise<void> {
    await this.#devtools.send('Target.closeTarget', { targetId: this.#target });
  }

  async #until(expression: string): Promise<void> {
    const started = Date.now();
    while (!(await this.#evaluate(expression))) {
      if (Date.now() - started > untilMsMax) {
        throw new Error(`not so within ${untilMsMax} ms: ${expression}`);
      }
      await delay(lookMs);
    }
  }

  async #evaluate<T>(expression: string): Promise<T> {
    const input = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#send<{
      readonly result: { readonly value: T };
      readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
    }>('Runtime.evaluate', input);
    if (exceptionDetails !== undefined) {
      throw new Error(exceptionDetails.exception?.description ?? 'the page threw');
    }
    return result.value;
  }

  #send<T>(method: string, params: object): Promise<T> {
    return this.#devtools.send<T>(method, params, this.#session);
  }
}

function callOf(work: (given: unknown) => unknown, given: unknown): string {
  return `(${work})(${JSON.stringify(given) ?? 'undefined'})`;
}
