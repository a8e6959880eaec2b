/**
 * ClientRequestToken: a transaction that is sent twice happens once
 * (reference/transactions-batch-partiql.md, section 3).
 *
 * A token is an item of a system tree (docs/formats/tokens.md), written by the commit of its own
 * transaction: a digest of what was asked, and when it expires. Each has a second, empty item whose
 * key begins with that time, so that each new token can clear a few that are over.
 */
import { assert } from '../../base/assert.ts';
import { ByteWriter, concatBytes, equalBytes, textOf, utf8 } from '../../base/bytes.ts';
import { DynamoError } from '../../base/errors.ts';
import { hash32 } from '../../base/hash.ts';
import { clientTokenLifeMs, expiredTokensPerCall } from '../../base/limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { putSystemItem, removeSystemItem } from '../../table/system-items.ts';
import { tokensTree, treeKey } from '../../table/system.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { decodeItem, encodeItem } from '../../value/codec.ts';
import type { Item } from '../../value/value.ts';
import type { ValueReader } from '../operation.ts';

/** A token with a digest of what its transaction asks. */
export interface ClientToken {
  readonly token: string;
  readonly digest: Uint8Array;
}

/** An action as it came: strings, names and attribute maps. */
type Action = Readonly<Record<string, unknown>>;

const attributeMembers: ReadonlySet<string> = new Set(['Item', 'Key', 'ExpressionAttributeValues']);
const byToken = Uint8Array.of(0);
const byExpiry = Uint8Array.of(1);
const digestSeeds = [0, 1, 2, 3];

/**
 * 128 bits of what actions say, the same however members are ordered or numbers are spelled. Not
 * proof against somebody who looks for a collision, who could only deceive himself.
 */
export function digestOf(
  actions: readonly (readonly [kind: string, action: Action])[],
  values: ValueReader,
): Uint8Array {
  const writer = new ByteWriter();
  for (const [kind, action] of actions) {
    writer.text(kind);
    for (const name of Object.keys(action).sort()) {
      const member = action[name];
      if (member === undefined || member === null) continue;
      writer.text(name);
      if (attributeMembers.has(name)) writer.block(encodeItem(values.item(member)));
      else if (typeof member === 'string') writer.text(member);
      else writeNames(writer, member as Readonly<Record<string, string>>);
    }
    writer.byte(0);
  }
  return digestBytes(writer.take());
}

/** 128 bits of bytes, of the same worth. */
export function digestBytes(bytes: Uint8Array): Uint8Array {
  const digest = new ByteWriter(16);
  for (const seed of digestSeeds) digest.u32(hash32(bytes, seed));
  return digest.take();
}

/** Whether this very transaction was done before. Throws when the token was another's. */
export function wasDone(
  reader: TreeReader,
  { token, digest }: ClientToken,
  nowMs: number,
): boolean {
  const standing = findToken(reader, token);
  if (standing === undefined || standing.expires <= nowMs) return false;
  if (equalBytes(standing.digest, digest)) return true;
  throw new DynamoError(
    'IdempotentParameterMismatchException',
    'The request uses the same client token as a previous, but non-identical request. Do not ' +
      'reuse a client token with different requests, unless the requests are identical',
  );
}

/** Remembers a token, and forgets some that have expired. */
export function rememberToken(
  reader: TreeReader,
  { token, digest }: ClientToken,
  nowMs: number,
): readonly Mutation[] {
  const mutations: Mutation[] = [];
  const forget = (key: Uint8Array): void => {
    mutations.push(...removeSystemItem(reader, tokensTree, key));
  };
  const standing = findToken(reader, token);
  if (standing !== undefined) forget(expiryKey(standing.expires, token));
  const over = reader.range(tokensTree, { from: byExpiry, to: expiryKey(nowMs + 1, '') });
  for (let count = 0; count < expiredTokensPerCall && over.next(); count += 1) {
    const key = over.key;
    const expired = textOf(key.subarray(byExpiry.length + 8));
    if (expired === token) continue;
    forget(key);
    forget(tokenKey(expired));
  }
  const expires = nowMs + clientTokenLifeMs;
  const item: Item = new Map([
    ['digest', { type: 'B', value: digest }],
    ['expires', { type: 'N', value: String(expires) }],
  ]);
  mutations.push(
    putSystemItem(reader, tokensTree, tokenKey(token), item),
    putSystemItem(reader, tokensTree, expiryKey(expires, token), new Map()),
  );
  return mutations;
}

function findToken(
  reader: TreeReader,
  token: string,
): { readonly digest: Uint8Array; readonly expires: number } | undefined {
  const stored = reader.get(tokensTree, tokenKey(token));
  if (stored === undefined) return undefined;
  const item = decodeItem(stored);
  const digest = item.get('digest');
  assert(digest?.type === 'B', 'a token without its digest');
  return { digest: digest.value, expires: Number(item.get('expires')?.value) };
}

function writeNames(writer: ByteWriter, names: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(names).sort()) {
    writer.text(name);
    writer.text(String(names[name]));
  }
  writer.byte(0);
}

function tokenKey(token: string): Uint8Array {
  return concatBytes(byToken, utf8(token));
}

function expiryKey(expires: number, token: string): Uint8Array {
  return concatBytes(byExpiry, treeKey(expires), utf8(token));
}
