/**
 * What was asked of the database, newest first: the request log on the page.
 *
 * Requests of a load come by the thousand: they share one line, which counts them. The page is told
 * at most ten times a second.
 */

export interface RequestLine {
  readonly id: number;
  readonly operation: string;
  /** Table, or table and index. */
  readonly on: string;
  readonly detail: string;
  readonly count: number;
  readonly items: number;
  /** Consumed capacity units. */
  readonly units: number;
  /** Between call and answer; of several requests, together. */
  readonly ms: number;
  /** The answer had a LastEvaluatedKey. */
  readonly more: boolean;
  readonly failed: string | undefined;
}

export type NewRequest = Omit<RequestLine, 'id' | 'count' | 'failed'> & {
  readonly failed?: string | undefined;
};

const linesMax = 60;
const tellEveryMs = 100;

export class RequestLog {
  lines: readonly RequestLine[] = $state.raw([]);
  requests: number = $state(0);
  units: number = $state(0);
  #lines: readonly RequestLine[] = [];
  #requests = 0;
  #units = 0;
  #lastId = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  add(request: NewRequest): void {
    this.#push({ failed: undefined, ...request, id: this.#lastId + 1, count: 1 });
  }

  /** Adds to the newest line that says the same, as long as no other came after it. */
  addToLine(request: NewRequest): void {
    const [newest, ...others] = this.#lines;
    const { operation, on, detail } = request;
    const isSame = newest?.operation === operation && newest.on === on && newest.detail === detail;
    if (!isSame || request.failed !== undefined || newest.failed !== undefined) {
      this.add(request);
      return;
    }
    this.#lines = others;
    this.#push(
      {
        ...newest,
        count: newest.count + 1,
        items: newest.items + request.items,
        units: newest.units + request.units,
        ms: newest.ms + request.ms,
      },
      request.units,
    );
  }

  #push(line: RequestLine, units: number = line.units): void {
    this.#lastId = Math.max(this.#lastId, line.id);
    this.#lines = [line, ...this.#lines].slice(0, linesMax);
    this.#requests += 1;
    this.#units += units;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.lines = this.#lines;
      this.requests = this.#requests;
      this.units = this.#units;
    }, tellEveryMs);
  }
}
