/** Mutants of the Store on IndexedDB. The simulation has a store of its own, so tests find them. */
import type { Mutant } from './mutant.ts';

export const storageMutants: readonly Mutant[] = [
  {
    name: 'answered-at-success',
    file: 'src/storage/indexeddb-write.ts',
    find: "last?.addEventListener('success', () => transaction.commit?.());",
    replace: `last?.addEventListener('success', () => {
          transaction.commit?.();
          transaction.oncomplete?.(new Event('complete'));
        });`,
    breaks: 'A batch is told to be stored that a disk full at the commit takes back.',
    test: 'test/storage/indexeddb-write.test.ts',
  },
  {
    name: 'one-answered-at-success',
    file: 'src/storage/indexeddb-write.ts',
    find: '        transaction.commit?.();\n',
    replace: `        transaction.commit?.();
        last?.addEventListener('success', () => transaction.oncomplete?.(new Event('complete')));
`,
    breaks: 'A record by itself is told to be stored that a disk full at the commit takes back.',
    test: 'test/storage/indexeddb-write.test.ts',
  },
  {
    name: 'abort-is-success',
    file: 'src/storage/indexeddb-write.ts',
    find: "  return { kind: 'unknown', cause };",
    replace:
      "  return cause === 0 ? { kind: 'unknown', cause } : { kind: 'done', durable: false };",
    breaks: 'What was aborted without a reason is told to be stored.',
    test: 'test/storage/indexeddb-write.test.ts',
  },
  {
    name: 'quota-of-the-request-unheard',
    file: 'src/storage/indexeddb-write.ts',
    find: 'if (isQuota(error) || isQuota(failure))',
    replace: 'if (isQuota(error))',
    breaks: 'A full disk that only the request names is a write of unknown outcome.',
    test: 'test/storage/indexeddb-write.test.ts',
  },
  {
    name: 'hung-write-left-open',
    file: 'src/storage/indexeddb.ts',
    find: '        endQuietly(transaction);\n',
    replace: '',
    breaks: 'A write that was given up takes effect long after.',
    test: 'test/storage/supervisor.test.ts',
  },
  {
    name: 'late-open-makes-one',
    file: 'src/storage/indexeddb-open.ts',
    find: 'if (isOver || isGone) request.transaction?.abort();',
    replace: 'if (isGone) request.transaction?.abort();',
    breaks: 'An open that was given up makes a database that somebody has deleted.',
    test: 'test/storage/supervisor.test.ts',
  },
  {
    name: 'cleared-store-made-anew',
    file: 'src/storage/indexeddb-open.ts',
    find: 'isGone = !create;',
    replace: 'isGone = false;',
    breaks: 'Writes go on in an empty database when the browser has cleared the one before.',
    test: 'test/storage/supervisor.test.ts',
  },
  {
    name: 'private-mode-is-lost',
    file: 'src/storage/indexeddb-open.ts',
    find: "['SecurityError', 'InvalidStateError', 'VersionError', 'NotAllowedError']",
    replace: "['SecurityError', 'VersionError']",
    breaks: 'Where storage is forbidden callers are told to try again.',
    test: 'test/storage/indexeddb.test.ts',
  },
  {
    name: 'refused-open-is-gone',
    file: 'src/storage/indexeddb-open.ts',
    find: 'fail(isGone ? goneFailure',
    replace: 'fail(request.error !== null ? goneFailure',
    breaks: 'A browser that refuses to open a database is taken for one that has cleared it.',
    test: 'test/storage/indexeddb.test.ts',
  },
  {
    name: 'list-without-limit',
    file: 'src/storage/indexeddb-open.ts',
    find: 'const timer = setTimeout(() => reject(late(what, done, openMs)), openMs);',
    replace: 'const timer = openMs;',
    breaks: 'A list of databases that a browser never answers is waited for without end.',
    test: 'test/storage/indexeddb-open.test.ts',
  },
  {
    name: 'status-waits-for-storage',
    file: 'src/host/browser-storage.ts',
    find: 'const timer = setTimeout(resolve, storeOpenMs);',
    replace: 'const timer = storeOpenMs;',
    breaks: 'A status waits without end for what a browser does not say of its storage.',
    test: 'test/host/browser-storage.test.ts',
  },
  {
    name: 'head-without-what-is-trimmed',
    file: 'src/storage/indexeddb-open.ts',
    find: 'meta instanceof Uint8Array ? decodeMeta(meta).trimmed : 0;',
    replace: 'meta instanceof Uint8Array ? 0 : 0;',
    breaks: "A wipe takes another tab's write with it that a checkpoint has taken from the log.",
    test: 'test/client/sync-wipe.test.ts',
  },
];
