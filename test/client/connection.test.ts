import { describe, expect, test } from 'vitest';
import { DynamoError } from '../../src/base/errors.ts';
import { spareBytesMax } from '../../src/base/page-limits.ts';
import { type CallOptions, Connection } from '../../src/client/connection.ts';
import { DatabaseError, DynamoDBError } from '../../src/client/errors.ts';
import type { Answer, Request } from '../../src/operation/request.ts';
import type { Notify } from '../../src/port/notice.ts';
import type { AnswersMessage, CallsMessage } from '../../src/wire/channel.ts';
import { loopback } from '../../src/wire/loopback.ts';
import { serveChannel } from '../../src/wire/serve.ts';

interface World {
  readonly connection: Connection;
  readonly requests: Request[];
  /** How many calls each message held. */
  readonly messages: number[];
  /** Answers of calls that `Wait`. */
  readonly waiting: ((answer: Answer) => void)[];
  readonly tell: Notify;
}

function world([page, worker] = loopback()): World {
  const requests: Request[] = [];
  const messages: number[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  worker.addEventListener('message', ({ data }) => {
    messages.push((data as CallsMessage).calls?.length ?? 0);
  });
  const submit = (request: Request, done: (answer: Answer) => void): void => {
    requests.push(request);
    if (request.operation === 'Refuse') {
      const members = { Item: new Map([['a', { type: 'S', value: 'x' }]]) };
      done({ error: new DynamoError('ConditionalCheckFailedException', 'no', members) });
    } else if (request.operation.endsWith('Wait')) waiting.push(done);
    else done({ output: { echo: request.input } });
  };
  const clock = { wallMs: () => 0, monoMs: () => 0 };
  const tell = serveChannel({ engine: { submit }, clock }, worker);
  return { connection: new Connection(page), requests, messages, waiting, tell };
}

describe('a connection', () => {
  test('sends the calls of a microtask in one message', async () => {
    const { connection, messages } = world();
    const outputs = await Promise.all([1, 2, 3].map((n) => connection.call('Echo', { n })));
    expect(outputs).toEqual([{ echo: { n: 1 } }, { echo: { n: 2 } }, { echo: { n: 3 } }]);
    expect(messages).toEqual([3]);
  });

  test('splits what is more than a message may hold', async () => {
    const { connection, messages } = world();
    const calls = Array.from({ length: 1500 }, (_, n) => connection.call('Echo', { n }));
    expect(await calls[1499]).toEqual({ echo: { n: 1499 } });
    expect(messages).toEqual([1024, 476]);
  });

  test('keeps sets, bytes, bigints and boxed strings', async () => {
    const { connection, requests } = world();
    const input = { set: new Set(['a']), bytes: new Uint8Array([1]), big: 12345678901234567890n };
    await connection.call('Echo', input);
    expect(requests[0]?.input).toEqual(input);
  });

  test.each([
    [{ attributeValues: true }, 'wire'],
    [{ attributeValues: 'json' }, 'json'],
    [{}, 'plain'],
  ] as const)('%j is the form %s', async (options, form) => {
    const { connection, requests } = world();
    await connection.call('Echo', {}, options);
    expect(requests[0]?.form).toBe(form);
  });

  test('rejects with DynamoDB errors and their members', async () => {
    const { connection } = world();
    const error = await connection.call('Refuse', {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DynamoDBError);
    expect(error).toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'no',
      Item: { a: 'x' },
    });
  });

  test('rejects a call that cannot be cloned, and that alone', async () => {
    const { connection } = world();
    const [good, bad, better] = await Promise.allSettled([
      connection.call('Echo', { n: 1 }),
      connection.call('Echo', { n: () => 2 }),
      connection.call('Echo', { n: 3 }),
    ]);
    expect(good).toMatchObject({ status: 'fulfilled', value: { echo: { n: 1 } } });
    expect(better).toMatchObject({ status: 'fulfilled', value: { echo: { n: 3 } } });
    expect(bad).toMatchObject({ status: 'rejected' });
    expect(String((bad as PromiseRejectedResult).reason)).toMatch(
      /^TypeError: The input of Echo cannot be sent to the database: /,
    );
  });
});

