/**
 * Calls through sync: they say how far a write is to count, and what became of it can be asked.
 *
 * They are the handle's and not the database's, whose page entry has no room for what few pages
 * need (docs/adr/0014).
 */
import type { SyncCallOutput } from '../sync/settled.ts';
import type { SettledAs } from '../sync/sync-types.ts';
import type { CallOptions } from './connection.ts';
import type { OperationMethods } from './operation-methods.ts';

export interface WriteOptions {
  /**
   * `local`: as the tables ask. `confirm`: decided here, and executed by the hub on its own items,
   * once: what that says stands. A mode may only ask for more than the tables do.
   */
  readonly mode?: 'local' | 'confirm' | undefined;
  /** Of a confirmed write: the hub refuses it when it comes later, milliseconds after the call. */
  readonly expiresMs?: number | undefined;
}

const names = [
  'putItem',
  'updateItem',
  'deleteItem',
  'batchWriteItem',
  'transactWriteItems',
  'executeStatement',
  'batchExecuteStatement',
  'executeTransaction',
] as const;

/** Its own `call` and `region` are what the AWS SDK's `clientConfig` needs of a database. */
export interface SyncCalls extends Pick<OperationMethods, (typeof names)[number]> {
  readonly region: string;
  call(operation: string, input: object, options?: CallOptions): Promise<object>;
}

type Call = (operation: string, input: object, options?: CallOptions) => Promise<object>;

/** What was called, and what became of it; the results are known by their identity. */
export class CallBook {
  readonly #call: Call;
  readonly #seqs: WeakMap<object, readonly number[]> = new WeakMap();

  constructor(call: Call) {
    this.#call = call;
  }

  calls(region: string, { mode, expiresMs }: WriteOptions): SyncCalls {
    const call: Call = async (Operation, Input, options) => {
      const input = {
        ...{ Operation, Input },
        ...(mode === undefined ? {} : { Mode: mode }),
        ...(expiresMs === undefined ? {} : { ExpiresMs: expiresMs }),
      };
      const { Output, Seqs } = (await this.#call('SyncCall', input, options)) as SyncCallOutput;
      this.#seqs.set(Output, Seqs);
      return Output;
    };
    const methods = names.map((name) => {
      const operation = name.charAt(0).toUpperCase() + name.slice(1);
      return [name, (input: object, options?: CallOptions) => call(operation, input, options)];
    });
    return { region, call, ...Object.fromEntries(methods) } as unknown as SyncCalls;
  }

  /** Rejects with a TypeError for what is no result of `calls`. */
  async settled(result: object, options?: CallOptions): Promise<SettledAs> {
    const Seqs = this.#seqs.get(result);
    if (Seqs === undefined) throw new TypeError('settled takes a result of a call of with()');
    const { As } = (await this.#call('SyncSettled', { Seqs }, options)) as {
      readonly As: SettledAs;
    };
    return As;
  }
}
