/**
 * Strangers at a hub's door: each member of each message is something that no device would send,
 * and bodies of frames are changed under a sum that is right. Faults F23 to F25 of the fault table,
 * drawn from seeds.
 *
 * No answer is a failure of the hub's own, what is malformed changes nothing that is stored, and
 * the hub goes on: who comes next is served.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concatBytes, emptyBytes, fromHex, hexOf, utf8 } from '../../src/base/bytes.ts';
import { crc32c } from '../../src/base/checksum.ts';
import { DynamoError } from '../../src/base/errors.ts';
import { type Prng, prng } from '../../src/base/prng.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { questionsOf } from '../../src/operation/access/questions.ts';
import { owner } from '../../src/operation/request.ts';
import { encodeEntry, type Entry, type EntryMutation } from '../../src/replica/entry.ts';
import type { Framed, Greeting, HubCall } from '../../src/replica/message.ts';
import { encodeChanges } from '../../src/replica/page.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { decodeFrame, encodeFrame, WireFault } from '../../src/replica/wire.ts';
import type { HubVisitor } from '../../src/sync/tables.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { joinKey } from '../../src/value/key.ts';
import { type NearHub, openNearHub } from '../support/hubs.ts';
import { hashOf, openDevice } from '../support/sync.ts';

let near: NearHub;
/** The table's name among replicas, and the hub's epoch. */
let table = '';
let epoch = '';

const strangers = ['0a', '0b', '0c'].map((byte) => byte.repeat(16));

beforeAll(async () => {
  near = await openNearHub();
  await near.put('a', 'of the hub');
  const tables = await said({ kind: 'tables', number: 1, Tables: '[]' });
  const [told] = JSON.parse((tables as { readonly Tables: string }).Tables) as [{ Global: string }];
  table = told.Global;
  const hello = { ...{ First: 1, Settled: 0, Epoch: '', Cursor: 0, Known: 0 }, number: 1 } as const;
  const ReplicaId = strangers[0] as string;
  epoch = ((await said({ kind: 'hello', ReplicaId, ...hello })) as Greeting).Epoch;
  await near.engine.idle();
});
afterAll(() => near.engine.close());

async function said(message: Framed): Promise<Framed> {
  const replicaId = strangers[0] as string;
  return decodeFrame(await near.hub.answer(encodeFrame({ replicaId, message }), undefined)).message;
}

const pick = <T>(random: Prng, of: readonly T[]): T => of[random.below(of.length)] as T;

function bytesOf(random: Prng): Uint8Array {
  const length = pick(random, [0, 1, 3, 4, 16, 24, 300, 5000]);
  const byte = pick(random, [0, 1, 0x7f, 0xff, -1]);
  return Uint8Array.from({ length }, () => (byte < 0 ? random.below(256) : byte));
}

const edges = [0, 1, 2, 3, 127, 128, 500, 2 ** 31, 2 ** 32, 2 ** 48 - 1, 2 ** 53 - 1];
const count = (random: Prng): number => pick(random, edges);
const place = (random: Prng): number => count(random) % pick(random, [2, 4, Number.MAX_VALUE]);
const flag = (random: Prng): boolean => random.chance(0.5);
const idOf = (random: Prng): string =>
  pick(random, [...strangers, '00'.repeat(16), 'ff'.repeat(16), hexOf(random.bytes(16))]);
const epochOf = (random: Prng): string => pick(random, ['', epoch, epoch, epoch, idOf(random)]);
const tableOf = (random: Prng): string =>
  pick(random, [table, table, table, '', 'x', '__proto__', 'é'.repeat(40)]);

function keyOf(random: Prng): Uint8Array {
  const id = pick(random, ['a', 'b', '', '\u0000', 'x'.repeat(2048)]);
  const good = joinKey([{ type: 'S', value: id }], []);
  const wrong = joinKey([{ type: 'N', value: '1' }], [{ type: 'S', value: 'a' }]);
  return pick(random, [good, good, wrong, good.subarray(1), bytesOf(random)]);
}

/** As range.ts writes one, or not. */
function rangeOf(random: Prng): Uint8Array {
  const block = (bytes: Uint8Array, length = bytes.length): Uint8Array =>
    concatBytes(
      length < 128 ? Uint8Array.of(length) : Uint8Array.of((length & 127) | 128, length >> 7),
      bytes,
    );
  const end = random.chance(0.3) ? keyOf(random) : emptyBytes;
  const whole = concatBytes(block(utf8(tableOf(random))), block(keyOf(random)), block(end));
  const cut = whole.subarray(0, random.below(whole.length + 1));
  return pick(random, [whole, whole, cut, block(bytesOf(random), count(random)), bytesOf(random)]);
}

