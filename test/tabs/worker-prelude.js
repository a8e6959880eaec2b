/**
 * Runs in a tab's worker before the engine: stops the worker where it hurts, once.
 *
 * `traps.armed` names the place; whoever armed it has attached a debugger. `traps.longestMs` is
 * the longest time for which a transaction waited for this worker.
 * - `checkpoint`: pages of a checkpoint are written, and the engine has not heard of it yet: it
 *   holds the background lock and the reservation, and no transaction that others wait for. The
 *   debugger pauses the worker.
 * - `linger`: at the same place the engine hears of it `lingerMs` later; the worker goes on.
 * - `transaction`: inside a readwrite transaction of a checkpoint, which stays open. The debugger
 *   pauses the worker.
 */
(() => {
  const lingerMs = 2000;
  /** Transactions that end only when this worker goes on, with the time at which each began. */
  const open = new Map();
  const withPages = new WeakSet();
  const traps = { armed: '', lingering: false, longestMs: 0 };
  globalThis.traps = traps;

  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function begin(...given) {
    const made = transaction.apply(this, given);
    open.set(made, performance.now());
    made.addEventListener('abort', () => ended(made));
    // The first listener: it is called before the engine's.
    made.addEventListener('complete', (event) => {
      ended(made);
      if (!withPages.has(made) || open.size > 0) return;
      if (springs('checkpoint')) pause();
      else if (springs('linger')) linger(made, event);
    });
    return made;
  };

  const { commit } = IDBTransaction.prototype;
  IDBTransaction.prototype.commit = function end() {
    commit.call(this);
    ended(this);
  };

  function ended(made) {
    const began = open.get(made);
    if (began === undefined) return;
    open.delete(made);
    traps.longestMs = Math.max(traps.longestMs, performance.now() - began);
  }

  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function putTrapped(...given) {
    const request = put.apply(this, given);
    if (this.name !== 'page') return request;
    withPages.add(this.transaction);
    request.addEventListener('success', () => {
      if (springs('transaction')) pause();
    });
    return request;
  };

  function springs(place) {
    if (traps.armed !== place) return false;
    traps.armed = '';
    return true;
  }

  function pause() {
    // biome-ignore lint/suspicious/noDebugger: the debugger that is attached stops here.
    debugger;
  }

  function linger(made, event) {
    event.stopImmediatePropagation();
    traps.lingering = true;
    setTimeout(() => {
      traps.lingering = false;
      made.dispatchEvent(new Event('complete'));
    }, lingerMs);
  }
})();
