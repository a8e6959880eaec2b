/**
 * Hostile devices: the faults F23 to F30 of the fault table as far as they concern the frames of
 * sync. What concerns DynamoDB's protocol is in access-faults.test.ts.
 */
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyBytes, fromHex, prefixEnd } from '../../src/base/bytes.ts';
import { wireBytesMax } from '../../src/base/replica-limits.ts';
import { serve } from '../../src/host/http.ts';
import { openHub, openNodeDatabase } from '../../src/host/node.ts';
import { encodeEntry, type EntryMutation } from '../../src/replica/entry.ts';
import type { Framed, Greeting, HubCall, Outcomes, Page } from '../../src/replica/message.ts';
import { decodeChanges } from '../../src/replica/page.ts';
import { encodeRange, wholeTable } from '../../src/replica/range.ts';
import { encodeInput } from '../../src/replica/request.ts';
import { decodeOutput } from '../../src/replica/request-input.ts';
import { decodeFrame, encodeFrame } from '../../src/replica/wire.ts';
import { encodeItem } from '../../src/value/codec.ts';
import { hashPrefix, joinKey } from '../../src/value/key.ts';
import type { Item, Value } from '../../src/value/value.ts';
import {
  type AccessServer,
  adminSecret,
  makeTables,
  openAccessServer,
} from '../support/access-server.ts';
import { signedHeaders } from '../support/signing.ts';
import { openDevice } from '../support/sync.ts';

const secret = 'what zoe wrote';
const annId = '0a'.repeat(16);
const zoeId = '0b'.repeat(16);
const path = '/sync/1';
let world: AccessServer;
/** The tables' names among replicas. */
const globals = new Map<string, string>();

beforeAll(async () => {
  const engine = await openNodeDatabase({ memory: true });
  world = await openAccessServer({}, { engine, hub: await openHub(engine) });
  await makeTables(world);
  const item = { owner: { S: 'zoe' }, id: { S: '1' }, text: { S: secret } };
  await world.signed('PutItem', { TableName: 'zeta-notes', Item: item });
  const all = JSON.stringify([...['acme-notes', 'zeta-notes', 'plain']].map(named));
  const { message } = await signed({ kind: 'tables', number: 1, Tables: all });
  const told = JSON.parse((message as { readonly Tables: string }).Tables) as readonly Told[];
  for (const { TableName, Global } of told) globals.set(TableName, Global);
  await engine.idle();
});
afterAll(() => world.close());

interface Told {
  readonly TableName: string;
  readonly Global: string;
}
const named = (TableName: string): object => ({ TableName });

interface Answered {
  readonly status: number;
  readonly message?: Framed;
  readonly text: string;
}

async function send(headers: Record<string, string>, body: Uint8Array): Promise<Answered> {
  const init = { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer> };
  const response = await fetch(world.url + path, init);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = Buffer.from(bytes).toString('latin1');
  const isFrame = response.status === 200;
  return { status: response.status, text, ...(isFrame && decodeFrame(bytes)) };
}

