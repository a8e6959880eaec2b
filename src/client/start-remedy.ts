/**
 * What to do about a worker that does not start. Loaded when one did not: it is text, seldom read.
 */

/** Sentences that follow what happened, with the space between. */
export function startRemedy(): string {
  return typeof Worker === 'undefined'
    ? ' In Node, open a database with tidetable/node or tidetable/testing.'
    : ' If a Content-Security-Policy forbids it, allow `worker-src blob:`, or serve a copy of ' +
        "tidetable/worker yourself and pass `worker: new Worker(url, { type: 'module' })`.";
}
