/** Mutants of time to live. */
import type { Mutant } from './mutant.ts';

export const expiryMutants: readonly Mutant[] = [
  {
    name: 'expires-before-time',
    file: 'src/table/expiry.ts',
    find: 'const to = Math.max(0, Math.floor(nowMs / 1000));',
    replace: 'const to = Math.max(0, Math.floor(nowMs / 1000) + 30);',
    breaks: 'An item is deleted whose time was moved on, half a minute before it is over.',
  },
  {
    name: 'expiry-entry-stays',
    file: 'src/table/indexes.ts',
    find: `  let units = 0;
  if (was !== undefined) {`,
    replace: `  let units = 0;
  if (was !== undefined && (is === undefined || index.kind !== 'system')) {`,
    breaks: 'An item that gets another time keeps its place at the old one.',
  },
  {
    name: 'expiry-of-nobody',
    file: 'src/engine/jobs.ts',
    find: "const expiryCaller: Caller = { kind: 'ttl',",
    replace: "const expiryCaller: Caller = { kind: 'backfill',",
    breaks: 'A stream does not tell who deleted an item whose time was over.',
  },
  {
    name: 'expiry-not-looked-for',
    file: 'src/engine/jobs.ts',
    find: '      if (this.expiry.isDue) await this.expiry.work(signal);\n',
    replace: '',
    breaks: 'No item is ever deleted because its time is over.',
  },
];
