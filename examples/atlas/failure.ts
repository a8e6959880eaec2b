/** What went wrong, in words that say what to do. */
import { DatabaseError } from 'tidetable';

export interface Failure {
  readonly title: string;
  readonly advice: string;
  /** What the error itself says. */
  readonly said: string;
  /** The database is gone: only opening it again helps. */
  readonly isFatal: boolean;
}

/** Of opening: whatever its error is, there is no database. */
export function openFailureOf(error: unknown): Failure {
  const failure = failureOf(error);
  return /quota is full/.test(failure.said)
    ? { ...failure, isFatal: true }
    : { ...databaseFailure('open'), said: failure.said, isFatal: true };
}

export function failureOf(error: unknown): Failure {
  const said = error instanceof Error ? error.message : String(error);
  if (error instanceof DatabaseError) return { ...databaseFailure(error.why), said, isFatal: true };
  if (/quota is full/.test(said)) {
    return {
      title: 'There is no room left for the atlas',
      advice:
        'The disk, or the part of it that the browser lets this site use, is full. What was ' +
        'written before is kept. Make room, for instance by clearing the data of other sites, ' +
        'and try again.',
      said,
      isFatal: false,
    };
  }
  if (error instanceof TypeError && /fetch|network/i.test(said)) {
    return {
      title: 'The data files could not be read',
      advice: 'Is the server that this page came from still running? Start it and try again.',
      said,
      isFatal: false,
    };
  }
  return { title: 'That did not work', advice: 'Try it again.', said, isFatal: false };
}

function databaseFailure(why: DatabaseError['why']): Pick<Failure, 'title' | 'advice'> {
  if (why === 'open') {
    return {
      title: 'The database did not open',
      advice:
        'It runs in a worker of this page, which the browser did not start. Other tabs of the ' +
        'atlas may be in the way, or settings that forbid workers or storage.',
    };
  }
  return {
    title: 'The database has stopped',
    advice: 'Everything it had confirmed is kept. Open it again to go on.',
  };
}

/** True for an edit whose city was changed or deleted in the meantime. */
export function isOutdated(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
