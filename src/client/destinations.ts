/**
 * Kinesis destinations of a page: functions and URLs by the ARN of the stream they stand for.
 * Loaded when a database is opened with some.
 */
import { DestinationRunner, type Destinations } from '../engine/destinations.ts';
import type { WireRecord } from '../stream/lambda-record.ts';
import { pageHost, pagePorts, type TriggerConnection, type TriggerPorts } from './trigger.ts';

/** Delivers until the database is closed, as its triggers do. */
export function deliverThrough(
  connection: TriggerConnection,
  database: string,
  destinations: Destinations,
  ports: TriggerPorts = pagePorts(database),
): void {
  const stop = new AbortController();
  const host = pageHost(connection, ports, true, stop);
  const runner = new DestinationRunner(host, destinations, (record) => record as WireRecord);
  // No trigger of a program has this name.
  connection.triggers.set('\u0001', runner);
  stop.signal.addEventListener('abort', () => void runner.close(), { once: true });
  runner.start();
}
