/**
 * `npm start [-- --port P] [--data DIR]`: builds the examples when they are missing or stale, then
 * serves them, DynamoDB's endpoint and the hub of the field notes until Ctrl-C, in memory unless a
 * folder is given. PORT names the port too; 0 takes any that is free.
 *
 * What it prints last is `ready http://localhost:PORT`.
 */
import { parseArgs } from 'node:util';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  fail('running from source needs Node 22.18 or newer: run it through npm (npm start)');
}

const portMax = 65535;
const { port, data } = readOptions();
const { buildExamples, siteRoot } = await import('./build-examples.mjs');
const { serve } = await import('../src/host/http.ts');
const { openHub, openNodeDatabase } = await import('../src/host/node.ts');
const { openFieldnotes } = await import('./fieldnotes-hub.mjs');
const { startPage } = await import('./start-page.mjs');

const ended = untilSignal();
console.log('building what is missing ...');
console.log((await buildExamples()) ? 'built the examples' : 'nothing has changed');
const engine = await openNodeDatabase(data === undefined ? { memory: true } : { data });
const fieldnotes = await openFieldnotes(engine);
const hub = await openHub(engine);
const server = await listen();
console.log(`data of the endpoint: ${data ?? 'in memory'}`);
console.log(`ready http://localhost:${server.port}`);
await ended;
await server.close();
await engine.close();
fieldnotes.close();

function readOptions() {
  try {
    const text = { type: 'string' };
    const { values } = parseArgs({ options: { port: text, data: text } });
    return { port: readPort(values), data: values.data };
  } catch (error) {
    return fail(error.message);
  }
}

function readPort(values) {
  const text = values.port ?? process.env.PORT ?? '8000';
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= portMax) return number;
  return fail(`the port is a whole number from 0 to ${portMax}, not ${text}`);
}

async function listen() {
  try {
    const { access: hubAccess, answer } = fieldnotes;
    const site = async (...asked) =>
      (await startPage(siteRoot, data, asked)) ?? (await answer(...asked));
    return await serve({ engine, port, hub, hubAccess, site, assets: { root: siteRoot } });
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      fail(`port ${port} is in use: choose another with npm start -- --port P`);
    }
    if (error.code === 'EACCES') fail(`port ${port} is not allowed to this user`);
    throw error;
  }
}

/** The first SIGINT or SIGTERM; after it they have their usual effect, should closing hang. */
function untilSignal() {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