interface Sealed {
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

function sealed(message: Framed, atMs: number, replicaId: string): Sealed {
  const body = encodeFrame({ replicaId, message });
  const signing = { id: 'ADMIN', secret: adminSecret, atMs, path };
  const { host: _, ...headers } = signedHeaders(`127.0.0.1:${world.port}`, body, signing);
  return { headers, body };
}

function signed(
  message: Framed,
  atMs = Date.now(),
  replicaId = 'ff'.repeat(16),
): Promise<Answered> {
  const { headers, body } = sealed(message, atMs, replicaId);
  return send(headers, body);
}

const people = { ann: 'acme', zoe: 'zeta' } as const;

async function as(who: keyof typeof people, replicaId: string, message: Framed): Promise<Answered> {
  const token = await world.issuer.token({ sub: who, org: people[who] });
  const headers = { authorization: `Bearer ${token}` };
  return send(headers, encodeFrame({ replicaId, message }));
}

const helloOf = (ReplicaId: string): Framed => ({
  ...{ kind: 'hello', number: 1, ReplicaId, First: 1, Settled: 0 },
  ...{ Epoch: '', Cursor: 0, Known: 0 },
});

async function greeted(who: keyof typeof people, id: string): Promise<Greeting> {
  return (await as(who, id, helloOf(id))).message as Greeting;
}

let calls = 0;
function callOf(Operation: string, input: unknown): HubCall {
  calls += 1;
  const Id = calls.toString(16).padStart(32, '0');
  const Input = encodeInput(input);
  return { kind: 'call', number: 1, Id, Ms: Date.now(), Operation, Form: 'json', Input };
}

async function refusalOf(who: keyof typeof people, call: HubCall): Promise<string> {
  const { message } = await as(who, who === 'ann' ? annId : zoeId, call);
  const { Output, IsRefused } = message as { readonly Output: Uint8Array; IsRefused: boolean };
  return IsRefused ? (decodeOutput(Output) as { readonly name: string }).name : '';
}

const keyOf = (owner: string, id: string): Uint8Array =>
  joinKey([{ type: 'S', value: owner }], [{ type: 'S', value: id }]);

type Change = Pick<EntryMutation, 'key'> & Partial<EntryMutation>;

/** An entry of one change: a deletion, unless that has an image. */
function entryOf(seq: number, table: string, stampOf: string, change: Change): Uint8Array {
  const stamp = { ms: Date.now(), counter: 0, replica: fromHex(stampOf) };
  const base = { kind: 'none' } as const;
  const mutation = { table, base, isDeleted: change.image === undefined, ...change };
  return encodeEntry({ seq, id: new Uint8Array(16).fill(seq), stamp, mutations: [mutation] });
}

/** What puts an item of that owner, and attributes besides; its header may say another size. */
function putOf(owner: string, id: string, more: Item = new Map(), size?: number): Change {
  const item = new Map<string, Value>([
    ['owner', { type: 'S', value: owner }],
    ['id', { type: 'S', value: id }],
    ...more,
  ]);
  return { key: keyOf(owner, id), image: encodeItem(item, { size }) };
}

/** What becomes of entries, one for each change, that a new device of ann's pushes to her notes. */
async function pushed(
  replicaId: string,
  changes: readonly Change[],
): Promise<readonly (readonly [kind: string, code: string])[]> {
  await greeted('ann', replicaId);
  const table = globals.get('acme-notes') ?? '';
  const Entries = changes.map((one, at) => entryOf(at + 1, table, replicaId, one));
  const { message } = await as('ann', replicaId, { kind: 'push', number: 2, Entries });
  return (message as Outcomes).Outcomes.map(({ Kind, Code }) => [Kind, Code]);
}

/** A list so many levels deep. */
function nested(depth: number): Value {
  return { type: 'L', value: depth === 1 ? [] : [nested(depth - 1)] };
}

const applied = ['applied', ''];
const malformed = ['refused', 'Malformed'];

describe('F23: stamps and ids of others', () => {
  test('an entry under the stamp of another replica is refused as malformed', async () => {
    await greeted('ann', annId);
    const table = globals.get('acme-notes') ?? '';
    const Entries = [zoeId, annId].map((stampOf, at) =>
      entryOf(at + 1, table, stampOf, putOf('ann', 'stamped')),
    );
    const { status, message } = await as('ann', annId, { kind: 'push', number: 2, Entries });
    expect(status).toBe(200);
    // The one that is her own is taken, so it was the stamp.
    expect(message).toMatchObject({
      Outcomes: [{ Kind: 'refused', Code: 'Malformed' }, { Kind: 'applied' }],
    });
  });

  test('nobody speaks for the replica of another principal', async () => {
    await greeted('zoe', zoeId);
    for (const message of [helloOf(zoeId), { kind: 'push', number: 1, Entries: [] } as const]) {
      const { status, text } = await as('ann', zoeId, message);
      if (message.kind === 'hello') expect([status, text]).toEqual([401, expect.any(String)]);
      expect(text).not.toContain(secret);
    }
  });

  test('a push of a replica that has not said hello is a gap: nothing of it stays', async () => {
    const id = '0c'.repeat(16);
    const table = globals.get('acme-notes') ?? '';
    const Entries = [entryOf(1, table, id, putOf('ann', 'early'))];
    const push: Framed = { kind: 'push', number: 2, Entries };
    const { message } = await as('ann', id, push);
    expect(message).toMatchObject({ kind: 'outcomes', Outcomes: [], Stop: 'gap' });
    // Whose id it is later, knows nothing of it.
    const zeta = globals.get('zeta-notes') ?? '';
    expect(await greeted('zoe', id)).toMatchObject({ MarkSeq: 0, IsRetired: false });
    const own = [entryOf(1, zeta, id, putOf('zoe', 'own'))];
    const taken = await as('zoe', id, { kind: 'push', number: 2, Entries: own });
    expect(taken.message).toMatchObject({ Outcomes: [{ Seq: 1, Kind: 'applied' }] });
    expect((await as('ann', id, push)).status).toBe(401);
    const Key = { owner: { S: 'ann' }, id: { S: 'early' } };
    const { body } = await world.signed('GetItem', { TableName: 'acme-notes', Key });
    expect(body.Item).toBeUndefined();
  });

  test('a call of one writes nothing either, and can be sent again after the hello', async () => {
    const id = '0e'.repeat(16);
    const Key = { owner: { S: 'ann' }, id: { S: 'called' } };
    const put = callOf('PutItem', { TableName: 'acme-notes', Item: Key });
    expect((await as('ann', id, put)).status).toBe(503);
    const read = async (): Promise<unknown> =>
      (await world.signed('GetItem', { TableName: 'acme-notes', Key })).body.Item;
    expect(await read()).toBeUndefined();
    await greeted('ann', id);
    expect(await as('ann', id, put)).toMatchObject({ status: 200, message: { IsRefused: false } });
    expect(await read()).toEqual(Key);
  });
});

describe('F24: sizes', () => {
  const frame = (): Uint8Array => encodeFrame({ replicaId: annId, message: helloOf(annId) });

  test('a frame that is longer than any is refused before it is read', async () => {
    const token = await world.issuer.token({ sub: 'ann', org: 'acme' });
    const headers = { authorization: `Bearer ${token}` };
    expect((await send(headers, new Uint8Array(wireBytesMax + 1))).status).toBe(413);
    const announced = frame();
    new DataView(announced.buffer, announced.byteOffset).setUint32(4, 0xffffffff, true);
    expect((await send(headers, announced)).status).toBe(400);
  });

  test('a compressed body is not inflated: it is no frame', async () => {
    const token = await world.issuer.token({ sub: 'ann', org: 'acme' });
    const headers = { authorization: `Bearer ${token}`, 'content-encoding': 'gzip' };
    const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024), { level: 9 });
    expect(bomb.length).toBeLessThan(100_000);
    expect((await send(headers, bomb)).status).toBe(400);
  });

