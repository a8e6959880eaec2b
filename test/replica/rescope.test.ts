import { expect, test } from 'vitest';
import { prefixEnd } from '../../src/base/bytes.ts';
import { rescope, type Rescoped } from '../../src/replica/rescope.ts';
import type { Scope } from '../../src/replica/scope.ts';
import { Display } from '../../src/replica/shown.ts';
import { byGlobal } from '../../src/replica/tables.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import type { KeySpan } from '../../src/table/scope.ts';
import { hashPrefix } from '../../src/value/key.ts';
import { Stored } from '../support/replica.ts';
import { Pair, putText } from '../support/replica-pair.ts';

const span = (p: string): KeySpan => {
  const from = hashPrefix([{ type: 'S', value: p }]);
  return { from, to: prefixEnd(from) };
};

test('what is lost is what was held, less what is kept; each record is written once', async () => {
  const pair = await Pair.open();
  const device = await pair.device();
  for (const p of ['a', 'b', 'c']) await putText(device, p, p);
  await pair.sync(device);
  await putText(device, 'b', 'again');
  await putText(device, 'c', 'again');
  const stored = await Stored.of(device.store.disk);
  const { reader, self } = stored;
  const tables = byGlobal(createCatalog(reader));
  const of = (...keys: readonly string[]): Scope => {
    const spans = keys.map(span);
    return {
      user: 'u',
      tables: new Map([[pair.global, { read: spans, put: spans, remove: spans }]]),
    };
  };
  const done = (
    before: Scope | undefined,
    now: Scope | undefined,
  ): Rescoped & { drafts: number } => {
    const display = new Display(reader, self.book, 1e9);
    const result = rescope({ reader, book: self.book, tables, display }, before, now);
    const names = display
      .drafts()
      .flatMap(({ mutations }) => mutations.map(({ tree, key }) => `${tree} ${key.join()}`));
    expect(new Set(names).size).toBe(names.length);
    return { ...result, drafts: names.length };
  };
  const first = done(undefined, of('a', 'b'));
  expect(first).toMatchObject({ purged: 1, withdrawn: 1, gained: [] });
  expect(first.lost.length).toBeGreaterThan(0);
  expect(done(of('a', 'b', 'c'), of('a'))).toMatchObject({ purged: 2, withdrawn: 2 });
  expect(done(of('a'), of('a', 'b', 'c')).gained).toHaveLength(2);
  expect(done(of('a', 'b', 'c'), of('a', 'b', 'c'))).toMatchObject({
    lost: [],
    gained: [],
    drafts: 0,
  });
  // A table that the hub does not speak of stays as it is.
  const silent = { user: 'u', tables: new Map() };
  expect(done(of('a', 'b', 'c'), silent)).toMatchObject({ lost: [], purged: 0, withdrawn: 0 });
});
