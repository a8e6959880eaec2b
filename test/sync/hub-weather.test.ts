/** Real processes on a bad day: networks that fail in each way, a hub that dies again and again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clockOffMsMax } from '../../src/base/replica-limits.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import { replicaOperations } from '../../src/operation/replica/rows.ts';
import type { Clock } from '../../src/port/clock.ts';
import { createMemory, openMemory } from '../../src/storage/memory.ts';
import { Cable, type Weather } from '../support/cable.ts';
import { converged, type Device, hashOf, openDevice, startHub } from '../support/sync.ts';

let folder = '';
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidetable-'));
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Place {
  readonly data: string;
  hub: Awaited<ReturnType<typeof startHub>>;
  restart(): Promise<void>;
}

async function place(): Promise<Place> {
  const data = join(folder, 'hub');
  const hub = await startHub(['--port', '0', '--data', data]);
  const { port } = hub;
  const here: Place = {
    data,
    hub,
    restart: async () => {
      here.hub = await startHub(['--port', String(port), '--data', data]);
    },
  };
  open.push({ close: () => here.hub.kill() });
  return here;
}

interface Member {
  readonly one: Device;
  readonly cable: Cable;
}

async function member(at: Place, seed: number, more: object = {}): Promise<Member> {
  const cable = new Cable(() => at.hub.port, seed);
  open.push(cable);
  const one = await openDevice(await cable.open(), more);
  open.push(one);
  return { one, cable };
}

/** Writes notes one after another, `pauseMs` apart, until told to stop; answers what stands. */
function keepWriting(one: Device, name: string, pauseMs: number): () => Promise<Written> {
  const written = new Map<string, string>();
  let stopped = false;
  const run = (async () => {
    for (let n = 0; n < 100_000 && !stopped; n += 1) {
      const id = `${name}${n % 40}`;
      await one.put(id, `${name} ${n} ${'x'.repeat(200)}`);
      written.set(id, `${name} ${n} ${'x'.repeat(200)}`);
      await pause(pauseMs);
    }
  })();
  return async () => {
    stopped = true;
    await run;
    return written;
  };
}

type Written = ReadonlyMap<string, string>;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function expectAll(one: Device, ...writings: readonly Written[]): Promise<void> {
  for (const written of writings) {
    for (const [id, v] of written) expect(await one.note(id), id).toBe(v);
  }
}

describe('a hub that dies again and again under load', () => {
  const deaths = 8;

  test('loses nothing that a device wrote, and has it as they have', async () => {
    const at = await place();
    const a = await member(at, 1);
    await a.one.settled();
    const b = await member(at, 2, { table: null });
    await b.one.settled();
    const stopA = keepWriting(a.one, 'a', 1);
    const stopB = keepWriting(b.one, 'b', 3);
    for (let death = 0; death < deaths; death += 1) {
      const { cable } = death % 2 === 0 ? a : b;
      const before = cable.bytes;
      // Somewhere in a message, another place each time.
      await new Promise<void>((resolve) => {
        cable.sent = (bytes) => {
          if (bytes - before < 3000 + 1777 * death) return;
          cable.sent = undefined;
          resolve(at.hub.kill());
        };
      });
      await at.restart();
      a.one.client.resume();
      b.one.client.resume();
    }
    const writings = [await stopA(), await stopB()];
    await a.one.settled();
    await b.one.settled();
    await converged(a.one.engine, b.one.engine);
    await expectAll(a.one, ...writings);
    expect(a.one.client.status.quarantined + b.one.client.status.quarantined).toBe(0);
    await at.hub.kill();
    // What the processes have stored between them, read by nobody but an engine.
    const stored = await openNodeDatabase({ data: at.data });
    expect(await hashOf(stored)).toBe(await hashOf(a.one.engine));
    await stored.close();
  }, 120_000);
});

describe('a network that', () => {
  /** Through some everything comes in the end, though slowly; the others have to end first. */
  const weathers: readonly (readonly [Weather, passes: boolean])[] = [
    ['slow', true],
    ['lossy', true],
    ['mute', false],
    ['deaf', false],
    ['silent', false],
    ['cut', false],
  ];

  test.each(weathers)(
    'is %s for one of two devices costs neither a write',
    async (weather, passes) => {
      const at = await place();
      const a = await member(at, 3);
      await a.one.settled();
      const b = await member(at, 4, { table: null });
      await b.one.settled();
      a.cable.weather = weather;
      const stopA = keepWriting(a.one, 'a', 2);
      const stopB = keepWriting(b.one, 'b', 2);
      await pause(1500);
      const writings = [await stopA(), await stopB()];
      if (!passes) a.cable.weather = 'fair';
      a.one.client.resume();
      await a.one.settled();
      await b.one.settled();
      await converged(a.one.engine, b.one.engine);
      await expectAll(a.one, ...writings);
      await expectAll(b.one, ...writings);
      if (weather === 'lossy') expect(a.cable.broken).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe('a device whose clock is two years wrong', () => {
  const twoYearsMs = 2 * 365 * 86_400_000;

  async function engineAt(offMs: number): Promise<Engine> {
    return openEngine({
      store: openMemory(createMemory(), { exclusive: true }),
      clock: clockAt(offMs),
      random: systemRandom,
      scheduler: systemScheduler,
      operations: replicaOperations,
    });
  }

  function clockAt(offMs: number): Clock {
    return { ...systemClock, wallMs: () => systemClock.wallMs() + offMs };
  }

  test.each([
    ['ahead', twoYearsMs],
    ['behind', -twoYearsMs],
  ] as const)(
    '%s neither wins nor loses by it',
    async (_, offMs) => {
      const at = await place();
      const a = await member(at, 5);
      await a.one.settled();
      const engine = await engineAt(offMs);
      const wrong = await member(at, 6, { engine, clock: clockAt(offMs), table: null });
      await wrong.one.settled();
      await wrong.one.when(
        ({ clockOffsetMs = 0 }) => Math.abs(clockOffsetMs + offMs) < 60_000,
        'set',
      );
      // Away from the hub: what counts is who wrote last, by the time that the hub has.
      a.cable.weather = 'cut';
      wrong.cable.weather = 'cut';
      await wrong.one.put('first wrong', 'of wrong');
      await a.one.put('first right', 'of a');
      await pause(clockOffMsMax + 100);
      await a.one.put('first wrong', 'of a');
      await wrong.one.put('first right', 'of wrong');
      for (const { one, cable } of [wrong, a]) {
        cable.weather = 'fair';
        one.client.resume();
      }
      await a.one.settled();
      await wrong.one.settled();
      await converged(a.one.engine, wrong.one.engine);
      expect(await a.one.note('first wrong')).toBe('of a');
      expect(await a.one.note('first right')).toBe('of wrong');
    },
    60_000,
  );
});
