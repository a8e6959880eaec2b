/**
 * `tidetable serve`: DynamoDB's endpoint until a signal ends it.
 *
 * Everything it prints about itself comes before its last line, `ready URL`, for which scripts
 * wait.
 */
import { type HttpServer, serve } from '../host/http.ts';
import { openNodeDatabase } from '../host/node.ts';
import { parseOptions, portOf, UsageError } from './arguments.ts';

export const serveHelp: string = `Usage: tidetable serve [options]

Serves DynamoDB's HTTP protocol. Any credentials are accepted.

  --port P     port to listen on; 0 takes any that is free (default 8000)
  --host H     address to listen on (default 127.0.0.1: this machine only)
  --data DIR   keep the data in this folder; made when missing
  --memory     keep the data in memory only (the default)
  --strict-signatures
               refuse signatures for another service or day, or 15 minutes off
  --help       print this
`;

const defaultPort = 8000;
const loopback: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1']);

export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  /** Undefined: in memory. */
  readonly data: string | undefined;
  readonly strictSignatures: boolean;
}

/** Undefined when help is asked for. Throws UsageError. */
export function readServeSettings(argv: readonly string[]): ServeSettings | undefined {
  const options = parseOptions(argv, {
    port: 'value',
    host: 'value',
    data: 'value',
    memory: 'flag',
    'strict-signatures': 'flag',
    help: 'flag',
  });
  if (options.has('help')) return undefined;
  if (options.has('memory') && options.has('data')) {
    throw new UsageError('--memory and --data exclude each other');
  }
  const port = options.get('port');
  return {
    port: port === undefined ? defaultPort : portOf(port),
    host: options.get('host') ?? '127.0.0.1',
    data: options.get('data'),
    strictSignatures: options.has('strict-signatures'),
  };
}

/** Resolves when a signal has ended the server and everything is closed. */
export async function runServe(argv: readonly string[]): Promise<void> {
  const settings = readServeSettings(argv);
  if (settings === undefined) {
    process.stdout.write(serveHelp);
    return;
  }
  const { port, host, data, strictSignatures } = settings;
  const engine = await openNodeDatabase({
    ...(data === undefined ? { memory: true } : { data }),
    ...(port === 0 ? {} : { endpoint: `${shownHost(host)}:${port}` }),
  });
  try {
    const server = await listen(() => serve({ engine, port, host, strictSignatures }), settings);
    const ended = untilSignal();
    process.stdout.write(data === undefined ? 'data: in memory\n' : `data: ${data}\n`);
    process.stdout.write(`ready http://${shownHost(host)}:${server.port}\n`);
    await ended;
    await server.close();
  } finally {
    await engine.close();
  }
}

async function listen(start: () => Promise<HttpServer>, at: ServeSettings): Promise<HttpServer> {
  try {
    return await start();
  } catch (error) {
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
