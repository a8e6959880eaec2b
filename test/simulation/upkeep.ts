/**
 * Operations on a simulated database as a whole: checkpoint, compaction, scrub, sizes and repair.
 *
 * They change nothing that a client can see, so the ledger has no row for them: the judge of the
 * other answers sees what they spoil, and here it is judged what they say.
 */
import type { Prng } from '../../src/base/prng.ts';
import type { Progress, RepairReport } from '../../src/engine/engine-types.ts';
import { damageTree } from '../../src/table/system.ts';
import type { Device, Tab } from './device.ts';
import type { Faults } from './faults.ts';
import type { Judge } from './judge.ts';
import type { Ledger } from './ledger.ts';
import { type SeededScheduler, siteOf } from './scheduler.ts';

/** Each of them, the checkpoint more often: it is what the others are made of. */
const kinds = ['checkpoint', 'checkpoint', 'compact', 'scrub', 'sizes', 'repair'] as const;
type Kind = (typeof kinds)[number] | 'idle';
/** How often the tab of a repair dies before it is over, where bytes go bad: at some moment, */
const endsShare = 0.15;
const endsMsMax = 800;
/** or when pages are given up and what they held is not counted yet. */
const endsUncountedShare = 0.25;
const upkeepSite = siteOf('upkeep');

interface Parts {
  readonly scheduler: SeededScheduler;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly judge: Judge;
  readonly device: Device;
}

/** What is judged of what they say. */
type Report = Partial<Pick<RepairReport, 'scrub' | 'ranges'>>;

export class Upkeep {
  readonly #parts: Parts;
  readonly #random: Prng;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#random = parts.scheduler.random;
  }

  /** Asks `tab` for the one that is wanted, or any; resolves when it has answered, or is dead. */
  async ask(client: number, id: number, tab: Tab, wanted?: Kind): Promise<void> {
    const { ledger, device } = this.#parts;
    const drawn = wanted ?? (kinds[this.#random.below(kinds.length)] as Kind);
    // It would give up a page that was cut out, and whose record is lost: nobody could say which.
    const kind = drawn === 'repair' && ledger.recordsLost ? 'scrub' : drawn;
    const { life } = ledger;
    const isOurs = (): boolean => life === ledger.life && !device.isOrphan(tab);
    // A repair finds the disk whole, so that nothing need be given up.
    const release = kind === 'repair' ? device.holdWhole() : undefined;
    if (kind === 'repair') this.#endEarly(tab);
    await new Promise<void>((resolve) => {
      const cut = (): void => resolve();
      tab.cuts.add(cut);
      const over = (wrong: () => string | undefined): void => {
        tab.cuts.delete(cut);
        const what = isOurs() ? wrong() : undefined;
        if (what !== undefined) ledger.violate(`client ${client}: ${kind} ${id} ${what}`);
        resolve();
      };
      this.#begin(kind, tab, id).then(
        (report) => over(() => this.#wrong(report)),
        (error: Error) => over(() => this.#unexcused(error)),
      );
    });
    release?.();
  }

  /** What it has put back or given up by then, nobody has counted. */
  #endEarly({ store }: Tab): void {
    const { faults, scheduler, device } = this.#parts;
    if (!faults.active || !faults.mayDamage || !this.#random.chance(endsShare)) return;
    const delayMs = this.#random.below(endsMsMax);
    void scheduler.wait(upkeepSite, delayMs).then(() => {
      if (faults.active) device.kill(store);
    });
  }

  /** A repair is done with a page. */
  #ended(tab: Tab, life: number, { done, total, phase }: Progress): void {
    if (phase !== 'pages') return;
    const { faults, device, ledger } = this.#parts;
    // Whoever comes after a tab that dies now must know that counters are in doubt (rest.ts).
    if (life === ledger.life && !device.isOrphan(tab) && ledger.mark === undefined) {
      ledger.violate('a repair has given a page up, and left no mark of that');
    }
    if (!faults.active || done < total || !this.#random.chance(endsUncountedShare)) return;
    device.kill(tab.store);
  }

  async #begin(kind: Kind, tab: Tab, id: number): Promise<Report> {
    const { engine } = tab;
    const { life } = this.#parts.ledger;
    switch (kind) {
      case 'scrub':
        return { scrub: await engine.scrub() };
      case 'repair':
        // What was set aside of a log is asked for by nobody, and in every other repair forgotten.
        return engine.repair({
          forget: id % 2 === 0,
          onProgress: (progress) => this.#ended(tab, life, progress),
        });
      case 'sizes':
        await engine.sizes({ pages: this.#random.chance(0.5) });
        return {};
      default:
        await engine[kind]();
        return {};
    }
  }

  #wrong({ scrub, ranges = [] }: Report): string | undefined {
    // Records of damage that a checkpoint began anew are gone, though their pages read well again.
    const given = ranges.find(({ tree, isWhole }) => !isWhole && tree !== damageTree);
    if (given !== undefined) return `gave up page ${given.page}, which was whole`;
    if (scrub === undefined || this.#parts.faults.mayDamage) return undefined;
    const { mended, counters, damagedPages } = scrub;
    if (mended + counters + damagedPages === 0) return undefined;
    return `mended ${mended} entries and ${counters} counters, ${damagedPages} pages damaged`;
  }

  /** Checkpoints of other tabs may come faster than a walk over all pages. */
  #unexcused(error: Error): string | undefined {
    if (error.message.includes('too fast')) return undefined;
    return this.#parts.judge.unexcused(error);
  }
}
