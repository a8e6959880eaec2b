/**
 * Checks that answer us, not the caller.
 *
 * A failed assert is a mistake of ours: the engine that meets one stops and recovers, and never
 * goes on in doubt. What a caller did wrong is a DynamoError (errors.ts) instead.
 */

export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}

/** Throws AssertionFailure with `message` unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** The value, which must be there. */
export function must<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionFailure(message);
  return value;
}

/** For the default branch of a switch over a closed union. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${String(value)}`);
}
