/**
 * Fairness between engines: one that lost three races signs the meta record, and the others, who
 * read it with every append, let it go first.
 *
 * It is courtesy, not safety: who stands back does so once for a signature, for at most
 * turnstileStandBackMs, and a signature that cannot be written changes nothing.
 */
import { must } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import { turnstileStandBackMs } from '../base/limits.ts';
import type { Meta } from '../pager/meta.ts';
import { updateMeta } from './meta-update.ts';
import type { EngineState } from './state.ts';

export class Turnstile {
  readonly #state: EngineState;
  #signed = false;
  /** The signature this engine has stood back for. */
  #paid: Meta['turnstile'];
  /** The meta record with a signature that is still to be stood back for. */
  #owed: Meta | undefined;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** Another engine has signed, and this one has not yet stood back for it. */
  closedBy({ turnstile }: Meta): boolean {
    if (turnstile === undefined || equalBytes(turnstile.engine, this.#state.id)) return false;
    const paid = this.#paid;
    return (
      paid === undefined ||
      paid.count !== turnstile.count ||
      !equalBytes(paid.engine, turnstile.engine)
    );
  }

  /** A turn of ours was stored while another engine waited: the next one lets it go first. */
  note(meta: Meta): void {
    if (this.closedBy(meta)) this.#owed = meta;
  }

  get owes(): boolean {
    return this.#owed !== undefined;
  }

  /** Lets the engine go first that it `owes` that. */
  async pay(): Promise<void> {
    const owed = must(this.#owed, 'a signature to stand back for');
    this.#owed = undefined;
    await this.standBack(owed);
  }

  async standBack({ turnstile }: Meta): Promise<void> {
    this.#paid = turnstile;
    await this.#state.options.scheduler.delay(turnstileStandBackMs);
  }

  /** Signs, or signs anew: those who have stood back for a signature do so again for the next. */
  async sign(): Promise<void> {
    const { id } = this.#state;
    const signed = await updateMeta(this.#state, (meta) => {
      return { ...meta, turnstile: { engine: id, count: (meta.turnstile?.count ?? 0) + 1 } };
    }).catch(() => undefined);
    this.#signed ||= signed !== undefined;
  }

  /** Takes the signature back, if it is ours: the turn got through. */
  async leave(): Promise<void> {
    if (!this.#signed) return;
    this.#signed = false;
    const { id } = this.#state;
    await updateMeta(this.#state, (meta) => {
      const mine = meta.turnstile !== undefined && equalBytes(meta.turnstile.engine, id);
      return mine ? { ...meta, turnstile: undefined } : undefined;
    }).catch(() => undefined);
  }
}
