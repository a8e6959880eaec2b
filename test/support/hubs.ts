/** A hub in this process, and the way to it without a network. */
import { owner } from '../../src/operation/request.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import type { Hub } from '../../src/sync/hub.ts';
import type { Fetch, FetchedResponse } from '../../src/sync/http-link.ts';
import type { HubVisitor } from '../../src/sync/tables.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import type { SyncPorts, SyncServer } from '../../src/sync/serve-sync.ts';
import { notes } from './sync.ts';

export interface NearHub {
  readonly engine: Engine;
  readonly hub: Hub;
  readonly fetch: Fetch;
  /** Who comes, from the token behind `Bearer`. */
  visitor: (token: string | undefined) => HubVisitor | undefined;
  put(id: string, v: string): Promise<void>;
}

export async function openNearHub(): Promise<NearHub> {
  const engine = await openNodeDatabase({ memory: true });
  await engine.call({ operation: 'CreateTable', input: notes, form: 'plain', caller: owner });
  const hub = await openHub(engine);
  const near: NearHub = {
    engine,
    hub,
    visitor: () => undefined,
    fetch: async (url, { headers, body, signal }) => {
      const token = headers['authorization']?.slice('Bearer '.length);
      if (!url.endsWith('/pokes')) {
        return response(200, await hub.answer(body, near.visitor(token)));
      }
      let leave: () => void = () => undefined;
      const stream = new ReadableStream<Uint8Array>({
        async start(controller) {
          leave = await hub.listen(() => controller.enqueue(new TextEncoder().encode('data:\n\n')));
          signal.addEventListener('abort', () => {
            leave();
            controller.error(new Error('aborted'));
          });
        },
        cancel: () => leave(),
      });
      return { status: 200, headers: { get: () => null }, body: stream };
    },
    put: async (id, v) => {
      const input = { TableName: 'Notes', Item: { id, v } };
      await engine.call({ operation: 'PutItem', input, form: 'plain', caller: owner });
    },
  };
  return near;
}

export function response(
  status: number,
  bytes: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): FetchedResponse {
  const body = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return {
    status,
    headers: { get: (name) => headers[name] ?? null },
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(body);
        controller.close();
      },
    }),
  };
}

export function portsOf(engine: Engine, fetch: Fetch): SyncPorts {
  const ports = { clock: systemClock, random: systemRandom, scheduler: systemScheduler };
  return { engine, fetch, ...ports };
}

/** What a page asks of its worker: of sync's own the server, else the engine. */
export function callsOf(
  engine: Engine,
  server: Pick<SyncServer, 'submit'>,
): (operation: string, input: object) => Promise<object> {
  return (operation, input) =>
    new Promise((resolve, reject) => {
      const at = operation.startsWith('Sync') ? server : engine;
      at.submit({ operation, input, form: 'plain', caller: owner }, ({ output, error }) => {
        if (error === undefined) resolve(output);
        else reject(error);
      });
    });
}