  test('an item is as large as it is, whatever its header says', async () => {
    const large = new Map([['v', { type: 'S', value: 'x'.repeat(2 * 1024 * 1024) } as const]]);
    const changes = [putOf('ann', 'l', large), putOf('ann', 'l', large, 5), putOf('ann', 'l')];
    expect(await pushed('a1'.repeat(16), changes)).toEqual([malformed, malformed, applied]);
  });

  test('a key is one of the table, within its limits, or the entry is refused', async () => {
    const keys = [0, 20, 5000].map((length) => new Uint8Array(length).fill(7));
    const long = [keyOf('ann', 'x'.repeat(1025)), keyOf('ann', '')];
    // Who may write everything is told why; of who may not, nothing is said of what is there.
    const id = 'a2'.repeat(16);
    await signed(helloOf(id), Date.now(), id);
    const changes = [...keys, ...long, keyOf('ann', 'x')].map((key) => ({ key }));
    const table = globals.get('plain') ?? '';
    const Entries = changes.map((one, at) => entryOf(at + 1, table, id, one));
    const { status, message } = await signed({ kind: 'push', number: 2, Entries }, Date.now(), id);
    expect(status).toBe(200);
    const { Outcomes: told } = message as Outcomes;
    const wanted = [...keys, ...long].map(() => malformed);
    expect(told.map(({ Kind, Code }) => [Kind, Code])).toEqual([...wanted, applied]);
    const ofAnn = await pushed('a3'.repeat(16), changes);
    expect(ofAnn.map(([kind]) => kind)).toEqual([...wanted.map(() => 'refused'), 'applied']);
  });
});

