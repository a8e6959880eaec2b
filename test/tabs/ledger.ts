/**
 * What the tabs were told, kept outside of them, and the judgement on what is there in the end.
 *
 * A write is first issued, then ends: acknowledged, refused (nothing was written), or unknown; one
 * whose tab died has not ended, and counts as unknown. A browser may drop what a renderer told
 * right before it died: a tab makes no write that is not in a plan which this process has heard,
 * and what a dead tab had planned counts as unknown too.
 */

/** What a tab tells (page.ts): that a write begins, or how it ended. */
export interface Told {
  readonly tab: string;
  readonly id: string;
  readonly kind: 'put' | 'pair' | 'add' | 'claim';
  /** Number of the claim. */
  readonly claim?: number;
  readonly done?: boolean;
  /** What the shared counter was after an increment. */
  readonly value?: number;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly why?: string;
    readonly mayHaveBeenApplied?: boolean;
    /** Who had won a claim that this one lost. */
    readonly owner?: string;
  };
}

/** The writes that a tab may make next. */
export interface Plan {
  readonly plan: readonly Told[];
}

export interface StoredItem {
  readonly id: string;
  readonly tab?: string;
  readonly n?: number;
}

type Outcome = 'issued' | 'acknowledged' | 'refused' | 'unknown';

interface Entry {
  readonly told: Told;
  outcome: Outcome;
  ended?: Told;
}

export interface Verdict {
  /** What is wrong, a sentence each; empty when all is well. */
  readonly wrongs: readonly string[];
  readonly acknowledged: number;
  readonly unknown: number;
  readonly refused: number;
}

/** More of one kind of wrong are counted, not listed. */
const listedMax = 5;

export class Ledger {
  readonly #entries = new Map<string, Entry>();
  readonly #planned = new Map<string, Told>();

  take(told: Told | Plan): void {
    if ('plan' in told) {
      for (const each of told.plan) this.#planned.set(each.id, each);
      return;
    }
    const entry = this.#entries.get(told.id);
    if (told.done !== true || entry === undefined) {
      this.#entries.set(told.id, { told, outcome: 'issued' });
      return;
    }
    entry.ended = told;
    entry.outcome = outcomeOf(told);
  }

  /** The tab died: it may have made any write that it had planned. */
  lose(tab: string): void {
    for (const told of this.#planned.values()) {
      if (told.tab === tab && !this.#entries.has(told.id)) this.take(told);
    }
  }

  acknowledged(tab?: string): number {
    return this.#of('acknowledged', tab).length;
  }

  /** The newest acknowledged put of a tab. */
  lastPut(tab: string): string | undefined {
    return this.#of('acknowledged', tab).findLast(({ told }) => told.kind === 'put')?.told.id;
  }

  /** Errors that writes ended in, but for lost claims. */
  errors(): readonly NonNullable<Told['error']>[] {
    return [...this.#entries.values()].flatMap(({ ended }) =>
      ended?.error === undefined || ended.error.name === lostClaim ? [] : [ended.error],
    );
  }

  judge(items: readonly StoredItem[], indexed: readonly StoredItem[]): Verdict {
    const there = new Map(items.map((item) => [item.id, item]));
    const wrongs = [
      ...this.#judgeOrigins(there),
      ...this.#judgePuts(there),
      ...this.#judgePairs(there),
      ...this.#judgeShared(there),
      ...this.#judgeClaims(there),
      ...judgeIndex(there, indexed),
    ];
    const count = (outcome: Outcome): number => this.#of(outcome).length;
    return {
      wrongs:
        wrongs.length > listedMax
          ? [...wrongs.slice(0, listedMax), `${wrongs.length} in all`]
          : wrongs,
      acknowledged: count('acknowledged'),
      unknown: count('unknown') + count('issued'),
      refused: count('refused'),
    };
  }

  #of(outcome: Outcome, tab?: string): readonly Entry[] {
    return [...this.#entries.values()].filter(
      (entry) => entry.outcome === outcome && (tab === undefined || entry.told.tab === tab),
    );
  }

  #kind(kind: Told['kind']): readonly Entry[] {
    return [...this.#entries.values()].filter(({ told }) => told.kind === kind);
  }

