import { releaseProxy, wrap } from 'comlink';
import { afterEach, describe, expect, test } from 'vitest';
import { Connection } from '../../src/client/connection.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { systemClock, systemRandom, systemScheduler } from '../../src/host/ports.ts';
import { type OpenDatabaseEngine, startWorkerHost } from '../../src/host/worker.ts';
import type { Notice, NoticeType, Notify } from '../../src/port/notice.ts';
import { createMemory, openMemory } from '../../src/storage/memory.ts';
import type { Control } from '../../src/wire/control.ts';

const table = {
  TableName: 'Things',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
};

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A host over memory, and what it opened and closed. */
function host() {
  const scope = new EventTarget();
  const log: string[] = [];
  const disks = new Map<string, ReturnType<typeof createMemory>>();
  const notify = new Map<string, Notify>();
  const open: OpenDatabaseEngine = async (name, _settings, hear) => {
    notify.set(name, hear);
    if (name === 'broken') throw new Error('the disk is gone');
    const disk = disks.get(name) ?? createMemory();
    disks.set(name, disk);
    log.push(`open ${name}`);
    const engine = await openEngine({
      store: openMemory(disk),
      clock: systemClock,
      random: systemRandom,
      scheduler: systemScheduler,
    });
    const close = async (): Promise<void> => {
      log.push(`close ${name}`);
      await engine.close();
    };
    return {
      submit: (request, done) => engine.submit(request, done),
      call: (request) => engine.call(request),
      live: (request) => engine.live(request),
      status: () => engine.status(),
      watch: (moved) => engine.watch(moved),
      follow: (reader) => engine.follow(reader),
      whenDurable: (sequence) => engine.whenDurable(sequence),
      barrier: async () => {
        log.push(`barrier ${name}`);
        await engine.barrier();
      },
      import: (settings) => engine.import(settings),
      checkpoint: () => engine.checkpoint(),
      compact: (options) => engine.compact(options),
      sizes: (options) => engine.sizes(options),
      contributors: (options) => engine.contributors(options),
      scrub: (options) => engine.scrub(options),
      repair: (options) => engine.repair(options),
      idle: () => engine.idle(),
      close,
    };
  };
  const postMessage = (message: unknown): void => void log.push(String(message));
  const addEventListener = (type: 'message', heard: (event: MessageEvent) => void): void => {
    listen(scope, type, heard);
  };
  startWorkerHost({ addEventListener, postMessage }, open);
  const meet = (release = 1) => {
    const control = new MessageChannel();
    const data = new MessageChannel();
    ports.push(control.port1, control.port2, data.port1, data.port2);
    scope.dispatchEvent(handshake([control.port2, data.port2], release));
    const remote = wrap(control.port1) as unknown as Control & { [releaseProxy](): void };
    return { remote, connection: new Connection(data.port1) };
  };
  const tell = (name: string, type: NoticeType): boolean => {
    notify.get(name)?.({ type, message: type });
    return notify.has(name);
  };
  return { log, meet, tell };
}

function listen(scope: EventTarget, type: string, heard: (event: MessageEvent) => void): void {
  scope.addEventListener(type, (event) => heard(event as MessageEvent));
}

function handshake(ports: MessagePort[], tidetable: number): Event {
  return Object.assign(new Event('message'), { data: { tidetable }, ports });
}