test('values in an image are what a put lets in, or the entry is refused', async () => {
  const values: readonly (readonly [string, Value])[] = [
    ['n', { type: 'N', value: 'not a number' }],
    ['s', { type: 'SS', value: [] }],
    ['s', { type: 'SS', value: ['a', 'a'] }],
    ['', { type: 'NULL', value: true }],
    ['n', { type: 'N', value: '1' }],
  ];
  const changes = values.map((one) => putOf('ann', 'v', new Map([one])));
  expect(await pushed('a4'.repeat(16), changes)).toEqual([
    ...new Array<unknown>(4).fill(malformed),
    applied,
  ]);
});

test.each([
  [31, true],
  [32, true],
  [33, false],
  [34, false],
])('F25: %i levels in an image are taken: %s', async (depth, isTaken) => {
  const deep = new Map([['deep', nested(depth)]]);
  const id = `b${depth % 10}`.repeat(16);
  expect(await pushed(id, [putOf('ann', 'deep', deep)])).toEqual([isTaken ? applied : malformed]);
});

test.each([31, 32])('F25: %i levels in a request are taken', async (depth) => {
  expect(await refusalOf('ann', deepCall(depth))).toBe('');
});

test.each([33, 200, 100_000])('F25: %i levels in a request are refused', async (depth) => {
  expect(await refusalOf('ann', deepCall(depth))).toMatch(
    /^(AccessDenied|Validation|Serialization)Exception$/,
  );
});

/** A put of an item with lists so many levels deep. */
function deepCall(depth: number): HubCall {
  // By hand: what would encode it runs into itself where the hub must not.
  const list = Uint8Array.of(9, 1, 1, 76, 7, 1); // { L: [ … ] }
  const parts: number[] = [];
  for (let n = 0; n < depth; n += 1) parts.push(...list);
  const whole = encodeInput({
    TableName: 'acme-notes',
    Item: { owner: { S: 'ann' }, id: { S: '1' }, deep: 'here' },
  });
  const mark = [3, 4, ...Buffer.from('here')];
  const at = Buffer.from(whole).indexOf(Buffer.from(mark));
  expect(at).toBeGreaterThan(0);
  const leaf = [9, 1, 1, 83, 3, 1, 120]; // { S: 'x' }
  const Input = Uint8Array.from([...whole.subarray(0, at), ...parts, ...leaf]);
  return { ...callOf('PutItem', {}), Input };
}

