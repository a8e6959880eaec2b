import { expect, test } from 'vitest';
import { hexOf, utf8 } from '../../src/base/bytes.ts';
import {
  decodeScope,
  encodeScope,
  hashOfScope,
  mayRead,
  rangesOfScope,
  type Scope,
  scopeOfTable,
} from '../../src/replica/scope.ts';
import type { KeySpan } from '../../src/table/scope.ts';

const span = (from: string, to?: string): KeySpan => {
  return { from: utf8(from), to: to === undefined ? undefined : utf8(to) };
};
const everything = [span('')];
const scope: Scope = {
  user: 'ada',
  tables: new Map([
    ['notes', { read: [span('a', 'b'), span('k', 'm')], put: [span('a', 'b')], remove: undefined }],
    ['tasks', { read: everything, put: everything, remove: undefined }],
    ['secrets', { read: [], put: [], remove: [] }],
  ]),
};

test('a scope is read as it was written; these are its bytes', () => {
  const bytes = encodeScope(scope);
  expect(encodeScope(decodeScope(bytes))).toEqual(bytes);
  expect(decodeScope(bytes)?.tables.get('notes')).toEqual(scope.tables.get('notes'));
  const small = {
    user: 'u',
    tables: new Map([['t', { read: [span('a', 'b')], put: [], remove: undefined }]]),
  };
  expect(hexOf(encodeScope(small))).toBe(
    '0175' + '0174' + '01' + '01' + '0161' + '0162' + '0100' + '00',
  );
});

test('equal scopes have equal bytes and hashes, whatever the order and overlap of their parts', () => {
  const other: Scope = {
    user: 'ada',
    tables: new Map([...scope.tables].reverse()).set('notes', {
      read: [span('k', 'l'), span('a', 'b'), span('l', 'm'), span('x', 'x')],
      put: [span('a', 'b')],
      remove: undefined,
    }),
  };
  expect(encodeScope(other)).toEqual(encodeScope(scope));
  expect(hashOfScope(encodeScope(scope))).toMatch(/^[0-9a-f]{32}$/);
  const others = [
    { ...scope, user: 'eve' },
    { ...scope, tables: new Map([...scope.tables].slice(1)) },
    {
      ...scope,
      tables: new Map(scope.tables).set('secrets', { read: [], put: [], remove: undefined }),
    },
  ].map((one) => hashOfScope(encodeScope(one)));
  expect(new Set([...others, hashOfScope(encodeScope(scope))]).size).toBe(4);
});

test('without a scope everything is allowed', () => {
  expect(encodeScope(undefined)).toHaveLength(0);
  expect(decodeScope(new Uint8Array())).toBeUndefined();
  expect(hashOfScope(new Uint8Array())).toBeUndefined();
  expect(mayRead(undefined, 'notes', utf8('z'))).toBe(true);
  expect(scopeOfTable(undefined, 'notes')).toBeUndefined();
});

test('what may be read is in a range; a table that the scope lacks is nobody’s, and stays', () => {
  expect(mayRead(scope, 'notes', utf8('az'))).toBe(true);
  expect(mayRead(scope, 'notes', utf8('c'))).toBe(false);
  expect(mayRead(scope, 'secrets', utf8('a'))).toBe(false);
  expect(mayRead(scope, 'dropped', utf8('a'))).toBe(false);
  expect(rangesOfScope(scope, ['secrets', 'notes', 'dropped'])).toEqual([
    { table: 'dropped', ...span('') },
    { table: 'notes', ...span('a', 'b') },
    { table: 'notes', ...span('k', 'm') },
  ]);
});

test('a table of which everything is allowed has no scope of its own', () => {
  expect(scopeOfTable(scope, 'tasks')).toBeUndefined();
  expect(scopeOfTable(scope, 'dropped')).toBeUndefined();
  expect(scopeOfTable(scope, 'secrets')).toEqual({
    user: 'ada',
    spans: scope.tables.get('secrets'),
  });
});
