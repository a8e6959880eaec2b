/** A hub in a process of its own, and devices behind networks that fail: nothing is mocked. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clockOffMsMax } from '../../src/base/replica-limits.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Cable } from '../support/cable.ts';
import { converged, type Device, hashOf, openDevice, startHub } from '../support/sync.ts';
import { audience, issuerName, openIssuer } from '../support/tokens.ts';
import { openNodeDatabase } from '../../src/host/node.ts';

/** A variable of policies. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: the policy has it so.
const ownKey = '${jwt:sub}';

let folder = '';
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidetable-'));
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  rmSync(folder, { recursive: true, force: true });
});

interface World {
  readonly args: readonly string[];
  hub: Awaited<ReturnType<typeof startHub>>;
  restart(): Promise<void>;
  cable(): Promise<{ readonly cable: Cable; readonly url: string }>;
}

async function world(more: readonly string[] = []): Promise<World> {
  const args = ['--data', join(folder, 'hub'), ...more];
  const hub = await startHub(['--port', '0', ...args]);
  const { port } = hub;
  const here: World = {
    args,
    hub,
    restart: async () => {
      here.hub = await startHub(['--port', String(port), ...args]);
    },
    cable: async () => {
      const cable = new Cable(() => port);
      open.push(cable);
      return { cable, url: await cable.open() };
    },
  };
  open.push({ close: () => here.hub.kill() });
  return here;
}

async function device(...args: Parameters<typeof openDevice>): Promise<Device> {
  const one = await openDevice(...args);
  open.push(one);
  return one;
}

async function putMany(one: Device, prefix: string, count: number): Promise<void> {
  const writes = Array.from({ length: count }, (_, n) => one.put(`${prefix}${n}`, 'x'.repeat(100)));
  await Promise.all(writes);
}

const patience = { timeout: 15_000 };

describe('a hub in a process of its own', () => {
  test('killed in mid-push and started again has all, once', async () => {
    const at = await world();
    const { cable, url } = await at.cable();
    const a = await device(url);
    await a.settled();
    const b = await device(url, { table: null });
    await b.settled();
    const before = cable.bytes;
    const killed = new Promise<void>((resolve) => {
      cable.sent = (bytes) => {
        if (bytes - before < 30_000) return;
        cable.sent = undefined;
        resolve(at.hub.kill());
      };
    });
    await putMany(a, 'a', 1000);
    await killed;
    await putMany(b, 'b', 100);
    await b.when(({ state }) => state === 'offline', 'offline');
    await at.restart();
    a.client.resume();
    b.client.resume();
    await a.settled();
    await b.settled();
    await converged(a.engine, b.engine);
    expect(await a.note('b99')).toBeDefined();
    expect(a.client.status.quarantined).toBe(0);
    await at.hub.kill();
    // What it has stored, read by nobody but an engine.
    const stored = await openNodeDatabase({ data: join(folder, 'hub') });
    expect(await hashOf(stored)).toBe(await hashOf(a.engine));
    await stored.close();
  });

  test('takes what was written while a network was cut, from both sides', async () => {
    const at = await world();
    const { cable, url } = await at.cable();
    const { url: other } = await at.cable();
    const a = await device(url);
    await a.settled();
    const b = await device(other, { table: null });
    await b.settled();
    cable.weather = 'cut';
    await putMany(a, 'a', 50);
    await putMany(b, 'b', 50);
    await a.put('both', 'of a');
    // Later by more than what two clocks may be apart that were set by one greeting each.
    await new Promise((resolve) => setTimeout(resolve, clockOffMsMax));
    await b.put('both', 'of b');
    await b.settled();
    await a.when(({ state, pending }) => state === 'offline' && pending === 51, 'offline');
    cable.weather = 'fair';
    a.client.resume();
    await a.settled();
    await converged(a.engine, b.engine);
    expect(await a.note('both')).toBe('of b');
  });

  test('asks for a new token when the last one is over, in mid-push', async () => {
    const issuer = await openIssuer('one');
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [issuer.jwk] }));
    const Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
    const auth = {
      policies: { all: { Version: '2012-10-17', Statement } },
      issuers: [
        {
          issuer: issuerName,
          audience,
          jwks: { file: 'keys.json' },
          policies: 'all',
          algorithms: 'ES256',
        },
      ],
    };
    writeFileSync(join(folder, 'access.json'), JSON.stringify(auth));
    const at = await world(['--auth', join(folder, 'access.json')]);
    const { cable, url } = await at.cable();
    const asked: boolean[] = [];
    let life = 2;
    const token = (isStale: boolean): Promise<string> => {
      asked.push(isStale);
      // Clocks may be a minute apart: one that is over since then is good for `life` seconds.
      const exp = Math.floor(Date.now() / 1000) - 60 + life;
      return issuer.token({ iat: exp - 100, exp });
    };
    const a = await device(url, { token });
    await a.settled();
    const before = cable.bytes;
    const stopped = new Promise<void>((resolve) => {
      cable.sent = (bytes) => {
        if (bytes - before < 60_000) return;
        cable.sent = undefined;
        cable.weather = 'silent';
        resolve();
      };
    });
    await putMany(a, 'a', 1200);
    await stopped;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(a.client.status.pending).toBeGreaterThan(0);
    cable.weather = 'fair';
    a.client.resume();
    await a.settled();
    expect(asked.filter((isStale) => isStale).length).toBeGreaterThan(0);
    expect(a.events.some((one) => one.type === 'rejected')).toBe(false);
    life = -100;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await a.put('last', 'kept');
    await a.when(({ state, pending }) => state === 'needs-auth' && pending === 1, 'needs-auth');
    life = 10;
    a.client.resume();
    await a.settled();
    expect(a.client.status.quarantined).toBe(0);
  });

  test('gives each of two principals their own notes, and takes back what is allowed no more', async () => {
    const issuer = await openIssuer('one');
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [issuer.jwk] }));
    const write = ['dynamodb:PutItem', 'dynamodb:DeleteItem'];
    /** Each has the notes of its own `sub`, and of what else it is given. */
    const allow = (more: readonly string[]): void => {
      const LeadingKeys = [ownKey, ...more];
      const Condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': LeadingKeys } };
      const Statement = [
        { Effect: 'Allow', Action: ['dynamodb:Query', ...write], Resource: '*', Condition },
        { Effect: 'Allow', Action: 'dynamodb:DescribeTable', Resource: '*' },
        {
          Effect: 'Allow',
          Action: '*',
          Resource: '*',
          Condition: { StringEquals: { 'jwt:sub': 'root' } },
        },
      ];
      const own = { Version: '2012-10-17', Statement };
      const jwks = { file: 'keys.json' };
      const one = { issuer: issuerName, audience, jwks, policies: 'own', algorithms: 'ES256' };
      const auth = { policies: { own }, issuers: [one] };
      writeFileSync(join(folder, 'access.json'), JSON.stringify(auth));
    };
    allow(['shared']);
    const at = await world(['--auth', join(folder, 'access.json')]);
    const of = (sub: string) => async (): Promise<string> => issuer.token({ sub });
    const { url } = await at.cable();
    const root = await device(url, { token: of('root') });
    await root.settled();
    for (const id of ['ada', 'eve', 'shared', 'nobody']) await root.put(id, `for ${id}`);
    await root.settled();

    const { cable, url: adas } = await at.cable();
    const ada = await device(adas, { token: of('ada'), table: null });
    const eve = await device(url, { token: of('eve'), table: null });
    await Promise.all([ada.settled(), eve.settled()]);
    const held = async (one: Device): Promise<readonly string[]> => {
      const { Items } = await one.call('Scan', { TableName: 'Notes' });
      const items = Items as readonly { item(): ReadonlyMap<string, { value: unknown }> }[];
      return items.map((item) => String(item.item().get('id')?.value)).sort();
    };
    expect(await held(ada)).toEqual(['ada', 'shared']);
    expect(await held(eve)).toEqual(['eve', 'shared']);
    await expect(ada.put('eve', 'not hers')).rejects.toThrow(
      /^User: .*\/ada is not authorized to perform: dynamodb:PutItem on resource: .*table\/Notes/,
    );
    await expect(eve.note('ada')).rejects.toThrow('is not authorized to perform: dynamodb:GetItem');
    await ada.put('shared', 'of ada');
    await ada.settled();
    await eve.settled();
    await expect.poll(() => eve.note('shared'), patience).toBe('of ada');

    // Revoked while she is away, and has written.
    cable.weather = 'cut';
    await ada.put('shared', 'offline');
    await ada.put('ada', 'offline too');
    await ada.when(({ state, pending }) => state === 'offline' && pending === 2, 'offline');
    await at.hub.kill();
    allow([]);
    await at.restart();
    cable.weather = 'fair';
    for (const one of [ada, eve, root]) one.client.resume();
    await Promise.all([ada.settled(), eve.settled(), root.settled()]);
    await expect.poll(() => held(ada), patience).toEqual(['ada']);
    await expect.poll(() => held(eve), patience).toEqual(['eve']);
    await expect.poll(() => root.note('ada'), patience).toBe('offline too');
    await expect.poll(() => root.note('shared'), patience).toBe('of ada');
    expect(ada.client.status.quarantined).toBe(1);

    // Allowed again: what is there by now comes, although nothing of it has changed since.
    await at.hub.kill();
    allow(['shared']);
    await at.restart();
    for (const one of [ada, eve, root]) one.client.resume();
    await ada.when(({ state }) => state === 'live', 'live');
    await ada.settled();
    await eve.settled();
    await expect.poll(() => held(ada), patience).toEqual(['ada', 'shared']);
    // L17: her edit stood in nobody's way, and is offered once more by itself.
    await expect.poll(() => root.note('shared'), patience).toBe('offline');
    await expect.poll(() => ada.client.status.quarantined, patience).toBe(0);
  }, 90_000);

  test('gives nothing to the token of another account, and takes nothing of it', async () => {
    const issuer = await openIssuer('one');
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [issuer.jwk] }));
    const Condition = { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [ownKey] } };
    const Statement = [
      { Effect: 'Allow', Action: ['dynamodb:Query', 'dynamodb:PutItem'], Resource: '*', Condition },
      {
        Effect: 'Allow',
        Action: ['dynamodb:DescribeTable', 'dynamodb:CreateTable', 'dynamodb:UpdateTable'],
        Resource: '*',
      },
    ];
    const one = {
      issuer: issuerName,
      audience,
      jwks: { file: 'keys.json' },
      policies: 'own',
      algorithms: 'ES256',
    };
    const auth = { policies: { own: { Version: '2012-10-17', Statement } }, issuers: [one] };
    writeFileSync(join(folder, 'access.json'), JSON.stringify(auth));
    const at = await world(['--auth', join(folder, 'access.json')]);
    const { url } = await at.cable();
    let sub = 'ada';
    const { engine, client, ...ada } = await device(url, { token: () => issuer.token({ sub }) });
    await ada.settled();
    await ada.put('ada', 'hers');
    await ada.settled();
    await client.close();
    sub = 'eve';
    await ada.put('ada', 'written while eve signs in');
    const eve = await device(url, { engine, table: null, token: () => issuer.token({ sub }) });
    await eve.when(({ state }) => state === 'needs-auth', 'needs-auth');
    await eve.client.refresh();
    expect(eve.client.status).toMatchObject({ pending: 1, quarantined: 0 });
    expect(await eve.note('ada')).toBe('written while eve signs in');
  }, 60_000);

  test('that is started again in memory is offered all by its devices, and all converge', async () => {
    const at: { hub?: Awaited<ReturnType<typeof startHub>> } = {};
    const memory = ['--memory', '--port'];
    const first = await startHub([...memory, '0']);
    at.hub = first;
    open.push({ close: async () => at.hub?.kill() });
    const a = await device(first.url);
    await a.settled();
    const b = await device(first.url, { table: null });
    await b.settled();
    await putMany(a, 'a', 60);
    await a.settled();
    await putMany(b, 'b', 60);
    await b.settled();
    await converged(a.engine, b.engine);
    // Nothing of it outlives its process, and devices say so.
    expect(a.client.status.unsafe).toBe(60);
    await first.kill();
    await a.put('offline', 'of a');
    await a.when(({ state }) => state === 'offline', 'offline');
    at.hub = await startHub([...memory, String(first.port)]);
    a.client.resume();
    b.client.resume();
    await a.settled();
    await b.settled();
    await converged(a.engine, b.engine);
    expect(await b.note('a59')).toBeDefined();
    expect(await b.note('offline')).toBe('of a');
    expect([a.client.status.detached, b.client.status.detached]).toEqual([[], []]);
    // A third that comes new gets all of it from the hub.
    const c = await device(first.url, { table: null });
    await c.settled();
    await converged(a.engine, c.engine);
  }, 120_000);

  test('whose folder was copied back from yesterday loses nothing that a device has', async () => {
    const at = await world();
    const { url } = await at.cable();
    const a = await device(url);
    await putMany(a, 'old', 30);
    await a.settled();
    const b = await device(url, { table: null });
    await b.settled();
    await at.hub.kill();
    cpSync(join(folder, 'hub'), join(folder, 'yesterday'), { recursive: true });
    await at.restart();
    a.client.resume();
    await putMany(a, 'new', 30);
    await a.put('old3', 'edited since');
    await a.settled();
    b.client.resume();
    await b.settled();
    await converged(a.engine, b.engine);
    await at.hub.kill();
    rmSync(join(folder, 'hub'), { recursive: true });
    cpSync(join(folder, 'yesterday'), join(folder, 'hub'), { recursive: true });
    await at.restart();
    // The author is away: the other device has what it wrote.
    a.client.pause();
    b.client.resume();
    await b.settled();
    const c = await device(url, { table: null });
    await c.settled();
    await converged(b.engine, c.engine);
    expect(await c.note('old3')).toBe('edited since');
    expect(await c.note('new29')).toBeDefined();
    a.client.resume();
    await a.settled();
    await converged(a.engine, c.engine);
    expect(b.client.status.quarantined + a.client.status.quarantined).toBe(0);
  }, 120_000);
});
