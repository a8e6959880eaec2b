/**
 * The worker's end of the data port: hands calls to the engine and gathers its answers.
 *
 * An engine answers a whole turn at once, so the answers of a microtask are those of a turn or of a
 * batch of reads; they leave in one message. While other calls are open they wait for one more
 * task, for the answers to messages that are in line already: a message costs both ends as much as
 * ten reads, and a page whose calls have come apart would send each by itself for ever
 * (docs/adr/0042). A call that is alone waits for nothing.
 */
import { answerMessageBytes, answersPerMessage, transferBytesMin } from '../base/limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import { type Answer, owner, type Request } from '../operation/request.ts';
import type { Clock } from '../port/clock.ts';
import type { Notify } from '../port/notice.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { AnswersMessage, CallMessage, CallsMessage, ChannelPort } from './channel.ts';
import type { GivenKeys } from './given-keys.ts';

/** Of calls that are answered when something happens, which may be never. */
const waits = /^(Live|Trigger|Sync|Import)/;

/** What is served, and the clock that its deadlines are on. */
export interface Served {
  readonly engine: Pick<Engine, 'submit'>;
  readonly clock: Clock;
  /** Resolves in a task of its own; where messages cost nothing, there is none. */
  readonly breathe?: (() => Promise<void>) | undefined;
  /** Of a page that keeps items. */
  readonly given?: GivenKeys | undefined;
}

/**
 * Serves the calls that come by `port`, until it is closed. Answers a function that passes notices
 * on, after the answers that were given before.
 */
export function serveChannel(served: Served, port: ChannelPort): Notify {
  const { engine, clock } = served;
  const outbox = new Outbox(served, port);
  const aborters = new Map<number, AbortController>();

  const submit = (call: CallMessage): void => {
    const [id, operation] = call;
    const counted = waits.test(operation) ? 0 : 1;
    outbox.open += counted;
    const done = (answer: Answer): void => {
      aborters.delete(id);
      outbox.open -= counted;
      outbox.add(id, answer);
    };
    try {
      engine.submit(requestOf(call, clock, aborters), done);
    } catch (error) {
      done({ error: error instanceof Error ? error : new Error(String(error)) });
    }
  };

  port.addEventListener('message', ({ data }) => {
    const { calls = [], aborts = [], spare } = data as CallsMessage;
    if (spare !== undefined) outbox.writer.adopt(spare);
    for (const call of calls) {
      submit(call);
      // Reads are answered at once: the page takes the first in while the rest are looked up.
      if (outbox.writer.count >= answersPerMessage) outbox.flush();
    }
    for (const id of aborts) aborters.get(id)?.abort();
  });
  port.start?.();
  return (notice) => {
    outbox.flush();
    port.postMessage({ notices: [notice] } satisfies AnswersMessage, []);
  };
}

/** Answers on their way to the page, and when they leave. */
class Outbox {
  readonly writer: AnswerWriter = new AnswerWriter();
  /** Calls that were not answered yet, but for those that wait for something. */
  open = 0;
  readonly #served: Served;
  readonly #port: ChannelPort;
  #isBreathing = false;

  constructor(served: Served, port: ChannelPort) {
    this.#served = served;
    this.#port = port;
    const { given } = served;
    if (given !== undefined) given.wake = () => queueMicrotask(() => this.flush());
  }

  add(id: number, answer: Answer): void {
    const { writer } = this;
    if (writer.count === 0) queueMicrotask(() => this.#flushSoon());
    const { source } = answer;
    writer.add(id, answer, source === undefined ? 0 : this.#served.given?.give(source));
    if (writer.length >= answerMessageBytes) this.flush();
  }

  flush(): void {
    const { writer } = this;
    // What a commit has changed is told before, or with, the answers that come after it.
    const forgotten = this.#served.given?.take();
    if (writer.count === 0 && forgotten === undefined) return;
    const answers = writer.take();
    const message = forgotten === undefined ? answers : { ...answers, forgotten };
    // A few bytes are copied sooner than handed over.
    const { bytes } = message;
    const transfers = bytes !== undefined && !writer.lent && bytes.byteLength > transferBytesMin;
    this.#port.postMessage(message, transfers ? [bytes] : []);
  }

  #flushSoon(): void {
    const { breathe } = this.#served;
    if (breathe === undefined || this.open === 0) {
      this.flush();
      return;
    }
    if (this.#isBreathing) return;
    this.#isBreathing = true;
    void breathe().then(() => {
      this.#isBreathing = false;
      this.flush();
    });
  }
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
