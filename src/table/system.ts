/**
 * The engine's own state: system trees, their ids, and the keys of their items.
 *
 * What the engine knows about itself (tables, jobs, tokens, trees that were dropped) is items in
 * trees of fixed id, so it is logged, recovered and checkpointed like anyone's. Tree ids are never
 * used twice: the next one is an item too.
 */
import { assert } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';

/** Tree id to TreeRoot. Written by checkpoints alone; its own root is in the meta record. */
export const rootsTree = 0;
/** Table name (UTF-8) to the table's description. */
export const catalogTree = 1;
/** One item each: the next tree id. */
export const countersTree = 2;
/** Job id to what is still to do (backfills). */
export const jobsTree = 3;
/** Client request tokens of transactions, by token and by expiry. */
export const tokensTree = 4;
/** Ids of trees that are out of reach and whose pages are to be freed by the next checkpoint. */
export const droppedTree = 5;
/** Parts of trees that are out of reach because the pages that held them are damaged. */
export const damageTree = 6;
/** Streams and their shards, also those of tables that are gone (src/stream). */
export const streamsTree = 7;
/** What this database is among replicas (src/replica/book.ts). */
export const replicaTree = 8;
/** Triggers: their cursors and dead letters (src/stream/trigger-state.ts). */
export const triggersTree = 9;
/** User trees start here. */
export const firstUserTree = 100;

/** Whether what is remembered of tables, jobs and damage may change with an entry of this tree. */
export function isCatalogue(tree: number): boolean {
  return tree < firstUserTree && tree !== triggersTree;
}

/** Key of a tree in `rootsTree` and `droppedTree`: its id in eight big-endian bytes. */
export function treeKey(tree: number): Uint8Array {
  assert(Number.isSafeInteger(tree) && tree >= 0, `not a tree id: ${tree}`);
  const key = new Uint8Array(8);
  let rest = tree;
  for (let at = 7; at >= 0; at -= 1) {
    key[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  return key;
}

export function treeOfKey(key: Uint8Array): number {
  let tree = 0;
  for (const byte of key) tree = tree * 0x100 + byte;
  return tree;
}

/** Key of a table's description in `catalogTree`: its name, so that names come in byte order. */
export function catalogKey(name: string): Uint8Array {
  return utf8(name);
}

/** Key of a job in `jobsTree`. */
export function jobKey(job: string): Uint8Array {
  return utf8(job);
}

/** Key in `countersTree` of the item that says which tree id is given out next. */
export const nextTreeKey: Uint8Array = utf8('next-tree');

/** Key in `countersTree` of the item that the last commit of a repair left. */
export const repairKey: Uint8Array = utf8('repair');

/** Key in `countersTree` of the item that says which page id the next bulk build is given. */
export const nextPageKey: Uint8Array = utf8('next-page');