describe('the buffer of an answer', () => {
  const Items = Array.from({ length: 1000 }, (_, at) => {
    return new Map([['text', { type: 'S', value: `${at} is a text of some length` }]]);
  });

  interface Spied extends World {
    /** Bytes that are left of what the page handed over, for each message. */
    readonly spares: (number | undefined)[];
    /** Whether a buffer that came had been written to before: bytes are behind its items. */
    readonly used: boolean[];
  }

  function spied(): Spied {
    const spares: (number | undefined)[] = [];
    const used: boolean[] = [];
    const [page, worker] = loopback();
    const post = page.postMessage.bind(page);
    page.postMessage = (message, transfer) => {
      post(message, transfer);
      spares.push((message as CallsMessage).spare?.byteLength);
    };
    page.addEventListener('message', ({ data }) => {
      const { bytes, filled } = data as AnswersMessage;
      if (bytes === undefined || filled === undefined) return;
      used.push(new Uint8Array(bytes, filled).some((byte) => byte !== 0));
    });
    return { ...world([page, worker]), spares, used };
  }

  const textsOf = (output: object): readonly unknown[] => {
    return (output as { Items: { text: string }[] }).Items.map(({ text }) => text);
  };

  test('goes back with the next calls, once, is used again, and its items stay', async () => {
    const { connection, waiting, spares, used } = spied();
    const seen: object[] = [];
    for (let round = 0; round < 3; round += 1) {
      const answer = connection.call('QueryWait', {});
      await pause();
      waiting[round]?.({ output: { Items: Items.slice(round * 20) } });
      seen.push(await answer);
    }
    await connection.call('Echo', {});
    await connection.call('Echo', {});
    expect(spares).toEqual([undefined, 0, 0, 0, undefined]);
    expect(used).toEqual([false, true, true]);
    for (const [round, output] of seen.entries()) {
      const texts = Items.slice(round * 20).map((item) => item.get('text')?.value);
      expect(textsOf(output)).toEqual(texts);
    }
  });

  test('is kept for the next call where one cannot be sent', async () => {
    const { connection, waiting, spares } = spied();
    const answer = connection.call('QueryWait', {});
    await pause();
    waiting[0]?.({ output: { Items } });
    await answer;
    await expect(connection.call('Echo', { n: () => 2 })).rejects.toThrow('cannot be sent');
    await connection.call('Echo', { n: 1 });
    expect(spares).toEqual([undefined, 0]);
  });

  test('does not go back where it is too large', async () => {
    const { connection, waiting, spares } = spied();
    const answer = connection.call('QueryWait', {});
    await pause();
    const large = new Map([['text', { type: 'S', value: 'x'.repeat(spareBytesMax) }]]);
    waiting[0]?.({ output: { Items: [large] } });
    expect(textsOf(await answer)[0]).toHaveLength(spareBytesMax);
    await connection.call('Echo', {});
    expect(spares).toEqual([undefined, undefined]);
  });
});

