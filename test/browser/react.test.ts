import { act, createElement, type ReactElement, StrictMode, useState } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type CreateTableInput, type Database, open } from '../../src/index.ts';
import { useItem, useQuery, type UsedItems } from '../../src/react.ts';
import { deleteIndexedDB } from '../../src/storage/indexeddb.ts';

const TableName = 'Notes';
const notes: CreateTableInput = {
  TableName,
  AttributeDefinitions: [
    { AttributeName: 'owner', AttributeType: 'S' },
    { AttributeName: 'id', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'owner', KeyType: 'HASH' },
    { AttributeName: 'id', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const opened: { readonly db: Database; readonly name: string }[] = [];
const roots: Root[] = [];

async function openNotes(): Promise<Database> {
  const name = `react-test-${Date.now()}-${opened.length}`;
  const db = await open(name, { tables: [notes] });
  opened.push({ db, name });
  for (const id of [1, 2, 3]) await put(db, id);
  return db;
}

afterEach(async () => {
  await act(async () => {
    for (const root of roots.splice(0)) root.unmount();
  });
  for (const { db, name } of opened.splice(0)) {
    await db.close();
    await deleteIndexedDB(name);
  }
  document.body.textContent = '';
});

async function put(db: Database, id: number, text = 'text', owner = 'ada'): Promise<void> {
  await db.putItem({ TableName, Item: { owner, id, text } });
}

interface Note {
  readonly id: number;
  readonly text: string;
}

/** An inline input, made anew with every render. */
function useNotes(db: Database | undefined, owner: string): UsedItems<Note> {
  return useQuery<Note>(db, {
    TableName,
    KeyConditionExpression: '#o = :o',
    ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': owner },
  });
}

const seen: UsedItems<Note>[] = [];

function List({ db, owner = 'ada' }: { db: Database | undefined; owner?: string }): ReactElement {
  const used = useNotes(db, owner);
  seen.push(used);
  const ids = used.items.map(({ id }) => id).join();
  const { status, isPrevious, error } = used;
  return createElement(
    'p',
    null,
    `${status}${isPrevious ? ' previous' : ''} ${ids} ${error ?? ''}`,
  );
}

let renderAgain = (): void => undefined;

/** The list, rendered again as often as the test wants. */
function Again({ db }: { readonly db: Database }): ReactElement {
  const [count, setCount] = useState(0);
  renderAgain = () => setCount((before) => before + 1);
  return createElement('div', null, createElement(List, { db }), ` ${count}`);
}

function One({ db }: { readonly db: Database }): ReactElement {
  const { item, status } = useItem<Note>(db, { TableName, Key: { owner: 'ada', id: 2 } });
  return createElement('p', null, `${status} ${item?.text ?? 'none'}`);
}

function mount(element: ReactElement): HTMLElement {
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  roots.push(root);
  act(() => root.render(element));
  return place;
}

/** What a condition of the page comes to, with React's work done. */
async function until(check: () => void | Promise<void>): Promise<void> {
  await act(() => vi.waitFor(check, { timeout: 5000, interval: 5 }));
}

function shows(place: HTMLElement, text: string): () => void {
  return () => expect(place.textContent?.trim()).toBe(text);
}

async function openQueries(db: Database): Promise<number> {
  return (await db.status()).liveQueries;
}

describe('useQuery', () => {
  test('shows a list, and what becomes of it, with the items that did not change', async () => {
    const db = await openNotes();
    const place = mount(createElement(List, { db }));
    await until(shows(place, 'ready 1,2,3'));
    const before = seen.at(-1)?.items;
    await act(async () => {
      await put(db, 2, 'other');
      await put(db, 4);
    });
    await until(shows(place, 'ready 1,2,3,4'));
    await until(() => expect(seen.at(-1)?.items[1]?.text).toBe('other'));
    expect(seen.at(-1)?.items[0]).toBe(before?.[0]);
    expect(seen.at(-1)?.items[1]).not.toBe(before?.[1]);
  });

  test.each([
    ['as it is', (element: ReactElement) => element],
    ['in Strict Mode', (element: ReactElement) => createElement(StrictMode, null, element)],
  ])('%s, several components are one live query, which ends with the last', async (_name, wrap) => {
    const db = await openNotes();
    const opens = vi.spyOn(db, 'live');
    const twice = wrap(
      createElement('div', null, createElement(List, { db }), createElement(List, { db })),
    );
    const place = mount(twice);
    await until(shows(place, 'ready 1,2,3 ready 1,2,3'));
    expect(await openQueries(db)).toBe(1);
    await put(db, 4);
    await until(shows(place, 'ready 1,2,3,4 ready 1,2,3,4'));
    expect(await openQueries(db)).toBe(1);
    expect(opens).toHaveBeenCalled();
    await act(async () => roots.at(-1)?.unmount());
    await until(async () => expect(await openQueries(db)).toBe(0));
  });

  test('an input with the same content is the same query', async () => {
    const db = await openNotes();
    const opens = vi.spyOn(db, 'live');
    const place = mount(createElement(Again, { db }));
    await until(shows(place, 'ready 1,2,3  0'));
    const made = opens.mock.calls.length;
    for (let round = 0; round < 5; round += 1) act(renderAgain);
    expect(shows(place, 'ready 1,2,3  5')).not.toThrow();
    expect(opens.mock.calls).toHaveLength(made);
  });

  test('a new input shows the items before until its own are there, and says so', async () => {
    const db = await openNotes();
    await put(db, 9, 'text', 'bob');
    const place = mount(createElement(List, { db }));
    await until(shows(place, 'ready 1,2,3'));
    act(() => roots.at(-1)?.render(createElement(List, { db, owner: 'bob' })));
    expect(shows(place, 'loading previous 1,2,3')).not.toThrow();
    await until(shows(place, 'ready 9'));
    await until(async () => expect(await openQueries(db)).toBe(1));
  });

  test('says the error that its query ends in, with the items there were', async () => {
    const db = await openNotes();
    const place = mount(createElement(List, { db }));
    await until(shows(place, 'ready 1,2,3'));
    await db.deleteTable({ TableName });
    await until(
      shows(place, 'error 1,2,3 ResourceNotFoundException: Requested resource not found'),
    );
  });

  test('waits for a database, and keeps what it showed when that is closed', async () => {
    const place = mount(createElement(List, { db: undefined }));
    await until(shows(place, 'loading'));
    const db = await openNotes();
    act(() => roots.at(-1)?.render(createElement(List, { db })));
    await until(shows(place, 'ready 1,2,3'));
    await act(() => db.close());
    await until(shows(place, 'ready 1,2,3'));
  });

  test('takes over what a server rendered', async () => {
    const db = await openNotes();
    const errors = vi.spyOn(console, 'error');
    const place = document.body.appendChild(document.createElement('div'));
    place.innerHTML = renderToString(createElement(List, { db }));
    expect(shows(place, 'loading')).not.toThrow();
    act(() => void roots.push(hydrateRoot(place, createElement(List, { db }))));
    await until(shows(place, 'ready 1,2,3'));
    expect(errors).not.toHaveBeenCalled();
    errors.mockRestore();
  });
});

test('useItem shows one item: there, changed, and gone', async () => {
  const db = await openNotes();
  const place = mount(createElement(One, { db }));
  await until(shows(place, 'ready text'));
  await put(db, 2, 'other');
  await until(shows(place, 'ready other'));
  await db.deleteItem({ TableName, Key: { owner: 'ada', id: 2 } });
  await until(shows(place, 'ready none'));
});
