/**
 * The registry: every operation there is, by name.
 *
 * A row drives checks, access, metering, the command line and the console; adding an operation is
 * adding its file and one line here. Internal rows are the engine's requests to itself.
 */
import type { Operation } from './operation.ts';

export const operations: readonly Operation[] = [
  // item
  // table
  // internal
];

const byName: ReadonlyMap<string, Operation> = new Map(operations.map((row) => [row.name, row]));

/** The operation of that name, or undefined: UnknownOperationException. */
export function findOperation(name: string): Operation | undefined {
  return byName.get(name);
}