test('F26: names of prototypes travel as names', async () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty'];
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  const engine = await openNodeDatabase({ memory: true });
  const server = await serve({ engine, port: 0, hub: await openHub(engine) });
  const url = `http://127.0.0.1:${server.port}`;
  const [a, b] = [await openDevice(url), await openDevice(url, { table: null })];
  const Item = Object.fromEntries([['id', '1'], ...names.map((name) => [name, `of ${name}`])]);
  await a.settled();
  await a.call('PutItem', { TableName: 'Notes', Item });
  await a.settled();
  await b.settled();
  const read = async (one: typeof a): Promise<ReadonlyMap<string, { value: unknown }>> => {
    const found = await one.call('GetItem', { TableName: 'Notes', Key: { id: '1' } });
    return (found['Item'] as { item(): ReadonlyMap<string, { value: unknown }> }).item();
  };
  await expect
    .poll(async () => [...(await read(b)).keys()].sort())
    .toEqual(['id', ...names].sort());
  for (const name of names) expect((await read(b)).get(name)?.value).toBe(`of ${name}`);
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
  for (const one of [a, b, server, engine]) await one.close();
});

test('F27: an expression of 4 KB in a call is judged at once', async () => {
  const input = (length: number): object => ({
    TableName: 'acme-notes',
    Key: { owner: { S: 'ann' }, id: { S: '1' } },
    UpdateExpression: 'SET n = :n',
    ConditionExpression: `${'NOT '.repeat(length / 4 - 10)}n = :n`,
    ExpressionAttributeValues: { ':n': { N: '1' } },
  });
  const took: number[] = [];
  for (const length of [1024, 4096]) {
    const since = performance.now();
    expect(await refusalOf('ann', callOf('UpdateItem', input(length)))).not.toBe('');
    took.push(performance.now() - since);
  }
  expect(took[1]).toBeLessThan(1000);
});

describe('bytes inside a message that are not what they should be', () => {
  const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - 1);
  const key = { owner: { S: 'ann' }, id: { S: 'cut' } };
  const input = encodeInput({ TableName: 'acme-notes', Item: key });
  const inputs: readonly (readonly [string, Uint8Array])[] = [
    ['nothing', emptyBytes],
    ['an input that is cut', cut(input)],
    ['a list that is longer than what there is', Uint8Array.of(7, 0xff, 0xff, 0xff, 0x7f)],
    ['a number without an end', Uint8Array.of(7, ...new Array<number>(12).fill(0xff))],
    ['a kind that is none', Uint8Array.of(99)],
  ];

  test.each(inputs)('%s: the call is refused, for whoever makes it', async (_, Input) => {
    const call = { ...callOf('PutItem', {}), Input };
    await greeted('ann', annId);
    await signed(helloOf('c1'.repeat(16)), Date.now(), 'c1'.repeat(16));
    expect(await refusalOf('ann', call)).toMatch(/^(AccessDenied|Serialization)Exception$/);
    const { status, message } = await signed(call, Date.now(), 'c1'.repeat(16));
    expect([status, message]).toMatchObject([200, { IsRefused: true }]);
  });

  test.each(inputs)('%s: the entry is refused, and the next is taken', async (name, bytes) => {
    const at = inputs.findIndex(([other]) => other === name);
    const id = `d${at}`.repeat(16);
    await signed(helloOf(id), Date.now(), id);
    const table = globals.get('plain') ?? '';
    const request = { operation: 'PutItem', form: 'json', input: bytes } as const;
    const stamp = { ms: Date.now(), counter: 0, replica: fromHex(id) };
    const base = { kind: 'none' } as const;
    const mutations = [{ table, key: keyOf('ann', 'cut'), base, isDeleted: false }];
    const asked = { seq: 1, id: new Uint8Array(16), stamp, mutations, request };
    const Entries = [
      encodeEntry({ ...asked, confirm: 'request' }),
      entryOf(2, table, id, putOf('ann', `next ${at}`)),
    ];
    const { status, message } = await signed({ kind: 'push', number: 2, Entries }, Date.now(), id);
    expect(status).toBe(200);
    expect(message).toMatchObject({ Outcomes: [{ Kind: 'refused' }, { Kind: 'applied' }] });
  });
});

