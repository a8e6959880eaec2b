/**
 * One database, the tabs that have it open, and the ledger of what they were told.
 */
import type { DatabaseStatus } from '../../src/index.ts';
import type { Devtools } from '../support/devtools.ts';
import { Tab, type TabOptions } from '../support/tabs.ts';
import { Ledger, type StoredItem, type Verdict } from './ledger.ts';

export class World {
  readonly database: string;
  readonly ledger: Ledger = new Ledger();
  readonly #devtools: Devtools;
  readonly #origin: string;
  readonly #tabs: Tab[] = [];

  constructor(devtools: Devtools, origin: string, database: string) {
    this.#devtools = devtools;
    this.#origin = origin;
    this.database = database;
  }

  /** New tabs with the database open; `before` that, something may be done with the page. */
  async open(
    names: readonly string[],
    options: Partial<TabOptions> = {},
    before: (tab: Tab) => Promise<unknown> = async () => {},
  ): Promise<Tab[]> {
    const made: Tab[] = [];
    for (const name of names) {
      const tab = await Tab.make({
        devtools: this.#devtools,
        origin: this.#origin,
        name,
        tell: (told) => this.ledger.take(told),
        ...options,
      });
      this.#tabs.push(tab);
      made.push(tab);
      await before(tab);
      const { error } = await tab.run<{ error?: object }>('open', this.database);
      if (error !== undefined) throw new Error(`${name}: ${JSON.stringify(error)}`);
    }
    return made;
  }

  async write(tabs: readonly Tab[], lanes = 4, pauseMs = 0): Promise<void> {
    await Promise.all(tabs.map((tab) => tab.run('write', lanes, pauseMs)));
  }

  /** The longest call of these tabs since this was asked last. */
  async slowest(tabs: readonly Tab[]): Promise<number> {
    return Math.max(...(await Promise.all(tabs.map((tab) => tab.run<number>('slowest')))));
  }

  async checkpoint(tabs: readonly Tab[]): Promise<number> {
    return Math.max(...(await this.#statuses(tabs)).map(({ checkpoint }) => checkpoint));
  }

  async sum(tabs: readonly Tab[], figure: 'lostRaces' | 'checkpoints'): Promise<number> {
    const all = await this.#statuses(tabs);
    return all.reduce((sum, status) => sum + status[figure], 0);
  }

  /** Stops the tabs, reads everything through the first and through the last, and judges it. */
  async judge(tabs: readonly Tab[]): Promise<Verdict & { readonly text: string }> {
    await Promise.all(tabs.map((tab) => tab.run('stop')));
    const [first, last] = [tabs[0], tabs.at(-1)];
    if (first === undefined || last === undefined) throw new Error('no tab to read through');
    const items = await last.run<StoredItem[]>('readAll');
    const indexed = await first.run<StoredItem[]>('readAll', 'byTab');
    for (const { name, crashed } of this.#tabs) if (crashed) this.ledger.lose(name);
    const verdict = this.ledger.judge(items, indexed);
    if (verdict.wrongs.length > 0) throw new Error(verdict.wrongs.join('\n'));
    const { acknowledged, unknown, refused } = verdict;
    const counts = `${acknowledged} acknowledged, ${refused} refused, ${unknown} unknown`;
    return { ...verdict, text: `${counts}, ${items.length} items` };
  }

  async close(): Promise<void> {
    await Promise.all(this.#tabs.map((tab) => tab.close()));
  }

  #statuses(tabs: readonly Tab[]): Promise<DatabaseStatus[]> {
    return Promise.all(tabs.map((tab) => tab.run<DatabaseStatus>('status')));
  }
}
