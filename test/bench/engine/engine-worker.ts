/**
 * The engine in a worker, over memory, asked from within it: what a Query and a Scan cost without
 * the way to the page and without a disk. The cache holds everything: it is hot.
 */
import { openEngine } from '../../../src/engine/engine.ts';
import type { Engine } from '../../../src/engine/engine-types.ts';
import { systemClock, systemRandom, systemScheduler } from '../../../src/host/ports.ts';
import { owner } from '../../../src/operation/request.ts';
import { createMemory, openMemory } from '../../../src/storage/memory.ts';
import { itemOf, partitionOf, perPartition } from '../items.ts';

const TableName = 'Bench';
const table = {
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
};
const items = 20_000;
const batchItems = 25;
const warmUps = 400;
const queries = 2000;
const scans = 40;

type Output = Readonly<Record<string, unknown>>;

async function call(engine: Engine, operation: string, input: object): Promise<Output> {
  return (await engine.call({ operation, input, form: 'plain', caller: owner })) as Output;
}

async function fill(engine: Engine): Promise<void> {
  await call(engine, 'CreateTable', table);
  for (let from = 0; from < items; from += batchItems) {
    const requests = Array.from({ length: batchItems }, (_, at) => {
      return { PutRequest: { Item: itemOf(from + at) } };
    });
    await call(engine, 'BatchWriteItem', { RequestItems: { [TableName]: requests } });
  }
  await engine.checkpoint();
}

/** 100 items of 300 bytes, of which about half pass the filter, and two attributes of each. */
function query(at: number): object {
  return {
    TableName,
    KeyConditionExpression: 'pk = :p',
    FilterExpression: 'done = :d AND score > :s',
    ProjectionExpression: 'sk, #n',
    ExpressionAttributeNames: { '#n': 'name' },
    ExpressionAttributeValues: {
      ':p': partitionOf(at % (items / perPartition)),
      ':d': true,
      ':s': 1,
    },
  };
}

async function measure(engine: Engine): Promise<Record<string, number>> {
  const ask = async (at: number): Promise<void> => {
    const { ScannedCount } = await call(engine, 'Query', query(at));
    if (ScannedCount !== perPartition) throw new Error(`a wrong range: ${String(ScannedCount)}`);
  };
  const scan = async (): Promise<void> => {
    const { LastEvaluatedKey, Count } = await call(engine, 'Scan', { TableName });
    if (LastEvaluatedKey === undefined || Number(Count) < 3000)
      throw new Error(`a page of ${String(Count)} items`);
  };
  return {
    'query of 100, filter and projection, ms': await mean(warmUps, queries, ask),
    'scan page of 1 MB, ms': await mean(scans, scans, scan),
  };
}

/** Milliseconds of one, after those that warm up. */
async function mean(
  warm: number,
  count: number,
  ask: (at: number) => Promise<void>,
): Promise<number> {
  for (let at = 0; at < warm; at += 1) await ask(at);
  const started = performance.now();
  for (let at = 0; at < count; at += 1) await ask(at);
  return (performance.now() - started) / count;
}

self.onmessage = async (): Promise<void> => {
  try {
    const engine = await openEngine({
      store: openMemory(createMemory(), { exclusive: true }),
      clock: systemClock,
      random: systemRandom,
      scheduler: systemScheduler,
      scrub: false,
    });
    await fill(engine);
    const figures = await measure(engine);
    await engine.close();
    self.postMessage({ figures });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
};