test.each([
  '../x',
  '..',
  '/etc/passwd',
  'a\u0000b',
  'C:\\x',
  'con/../..',
  '%2e%2e',
  'x'.repeat(300),
])('F28: a table named %j reaches no file, and is none', async (TableName) => {
  const wanted = {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  };
  const { message } = await signed({ kind: 'tables', number: 1, Tables: JSON.stringify([wanted]) });
  const [told] = JSON.parse((message as { readonly Tables: string }).Tables) as readonly {
    readonly Why?: string;
    readonly Global?: string;
  }[];
  expect(told?.Global).toBeUndefined();
  const { body } = await world.signed('ListTables', {});
  expect(body.TableNames).not.toContain(TableName);
});

describe('F29: what was seen and is sent again', () => {
  test('is refused once its signature is old, and one over other bytes at once', async () => {
    const hello = helloOf('fe'.repeat(16));
    expect((await signed(hello)).status).toBe(200);
    expect((await signed(hello, Date.now() - 16 * 60_000)).status).toBe(401);
    expect((await signed(hello, Date.now() + 16 * 60_000)).status).toBe(401);
    const body = encodeFrame({ replicaId: 'fe'.repeat(16), message: hello });
    const signing = { id: 'ADMIN', secret: adminSecret, atMs: Date.now(), path };
    const { host: _, ...headers } = signedHeaders(`127.0.0.1:${world.port}`, body, signing);
    const other = encodeFrame({ replicaId: 'fd'.repeat(16), message: helloOf('fd'.repeat(16)) });
    expect((await send(headers, other)).status).toBe(401);
  });

  test('has no second effect: a push is consumed once, a call carried out once', async () => {
    const id = 'fc'.repeat(16);
    const { message: greeting } = await signed(helloOf(id), Date.now(), id);
    const { Epoch } = greeting as Greeting;
    const pulled = async (Cursor: number): Promise<readonly [number, number]> => {
      const pull: Framed = { kind: 'pull', number: 3, Epoch, Cursor, Reach: Cursor };
      const page = (await signed(pull, Date.now(), id)).message as Page;
      return [page.Cursor, decodeChanges(page.Changes).length];
    };
    const [before] = await pulled(0);
    const Entries = [entryOf(1, globals.get('plain') ?? '', id, putOf('o', 'pushed'))];
    // The same bytes under the same signature.
    const { headers, body: frame } = sealed({ kind: 'push', number: 2, Entries }, Date.now(), id);
    const first = await send(headers, frame);
    expect([first.status, first.message]).toMatchObject([200, { Outcomes: [{ Kind: 'applied' }] }]);
    const [place, changes] = await pulled(before);
    expect(changes).toBe(1);
    const again = await send(headers, frame);
    expect([again.status, again.message]).toEqual([200, first.message]);
    expect(await pulled(place)).toEqual([place, 0]);
    const count = callOf('UpdateItem', {
      ...{ TableName: 'plain', Key: { owner: { S: 'o' }, id: { S: '1' } } },
      ...{ UpdateExpression: 'ADD n :n', ExpressionAttributeValues: { ':n': { N: '1' } } },
    });
    for (let n = 0; n < 3; n += 1) expect((await signed(count, Date.now(), id)).status).toBe(200);
    const { body } = await world.signed('GetItem', {
      ...{ TableName: 'plain', Key: { owner: { S: 'o' }, id: { S: '1' } } },
    });
    expect(body.Item.n).toEqual({ N: '1' });
  });
});

