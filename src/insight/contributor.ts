/**
 * The hottest keys of tables and indexes: what each consumed over the last minutes, as CloudWatch's
 * four rules of contributor insights have it.
 *
 * | Rule | Key | Sum of |
 * | PKC  | partition key            | units consumed |
 * | SKC  | partition and sort key   | units consumed |
 * | PKT  | partition key            | throttled requests |
 * | SKT  | partition and sort key   | throttled requests |
 *
 * Sums are kept by minute, so that a window is a run of minutes and old ones go at once. Each is
 * exact as long as its keys fit (key-counters.ts); a report says whether they did, and by how much
 * a sum may be off. All of it is bounded: the oldest minutes go first, and a report says since
 * when.
 */
import { mapKey } from '../base/bytes.ts';
import { contributorKeysMax, contributorMinutesMax, contributorSumsMax } from '../base/limits.ts';
import { KeyCounters } from './key-counters.ts';

export type Rule = 'PKC' | 'SKC' | 'PKT' | 'SKT';

/** What a request did to one key, in one rule. */
export interface Access {
  /** Of the table or the index. */
  readonly tree: number;
  /** When its keys began to be counted: what was counted before they did is another's. */
  readonly since: number;
  readonly rule: Rule;
  /** Encoded: the partition key's, or that of partition and sort key. */
  readonly key: Uint8Array;
  /** Units, or requests that were throttled. */
  readonly amount: number;
}

export interface Contributor {
  readonly key: Uint8Array;
  /** At most, and at least; equal where the report is exact. */
  readonly most: number;
  readonly least: number;
}

export interface ContributorReport {
  /** Descending. */
  readonly contributors: readonly Contributor[];
  /** Of all keys together: always exact. */
  readonly total: number;
  /** Distinct keys that are held. */
  readonly keys: number;
  /** How often a key did not fit into its minute; 0: every sum is exact. */
  readonly leftOut: number;
  /** Since when all is counted, on the clock of `note`. */
  readonly sinceMs: number;
}

const minuteMs = 60_000;

interface Minute {
  readonly minute: number;
  /** By tree, beginning and rule. */
  readonly counters: Map<string, KeyCounters>;
}

export class Contributors {
  readonly #keysMax: number;
  readonly #sumsMax: number;
  /** Ascending. */
  readonly #minutes: Minute[] = [];
  #sums = 0;
  /** All before is forgotten, or was not counted. */
  #sinceMs: number;

  constructor(
    nowMs: number,
    keysMax: number = contributorKeysMax,
    sumsMax: number = contributorSumsMax,
  ) {
    this.#sinceMs = nowMs;
    this.#keysMax = keysMax;
    this.#sumsMax = sumsMax;
  }

  /** `nowMs`: of a clock that never falls. */
  note({ tree, since, rule, key, amount }: Access, nowMs: number): void {
    const { counters } = this.#minuteOf(nowMs);
    const name = nameOf(tree, since, rule);
    let sums = counters.get(name);
    if (sums === undefined) {
      sums = new KeyCounters(this.#keysMax);
      counters.set(name, sums);
    }
    const { size } = sums;
    sums.add(key, amount);
    this.#sums += sums.size - size;
    while (this.#sums > this.#sumsMax && this.#minutes.length > 1) this.#forgetOldest();
  }

  /** The last `windowMs` at least, by whole minutes; cost: an entry for each sum in it. */
  report(
    { tree, since }: Pick<Access, 'tree' | 'since'>,
    rule: Rule,
    windowMs: number,
    top: number,
    nowMs: number,
  ): ContributorReport {
    this.#minuteOf(nowMs);
    const first = Math.floor((nowMs - windowMs) / minuteMs);
    const parts = this.#minutes.flatMap(({ minute, counters }) => {
      const sums = minute < first ? undefined : counters.get(nameOf(tree, since, rule));
      return sums === undefined ? [] : [sums];
    });
    const found = new Map<
      string,
      { key: Uint8Array; most: number; least: number; floor: number }
    >();
    let total = 0;
    let leftOut = 0;
    let floors = 0;
    for (const sums of parts) {
      total += sums.total;
      leftOut += sums.replaced;
      floors += sums.floor;
      for (const { key, sum, least } of sums.sums()) {
        const name = mapKey(key);
        const one = found.get(name) ?? { key, most: 0, least: 0, floor: 0 };
        found.set(name, {
          key,
          most: one.most + sum,
          least: one.least + least,
          // Of the minutes in which it was held.
          floor: one.floor + sums.floor,
        });
      }
    }
    const contributors = [...found.values()]
      .map(({ key, most, least, floor }) => ({ key, most: most + floors - floor, least }))
      .sort((a, b) => b.most - a.most || b.least - a.least)
      .slice(0, top);
    const sinceMs = Math.max(this.#sinceMs, first * minuteMs);
    return { contributors, total, keys: found.size, leftOut, sinceMs };
  }

  #minuteOf(nowMs: number): Minute {
    const minute = Math.floor(nowMs / minuteMs);
    let last = this.#minutes.at(-1);
    if (last === undefined || last.minute < minute) {
      last = { minute, counters: new Map() };
      this.#minutes.push(last);
      const first = minute - contributorMinutesMax;
      while ((this.#minutes[0] as Minute).minute <= first) this.#forgetOldest();
    }
    return last;
  }

  #forgetOldest(): void {
    const oldest = this.#minutes.shift();
    if (oldest === undefined) return;
    for (const { size } of oldest.counters.values()) this.#sums -= size;
    this.#sinceMs = Math.max(this.#sinceMs, (oldest.minute + 1) * minuteMs);
  }
}

function nameOf(tree: number, since: number, rule: Rule): string {
  return `${rule} ${tree} ${since}`;
}