const stampOf = (random: Prng, replica = idOf(random)): Entry['stamp'] => ({
  ms: pick(random, [0, 1, Date.now(), 2 ** 48 - 1]),
  counter: pick(random, [0, 1, 0xffff]),
  replica: fromHex(replica),
});

function mutationOf(random: Prng): EntryMutation {
  const kind = pick(random, ['none', 'stamp', 'on'] as const);
  const seq = count(random);
  const base = { none: { kind: 'none' }, stamp: { kind, stamp: stampOf(random) } } as const;
  const id = { type: 'S', value: pick(random, ['a', 'b', '']) } as const;
  const item = encodeItem(new Map([['id', id]]), { size: count(random) % 1000 });
  const image = pick(random, [undefined, item, item.subarray(0, item.length - 1), bytesOf(random)]);
  return {
    table: tableOf(random),
    key: keyOf(random),
    base: (kind === 'on'
      ? { kind, seq, isRead: flag(random) }
      : base[kind]) as EntryMutation['base'],
    isDeleted: flag(random),
    ...(image && { image }),
  };
}

const operations = ['PutItem', 'GetItem', 'Scan', 'DeleteTable', 'TakeEntry', 'constructor', ''];
const forms = ['json', 'wire', 'plain'] as const;

function inputOf(random: Prng): Uint8Array {
  const key = { id: pick(random, ['a', { S: 'a' }, { S: 1 }, null, [], { S: {} }, {}]) };
  const TableName = pick(random, ['Notes', 'none', '', 7, null, {}, 'x'.repeat(300)]);
  const input = { TableName, Item: key, Key: key, Mode: 'hub', UpdateExpression: 'SET #a = :b' };
  const whole = encodeInput(pick<unknown>(random, [input, input, input, [], 'text', 0, null, {}]));
  const cut = whole.subarray(0, random.below(whole.length + 1));
  return pick(random, [whole, whole, cut, bytesOf(random)]);
}

const confirms = ['free', 'unchanged', 'unknown', 'offer', 'bring', 'doubt', 'always'] as const;

/** Mostly the one that is due of that replica. */
function entryOf(random: Prng, due: number, replica: string): Uint8Array {
  const mutations = Array.from({ length: random.below(4) }, () => mutationOf(random));
  const asked = { operation: pick(random, operations), form: pick(random, forms) };
  const confirm = pick(random, [undefined, undefined, 'request', ...confirms] as const);
  return encodeEntry({
    ...{ seq: random.chance(0.8) ? due : count(random), id: random.bytes(16) },
    ...{ stamp: stampOf(random, random.chance(0.8) ? replica : undefined), mutations, confirm },
    voidedBy: random.chance(0.2) ? count(random) : undefined,
    expiresMs: random.chance(0.2) ? count(random) : undefined,
    ...(confirm === 'request' && { request: { ...asked, input: inputOf(random) } }),
  });
}

function tablesOf(random: Prng): string {
  const wrong = [null, 7, '', 'x', {}, [], [[]], { S: 'a' }, 'é'.repeat(300), '__proto__', -1];
  const definition = {
    TableName: pick<unknown>(random, ['Notes', '*', 'Other', ...wrong]),
    Global: pick<unknown>(random, [table, undefined, ...wrong]),
    KeySchema: pick<unknown>(random, [[{ AttributeName: 'id', KeyType: 'HASH' }], ...wrong]),
    AttributeDefinitions: pick<unknown>(random, wrong),
    GlobalSecondaryIndexes: pick<unknown>(random, [undefined, ...wrong]),
    BillingMode: pick<unknown>(random, ['PAY_PER_REQUEST', ...wrong]),
  };
  const text = JSON.stringify(pick<unknown>(random, [[definition], definition, ...wrong]));
  return pick(random, [text, text, text.slice(0, random.below(text.length)), '[[[']);
}