describe('F30: two tenants, each message, each id swapped', () => {
  const zeta = (): string => globals.get('zeta-notes') ?? '';
  const messages: readonly (readonly [string, (greeting: Greeting) => Framed])[] = [
    ['hello', () => helloOf(annId)],
    ['hello of the other', () => helloOf(zoeId)],
    ['pull', ({ Epoch }) => ({ kind: 'pull', number: 2, Epoch, Cursor: 0, Reach: 0 })],
    [
      'pull of a range',
      ({ Epoch }) => {
        const Range = encodeRange(wholeTable(zeta()));
        return { kind: 'pull', number: 2, Epoch, Cursor: 0, Reach: 0, Range };
      },
    ],
    [
      'snapshot',
      ({ Epoch }) => {
        const Range = encodeRange(wholeTable(zeta()));
        const after = { After: emptyBytes, WithDeleted: true };
        return { kind: 'snapshot', number: 2, Epoch, Reach: 0, Range, ...after };
      },
    ],
    [
      'push',
      () => ({ kind: 'push', number: 2, Entries: [entryOf(3, zeta(), annId, putOf('zoe', '1'))] }),
    ],
    [
      'tables',
      () => ({ kind: 'tables', number: 2, Tables: JSON.stringify([named('zeta-notes')]) }),
    ],
    ['all tables', () => ({ kind: 'tables', number: 2, Tables: '[]' })],
    ...['GetItem', 'Query', 'Scan', 'PutItem', 'DeleteItem'].map((operation) => {
      const Key = { owner: { S: 'zoe' }, id: { S: '1' } };
      const inputs: Readonly<Record<string, object>> = {
        GetItem: { Key },
        Query: {
          KeyConditionExpression: '#o = :o',
          ExpressionAttributeNames: { '#o': 'owner' },
          ExpressionAttributeValues: { ':o': { S: 'zoe' } },
        },
        Scan: {},
        PutItem: { Item: Key, ReturnValues: 'ALL_OLD' },
        DeleteItem: { Key, ReturnValues: 'ALL_OLD' },
      };
      const input = { TableName: 'zeta-notes', ...inputs[operation] };
      return [`call ${operation}`, () => callOf(operation, input)] as const;
    }),
  ];

  test.each(messages)('%s', async (_, of) => {
    const greeting = await greeted('ann', annId);
    const { text, message } = await as('ann', annId, of(greeting));
    expect(text).not.toContain(secret);
    const { Outcomes, IsRefused } = (message ?? {}) as {
      readonly Outcomes?: readonly { readonly Kind: string }[];
      readonly IsRefused?: boolean;
    };
    for (const { Kind } of Outcomes ?? []) expect(Kind).toBe('refused');
    if (IsRefused !== undefined) expect(IsRefused).toBe(true);
    // What zoe has is as it was, and she still gets it.
    const own = await as(
      'zoe',
      zoeId,
      callOf('GetItem', {
        ...{ TableName: 'zeta-notes', Key: { owner: { S: 'zoe' }, id: { S: '1' } } },
      }),
    );
    expect(own.text).toContain(secret);
  });
});

describe('F30: a chunk has nothing in front of its range', () => {
  const start = (owner: string): Uint8Array => hashPrefix([{ type: 'S', value: owner }]);
  const last = Uint8Array.of(0xff);
  const ranges: readonly (readonly [string, string, Uint8Array, Uint8Array | undefined])[] = [
    ['her own', 'acme-notes', start('ann'), prefixEnd(start('ann'))],
    ['one that ends where it begins', 'zeta-notes', last, last],
    ['one that ends before it begins', 'zeta-notes', Uint8Array.of(0xff, 1), last],
  ];

  test.each(ranges)('%s', async (_, name, from, to) => {
    for (const owner of ['abe', 'ann']) {
      const Item = { owner: { S: owner }, id: { S: 'chunk' }, text: { S: `${secret} ${owner}` } };
      await world.signed('PutItem', { TableName: 'acme-notes', Item });
    }
    const { Epoch } = await greeted('ann', annId);
    const Range = encodeRange({ table: globals.get(name) ?? '', from, to });
    const wish = {
      kind: 'snapshot',
      number: 2,
      Epoch,
      Reach: 0,
      Range,
      WithDeleted: true,
    } as const;
    for (const After of [emptyBytes, start('abe'), from]) {
      const { text } = await as('ann', annId, { ...wish, After });
      expect(text.replaceAll(`${secret} ann`, '')).not.toContain(secret);
    }
  });
});
