/**
 * An import into a table that has items: each item is put as a PutItem puts it, through the log.
 *
 * The items of a batch are put together. Of equal keys the last alone is put: writes of one turn
 * may change places when one of them waits for a page.
 */
import { mapKey } from '../base/bytes.ts';
import type { Request, ValueForm } from '../operation/request.ts';
import { owner } from '../operation/request.ts';

/** Asks the engine, as any caller does. */
export type PutRequest = (request: Request) => Promise<object>;

export class LoggedWriter {
  readonly #put: PutRequest;
  readonly #table: string;
  readonly #form: ValueForm;
  readonly #items = new Map<string, unknown>();
  #overwritten = 0;

  constructor(put: PutRequest, { table, form }: { table: string; form: ValueForm }) {
    this.#put = put;
    this.#table = table;
    this.#form = form;
  }

  add(key: Uint8Array, raw: unknown): void {
    const name = mapKey(key);
    if (this.#items.has(name)) this.#overwritten += 1;
    this.#items.set(name, raw);
  }

  /** Resolves when all of them are stored; answers how many a later one overwrote. */
  async flush(): Promise<number> {
    const overwritten = this.#overwritten;
    const items = [...this.#items.values()];
    this.#items.clear();
    this.#overwritten = 0;
    const form = this.#form;
    const puts = items.map((Item) => {
      const input = { TableName: this.#table, Item };
      return this.#put({ operation: 'PutItem', input, form, caller: owner, unmetered: true });
    });
    const failed = (await Promise.allSettled(puts)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    return overwritten;
  }
}
