/** An Engine that answers every call by one function: for tests of what stands before an engine. */
import type { Engine, EngineStatus } from '../../src/engine/engine-types.ts';
import type { Request } from '../../src/operation/request.ts';

export interface FakeEngine extends Engine {
  readonly requests: readonly Request[];
}

export function fakeEngine(answer: (request: Request) => object | Promise<object>): FakeEngine {
  const requests: Request[] = [];
  let closed = false;
  const call = async (request: Request): Promise<object> => {
    requests.push(request);
    return answer(request);
  };
  return {
    requests,
    call,
    submit: (request, done) => {
      call(request).then(
        (output) => done({ output }),
        (error: Error) => done({ error }),
      );
    },
    status: (): EngineStatus => ({
      storeId: '',
      head: 0,
      checkpoint: 0,
      sequence: 0,
      durableSeq: 0,
      cacheBytes: 0,
      tailBytes: 0,
      logBytes: 0,
      replayMs: 0,
      liveQueries: 0,
      lostRaces: 0,
      checkpoints: 0,
      damage: [],
      closed,
    }),
    watch: () => () => undefined,
    follow: () => () => undefined,
    whenDurable: async () => undefined,
    barrier: async () => undefined,
    live: () => {
      throw new Error('this engine has no live queries');
    },
    import: () => Promise.reject(new Error('this engine imports nothing')),
    checkpoint: async () => undefined,
    compact: async () => ({ recordsBefore: 2, bytesBefore: 20, recordsAfter: 1, bytesAfter: 10 }),
    scrub: async () => {
      throw new Error('no scrub here');
    },
    repair: async () => {
      throw new Error('no repair here');
    },
    sizes: async () => ({ tables: [], logBytes: 0 }),
    contributors: () => Promise.reject(new Error('nothing is counted')),
    idle: async () => undefined,
    close: async () => {
      closed = true;
    },
  };
}
