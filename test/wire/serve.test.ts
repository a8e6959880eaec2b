import { describe, expect, test } from 'vitest';
import type { Answer, Request } from '../../src/operation/request.ts';
import type { Item } from '../../src/value/value.ts';
import type { AnswersMessage, CallsMessage } from '../../src/wire/channel.ts';
import { loopback } from '../../src/wire/loopback.ts';
import { serveChannel } from '../../src/wire/serve.ts';

const ada: Item = new Map([['owner', { type: 'S', value: 'ada' }]]);

interface Seen {
  readonly request: Request;
  readonly done: (answer: Answer) => void;
}

describe('a served channel', () => {
  function served(): {
    seen: Seen[];
    answers: AnswersMessage[];
    send: (message: CallsMessage) => void;
  } {
    const [page, worker] = loopback();
    const seen: Seen[] = [];
    const answers: AnswersMessage[] = [];
    const clock = { wallMs: () => 0, monoMs: () => 1000 };
    const engine = {
      submit(request: Request, done: (answer: Answer) => void): void {
        if (request.operation === 'Broken') throw new Error('broken');
        seen.push({ request, done });
      },
    };
    serveChannel({ engine, clock }, worker);
    page.addEventListener('message', ({ data }) => answers.push(data as AnswersMessage));
    return { seen, answers, send: (message) => page.postMessage(message, []) };
  }

  test('answers of a turn leave in one message', async () => {
    const { seen, answers, send } = served();
    send({
      calls: [
        [1, 'GetItem', {}, 'plain'],
        [2, 'GetItem', {}, 'wire'],
      ],
      aborts: [],
    });
    await pause();
    for (const { done } of seen) done({ output: { Item: ada } });
    await pause();
    expect(answers.map((message) => message.answers?.map(([id]) => id))).toEqual([[1, 2]]);
    expect(seen.map(({ request }) => request.form)).toEqual(['plain', 'wire']);
  });

  test('a deadline is on the clock of the engine, and an abort reaches the request', async () => {
    const { seen, send } = served();
    const extras = { timeoutMs: 50, abortable: true, durability: 'strict' } as const;
    send({ calls: [[1, 'PutItem', {}, 'plain', extras]], aborts: [] });
    await pause();
    const request = seen[0]?.request;
    expect(request).toMatchObject({ deadlineMs: 1050, durability: 'strict' });
    expect(request?.signal?.aborted).toBe(false);
    send({ calls: [], aborts: [1, 99] });
    await pause();
    expect(request?.signal?.aborted).toBe(true);
  });

  test('a call that the engine throws at does not stop the others', async () => {
    const { seen, answers, send } = served();
    send({
      calls: [
        [1, 'Broken', {}, 'plain'],
        [2, 'GetItem', {}, 'plain'],
      ],
      aborts: [],
    });
    await pause();
    expect(seen).toHaveLength(1);
    expect(answers[0]?.answers?.[0]).toMatchObject([1, false, { message: 'broken' }]);
  });
});

describe('answers while other calls are open', () => {
  /** An engine that answers GetItem at once, and others when the test says so. */
  function served() {
    const [page, worker] = loopback();
    const waiting: Seen[] = [];
    const breaths: (() => void)[] = [];
    const answered: (readonly number[])[] = [];
    const engine = {
      submit(request: Request, done: (answer: Answer) => void): void {
        if (request.operation === 'GetItem') done({ output: {} });
        else waiting.push({ request, done });
      },
    };
    const breathe = (): Promise<void> => new Promise((resolve) => breaths.push(resolve));
    const clock = { wallMs: () => 0, monoMs: () => 0 };
    serveChannel({ engine, clock, breathe }, worker);
    page.addEventListener('message', ({ data }) => {
      answered.push((data as AnswersMessage).done ?? []);
    });
    const send = (...calls: readonly (readonly [number, string])[]): void => {
      page.postMessage({ calls: calls.map(([id, name]) => [id, name, {}, 'plain']) }, []);
    };
    return { send, waiting, breaths, answered };
  }

  test('wait for one task more, and leave with those to the messages in line', async () => {
    const { send, waiting, breaths, answered } = served();
    send([1, 'PutItem'], [2, 'GetItem']);
    await pause();
    send([3, 'GetItem']);
    await pause();
    expect([answered, breaths.length]).toEqual([[], 1]);
    breaths[0]?.();
    await pause();
    expect(answered).toEqual([[2, 3]]);
    // The last one is alone, and so is what comes after it.
    waiting[0]?.done({ output: {} });
    await pause();
    send([4, 'GetItem']);
    await pause();
    expect([answered, breaths.length]).toEqual([[[2, 3], [1], [4]], 1]);
  });

  test('breathe again for what comes after', async () => {
    const { send, breaths, answered } = served();
    send([1, 'PutItem'], [2, 'GetItem']);
    await pause();
    breaths[0]?.();
    await pause();
    send([3, 'GetItem']);
    await pause();
    breaths[1]?.();
    await pause();
    expect(answered).toEqual([[2], [3]]);
  });

  test('are not held back by a call that waits for something to happen', async () => {
    const { send, breaths, answered } = served();
    send([1, 'LiveNext'], [2, 'TriggerChange'], [3, 'SyncNext'], [4, 'ImportProgress']);
    await pause();
    send([5, 'GetItem']);
    await pause();
    expect([answered, breaths.length]).toEqual([[[5]], 0]);
  });
});

/** Long enough for messages of a loopback to arrive and be answered. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
