/**
 * What a hub asks of its own database for the hubs whose feeds it pulls (docs/sync.md). Each may
 * come twice: what it does, it does once.
 *
 * ReadPeer: how far it is. TakePeerGreeting: whether the other one still has what was taken of it,
 * and which tables take part. TakePeerPage: the next changes, in one commit with the cursor.
 */
import { equalBytes, fromHex, hexOf } from '../../base/bytes.ts';
import { syncTablesMax, wireTextMax } from '../../base/replica-limits.ts';
import { put } from '../../replica/book.ts';
import { decodeChanges } from '../../replica/page.ts';
import { decodePageJoined } from '../../replica/page-joined.ts';
import { encodePeer, peerKey, readPeer } from '../../replica/peer.ts';
import { replicatedTables, type ReplicatedTable } from '../../replica/tables.ts';
import { hashOfScope } from '../../replica/scope.ts';
import { takePeerChanges } from '../../replica/take-peer.ts';
import { boolean, bytes, list, long, string, struct } from '../../shape/constructors.ts';
import type { Catalog } from '../../table/catalog.ts';
import { CollectionLedger } from '../../table/collections.ts';
import { type Effect, type Operation, operation } from '../operation.ts';
import { draftOf, hubOf } from './hub.ts';

const peerName = string({ min: 1, max: wireTextMax }).required;

export const ReadPeer: Operation = operation({
  name: 'ReadPeer',
  kind: 'read',
  internal: true,
  input: struct({ Peer: peerName }),
  consistent: () => true,
  check: (input) => input,
  plan: (input) => input,
  decide({ Peer: name }, { reader }) {
    const { id, book } = hubOf(reader);
    const { epoch, cursor, scope } = readPeer(reader, book, name).peer;
    const output = { ReplicaId: hexOf(id), Epoch: hexOf(epoch), Cursor: cursor };
    return { output: scope === '' ? output : { ...output, ScopeHash: scope } };
  },
});

export const TakePeerGreeting: Operation = operation({
  name: 'TakePeerGreeting',
  kind: 'write',
  internal: true,
  input: struct({
    Peer: peerName,
    Epoch: string().required,
    IsHeld: boolean.required,
    /** What the hello named: */
    AskedEpoch: string().required,
    Asked: long({ min: 0 }).required,
    /** What we may read there, where that is not what the hello's hash says. */
    Scope: bytes,
    /** Names of the tables that take part, at the other hub. */
    Tables: list(string(), { max: syncTablesMax }).required,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide(input, { reader }) {
    const { Peer: name, Epoch, IsHeld, AskedEpoch, Asked, Scope, Tables } = input;
    const { book } = hubOf(reader);
    const { peer, bytes: before } = readPeer(reader, book, name);
    const isAsked = peer.cursor === Asked && hexOf(peer.epoch) === AskedEpoch;
    if (!isAsked) return { output: { IsTaken: false } };
    const tables = [...new Set(Tables)].toSorted();
    const scope = Scope === undefined ? peer.scope : (hashOfScope(Scope) ?? '');
    // What was passed over of a table while it did not take part, or could not be read, is before
    // the cursor.
    const isComplete = scope === peer.scope && tables.every((one) => peer.tables.includes(one));
    const cursor = IsHeld && isComplete ? peer.cursor : 0;
    const value = encodePeer({ epoch: fromHex(Epoch), cursor, scope, tables });
    const output = { IsTaken: true };
    if (before !== undefined && equalBytes(before, value)) return { output };
    const mutations = [put(book, peerKey(name), before, value)];
    return { output, commits: [{ table: 0, mutations, units: 0 }] };
  },
});

export const TakePeerPage: Operation = operation({
  name: 'TakePeerPage',
  kind: 'write',
  internal: true,
  touchesMany: true,
  input: struct({
    Peer: peerName,
    /** What was asked for: a page for another cursor is not taken. */
    Epoch: string().required,
    Asked: long({ min: 0 }).required,
    Cursor: long({ min: 0 }).required,
    Changes: bytes.required,
    /** Which items were written together. */
    Joined: bytes.required,
    /** Of what we may read there, when it was read. */
    ScopeHash: string(),
    /** What the other hub's names for tables are here; those that do not take part have none. */
    Tables: list(struct({ Global: string().required, TableName: string() }), {
      max: syncTablesMax,
    }).required,
  }),
  check: (input) => ({
    ...input,
    changes: decodeChanges(input.Changes),
    joined: decodePageJoined(input.Joined),
  }),
  plan: (input) => input,
  decide(input, context): Effect {
    const { Peer: name, Epoch, Asked, Cursor, ScopeHash = '', Tables, changes, joined } = input;
    const { reader, catalog } = context;
    const { book } = hubOf(reader);
    const { peer, bytes: before } = readPeer(reader, book, name);
    const isAsked = peer.cursor === Asked && equalBytes(peer.epoch, fromHex(Epoch));
    if (!isAsked || ScopeHash !== peer.scope) return { output: { IsTaken: false } };
    const told = new Set(Tables.map(({ Global }) => Global));
    // A table that has begun since to take part there: it is to be asked for first.
    if (changes.some(({ table }) => !told.has(table))) return { output: { IsTaken: false } };
    const ledger = new CollectionLedger(reader, context.collectionBytesMax);
    const items = takePeerChanges(reader, tablesHere(catalog, Tables), changes, joined);
    const drafts = items.map((item) => draftOf(reader, ledger, item, item.taken));
    const moved = put(book, peerKey(name), before, encodePeer({ ...peer, cursor: Cursor }));
    return {
      output: { IsTaken: true, Changed: drafts.length },
      commits: [...drafts, { table: 0, mutations: [moved], units: 0 }, ...ledger.beginnings()],
      transaction: true,
    };
  },
});

function tablesHere(
  catalog: Catalog,
  told: readonly { readonly Global: string; readonly TableName?: string | undefined }[],
): ReadonlyMap<string, ReplicatedTable> {
  const own = new Map(replicatedTables(catalog).map((table) => [table.name, table]));
  return new Map(
    told.flatMap(({ Global, TableName = '' }) => {
      const table = own.get(TableName);
      return table === undefined ? [] : [[Global, table] as const];
    }),
  );
}