describe('the host in a worker', () => {
  test('opens a database with its tables and serves calls', async () => {
    const { remote, connection } = host().meet();
    expect(await remote.hello()).toBe(1);
    const opened = (await remote.open('one', { tables: [table] })) as { value: string };
    expect(opened).toEqual({ value: expect.stringMatching(/^[0-9a-f]{32}$/) });
    await connection.call('PutItem', { TableName: 'Things', Item: { id: 'a' } });
    const output = await connection.call('GetItem', { TableName: 'Things', Key: { id: 'a' } });
    expect(output).toEqual({ Item: { id: 'a' } });
    expect(await remote.status()).toMatchObject({
      value: { closed: false, connection: 'open', reconnects: 0, storeId: opened.value },
    });
    expect(await remote.checkpoint()).toEqual({ value: undefined });
    const sizes = await remote.maintain(1, { name: 'sizes', pages: true }, undefined);
    expect(sizes).toMatchObject({ value: { logBytes: 0, pageRecords: expect.any(Number) } });
    const repaired = await remote.maintain(2, { name: 'repair' }, undefined);
    expect(repaired).toMatchObject({ value: { ranges: [], scrub: { mended: 0 } } });
    await remote.cancel(2);
    expect(await remote.close()).toEqual({ value: undefined });
  });

  test('opens nothing for a page of another release', async () => {
    const { log, meet } = host();
    const { remote } = meet(2);
    expect(await remote.hello()).toBe(1);
    const message = 'The worker is of another release of tidetable than the page';
    expect(await remote.open('db', {})).toMatchObject({ error: { message } });
    expect(log).toEqual([]);
  });

  test('has one engine for a name, and closes it with its last page', async () => {
    const { log, meet } = host();
    const one = meet();
    const two = meet();
    await Promise.all([one.remote.open('db', { tables: [table] }), two.remote.open('db', {})]);
    await one.connection.call('PutItem', { TableName: 'Things', Item: { id: 'a' } });
    await one.remote.close();
    const output = await two.connection.call('GetItem', { TableName: 'Things', Key: { id: 'a' } });
    expect(output).toEqual({ Item: { id: 'a' } });
    expect(log).toEqual(['open db']);
    await two.remote.close();
    await two.remote.close();
    expect(log).toEqual(['open db', 'close db']);
    const three = meet();
    await three.remote.open('db', { tables: [table] });
    const again = await three.connection.call('GetItem', { TableName: 'Things', Key: { id: 'a' } });
    expect(again).toEqual({ Item: { id: 'a' } });
    await three.remote.close();
  });

  test('tells why a database could not be opened, and can be asked again', async () => {
    const { log, meet } = host();
    const outcome = await meet().remote.open('broken', {});
    expect(outcome).toMatchObject({ error: { message: 'the disk is gone', expected: false } });
    const refused = await meet().remote.open('db', { tables: [{ TableName: 'x' }] });
    expect(refused).toMatchObject({ error: { name: 'ValidationException', expected: true } });
    expect(log).toEqual(['open db', 'close db']);
    expect(await meet().remote.status()).toMatchObject({
      error: { message: 'The database is not open' },
    });
  });

  test('tells a page once when the store is not the one it knows, and says so later', async () => {
    const { meet } = host();
    const one = meet();
    const heard: Notice[] = [];
    one.connection.notices.on('data-loss', (notice) => heard.push(notice));
    const { value: storeId } = (await one.remote.open('db', { witness: 'another' })) as {
      value: string;
    };
    expect(await one.remote.status()).toMatchObject({
      value: { dataLoss: expect.stringContaining('The data of db is gone') },
    });
    expect(heard).toEqual([expect.objectContaining({ type: 'data-loss', why: 'evicted' })]);
    for (const witness of [storeId, undefined]) {
      const two = meet();
      await two.remote.open('db', { witness });
      const outcome = (await two.remote.status()) as { value: { dataLoss?: string } };
      expect(outcome.value.dataLoss).toBeUndefined();
      await two.remote.close();
    }
    await one.remote.close();
  });

  test('passes notices of the store on, those of the opening too', async () => {
    const { meet, tell } = host();
    const { remote, connection } = meet();
    const opening = remote.open('db', { tables: [table] });
    for (let round = 0; round < 1000 && !tell('db', 'connection-lost'); round += 1) {
      await systemScheduler.breathe();
    }
    await opening;
    tell('db', 'reconnected');
    expect(await remote.status()).toMatchObject({ value: { connection: 'open', reconnects: 1 } });
    const heard: string[] = [];
    connection.notices.on('connection-lost', ({ type }) => heard.push(type));
    connection.notices.on('reconnected', ({ type }) => heard.push(type));
    await Promise.resolve();
    expect(heard).toEqual(['connection-lost', 'reconnected']);
    tell('db', 'closed');
    expect(await remote.status()).toMatchObject({ value: { connection: 'closed' } });
    await expect(connection.call('ListTables', {})).rejects.toMatchObject({ why: 'closed' });
    await remote.close();
  });

  test('makes everything durable when a page asks for it', async () => {
    const { log, meet } = host();
    const { remote } = meet();
    expect(await remote.barrier()).toMatchObject({
      error: { message: 'The database is not open' },
    });
    await remote.open('db', {});
    expect(await remote.barrier()).toEqual({ value: undefined });
    expect(log).toEqual(['open db', 'barrier db']);
    await remote.close();
  });

  test('closes what a page let go of without a word', async () => {
    const { log, meet } = host();
    const { remote } = meet();
    await remote.open('db', {});
    remote[releaseProxy]();
    for (let round = 0; round < 100 && log.length < 2; round += 1) await systemScheduler.breathe();
    expect(log).toEqual(['open db', 'close db']);
  });
});
