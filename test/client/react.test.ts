import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, expect, test } from 'vitest';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import { useItem, useQuery } from '../../src/react.ts';

// What happens in a page: test/browser/react.test.ts.
const opened: TestDatabase[] = [];
afterEach(async () => {
  for (const db of opened.splice(0)) await db.close();
});

function Page({ db }: { readonly db: TestDatabase | undefined }) {
  const all = useQuery(db, { TableName: 'Notes' });
  const one = useItem(db, { TableName: 'Notes', Key: { id: 'a' } });
  const text = [all.status, all.items.length, all.isPrevious, one.status, String(one.item)];
  return createElement('p', null, text.join(' '));
}

test('rendered on a server, hooks are loading and open nothing', async () => {
  const db = await openInMemory();
  opened.push(db);
  const expected = '<p>loading 0 false loading undefined</p>';
  expect(renderToString(createElement(Page, { db }))).toBe(expected);
  expect(renderToString(createElement(Page, { db: undefined }))).toBe(expected);
  expect((await db.status()).liveQueries).toBe(0);
});