describe('aborting', () => {
  const start = (operation: string, options: CallOptions, at = world()) => {
    const outcome = at.connection.call(operation, {}, options).catch((thrown: unknown) => thrown);
    return { outcome, ...at };
  };

  test('before the call: nothing is sent', async () => {
    const { outcome, requests } = start('PutWait', { signal: AbortSignal.abort('why') });
    expect(await outcome).toMatchObject({
      name: 'AbortError',
      mayHaveBeenApplied: false,
      cause: 'why',
    });
    expect(requests).toEqual([]);
  });

  test('before the message: nothing is sent', async () => {
    const aborter = new AbortController();
    const { outcome, requests, messages } = start('PutWait', { signal: aborter.signal });
    aborter.abort();
    expect(await outcome).toMatchObject({ name: 'AbortError', mayHaveBeenApplied: false });
    await pause();
    expect([requests, messages]).toEqual([[], []]);
  });

  test.each([
    ['PutWait', true],
    ['GetWait', false],
  ])('%s under way: may have been applied: %s', async (operation, applied) => {
    const aborter = new AbortController();
    const { outcome, requests, waiting } = start(operation, { signal: aborter.signal });
    await pause();
    aborter.abort();
    const error = await outcome;
    expect(error).toMatchObject({ name: 'AbortError', mayHaveBeenApplied: applied });
    expect((error as Error).message.includes('may have been applied')).toBe(applied);
    await pause();
    expect(requests[0]?.signal?.aborted).toBe(true);
    // The answer comes all the same, and has nowhere to go.
    waiting[0]?.({ output: {} });
    await pause();
  });

  test('a call that takes too long ends in a TimeoutError', async () => {
    const { outcome, requests } = start('UpdateWait', { timeoutMs: 5 });
    expect(await outcome).toMatchObject({ name: 'TimeoutError', mayHaveBeenApplied: true });
    expect(requests[0]?.deadlineMs).toBe(5);
  });

  test('a call that is answered leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const { outcome, connection } = start('Echo', { signal, timeoutMs: 60_000 });
    expect(await outcome).toEqual({ echo: {} });
    await connection.drain(new DatabaseError('closed', 'closed'));
  });
});

describe('the end of a connection', () => {
  test('is told once, whether the worker says so or the page', async () => {
    const { connection, tell } = world();
    const heard: string[] = [];
    connection.notices.on('closed', ({ message }) => heard.push(message));
    tell({ type: 'closed', message: 'deleted elsewhere' });
    await pause();
    const late = connection.call('Echo', {});
    await expect(late).rejects.toMatchObject({ why: 'closed', message: 'deleted elsewhere' });
    connection.fail(new DatabaseError('closed', 'closed by the page'));
    await pause();
    expect(heard).toEqual(['deleted elsewhere']);
  });

  test('a store that was cleared is told apart from one that was evicted', async () => {
    const { connection, tell } = world();
    let cleared = 0;
    connection.cleared = () => {
      cleared += 1;
    };
    tell({ type: 'data-loss', message: '', why: 'evicted' });
    await pause();
    expect(cleared).toBe(0);
    tell({ type: 'data-loss', message: '', why: 'cleared' });
    await pause();
    expect(cleared).toBe(1);
  });

  test('failing rejects calls under way and later ones', async () => {
    const { connection } = world();
    const write = connection.call('PutWait', {});
    const read = connection.call('GetWait', {});
    await pause();
    const unsent = connection.call('PutWait', {});
    connection.fail(new DatabaseError('worker', 'It died'));
    const late = connection.call('Echo', {});
    await expect(write).rejects.toMatchObject({ why: 'worker', mayHaveBeenApplied: true });
    await expect(read).rejects.toMatchObject({ why: 'worker', message: 'It died' });
    await expect(unsent).rejects.toMatchObject({ why: 'worker', mayHaveBeenApplied: false });
    await expect(late).rejects.toMatchObject({ why: 'worker', message: 'It died' });
  });

  test('draining waits for calls under way and refuses later ones', async () => {
    const { connection, waiting } = world();
    const call = connection.call('PutWait', {});
    const order: string[] = [];
    const drained = connection
      .drain(new DatabaseError('closed', 'closed'))
      .then(() => order.push('drained'));
    await expect(connection.call('Echo', {})).rejects.toMatchObject({ why: 'closed' });
    await pause();
    order.push('answer');
    waiting[0]?.({ output: {} });
    await Promise.all([call, drained]);
    expect(order).toEqual(['answer', 'drained']);
  });
});

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 2);
  });
}