/** Makes a message of the replica. */
const makers: readonly ((random: Prng, number: number, replica: string) => Framed)[] = [
  (random, number) => ({
    ...{ kind: 'hello', number, ReplicaId: idOf(random), Epoch: epochOf(random) },
    ...{ First: count(random), Settled: count(random), Cursor: count(random) },
    ...{ Known: count(random), ScopeHash: flag(random) ? idOf(random) : undefined },
  }),
  (random, number, replica) => {
    const entry = (_: unknown, at: number): Uint8Array => entryOf(random, at + 1, replica);
    const Entries = Array.from({ length: random.below(4) }, entry);
    return { kind: 'push', number, Entries, Known: flag(random) ? count(random) : undefined };
  },
  (random, number) => ({
    ...{ kind: 'pull', number, Epoch: epochOf(random), Cursor: place(random) },
    ...{ Reach: place(random), WithJoined: flag(random) },
    ...(flag(random) && { Range: rangeOf(random) }),
    ...(flag(random) && { Bytes: count(random) }),
  }),
  (random, number) => {
    const row = () => ({ table: tableOf(random), key: keyOf(random), stamp: stampOf(random) });
    const rows = Array.from({ length: random.below(4) }, () => ({ ...row(), image: undefined }));
    return { kind: 'survey', number, Rows: encodeChanges(rows) };
  },
  (random, number) => ({
    ...{ kind: 'snapshot', number, Epoch: epochOf(random), Reach: place(random) },
    ...{ Range: rangeOf(random), After: keyOf(random), WithDeleted: flag(random) },
  }),
  (random, number) => ({ kind: 'tables', number, Tables: tablesOf(random) }),
  (random, number): HubCall => ({
    ...{ kind: 'call', number, Id: idOf(random), Operation: pick(random, operations) },
    Ms: pick(random, [Date.now(), count(random)]),
    ...{ Form: pick(random, forms), Input: inputOf(random) },
  }),
];

/** The body is another one, and its length and sum are right all the same. */
function changed(random: Prng, frame: Uint8Array): Uint8Array {
  const at = 12 + random.below(Math.max(1, frame.length - 12));
  const [before, after] = [frame.slice(0, at), frame.slice(at + random.below(4))];
  const whole = concatBytes(before, bytesOf(random).subarray(0, random.below(6)), after);
  if (random.chance(0.1)) whole[3] = random.below(80);
  const view = new DataView(whole.buffer);
  view.setUint32(4, whole.length - 12, true);
  view.setUint32(8, crc32c(whole.subarray(12), crc32c(whole.subarray(0, 8))), true);
  return whole;
}

/** Who is asked who they are: they may read the keys of a half, and all that they ask is judged. */
const stranger: HubVisitor = {
  caller: { ...owner, principal: 'stranger' },
  judge: (operation, input, context) => void questionsOf(operation, input, context),
  scope: () => {
    const half = [{ from: emptyBytes, to: Uint8Array.of(0x80) }];
    const spans = { read: half, put: half, remove: half };
    return { user: 'stranger', tables: new Map([[table, spans]]) };
  },
};

/** How a hub answers; of a failure its reason. */
async function answerTo(frame: Uint8Array, visitor: HubVisitor | undefined): Promise<string> {
  try {
    return decodeFrame(await near.hub.answer(frame, visitor)).message.kind;
  } catch (error) {
    if (error instanceof WireFault) return error.why;
    const isTold = error instanceof DynamoError && error.name !== 'InternalServerError';
    return isTold ? error.name : `failure: ${(error as Error).stack ?? String(error)}`;
  }
}

const placeOf = (engine: Engine): number => engine.status().sequence;

const seeds = Array.from({ length: 12 }, (_, at) => at + 1);

test.each(seeds)('strangers of seed %i are answered, and the hub goes on', async (seed) => {
  const random = prng(seed);
  for (let number = 0; number < 150; number += 1) {
    const replicaId = pick(random, [idOf(random), hexOf(random.bytes(16))]);
    const message = pick(random, makers)(random, number, replicaId);
    const whole = encodeFrame({ replicaId, message });
    const frame = random.chance(0.3) ? changed(random, whole) : whole;
    const before = placeOf(near.engine);
    const answer = await answerTo(frame, random.chance(0.5) ? stranger : undefined);
    expect(answer, `${number}: ${JSON.stringify(message)}`).not.toContain('failure');
    if (answer === 'malformed') expect(placeOf(near.engine)).toBe(before);
  }
  await near.put('b', `after ${seed}`);
  const device = await openDevice('http://hub', { fetch: near.fetch });
  await device.settled();
  await device.put('c', `of the device, ${seed}`);
  await device.settled();
  expect(await hashOf(device.engine)).toBe(await hashOf(near.engine));
  await device.close();
});
