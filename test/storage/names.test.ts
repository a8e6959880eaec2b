import { expect, test } from 'vitest';
import { databaseNameOf } from '../../src/storage/names.ts';

test('a database keeps the name that earlier releases gave it', () => {
  expect(databaseNameOf('notes')).toBe('tidetable/notes');
  expect(databaseNameOf('a/b')).toBe('tidetable/a/b');
});
