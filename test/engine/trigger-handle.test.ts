/** Triggers from the program's side: what a handler is given, and what follows from its answer. */
import { afterEach, describe, expect, test } from 'vitest';
import { deadLettersPageMax } from '../../src/base/trigger-limits.ts';
import {
  openInMemory,
  type InMemoryOptions,
  type TestDatabase,
} from '../../src/client/in-memory.ts';
import type {
  Trigger,
  TriggerEvent,
  TriggerNotice,
  TriggerOptions,
} from '../../src/engine/trigger-types.ts';

const table = {
  TableName: 'scores',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} as const;

const opened: TestDatabase[] = [];

async function open(options: InMemoryOptions = {}): Promise<TestDatabase> {
  const db = await openInMemory({ tables: [table], seed: 1, ...options });
  opened.push(db);
  return db;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
});

/** Resolves when `holds`; rejects after a while. */
async function until(holds: () => boolean, what: string, ms = 4000): Promise<void> {
  for (const endMs = Date.now() + ms; !holds(); ) {
    if (Date.now() > endMs) throw new Error(`${what} did not come about`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The values of `n` by key, in the order in which a handler got them. */
class Seen {
  readonly events: TriggerEvent[] = [];
  readonly values: string[] = [];

  readonly handle = (event: TriggerEvent): void => {
    this.events.push(event);
    for (const { dynamodb } of event.Records) {
      const image = (dynamodb.NewImage ?? dynamodb.OldImage) as Record<
        string,
        { S: string; N: string }
      >;
      this.values.push(`${image['pk']?.S}${image['n']?.N}`);
    }
  };
}

async function put(db: TestDatabase, pk: string, n: number): Promise<void> {
  await db.putItem({ TableName: 'scores', Item: { pk, n } });
}

describe('a trigger', () => {
  test('gives its handler the event that Lambda gives a function', async () => {
    const db = await open();
    const events: TriggerEvent[] = [];
    await db.putItem({ TableName: 'scores', Item: { pk: 'a', b: new Uint8Array([1, 2]) } });
    await db.trigger('scores', (event) => void events.push(event));
    await until(() => events.length > 0, 'an event');
    const { LatestStreamArn } = (await db.describeTable({ TableName: 'scores' })).Table;
    expect(events).toEqual([
      {
        Records: [
          {
            eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'local',
            eventSourceARN: LatestStreamArn,
            dynamodb: {
              ApproximateCreationDateTime: expect.any(Number),
              Keys: { pk: { S: 'a' } },
              NewImage: { pk: { S: 'a' }, b: { B: 'AQI=' } },
              SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
              SizeBytes: 9,
              StreamViewType: 'NEW_AND_OLD_IMAGES',
            },
          },
        ],
      },
    ]);
  });

  test('gives plain values where they are wished', async () => {
    const db = await open();
    const events: TriggerEvent[] = [];
    await db.trigger('scores', (event) => void events.push(event), { plain: true });
    await put(db, 'a', 1);
    await until(() => events.length > 0, 'an event');
    expect(events[0]?.Records[0]?.dynamodb).toMatchObject({
      Keys: { pk: 'a' },
      NewImage: { pk: 'a', n: 1 },
    });
  });

  test('delivers every change once and in order when nothing fails', async () => {
    const db = await open();
    const seen = new Seen();
    await db.trigger('scores', seen.handle, { batchSize: 7, startingPosition: 'LATEST' });
    for (let n = 1; n <= 40; n += 1) await put(db, 'a', n);
    await until(() => seen.values.length >= 40, 'all changes');
    expect(seen.values).toEqual(Array.from({ length: 40 }, (_, at) => `a${at + 1}`));
    expect(Math.max(...seen.events.map(({ Records }) => Records.length))).toBeLessThanOrEqual(7);
  });

  const starts: readonly [TriggerOptions['startingPosition'], readonly string[]][] = [
    ['TRIM_HORIZON', ['a1', 'a2', 'a3']],
    [undefined, ['a1', 'a2', 'a3']],
    ['LATEST', ['a3']],
    [new Date(2_000_000_000_500), ['a2', 'a3']],
    [2_000_000_001_000, ['a2', 'a3']],
    [2_000_000_001_001, ['a3']],
  ];
  test.each(starts)('that starts at %s gets %j', async (startingPosition, expected) => {
    const db = await open();
    db.clock.set(2_000_000_000_000);
    await put(db, 'a', 1);
    db.clock.set(2_000_000_001_000);
    await put(db, 'a', 2);
    db.clock.set(2_000_000_002_000);
    const seen = new Seen();
    await db.trigger('scores', seen.handle, { startingPosition });
    await put(db, 'a', 3);
    for (let turn = 0; turn < 40 && !seen.values.includes('a3'); turn += 1) {
      db.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(seen.values).toEqual(expected);
  });

  test('goes on where it was when it is opened again, in another tab too', async () => {
    const db = await open();
    const first = new Seen();
    const trigger = await db.trigger('scores', first.handle);
    await put(db, 'a', 1);
    await until(() => first.values.length === 1, 'the first');
    await trigger.close();
    await put(db, 'a', 2);
    const second = new Seen();
    const again = await db.trigger('scores', second.handle);
    await until(() => second.values.length === 1, 'the second');
    await again.close();
    await put(db, 'a', 3);
    const other = await open({ disk: db.disk, clock: db.clock, tables: [] });
    const third = new Seen();
    await other.trigger('scores', third.handle);
    await until(() => third.values.length === 1, 'the third');
    expect([first.values, second.values, third.values]).toEqual([['a1'], ['a2'], ['a3']]);
  });

  test('runs in one tab of two; the other takes it over when that closes', async () => {
    const one = await open();
    const two = await open({ disk: one.disk, clock: one.clock, tables: [] });
    const [first, second] = [new Seen(), new Seen()];
    const holder = await one.trigger('scores', first.handle);
    const waiting = await two.trigger('scores', second.handle);
    await put(one, 'a', 1);
    await put(two, 'a', 2);
    await until(() => first.values.length === 2, 'both');
    expect([(await holder.status()).state, (await waiting.status()).state]).toEqual([
      'running',
      'waiting',
    ]);
    await one.close();
    await put(two, 'a', 3);
    await until(() => second.values.length === 1, 'the third');
    expect([first.values, second.values]).toEqual([['a1', 'a2'], ['a3']]);
  });

  const closings: readonly [string, (trigger: Trigger, close: () => void) => unknown][] = [
    ['before its first wait', (trigger) => trigger.close()],
    ['without waiting', (trigger) => void trigger.remove()],
    ['by its context, after a wait', (_, close) => Promise.resolve().then(close)],
  ];
  test.each(closings)('is ended by its own handler %s', async (_, end) => {
    const db = await open();
    let batches = 0;
    const trigger: Trigger = await db.trigger('scores', (_event, context) => {
      batches += 1;
      return end(trigger, context.close);
    });
    let isClosed = false;
    trigger.on('closed', () => (isClosed = true));
    await put(db, 'a', 1);
    await until(() => isClosed, 'its end', 2000);
    await put(db, 'a', 2);
    await db.idle();
    expect(batches).toBe(1);
  });

  test('of a table has one name, whether the table is named or its ARN', async () => {
    const db = await open();
    const { TableArn = '' } = (await db.describeTable({ TableName: 'scores' })).Table;
    const seen = new Seen();
    const trigger = await db.trigger(TableArn, seen.handle);
    expect([trigger.name, trigger.table]).toEqual(['scores', 'scores']);
    await expect(db.trigger('scores', seen.handle)).rejects.toThrow('is open already');
    await put(db, 'a', 1);
    await until(() => seen.values.length === 1, 'the first');
  });

  test('tells how far it is', async () => {
    const db = await open();
    const seen = new Seen();
    const trigger = await db.trigger('scores', seen.handle);
    await put(db, 'a', 1);
    await until(() => seen.values.length === 1, 'the first');
    await trigger.close();
    const last = seen.events[0]?.Records[0]?.dynamodb.SequenceNumber;
    const status = await trigger.status();
    expect(status).toMatchObject({ name: 'scores', state: 'closed', lagMs: 0, records: 1 });
    expect(status.positions).toEqual([
      { shardId: expect.stringMatching(/^shardId-/), sequenceNumber: last },
    ]);
    await put(db, 'a', 2);
    db.clock.advance(5000);
    expect((await trigger.status()).lagMs).toBeGreaterThanOrEqual(5000);
  });

  test('follows a table whose stream is turned off and on again', async () => {
    const db = await open();
    const seen = new Seen();
    await db.trigger('scores', seen.handle);
    await put(db, 'a', 1);
    await db.updateTable({ TableName: 'scores', StreamSpecification: { StreamEnabled: false } });
    await put(db, 'a', 2);
    await db.updateTable({
      TableName: 'scores',
      StreamSpecification: table.StreamSpecification,
    });
    await put(db, 'a', 3);
    for (let turn = 0; turn < 200 && seen.values.length < 2; turn += 1) {
      db.clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(seen.values).toEqual(['a1', 'a3']);
  });

  test('outlives its table: it ends what that has left, and follows a new one of the name', async () => {
    const db = await open();
    const seen = new Seen();
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    let goOn = (): void => undefined;
    const deleted = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const handler = async (event: TriggerEvent): Promise<void> => {
      begin();
      await deleted;
      seen.handle(event);
    };
    const trigger = await db.trigger('scores', handler, { batchSize: 1 });
    await put(db, 'a', 1);
    await put(db, 'a', 2);
    await begun;
    await db.deleteTable({ TableName: 'scores' });
    goOn();
    await until(() => seen.values.length === 2, 'what was left');
    await db.createTable(table);
    await put(db, 'a', 3);
    await until(() => seen.values.length === 3, 'the new table');
    expect(seen.values).toEqual(['a1', 'a2', 'a3']);
    expect(await trigger.status()).toMatchObject({ state: 'running', failures: 0 });
  });

  test('waits for its window and hands over what came in it at once', async () => {
    const db = await open();
    const seen = new Seen();
    db.clock.freeze();
    await db.trigger('scores', seen.handle, { window: 5, batchSize: 100 });
    for (let n = 1; n <= 3; n += 1) await put(db, 'a', n);
    for (let turn = 0; turn < 200 && seen.events.length === 0; turn += 1) {
      db.clock.advance(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(seen.events.map(({ Records }) => Records.length)).toEqual([3]);
  });

  test('hands over what passes its filter, and goes on behind the rest', async () => {
    const db = await open();
    const seen = new Seen();
    const Pattern = JSON.stringify({
      dynamodb: { NewImage: { n: { N: [{ numeric: ['>', 8] }] } } },
    });
    const trigger = await db.trigger('scores', seen.handle, { filter: { Filters: [{ Pattern }] } });
    for (let n = 1; n <= 10; n += 1) await put(db, 'a', n);
    await put(db, 'a', 1);
    await until(() => seen.values.length === 2, 'both');
    expect(seen.values).toEqual(['a9', 'a10']);
    db.clock.advance(2000);
    await until(() => seen.values.length === 2, 'the rest');
    await trigger.close();
  });

  test('with lanes keeps the order of each key', async () => {
    const db = await open();
    const seen = new Seen();
    const options = { parallel: 4, batchSize: 3 };
    await db.trigger('scores', seen.handle, options);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (let n = 1; n <= 15; n += 1) await Promise.all(keys.map((key) => put(db, key, n)));
    await until(() => seen.values.length >= 90, 'all');
    for (const key of keys) {
      const own = seen.values.filter((value) => value.startsWith(key));
      expect(own).toEqual(Array.from({ length: 15 }, (_, at) => `${key}${at + 1}`));
    }
  });
});

test('in a database without a hub, all is made here, and nothing is for a hub', async () => {
  const db = await open();
  const seen = { origin: new Seen(), hub: new Seen(), every: new Seen() };
  for (const on of ['origin', 'hub', 'every'] as const) {
    await db.trigger('scores', seen[on].handle, { name: on, on });
  }
  const idle = await db.trigger('scores', seen.hub.handle, { on: 'hub' });
  await put(db, 'a', 1);
  await until(() => seen.origin.values.length + seen.every.values.length === 2, 'both');
  db.clock.advance(20_000);
  await put(db, 'a', 2);
  await until(() => seen.origin.values.length + seen.every.values.length === 4, 'both again');
  expect([seen.origin.values, seen.every.values]).toEqual([
    ['a1', 'a2'],
    ['a1', 'a2'],
  ]);
  expect(seen.hub.values).toEqual([]);
  expect(await idle.status()).toMatchObject({ state: 'running', lagMs: 0, positions: [] });
});

describe('what is refused', () => {
  const filter = (Pattern: string): TriggerOptions => ({ filter: { Filters: [{ Pattern }] } });
  const noTime = 'startingPosition must be a time';
  const rows: readonly [string, TriggerOptions, string][] = [
    ['a batch of none', { batchSize: 0 }, 'batchSize must be from 1 to 10000'],
    ['too many lanes', { parallel: 11 }, 'parallel must be from 1 to 10'],
    ['half a retry', { retries: 0.5 }, 'retries must be a whole number'],
    ['too long a window', { window: 301 }, 'window must be from 0 to 300'],
    ['a place that is none', { on: 'home' as 'hub' }, "on must be 'origin', 'hub' or 'every'"],
    ['a start that is no time', { startingPosition: new Date('soon') }, noTime],
    ['a start that never comes', { startingPosition: 1e300 }, noTime],
    ['a pattern that is no JSON', filter('{'), 'Invalid filter pattern: it is not JSON: {'],
    [
      'a list of filters by itself',
      { filter: [{ Pattern: '{}' }] as unknown as TriggerOptions['filter'] },
      'filter must be { Filters: [{ Pattern }] }',
    ],
    [
      'a pattern that is an object',
      filter({ eventName: ['INSERT'] } as unknown as string),
      'A Pattern must be a text of JSON: JSON.stringify makes one of an object',
    ],
  ];
  test.each(rows)('%s', async (_, options, message) => {
    const db = await open();
    await expect(db.trigger('scores', () => undefined, options)).rejects.toThrow(message);
  });

  test('what is no function in the place of its handler', async () => {
    const db = await open();
    const none = undefined as unknown as () => void;
    await expect(db.trigger('scores', none)).rejects.toThrow(
      new TypeError('A trigger needs a handler'),
    );
  });

  test('a table without a stream, with what turns it on', async () => {
    const db = await open({
      tables: [{ ...table, StreamSpecification: { StreamEnabled: false } }],
    });
    await expect(db.trigger('scores', () => undefined)).rejects.toThrow(
      /has no stream.*updateTable\(\{ TableName: 'scores', StreamSpecification/,
    );
  });

  test('a table that is not there', async () => {
    const db = await open();
    await expect(db.trigger('other', () => undefined)).rejects.toThrow('Table: other not found');
  });

  test('a name that is open in this page', async () => {
    const db = await open();
    await db.trigger('scores', () => undefined);
    await expect(db.trigger('scores', () => undefined)).rejects.toThrow('is open already');
    await db.trigger('scores', () => undefined, { name: 'another' });
  });

  test('a name that follows another table', async () => {
    const db = await open({ tables: [table, { ...table, TableName: 'others' }] });
    const trigger = await db.trigger('scores', () => undefined, { name: 'mine' });
    await trigger.close();
    await expect(db.trigger('others', () => undefined, { name: 'mine' })).rejects.toThrow(
      'The trigger mine follows the table scores',
    );
  });
});

describe('a handler that fails', () => {
  interface Failing {
    readonly options: TriggerOptions;
    /** What it makes of the values of a batch. */
    readonly answer: (values: readonly string[], numbers: readonly string[]) => unknown;
    readonly batches: readonly string[];
  }
  const poison = (values: readonly string[]): void => {
    if (values.includes('a3')) throw new Error('poison');
  };
  const rows: readonly [string, Failing][] = [
    [
      'is called with the same batch again',
      { options: { retries: 2 }, answer: poison, batches: ['a1a2a3a4', 'a1a2a3a4', 'a1a2a3a4'] },
    ],
    [
      'gets halves with bisect, which cost no try',
      {
        options: { retries: 1, bisect: true },
        answer: poison,
        batches: ['a1a2a3a4', 'a1a2', 'a3a4', 'a3', 'a3', 'a4'],
      },
    ],
    [
      'goes on from the first record it names',
      {
        options: { retries: 1 },
        answer: (values, numbers) => ({
          batchItemFailures: values.flatMap((value, at) =>
            value === 'a3' || value === 'a4' ? [{ itemIdentifier: numbers[at] }] : [],
          ),
        }),
        batches: ['a1a2a3a4', 'a3a4'],
      },
    ],
    [
      'fails with the whole batch when it names no record of it',
      {
        options: { retries: 1 },
        answer: () => ({ batchItemFailures: [{ itemIdentifier: '' }] }),
        batches: ['a1a2a3a4', 'a1a2a3a4'],
      },
    ],
  ];
  test.each(rows)('%s', async (_, { options, answer, batches }) => {
    const db = await open();
    await db.transactWriteItems({
      TransactItems: [1].map((n) => ({ Put: { TableName: 'scores', Item: { pk: 'a', n } } })),
    });
    for (let n = 2; n <= 4; n += 1) await put(db, 'a', n);
    const got: string[] = [];
    const trigger = await db.trigger(
      'scores',
      (event) => {
        const seen = new Seen();
        seen.handle(event);
        got.push(seen.values.join(''));
        return answer(
          seen.values,
          event.Records.map(({ dynamodb }) => dynamodb.SequenceNumber),
        );
      },
      options,
    );
    await until(() => got.length >= batches.length, 'all batches');
    await untilLag(trigger);
    expect(got).toEqual(batches);
  });

  /** Until nothing is left to be delivered. */
  async function untilLag(trigger: Trigger): Promise<void> {
    for (let look = 0; look < 400; look += 1) {
      if ((await trigger.status()).lagMs === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('something is left');
  }

  test('leaves dead letters, which are listed, redriven and discarded', async () => {
    const db = await open();
    let fails = true;
    const seen = new Seen();
    const notices: TriggerNotice[] = [];
    const trigger = await db.trigger(
      'scores',
      (event) => {
        if (fails) throw new Error('not today');
        seen.handle(event);
      },
      { retries: 0, batchSize: 1 },
    );
    trigger.on('dead-letter', (notice) => void notices.push(notice));
    for (let n = 1; n <= 3; n += 1) await put(db, 'a', n);
    await until(() => notices.reduce((sum, { count = 0 }) => sum + count, 0) === 3, 'dead letters');
    const letters = [];
    for await (const letter of trigger.deadLetters()) letters.push(letter);
    expect(letters[0]).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
      responseContext: { functionError: 'Error: not today' },
      event: { Records: [{ dynamodb: { NewImage: { pk: { S: 'a' }, n: { N: '1' } } } }] },
    });
    expect(await trigger.redrive()).toEqual({ redriven: 0, failed: letters.length });
    fails = false;
    expect(await trigger.redrive()).toEqual({ redriven: letters.length, failed: 0 });
    expect(seen.values).toEqual(['a1', 'a2', 'a3']);
    expect((await trigger.status()).deadLetters).toBe(0);
    fails = true;
    await put(db, 'a', 4);
    await until(() => notices.reduce((sum, { count = 0 }) => sum + count, 0) === 4, 'one more');
    expect(await trigger.discard()).toBe(1);
  });

  test('takes up again the dead letters that are named, and keeps those it fails with', async () => {
    const db = await open();
    const seen = new Seen();
    let bad: readonly string[] = ['a1', 'a2', 'a3'];
    const trigger = await db.trigger(
      'scores',
      (event) => {
        const now = new Seen();
        now.handle(event);
        const numbers = event.Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
        const failed = numbers.filter((_, at) => bad.includes(now.values[at] as string));
        if (failed.length === 0) seen.handle(event);
        return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
      },
      { retries: 0, batchSize: 1 },
    );
    for (let n = 1; n <= 3; n += 1) await put(db, 'a', n);
    await untilLag(trigger);
    const ids: number[] = [];
    for await (const letter of trigger.deadLetters()) ids.push(letter.id);
    expect(ids).toHaveLength(3);
    bad = ['a2'];
    expect(await trigger.redrive(ids.slice(1))).toEqual({ redriven: 1, failed: 1 });
    expect(seen.values).toEqual(['a3']);
    const left: number[] = [];
    for await (const letter of trigger.deadLetters()) left.push(letter.id);
    expect(left).toEqual(ids.slice(0, 2));
    expect((await trigger.status()).lastError).toContain('records failed again');
  });

  test('leaves more dead letters than a page of them has, each listed once', async () => {
    const db = await open();
    const trigger = await db.trigger(
      'scores',
      () => {
        throw new Error('not today');
      },
      { retries: 0, batchSize: 1 },
    );
    const count = deadLettersPageMax + 2;
    for (let n = 1; n <= count; n += 1) await put(db, 'a', n);
    await untilLag(trigger);
    const numbers: string[] = [];
    for await (const { event } of trigger.deadLetters()) {
      const seen = new Seen();
      seen.handle(event);
      numbers.push(...seen.values);
    }
    expect(numbers).toEqual(Array.from({ length: count }, (_, at) => `a${at + 1}`));
  });

  test('leaves nothing behind of what it gives up, where dead letters are off', async () => {
    const db = await open();
    const got: string[] = [];
    const trigger = await db.trigger(
      'scores',
      (event) => {
        const seen = new Seen();
        seen.handle(event);
        got.push(...seen.values);
        if (seen.values.includes('a1')) throw new Error('not today');
      },
      { retries: 1, batchSize: 1, deadLetter: false },
    );
    for (let n = 1; n <= 2; n += 1) await put(db, 'a', n);
    await until(() => got.length >= 3, 'three calls');
    await untilLag(trigger);
    expect(got).toEqual(['a1', 'a1', 'a2']);
    expect((await trigger.status()).deadLetters).toBe(0);
  });

  test('for longer than its time has failed, and is told so', async () => {
    const db = await open();
    const signals: AbortSignal[] = [];
    const trigger = await db.trigger(
      'scores',
      (_, { signal }) => {
        signals.push(signal);
        return signals.length === 1 ? new Promise(() => undefined) : undefined;
      },
      { timeout: 0.05 },
    );
    await put(db, 'a', 1);
    await until(() => signals.length === 2, 'another call');
    await untilLag(trigger);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(signals[0]?.reason).toMatchObject({ name: 'TimeoutError' });
    expect((await trigger.status()).lastError).toContain('took longer than 50 ms');
  });

  test('has too old records given up', async () => {
    const db = await open();
    const got: TriggerEvent[] = [];
    await put(db, 'a', 1);
    db.clock.advance(120_000);
    await put(db, 'a', 2);
    const trigger = await db.trigger('scores', (event) => void got.push(event), {
      maximumRecordAge: 60,
    });
    await until(() => got.length > 0, 'the second');
    expect(got[0]?.Records).toHaveLength(1);
    const letters = [];
    for await (const letter of trigger.deadLetters()) letters.push(letter.requestContext.condition);
    expect(letters).toEqual(['RecordAgeExceeded']);
  });
});
