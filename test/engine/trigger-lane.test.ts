/** A lane: what is read, delivered and saved, in which order. */
import { describe, expect, test } from 'vitest';
import type { TriggerHost } from '../../src/engine/trigger-host.ts';
import { Lane, type LaneParts, type RunnerEvent } from '../../src/engine/trigger-lane.ts';
import { rulesOf, type TriggerRulesInput } from '../../src/engine/trigger-settings.ts';
import { sequenceNumber } from '../../src/stream/sequence.ts';

const number = (sequence: number): string => sequenceNumber({ ms: 1000, sequence });

interface Shape {
  /** Sequence numbers of the shard's records; it is closed after them. */
  readonly records: readonly number[];
  readonly rules?: TriggerRulesInput;
  readonly handle?: (numbers: readonly number[]) => unknown;
  /** Whether a save is refused. */
  readonly isLost?: (after: string) => boolean;
  readonly keepsDead?: boolean;
}

async function live(shape: Shape): Promise<{ log: readonly string[]; events: RunnerEvent[] }> {
  const log: string[] = [];
  const events: RunnerEvent[] = [];
  const over = new AbortController();
  const host: TriggerHost = {
    call: async (operation, input) => {
      if (operation !== 'ReadTrigger') throw new Error(operation);
      const { After, Limit } = input as { After: string; Limit: number };
      const left = shape.records.filter((one) => number(one) > After);
      const found = left.slice(0, Limit);
      const last = found.at(-1);
      return {
        Records: found.map((one) => ({ dynamodb: { SequenceNumber: number(one), SizeBytes: 1 } })),
        After: last === undefined ? After : number(last),
        Part: left.length > found.length,
        End: left.length === found.length,
        Sequence: last ?? 0,
        Gone: false,
      };
    },
    change: async () => undefined,
    delay: (ms, signal) =>
      ms < 1000
        ? Promise.resolve(void log.push('rest'))
        : new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    durable: async (sequence) => void log.push(`durable ${sequence ?? 'now'}`),
    random: { bytes: (length) => new Uint8Array(length) },
    wallMs: () => 1000,
    monoMs: () => 0,
    lock: () => undefined,
  };
  const parts: LaneParts = {
    host,
    settings: {
      name: 't',
      rules: rulesOf(shape.rules ?? {}),
      patterns: undefined,
      keepsDead: shape.keepsDead ?? true,
      dropOldest: false,
    },
    counts: { batches: 0, records: 0, failures: 0, deadLetters: 0 },
    deliver: async ({ records, attempt }) => {
      const own = records as readonly { dynamodb: { SequenceNumber: string } }[];
      const numbers = own.map(({ dynamodb }) => Number(dynamodb.SequenceNumber.slice(-6)));
      log.push(`try ${attempt}: ${numbers.join(' ')}`);
      return shape.handle?.(numbers);
    },
    busy: () => undefined,
    tell: (event) => void events.push(event),
    save: async (input) => {
      const { After, Failed } = input as { After: string; Failed?: { Numbers: string[] } };
      const dead = Failed === undefined ? '' : ` with ${Failed.Numbers.length} dead`;
      log.push(`save ${Number(After.slice(-6))}${dead}`);
      const isLost = shape.isLost?.(After) === true;
      if (isLost) over.abort();
      return !isLost;
    },
  };
  await new Lane(parts, { Shard: 's', Lane: 0, After: number(0) }, 'arn', over.signal).live();
  return { log, events };
}

describe('a lane', () => {
  test('delivers what is durable, and saves behind it', async () => {
    const { log } = await live({ records: [1, 2, 3], rules: { batchSize: 2 } });
    expect(log).toEqual(['durable now', 'try 1: 1 2', 'save 2', 'durable 3', 'try 1: 3', 'save 3']);
  });

  test('goes no further once the trigger is lost', async () => {
    const isLost = (after: string): boolean => after === number(2);
    const { log } = await live({ records: [1, 2, 3], rules: { batchSize: 2 }, isLost });
    expect(log).toEqual(['durable now', 'try 1: 1 2', 'save 2']);
  });

  test('rests after a failure, buries what fails for good, and goes on', async () => {
    const handle = (numbers: readonly number[]): void => {
      if (numbers.includes(1)) throw new Error('no');
    };
    const rules = { batchSize: 1, retries: 1 };
    const { log, events } = await live({ records: [1, 2], rules, handle });
    expect(log).toEqual([
      'durable now',
      'try 1: 1',
      'rest',
      'try 2: 1',
      'save 1 with 1 dead',
      'durable 2',
      'try 1: 2',
      'save 2',
    ]);
    expect(events.map(({ type }) => type)).toEqual(['failure', 'failure', 'dead-letter']);
  });

  test('saves what was done before the first record that failed', async () => {
    const handle = (numbers: readonly number[]): object => ({
      batchItemFailures: numbers[0] === 1 ? [{ itemIdentifier: number(2) }] : [],
    });
    const { log } = await live({ records: [1, 2, 3], handle });
    expect(log).toEqual(['durable now', 'try 1: 1 2 3', 'save 1', 'try 2: 2 3', 'save 3']);
  });

  test('gives up without a letter where none is wished', async () => {
    const handle = (): never => {
      throw new Error('no');
    };
    const given = { records: [1], rules: { retries: 0 }, handle, keepsDead: false };
    expect((await live(given)).log).toEqual(['durable now', 'try 1: 1', 'save 1']);
  });
});
