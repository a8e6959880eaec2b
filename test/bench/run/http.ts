/**
 * How many GetItem the HTTP endpoint answers in a second on one core: a process of its own on the
 * first core, and raw keep-alive connections of this one, on the others. Where there is no taskset,
 * nobody is held to a core, and the figure says so.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { itemOf } from '../items.ts';

export interface HttpSpeed {
  readonly connections: number;
  readonly answers: number;
  readonly perSecond: number;
  /** Server and client had cores of their own. */
  readonly isPinned: boolean;
}

const connections = 32;
const items = 1000;
const warmUpMs = 1000;
const startMs = 60_000;

export async function speedOfHttp(measuredMs: number): Promise<HttpSpeed> {
  const isPinned = spawnSync('taskset', ['-V']).status === 0;
  const { child, port } = await startServer(isPinned);
  try {
    if (isPinned) spawnSync('taskset', ['-a', '-cp', '1', String(process.pid)]);
    await ask(port, warmUpMs);
    const started = performance.now();
    const answers = await ask(port, measuredMs);
    const seconds = (performance.now() - started) / 1000;
    return { connections, answers, perSecond: answers / seconds, isPinned };
  } finally {
    child.stdin?.end();
  }
}

async function startServer(
  isPinned: boolean,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const script = fileURLToPath(new URL('./http-server.ts', import.meta.url));
  const command = isPinned ? ['taskset', '-c', '0', process.execPath] : [process.execPath];
  const [program = '', ...args] = [...command, '--no-warnings', script];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    const patience = setTimeout(() => reject(new Error('the server did not start')), startMs);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    child.stdout.once('data', (text: Buffer) => {
      clearTimeout(patience);
      resolve(Number(text));
    });
  });
  return { child, port };
}

/** Answers that came on all connections in so many milliseconds, one request at a time on each. */
async function ask(port: number, forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  const counts = await Promise.all(
    Array.from({ length: connections }, (_, at) => askOn(port, at, until)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

function askOn(port: number, first: number, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answers = 0;
    let text = '';
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const send = () => socket.write(requestOf((first * 31 + answers) % items));
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('connect', send);
    socket.on('data', (part: string) => {
      text += part;
      const length = lengthOf(text);
      if (length === undefined || text.length < length) return;
      if (!text.startsWith('HTTP/1.1 200 ')) {
        finish(socket, () => reject(new Error(text)));
        return;
      }
      answers += 1;
      text = '';
      if (performance.now() < until) send();
      else finish(socket, () => resolve(answers));
    });
  });
}

function finish(socket: Socket, then: () => void): void {
  socket.once('close', then);
  socket.destroy();
}

/** Of head and body; undefined while the head is not whole. */
function lengthOf(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [, length] = /content-length: (\d+)/i.exec(text.slice(0, end)) ?? [];
  return end + 4 + Number(length);
}

const requests = new Map<number, string>();

function requestOf(item: number): string {
  const known = requests.get(item);
  if (known !== undefined) return known;
  const { pk, sk } = itemOf(item);
  const body = JSON.stringify({
    TableName: 'Bench',
    Key: { pk: { S: pk }, sk: { N: String(sk) } },
  });
  const text = [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: application/x-amz-json-1.0',
    'X-Amz-Target: DynamoDB_20120810.GetItem',
    'X-Amz-Date: 20260101T000000Z',
    'Authorization: AWS4-HMAC-SHA256 Credential=x/1/2/3/4, SignedHeaders=host, Signature=abc',
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
  requests.set(item, text);
  return text;
}
