/**
 * `tidetable serve`: DynamoDB's endpoint until a signal ends it.
 *
 * Everything it prints about itself comes before its last line, `ready URL`, for which scripts
 * wait. Whom it refuses it says on the error stream, within a bound.
 */
import { readFile } from 'node:fs/promises';
import { refusalsTold } from '../base/access-limits.ts';
import { Access, type Refusal } from '../host/access/access.ts';
import { AccessFault } from '../host/access/fields.ts';
import { Rates } from '../host/access/rates.ts';
import { type HttpServer, OpenServer, serve } from '../host/http.ts';
import { openHub, openNodeDatabase } from '../host/node.ts';
import { systemClock } from '../host/ports.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Hub } from '../sync/hub.ts';
import { parseOptions, portOf, UsageError } from './arguments.ts';

export const serveHelp: string = `Usage: tidetable serve [options]

Serves DynamoDB's HTTP protocol. Without --auth any credentials are accepted.

  --port P     port to listen on; 0 takes any that is free (default 8000)
  --listen A   address to listen on (default 127.0.0.1: this machine only; others
               need --auth); --host is the same
  --auth FILE  who may come in, and do what: keys, issuers of tokens, policies
               (docs/access.md)
  --region R   what ARNs say, and signatures are for under --auth (default local)
  --data DIR   keep the data in this folder; made when missing
  --memory     keep the data in memory only (the default)
  --peer URL   keep the tables of this other hub too, by pulling what changes there;
               may be given more than once (docs/sync.md)
  --peer-token FILE
               the bearer token for the other hubs
  --destination ARN=URL
               what changes in tables with this Kinesis destination is POSTed to URL;
               may be given more than once
  --enforce-capacity
               throttle by provisioned units and maxima on demand
  --strict-signatures
               refuse signatures for another service or day, or 15 minutes off
  --validation-envelope
               tell refusals as some regions do since the middle of 2026: behind
               "1 validation error detected: "
  --help       print this
`;

const defaultPort = 8000;
const defaultRegion = 'local';
const account = '000000000000';
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1']);

export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  /** Undefined: in memory. */
  readonly data: string | undefined;
  readonly strictSignatures: boolean;
  readonly validationEnvelope: boolean;
  readonly enforceCapacity: boolean;
  /** URLs by the ARNs of the Kinesis data streams that they stand for. */
  readonly destinations: Readonly<Record<string, string>> | undefined;
  /** The file that says who has access. */
  readonly auth: string | undefined;
  readonly region: string;
  /** URLs of other hubs. */
  readonly peers: readonly string[];
  readonly peerToken: string | undefined;
}

/** Undefined when help is asked for. Throws UsageError. */
export function readServeSettings(argv: readonly string[]): ServeSettings | undefined {
  const options = parseOptions(argv, {
    port: 'value',
    host: 'value',
    listen: 'value',
    auth: 'value',
    region: 'value',
    data: 'value',
    memory: 'flag',
    'strict-signatures': 'flag',
    'validation-envelope': 'flag',
    'enforce-capacity': 'flag',
    destination: 'values',
    peer: 'values',
    'peer-token': 'value',
    help: 'flag',
  });
  if (options.has('help')) return undefined;
  if (options.has('memory') && options.has('data')) {
    throw new UsageError('--memory and --data exclude each other');
  }
  if (options.has('host') && options.has('listen')) {
    throw new UsageError('--host and --listen are the same: give one');
  }
  const region = options.get('region') ?? defaultRegion;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(region)) {
    throw new UsageError(`--region needs small letters, digits and -, not ${region}`);
  }
  const port = options.get('port');
  return {
    port: port === undefined ? defaultPort : portOf(port),
    host: options.get('listen') ?? options.get('host') ?? '127.0.0.1',
    data: options.get('data'),
    strictSignatures: options.has('strict-signatures'),
    validationEnvelope: options.has('validation-envelope'),
    enforceCapacity: options.has('enforce-capacity'),
    destinations: destinationsOf(options.get('destination')),
    auth: options.get('auth'),
    peers: peersOf(options.get('peer')),
    peerToken: options.get('peer-token'),
    region,
  };
}

