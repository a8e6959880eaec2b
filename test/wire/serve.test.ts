import { describe, expect, test } from 'vitest';
import type { Answer, Request } from '../../src/operation/request.ts';
import type { Item } from '../../src/value/value.ts';
import type { AnswersMessage, CallsMessage } from '../../src/wire/channel.ts';
import { loopback } from '../../src/wire/loopback.ts';
import { serveChannel } from '../../src/wire/serve.ts';

const ada: Item = new Map([['owner', { type: 'S', value: 'ada' }]]);

describe('a served channel', () => {
  interface Seen {
    readonly request: Request;
    readonly done: (answer: Answer) => void;
  }

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

/** Long enough for messages of a loopback to arrive and be answered. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
