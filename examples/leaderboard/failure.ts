/** What went wrong, in words that say what to do. */
export interface Failure {
  readonly title: string;
  readonly advice: string;
  /** What the error itself says. */
  readonly said: string;
}

/** `wasOpen`: the database had been opened before. */
export function failureOf(error: unknown, wasOpen = true): Failure {
  const said = error instanceof Error ? error.message : String(error);
  if (/quota is full/.test(said)) {
    return {
      title: 'There is no room left for scores',
      advice: 'What was confirmed is kept. Clear the data of other sites, then try again.',
      said,
    };
  }
  if (wasOpen) {
    return {
      title: 'The database has stopped',
      advice: 'Everything it had confirmed is kept. Open it again to go on.',
      said,
    };
  }
  return {
    title: 'The database did not open',
    advice:
      'It runs in a worker of this page, which the browser did not start. Settings that forbid ' +
      'workers or storage may be in the way.',
    said,
  };
}
