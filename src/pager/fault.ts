/**
 * A PageFault says which pages a run needs and does not have.
 *
 * It is thrown, caught by engine/load.ts alone, and never reaches a caller. `ahead` names pages
 * that the run will probably want next, so that one request to the store brings them too.
 */

export class PageFault extends Error {
  override readonly name = 'PageFault';
  readonly pages: readonly number[];
  readonly ahead: readonly number[];

  constructor(pages: readonly number[], ahead: readonly number[] = []) {
    super('page fault');
    this.pages = pages;
    this.ahead = ahead;
  }
}
// A stack trace costs more than the fault itself, and says nothing.
PageFault.prototype.stack = '';
