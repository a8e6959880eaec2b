/**
 * Runs in a tab's worker before the engine: stops the worker where it hurts, once.
 *
 * `traps.armed` names the place; whoever armed it has attached a debugger. `traps.longestMs` is
 * the longest time for which a transaction waited for this worker.
 * - `checkpoint`: pages of a checkpoint are written, and the engine has not heard of it yet: it
 *   holds the background lock and the reservation, and no transaction that others wait for. The
 *   debugger pauses the worker.
 * - `linger`: at the same place the engine hears of it `lingerMs` later; the worker goes on.
 * - `stay`: a readwrite transaction of a checkpoint stays open for `stayMs` more, as long as the
 *   worker runs: one that is frozen meanwhile is frozen inside it.
 */
(() => {
  const lingerMs = 2000;
  const stayMs = 4000;
  /** Transactions that end later than the engine asks for. */
  const staying = new WeakSet();
  /** Transactions that end only when this worker goes on, with the time at which each began. */
  const open = new Map();
  const withPages = new WeakSet();
  const traps = { armed: '', isSprung: false, longestMs: 0 };
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
    if (staying.has(this)) return;
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
      if (springs('stay')) stay(this, performance.now() + stayMs);
    });
    return request;
  };

  function springs(place) {
    if (traps.armed !== place) return false;
    traps.armed = '';
    return true;
  }

  /** A transaction ends when nothing more is asked of it. */
  function stay(store, untilMs) {
    traps.isSprung = true;
    staying.add(store.transaction);
    store.get(0).addEventListener('success', () => {
      if (performance.now() < untilMs) stay(store, untilMs);
      else traps.isSprung = false;
    });
  }

  function pause() {
    // biome-ignore lint/suspicious/noDebugger: the debugger that is attached stops here.
    debugger;
  }

  function linger(made, event) {
    event.stopImmediatePropagation();
    traps.isSprung = true;
    setTimeout(() => {
      traps.isSprung = false;
      made.dispatchEvent(new Event('complete'));
    }, lingerMs);
  }
})();
