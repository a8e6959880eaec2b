/** Calls of sync beside those of an engine that has the operations of replicas from the start. */
import type { Engine } from '../engine/engine-types.ts';
import { SyncServer, type SyncPorts } from './serve-sync.ts';

export interface ServedSync extends Pick<Engine, 'submit'> {
  end(): Promise<void>;
}

export function withSyncServer(ports: SyncPorts, rest: Pick<Engine, 'submit'>): ServedSync {
  let server: SyncServer | undefined;
  let isOver = false;
  return {
    submit(request, done) {
      if (!request.operation.startsWith('Sync')) {
        if (server === undefined) rest.submit(request, done);
        else server.pass(request, done, rest);
        return;
      }
      // What is closed stays closed: who begins again has a server of its own.
      if (isOver && request.operation === 'SyncOpen') server = undefined;
      isOver = request.operation === 'SyncClose' || (isOver && server !== undefined);
      server ??= new SyncServer(ports);
      server.submit(request, done);
    },
    async end() {
      await server?.end();
    },
  };
}