  /** An item with the id of a write, or the half of a pair, was written by someone. */
  #judgeOrigins(there: ReadonlyMap<string, StoredItem>): string[] {
    return [...there.keys()].flatMap((id) => {
      const [write] = /^[^ ]+-\d+(?=-[ab]$|$)/.exec(id) ?? [];
      return write === undefined || this.#entries.has(write) ? [] : [`nobody wrote ${id}`];
    });
  }

  #judgePuts(there: ReadonlyMap<string, StoredItem>): string[] {
    return this.#kind('put').flatMap(({ told: { id }, outcome }) => {
      if (outcome === 'acknowledged' && !there.has(id)) return [`${id} is lost`];
      if (outcome === 'refused' && there.has(id)) return [`${id} was refused, and is there`];
      return [];
    });
  }

  #judgePairs(there: ReadonlyMap<string, StoredItem>): string[] {
    const wrongs: string[] = [];
    const whole = new Map<string, number>();
    for (const { told, outcome } of this.#kind('pair')) {
      const halves = ['a', 'b'].filter((half) => there.has(`${told.id}-${half}`)).length;
      if (halves === 1) wrongs.push(`${told.id} is torn`);
      if (halves === 0 && outcome === 'acknowledged') wrongs.push(`${told.id} is lost`);
      if (halves > 0 && outcome === 'refused') wrongs.push(`${told.id} was refused, and is there`);
      if (halves === 2) whole.set(told.tab, (whole.get(told.tab) ?? 0) + 1);
    }
    for (const [tab, pairs] of whole) {
      const counted = there.get(`pairs ${tab}`)?.n ?? 0;
      if (counted !== pairs) wrongs.push(`${tab} has ${pairs} pairs and counted ${counted}`);
    }
    return wrongs;
  }

  #judgeShared(there: ReadonlyMap<string, StoredItem>): string[] {
    const adds = this.#kind('add');
    const counted = there.get('shared')?.n ?? 0;
    const sure = adds.filter(({ outcome }) => outcome === 'acknowledged');
    const open = adds.filter(({ outcome }) => outcome === 'unknown' || outcome === 'issued');
    const wrongs: string[] = [];
    if (counted < sure.length || counted > sure.length + open.length) {
      const allowed = `${sure.length} increments and ${open.length} unknown ones`;
      wrongs.push(`the shared counter is ${counted} after ${allowed}`);
    }
    const values = sure.map(({ ended }) => ended?.value ?? 0);
    const twice = values.filter((value, at) => values.indexOf(value) !== at);
    if (twice.length > 0) wrongs.push(`two increments were told ${twice[0]}`);
    if (values.some((value) => value < 1 || value > counted)) {
      wrongs.push(`an increment was told more than ${counted}`);
    }
    return wrongs;
  }

  #judgeClaims(there: ReadonlyMap<string, StoredItem>): string[] {
    return this.#kind('claim').flatMap(({ told, outcome, ended }) => {
      const owner = there.get(`claim ${told.claim}`)?.tab;
      const claim = `claim ${told.claim}`;
      if (outcome === 'acknowledged' && owner !== told.tab) {
        return [`${claim} was given to ${told.tab} and belongs to ${owner}`];
      }
      if (ended?.error?.name !== lostClaim) return [];
      // Who made an attempt of unknown outcome may meet that attempt.
      if (owner === undefined || ended.error.owner !== owner) {
        return [`${told.tab} saw ${claim} with ${ended.error.owner}, and it belongs to ${owner}`];
      }
      return owner === told.tab ? [`${told.tab} lost ${claim} to itself`] : [];
    });
  }
}

const lostClaim = 'ConditionalCheckFailedException';

function outcomeOf({ error }: Told): Outcome {
  if (error === undefined) return 'acknowledged';
  if (error.name === lostClaim) return 'refused';
  const nothing = /nothing was written|is closed/.test(error.message);
  return nothing && error.mayHaveBeenApplied !== true ? 'refused' : 'unknown';
}

function judgeIndex(
  there: ReadonlyMap<string, StoredItem>,
  indexed: readonly StoredItem[],
): string[] {
  const entries = new Set(indexed.map(({ id }) => id));
  const missing = [...there.values()].filter(
    ({ id, tab }) => tab !== undefined && !entries.has(id),
  );
  const ghosts = [...entries].filter((id) => !there.has(id));
  return [
    ...missing.map(({ id }) => `${id} is not in the index`),
    ...ghosts.map((id) => `${id} is in the index alone`),
    ...(entries.size === indexed.length ? [] : ['an item is in the index twice']),
  ];
}
