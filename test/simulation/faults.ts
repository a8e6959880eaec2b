/**
 * What goes wrong in a simulation: each seed picks some of the faults, each with a rate of its own
 * ("swarm"), so that no fault hides another in every run. Every fault that fires is counted by the
 * site where it did.
 */
import type { Prng } from '../../src/base/prng.ts';
import { repairSites, replicaSites, type Site } from './sites.ts';

/**
 * - `full`: refused, the disk is full. - `lost`: a read fails, a write has an unknown outcome and
 * was not carried out; `lost-after`: it was. - `hang`: never answered, not carried out;
 * `hang-after`: carried out. - `slow`: answered after 12 s. - `freeze`: the whole tab stands still
 * for 12 s. - `kill`: the tab is killed before the request is carried out; `kill-after`: after it.
 * - `power`: the power is lost before; `power-after`: after. - `flip`: one bit of what a read
 * brings is wrong, once.
 */
export const requestFaults = [
  'full',
  'lost',
  'lost-after',
  'hang',
  'hang-after',
  'slow',
  'freeze',
  'kill',
  'kill-after',
  'power',
  'power-after',
  'flip',
] as const;

/**
 * Between requests. - `decay`: a bit of a stored record turns over, and is repaired later.
 * - `amnesia`: the device comes up with an empty store. - `swap`: the store is emptied under
 * engines that live on. - `clock-step` and `clock-leap`: a wall clock goes back or forth by
 * seconds, or by up to years. - `close`: a tab is closed in good order. - `deadline` and `abort`:
 * calls end early.
 */
export const worldFaults = [
  'decay',
  'amnesia',
  'swap',
  'clock-step',
  'clock-leap',
  'close',
  'deadline',
  'abort',
] as const;

/** After the end of some worlds (aftermath.ts). `stays`: a page that a repair finds bad. */
export const lateFaults = ['stays'] as const;

export type RequestFault = (typeof requestFaults)[number];
export type WorldFault = (typeof worldFaults)[number];
export type Fault = RequestFault | WorldFault;

/** Shares of requests (or of client operations, for the world's) that a fault befalls. */
export type Rates = Readonly<Partial<Record<Fault, number>>>;

const most: Readonly<Record<Fault, number>> = {
  full: 0.02,
  lost: 0.02,
  'lost-after': 0.02,
  hang: 0.001,
  'hang-after': 0.001,
  slow: 0.01,
  freeze: 0.003,
  kill: 0.004,
  'kill-after': 0.004,
  power: 0.002,
  'power-after': 0.002,
  flip: 0.01,
  decay: 0.02,
  amnesia: 0.0005,
  swap: 0.0005,
  'clock-step': 0.01,
  'clock-leap': 0.004,
  close: 0.004,
  deadline: 0.05,
  abort: 0.05,
};

/** These make answers that are errors of the world. */
const failing: readonly Fault[] = [
  'full',
  'lost',
  'lost-after',
  'hang',
  'hang-after',
  'slow',
  'freeze',
  'flip',
  'decay',
  'swap',
];

/** A random subset of the faults, with rates up to the most; one seed in eight has none. */
export function drawRates(random: Prng): Rates {
  const rates: Partial<Record<Fault, number>> = {};
  if (random.chance(1 / 8)) return rates;
  for (const fault of [...requestFaults, ...worldFaults]) {
    if (random.chance(0.35)) rates[fault] = (most[fault] * (1 + random.below(10))) / 10;
  }
  return rates;
}

const readFaults: readonly RequestFault[] = [
  'lost',
  'hang',
  'slow',
  'freeze',
  'kill',
  'power',
  'flip',
];
const writeFaults: readonly RequestFault[] = requestFaults.filter((fault) => fault !== 'flip');

/** Faults that come in bursts, and begin one. */
export const bursting: ReadonlySet<RequestFault> = new Set(['full', 'lost', 'lost-after']);

