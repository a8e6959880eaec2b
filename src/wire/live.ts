/**
 * Live queries over the channel: calls of their own beside DynamoDB's, which an engine's `submit`
 * does not know.
 *
 * LiveOpen begins a query under an id that the page gives, and is answered with its first result;
 * each LiveNext is answered with the next one, whenever there is one. So at most one result is
 * under way for a query, the page sets the pace, and a page that stands still is sent nothing.
 * LiveClose ends it; what waits is answered with an end.
 */
import type { Engine } from '../engine/engine-types.ts';
import type { LiveChange, LiveReader } from '../engine/live-types.ts';
import type { Answer, Request } from '../operation/request.ts';

/** Input of the three calls; the last two are LiveOpen's. */
export interface LiveInput {
  /** Used once in the life of a channel. */
  readonly Id: number;
  readonly Operation?: string;
  readonly Input?: object;
}

/** An answer of LiveOpen and LiveNext, as it arrives. */
export interface LiveAnswer {
  /** There is no more: the database was closed, or the query. */
  readonly End?: true;
  /** As LiveChange has them. */
  readonly Splices?: readonly number[];
  readonly Items?: readonly object[];
  readonly Count?: number;
  readonly LastEvaluatedKey?: object;
}

/** Calls of one page, those of its live queries among them; `end` closes these. */
export interface LiveServed extends Pick<Engine, 'submit'> {
  end(): void;
}

/** `calls` takes all others. */
export function withLive(engine: Pick<Engine, 'live'>, calls: Pick<Engine, 'submit'>): LiveServed {
  const readers = new Map<number, LiveReader>();
  const close = (id: number): void => {
    readers.get(id)?.close();
    readers.delete(id);
  };
  const carryOut = async (request: Request): Promise<object> => {
    const { Id: id, Operation: operation = '', Input: input = {} } = request.input as LiveInput;
    if (request.operation === 'LiveClose') {
      close(id);
      return {};
    }
    if (request.operation === 'LiveOpen') {
      readers.set(id, engine.live({ ...request, operation, input }));
    }
    const reader = readers.get(id);
    try {
      const change = await reader?.next();
      if (change !== undefined) return answerOf(change);
    } catch (error) {
      close(id);
      throw error;
    }
    close(id);
    return { End: true } satisfies LiveAnswer;
  };
  return {
    submit(request, done) {
      if (!request.operation.startsWith('Live')) {
        calls.submit(request, done);
        return;
      }
      carryOut(request).then(
        (output) => done({ output } satisfies Answer),
        (error: Error) => done({ error }),
      );
    },
    end() {
      for (const id of [...readers.keys()]) close(id);
    },
  };
}

function answerOf({ splices, items, count, last, isCount }: LiveChange): object {
  return {
    Count: count,
    ...(isCount ? {} : { Splices: splices, Items: items }),
    ...(last === undefined ? {} : { LastEvaluatedKey: last }),
  };
}
