/**
 * A simulated device under a seeded scheduler: several engines over one memory disk, clients that
 * ask them, faults of all kinds, and a judge who compares with the model at every step.
 *
 * Everything follows from the seed: which faults there are and how often, how many tabs, how large
 * caches and items are, and every choice of the scheduler.
 */
import { type Prng, prng } from '../../src/base/prng.ts';
import { Aftermath } from './aftermath.ts';
import { Clients, drawHabits, type Habits } from './clients.ts';
import { Device } from './device.ts';
import { drawRates, Faults, type Fired, type Rates } from './faults.ts';
import { Judge } from './judge.ts';
import { Ledger } from './ledger.ts';
import { LiveWatch } from './live.ts';
import { drawShape } from './operations.ts';
import { comeToRest, type Watchers } from './rest.ts';
import { SeededScheduler } from './scheduler.ts';
import { Triggers } from './triggers.ts';

export interface WorldOptions {
  readonly seed: number;
  /** Client operations. */
  readonly operations?: number;
  /** Instead of the seed's own choice. */
  readonly faults?: Rates;
}

export interface Verdict {
  readonly violations: readonly string[];
  readonly trace: number;
  readonly steps: number;
  readonly operations: number;
  readonly commits: number;
  readonly lostRaces: number;
  readonly checkpoints: number;
  readonly kills: number;
  readonly powerLosses: number;
  readonly amnesias: number;
  /** Reservations of checkpoints that another engine, or a later attempt, took over. */
  readonly takeOvers: number;
  readonly schemaChanges: number;
  /** Items that were deleted because their time was over. */
  readonly expired: number;
  /** Batches that handlers of a trigger were given. */
  readonly deliveries: number;
  /** Results of live queries. */
  readonly liveResults: number;
  /** How often a client saw a tail beyond its bound. */
  readonly fullTails: number;
  readonly fired: Fired;
}

const operationsDefault = 300;
/** Nothing is ever evicted. */
const roomyCacheBytes = 16 * 1024 * 1024;
/** Steps that an operation may take on average, before a world counts as stuck. */
const stepsPerOperation = 500;
const stepsMin = 200_000;

export async function simulate(options: WorldOptions): Promise<Verdict> {
  const { seed, operations = operationsDefault } = options;
  const scheduler = new SeededScheduler(seed);
  const drawn = prng(seed ^ 0x5eed);
  const rates = options.faults ?? drawRates(drawn);
  const faults = new Faults(scheduler.random, rates, {
    violate: (what) => ledger.violate(what),
  });
  const daysPass = prng(seed ^ 0xda7).chance(1 / 5);
  const clocksMove = rates['clock-leap'] !== undefined || rates['clock-step'] !== undefined;
  const tokensLast = !clocksMove && !daysPass;
  const ledger = new Ledger(() => scheduler.nowMs, tokensLast);
  const habits = { ...drawHabits(drawn), daysPass };
  const device = new Device(scheduler, ledger, faults, {
    seed,
    tabs: habits.oneKeepsUp ? 2 + drawn.below(3) : 1 + drawn.below(4),
    cacheBytes: drawn.chance(0.3) ? roomyCacheBytes : 40_000 + drawn.below(400_000),
    checkpointBytes: checkpointBytesOf(habits, drawn),
    tailBytes: tailBytesOf(seed),
    replayMs: replayMsOf(habits, seed),
    partitionBytes: drawn.chance(0.5) ? 5000 + drawn.below(100_000) : 10_000_000,
    strict: drawn.chance(0.25),
    locks: drawn.chance(0.5),
    hints: habits.oneKeepsUp || drawn.chance(0.5),
    deadlines: drawn.chance(0.5),
    clockStepMs: drawn.chance(0.3) ? 100 : 1,
  });
  const { mayFail, mayDamage } = faults;
  const isDamaged = (): boolean => device.isDamaged;
  const judge = new Judge(ledger, { mayFail, mayDamage, tokensLast, isDamaged });
  const drawnShape = drawShape(drawn, habits.oneKeepsUp);
  const nowSeconds = (): number => Math.floor(device.wallMs / 1000);
  const shape = drawn.chance(0.4) ? { ...drawnShape, nowSeconds } : drawnShape;
  const clients = new Clients({ scheduler, ledger, faults, judge, device, shape, habits });
  const lives = habits.oneKeepsUp ? 8 : 1 + drawn.below(8);
  // Where days pass, shards are trimmed whose records a trigger has at hand.
  const triggers =
    drawn.chance(0.5) || daysPass
      ? watch(device, { scheduler, ledger, faults, losePower: () => device.losePower() }, drawn)
      : undefined;
  const live = prng(seed ^ 0x11fe).chance(1 / 3)
    ? follow(device, scheduler, ledger, seed)
    : undefined;
  const watchers = { triggers, live };
  await play(lives, operations, clients, device, ledger, scheduler, watchers);
  live?.finish();
  device.finish();
  if (rates.decay !== undefined && ledger.violations.length === 0 && Aftermath.isIn(seed)) {
    const after = new Aftermath(ledger, device.disk.copy(), seed);
    await after.run().catch((error: unknown) => {
      ledger.violate(`afterwards: ${String((error as Error).stack)}`);
    });
    if (after.stayed > 0) faults.fired['world|stays'] = after.stayed;
  }
  for (const [name, count] of Object.entries(faults.fired)) scheduler.note(name.length * count);
  return {
    violations: ledger.violations,
    trace: scheduler.trace,
    steps: scheduler.steps,
    operations: clients.asked,
    commits: ledger.commits,
    ...device.counts,
    takeOvers: ledger.takeOvers,
    schemaChanges: ledger.schemaChanges,
    expired: ledger.expired,
    deliveries: triggers?.deliveries ?? 0,
    liveResults: live?.told ?? 0,
    fired: faults.fired,
  };
}

