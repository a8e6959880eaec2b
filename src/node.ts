/** Entry `tidetable/node`: the engine in Node on a durable store, and DynamoDB's HTTP protocol. */
export type { Engine, EngineStatus } from './engine/engine-types.ts';
export type {
  ImportBatch,
  ImportCounts,
  ImportResult,
  ImportSession,
  ImportSettings,
  ImportState,
  RefusedItem,
} from './engine/import-types.ts';
export type { LiveChange, LiveReader } from './engine/live-types.ts';
export {
  Access,
  type AccessOptions,
  type Admission,
  type Refusal,
} from './host/access/access.ts';
export { AccessFault } from './host/access/fields.ts';
export { type HttpServer, type ServeOptions, serve } from './host/http.ts';
export {
  type HubOptions,
  type NodeDatabaseOptions,
  openHub,
  openNodeDatabase,
} from './host/node.ts';
export type { PeerOptions, PeerStatus } from './sync/peer.ts';
export { type EngineSync, type EngineSyncOptions, sync } from './host/sync-engine.ts';
export type * from './sync/sync-types.ts';
export { deliver, trigger } from './host/triggers.ts';
export type { DestinationContext, Destinations, DestinationSink } from './engine/destinations.ts';
export type { DestinationRecord } from './stream/destination.ts';
export type * from './engine/trigger-types.ts';
export type {
  Answer,
  Consistency,
  Durability,
  Request,
  ValueForm,
} from './operation/request.ts';
