/** What went wrong, in words that say what to do. */
import type { Failure } from '../leaderboard/failure.ts';

export type { Failure };

/** `wasOpen`: the database had been opened before. */
export function failureOf(error: unknown, wasOpen = true): Failure {
  const said = error instanceof Error ? error.message : String(error);
  if (/quota is full/.test(said)) {
    return {
      title: 'There is no room left for notes',
      advice: 'What was saved is kept. Clear the data of other sites, then try again.',
      said,
    };
  }
  if (wasOpen) {
    return {
      title: 'The notebook has stopped',
      advice: 'Everything it had saved is kept. Open it again to go on.',
      said,
    };
  }
  return {
    title: 'The notebook did not open',
    advice:
      'It runs in a worker of this page, which the browser did not start. Settings that forbid ' +
      'workers or storage may be in the way.',
    said,
  };
}