/** The tabs that follow the one that keeps up make no checkpoints of their own. */
function checkpointBytesOf({ oneKeepsUp }: Habits, random: Prng): number {
  return oneKeepsUp ? 1_000_000 : 1_000 + random.below(random.chance(0.6) ? 6_000 : 100_000);
}

/** Drawn by itself, so that other worlds are as they were. */
function replayMsOf({ oneKeepsUp }: Habits, seed: number): number | undefined {
  const random = prng(seed ^ 0x7e91a);
  return !oneKeepsUp && random.chance(0.2) ? 1 + random.below(5) : undefined;
}

/** Drawn by itself, so that other worlds are as they were. */
function tailBytesOf(seed: number): number | undefined {
  const drawn = prng(seed ^ 0x7a11);
  return drawn.chance(1 / 5) ? 5000 + drawn.below(drawn.chance(0.5) ? 10_000 : 100_000) : undefined;
}

/** Every tab opens the trigger. */
function watch(
  device: Device,
  parts: ConstructorParameters<typeof Triggers>[0],
  random: Prng,
): Triggers {
  const triggers = new Triggers(parts, random);
  device.opened = (tab, ports) => triggers.opened(tab, ports, () => device.isOrphan(tab));
  device.lost = (commits, isPower) => triggers.lost(commits, isPower);
  return triggers;
}

/** Every tab has live queries. */
function follow(
  device: Device,
  scheduler: SeededScheduler,
  ledger: Ledger,
  seed: number,
): LiveWatch {
  const live = new LiveWatch(scheduler, ledger, seed);
  const { opened } = device;
  device.opened = (tab, ports) => {
    opened?.(tab, ports);
    live.opened(tab);
  };
  return live;
}

async function play(
  lives: number,
  operations: number,
  clients: Clients,
  device: Device,
  ledger: Ledger,
  scheduler: SeededScheduler,
  watchers: Watchers,
): Promise<void> {
  let over = false;
  const story = async (): Promise<void> => {
    await device.start();
    const living: Promise<void>[] = [];
    for (let client = 0; client < lives; client += 1) {
      living.push(clients.live(client, operations));
    }
    await Promise.all(living);
    await comeToRest(device, ledger, scheduler, watchers);
  };
  const broken = (error: unknown): void => {
    ledger.violate(`the story broke off: ${String((error as Error).stack)}`);
  };
  story()
    .catch(broken)
    .finally(() => {
      over = true;
    });
  const steps = Math.max(stepsMin, operations * stepsPerOperation);
  await scheduler.run(() => over || ledger.violations.length > 20, steps).catch(broken);
}
