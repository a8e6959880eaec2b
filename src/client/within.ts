/** A promise with a time limit, for what may never come from a worker. */

/** What `work` comes to; undefined after `limitMs`. */
export function within<T>(limitMs: number, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), limitMs);
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
