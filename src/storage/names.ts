/**
 * What a database of ours is called outside: in IndexedDB, and in the page's localStorage.
 *
 * A prefix tells ours from the program's own (docs/adr/0009). It can never change.
 */

export const databasePrefix = 'tidetable/';

export function databaseNameOf(name: string): string {
  return databasePrefix + name;
}
