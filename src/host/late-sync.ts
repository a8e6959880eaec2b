/**
 * Sync where an engine is used: loaded with its first call, for most pages need none of it.
 *
 * The operations of a replica are given to the engine then: it looks at the list each time.
 */
import type { Engine } from '../engine/engine-types.ts';
import type { Operation } from '../operation/operation.ts';
import type { Request } from '../operation/request.ts';
import type { SyncPorts, SyncServer } from '../sync/serve-sync.ts';

export interface SyncCalls extends Pick<Engine, 'submit'> {
  /** The page is gone. */
  end(): Promise<void>;
}

/** Calls of one page: those of sync, and those that `rest` takes. */
export function withSync(
  ports: () => SyncPorts,
  operations: Operation[],
  rest: Pick<Engine, 'submit'>,
): SyncCalls {
  let loading: Promise<SyncServer> | undefined;
  let server: SyncServer | undefined;
  let isOver = false;
  const load = async (): Promise<SyncServer> => {
    const { globalOperations, replicaOperations, SyncServer } = await import('./sync-chunk.ts');
    if (operations.length === 0) operations.push(...replicaOperations, ...globalOperations);
    server = new SyncServer(ports());
    return server;
  };
  return {
    submit(request: Request, done) {
      if (!request.operation.startsWith('Sync')) {
        if (server === undefined) rest.submit(request, done);
        else server.pass(request, done, rest);
        return;
      }
      // What is closed stays closed: who begins again has a server of its own.
      if (isOver && request.operation === 'SyncOpen') loading = undefined;
      isOver = request.operation === 'SyncClose' || (isOver && loading !== undefined);
      loading ??= load();
      loading.then(
        (loaded) => loaded.submit(request, done),
        (error: Error) => {
          loading = undefined;
          done({ error });
        },
      );
    },
    async end() {
      await (await loading?.catch(() => undefined))?.end();
    },
  };
}
