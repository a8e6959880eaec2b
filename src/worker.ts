/** Entry `tidetable/worker`, for those who write a worker file of their own. */
export { type OpenDatabaseEngine, startWorkerHost, type WorkerScope } from './host/worker.ts';