/** Sites that most requests come from: the others are rare, and fail more often. */
const common: ReadonlySet<Site> = new Set([
  'store.get meta',
  'store.scan catch-up',
  'store.scan load',
  'store.write append',
]);
const rareFactor = 5;
/** Steps that a run of hundreds of seeds comes to a few times only. */
const scarce: ReadonlySet<Site> = new Set([
  ...repairSites,
  'store.write restore',
  'store.write aside',
  'store.write cut',
]);
const scarceFactor = 40;
/** And no more of them than this share, each fault: who tries again must come through. */
const scarceMost = 0.1;
/** Steps of background work that are answered late: others take it over meanwhile. */
const stalling: ReadonlySet<Site> = new Set([
  'store.write slice',
  'store.write commit',
  'store.write sweep',
  'store.write sweep-dead',
  'store.write swept-dead',
  'store.write build-slice',
  'store.write build-free',
  'store.write aside',
  'store.write give-up',
  'store.write given-up',
  'store.write settle',
  'store.write mend',
]);
const stallFactor = 20;
/** Of the checkpoints that are made while an earlier one is still to be swept. */
const spoiltShare = 0.3;
const ofReplicas: ReadonlySet<Site> = new Set(replicaSites);
/** Failures come in bursts: after one, the next requests of its tab fail more often. */
const burstFactor = 15;

export type Fired = Record<string, number>;

export interface Hears {
  violate(what: string): void;
  /** What fired at a site of replicas. */
  fire?(what: string): void;
}

export class Faults {
  readonly rates: Rates;
  /** Fault and site to how often it fired there; '' to how often the site was reached. */
  readonly fired: Fired = {};
  /** Whoever judges the world. */
  readonly hears: Hears | undefined;
  /** False when all is to go well from now on. */
  active = true;
  readonly #random: Prng;
  readonly #reads: readonly (readonly [RequestFault, number])[];
  readonly #writes: readonly (readonly [RequestFault, number])[];

  constructor(random: Prng, rates: Rates, hears?: Hears) {
    this.#random = random;
    this.hears = hears;
    this.rates = rates;
    const rated = (faults: readonly RequestFault[]): (readonly [RequestFault, number])[] => {
      return faults.flatMap((fault) => {
        const rate = rates[fault];
        return rate === undefined ? [] : [[fault, rate] as const];
      });
    };
    this.#reads = rated(readFaults);
    this.#writes = rated(writeFaults);
  }

  /** Whether this world's faults can end in an error that is none of DynamoDB's. */
  get mayFail(): boolean {
    return failing.some((fault) => this.rates[fault] !== undefined);
  }

  /** Whether bytes go bad in this world, stored ones or those on the way. */
  get mayDamage(): boolean {
    return this.rates.flip !== undefined || this.rates.decay !== undefined;
  }

  /** What befalls a request; `inBurst` says that one of the tab's has just failed. */
  at(site: Site, inBurst: boolean): RequestFault | undefined {
    this.#count(`${site}|`);
    if (!this.active) return undefined;
    const factor = common.has(site) ? 1 : rareFactor;
    const share = (fault: RequestFault, rate: number): number => {
      if (scarce.has(site)) return Math.min(scarceMost, rate * scarceFactor);
      if (fault === 'slow' && stalling.has(site)) return rate * stallFactor;
      return rate * (inBurst && bursting.has(fault) ? Math.max(factor, burstFactor) : factor);
    };
    for (const [fault, rate] of site.startsWith('store.write') ? this.#writes : this.#reads) {
      if (!this.#random.chance(share(fault, rate))) continue;
      this.#count(`${site}|${fault}`);
      if (ofReplicas.has(site)) this.hears?.fire?.(`${site}|${fault}`);
      return fault;
    }
    return undefined;
  }

  /** Whether the meta record goes bad just now, where it is so that this is most of a loss. */
  spoils(isWorst: () => boolean): boolean {
    if (!this.active || this.rates.decay === undefined || !isWorst()) return false;
    return this.#random.chance(spoiltShare);
  }

  world(fault: WorldFault): boolean {
    const rate = this.rates[fault];
    if (!this.active || rate === undefined || !this.#random.chance(rate)) return false;
    this.#count(`world|${fault}`);
    return true;
  }

  #count(name: string): void {
    this.fired[name] = (this.fired[name] ?? 0) + 1;
  }
}
