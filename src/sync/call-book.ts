/**
 * Calls through a handle of sync: they say how far a write is to count, and what became of it can
 * be asked. What was written is known by the result's identity.
 */
import type { SyncCallInput, SyncCallOutput } from './settled.ts';
import type { SettledAs, WriteOptions } from './sync-types.ts';

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export type Call<O = CallOptions> = (
  operation: string,
  input: object,
  options?: O,
) => Promise<object>;

export class CallBook<O extends CallOptions = CallOptions> {
  readonly #call: Call<O>;
  readonly #made: WeakMap<object, readonly number[] | 'hub'> = new WeakMap();

  /** `call`: SyncCall and SyncSettled (settled.ts), by whichever way they go. */
  constructor(call: Call<O>) {
    this.#call = call;
  }

  with({ mode, expiresMs }: WriteOptions): Call<O> {
    return async (Operation, Input, options) => {
      const input: SyncCallInput = {
        ...{ Operation, Input },
        ...(mode === undefined ? {} : { Mode: mode }),
        ...(expiresMs === undefined ? {} : { ExpiresMs: expiresMs }),
      };
      const { Output, Seqs } = (await this.#call('SyncCall', input, options)) as SyncCallOutput;
      this.#made.set(Output, mode === 'hub' ? mode : Seqs);
      return Output;
    };
  }

  /** Rejects with a TypeError for what is no result of `with`. */
  async settled(result: object, options?: O): Promise<SettledAs> {
    const made = this.#made.get(result);
    if (made === undefined) throw new TypeError('settled takes a result of a call of with()');
    if (made === 'hub') return made;
    const { As } = (await this.#call('SyncSettled', { Seqs: made }, options)) as {
      readonly As: SettledAs;
    };
    return As;
  }
}
