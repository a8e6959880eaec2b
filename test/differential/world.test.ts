/** The differential run in small: the engine in this thread against itself over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInMemory, type TestDatabase } from '../../src/client/in-memory.ts';
import { openLocalEndpoint, type Endpoint } from '../support/endpoint.ts';
import { handlerSide, httpSide } from './sides.ts';
import { runSeed, type Side } from './world.ts';

let endpoint: Endpoint;
let db: TestDatabase;
beforeAll(async () => {
  endpoint = await openLocalEndpoint();
  db = await openInMemory({ seed: 1 });
});
afterAll(async () => {
  await endpoint.close();
  await db.close();
});

describe('a seed', () => {
  test.each([1, 2, 3, 4])('%i: in process and over HTTP answer alike', async (seed) => {
    const verdict = await runSeed(seed, 250, httpSide(endpoint.url), handlerSide(db));
    expect(verdict.differences).toEqual([]);
    expect(verdict.accepted).toBeGreaterThan(100);
  });

  test('names the request that one side answers otherwise', async () => {
    const fine = httpSide(endpoint.url);
    const wrong: Side = async (operation, input) => {
      const answer = await fine(operation, input);
      return operation === 'GetItem' ? { status: 200, body: { Item: { p: { S: '!' } } } } : answer;
    };
    const { differences } = await runSeed(5, 60, handlerSide(db), wrong);
    const asked = new Set(differences.map((difference) => difference.asked.operation));
    expect([...asked]).toEqual(['GetItem']);
    expect(differences.every(({ explained }) => explained === undefined)).toBe(true);
  });
});
