/**
 * The worker's end of the data port: hands calls to the engine and gathers its answers.
 *
 * An engine answers a whole turn at once, so the answers of a microtask are those of a turn or of a
 * batch of reads; they leave in one message.
 */
import { answerMessageBytes, answersPerMessage, transferBytesMin } from '../base/limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import { type Answer, owner, type Request } from '../operation/request.ts';
import type { Clock } from '../port/clock.ts';
import type { Notify } from '../port/notice.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { AnswersMessage, CallMessage, CallsMessage, ChannelPort } from './channel.ts';
import type { GivenKeys } from './given-keys.ts';

/** What is served, and the clock that its deadlines are on. */
export interface Served {
  readonly engine: Pick<Engine, 'submit'>;
  readonly clock: Clock;
  /** Of a page that keeps items. */
  readonly given?: GivenKeys | undefined;
}

/**
 * Serves the calls that come by `port`, until it is closed. Answers a function that passes notices
 * on, after the answers that were given before.
 */
export function serveChannel({ engine, clock, given }: Served, port: ChannelPort): Notify {
  const writer = new AnswerWriter();
  const aborters = new Map<number, AbortController>();

  const flush = (): void => {
    // What a commit has changed is told before, or with, the answers that come after it.
    const forgotten = given?.take();
    if (writer.count === 0 && forgotten === undefined) return;
    const answers = writer.take();
    const message = forgotten === undefined ? answers : { ...answers, forgotten };
    // A few bytes are copied sooner than handed over.
    const { bytes } = message;
    const transfers = bytes !== undefined && !writer.lent && bytes.byteLength > transferBytesMin;
    port.postMessage(message, transfers ? [bytes] : []);
  };

  const answerCall = (id: number, answer: Answer): void => {
    aborters.delete(id);
    if (writer.count === 0) queueMicrotask(flush);
    const { source } = answer;
    writer.add(id, answer, source === undefined ? 0 : given?.give(source));
    if (writer.length >= answerMessageBytes) flush();
  };

  if (given !== undefined) given.wake = () => queueMicrotask(flush);

  const submit = (call: CallMessage): void => {
    const [id] = call;
    try {
      engine.submit(requestOf(call, clock, aborters), (answer) => answerCall(id, answer));
    } catch (error) {
      answerCall(id, { error: error instanceof Error ? error : new Error(String(error)) });
    }
  };

  port.addEventListener('message', ({ data }) => {
    const { calls = [], aborts = [], spare } = data as CallsMessage;
    if (spare !== undefined) writer.adopt(spare);
    for (const call of calls) {
      submit(call);
      // Reads are answered at once: the page takes the first in while the rest are looked up.
      if (writer.count >= answersPerMessage) flush();
    }
    for (const id of aborts) aborters.get(id)?.abort();
  });
  port.start?.();
  return (notice) => {
    flush();
    port.postMessage({ notices: [notice] } satisfies AnswersMessage, []);
  };
}

function requestOf(
  call: CallMessage,
  clock: Clock,
  aborters: Map<number, AbortController>,
): Request {
  const [id, operation, input, form, extras] = call;
  if (extras === undefined) return { operation, input, form, caller: owner };
  const { timeoutMs, abortable, ...rest } = extras;
  const deadlineMs = timeoutMs === undefined ? undefined : clock.monoMs() + timeoutMs;
  let signal: AbortSignal | undefined;
  if (abortable === true) {
    const aborter = new AbortController();
    aborters.set(id, aborter);
    signal = aborter.signal;
  }
  return { operation, input, form, caller: owner, ...rest, deadlineMs, signal };
}