/** Throws UsageError. */
function destinationsOf(given: string | undefined): Readonly<Record<string, string>> | undefined {
  if (given === undefined) return undefined;
  const urls = new Map<string, string>();
  for (const one of given.split('\n')) {
    const [, arn, url] = /^(arn:[^=]{33,1020})=(https?:\/\/.+)$/.exec(one) ?? [];
    if (arn === undefined || url === undefined || !URL.canParse(url)) {
      throw new UsageError(`--destination needs the ARN of a stream, = and a URL, not ${one}`);
    }
    if (urls.has(arn)) throw new UsageError(`--destination has two URLs for ${arn}`);
    urls.set(arn, url);
  }
  return Object.fromEntries(urls);
}

/** Throws UsageError. */
function peersOf(given: string | undefined): readonly string[] {
  const urls = given === undefined ? [] : given.split('\n');
  const odd = urls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url));
  if (odd !== undefined) throw new UsageError(`--peer needs the URL of a hub, not ${odd}`);
  return urls;
}

/** The token is read each time that it is asked for: whoever makes it may replace it. */
function openHubOf(engine: Engine, { peers, peerToken }: ServeSettings): Promise<Hub> {
  const read = async (): Promise<string | undefined> =>
    peerToken === undefined ? undefined : (await readFile(peerToken, 'utf8')).trim();
  return openHub(engine, { peers: peers.map((url) => ({ url, token: read })) });
}

/** Resolves when a signal has ended the server and everything is closed. */
export async function runServe(argv: readonly string[]): Promise<void> {
  const settings = readServeSettings(argv);
  if (settings === undefined) {
    process.stdout.write(serveHelp);
    return;
  }
  const { port, host, data, region, destinations } = settings;
  const { strictSignatures, validationEnvelope } = settings;
  const access = await openAccess(settings);
  const engine = await openNodeDatabase({
    ...(data === undefined ? { memory: true } : { data }),
    region,
    account,
    capacity: settings.enforceCapacity ? 'enforced' : undefined,
    ...(port === 0 ? {} : { endpoint: `${shownHost(host)}:${port}` }),
  });
  let hub: Hub | undefined;
  try {
    hub = await openHubOf(engine, settings);
    const start = (): Promise<HttpServer> => {
      const answers = { region, strictSignatures, validationEnvelope, destinations };
      return serve({ engine, port, host, access, hub, ...answers });
    };
    const server = await listen(start, settings);
    const ended = untilSignal();
    process.stdout.write(data === undefined ? 'data: in memory\n' : `data: ${data}\n`);
    if (access !== undefined) process.stdout.write(`access: ${access.summary}\n`);
    for (const note of access?.notes ?? []) process.stdout.write(`access: ${note}\n`);
    process.stdout.write(`ready http://${shownHost(host)}:${server.port}\n`);
    await ended;
    await server.close();
  } finally {
    await hub?.close();
    await engine.close();
  }
}

async function openAccess({ auth, region }: ServeSettings): Promise<Access | undefined> {
  if (auth === undefined) return undefined;
  const settings = { region, account, clock: systemClock, onRefusal: tellOf() };
  try {
    return await Access.open(auth, process.env, settings);
  } catch (error) {
    if (error instanceof AccessFault) throw new UsageError(error.message);
    throw error;
  }
}

/** A line for each refusal, as long as they are not too many. */
function tellOf(): (refusal: Refusal) => void {
  const rates = new Rates({ perSecond: refusalsTold, burst: refusalsTold }, 1);
  return ({ address, principal, error }) => {
    if (!rates.take('', systemClock.monoMs())) return;
    process.stderr.write(`refused ${address} ${principal === '' ? '-' : principal} ${error}\n`);
  };
}

async function listen(start: () => Promise<HttpServer>, at: ServeSettings): Promise<HttpServer> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof OpenServer) {
      throw new UsageError(`${error.message} (--auth FILE)`);
    }
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') throw new UsageError(`port ${at.port} is in use on ${at.host}`);
    if (code === 'EACCES') throw new UsageError(`port ${at.port} is not allowed to this user`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new UsageError(`${at.host} is no address of this machine`);
    }
    throw error;
  }
}

function shownHost(host: string): string {
  if (loopback.has(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The first SIGINT or SIGTERM; after it they have their usual effect, should closing hang. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      process.removeListener('SIGINT', end);
      process.removeListener('SIGTERM', end);
      resolve();
    };
    process.on('SIGINT', end);
    process.on('SIGTERM', end);
  });
}
