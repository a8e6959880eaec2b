/**
 * WebKitGTK's MiniBrowser through its WebDriver, spoken by fetch alone.
 *
 * It needs a display and hangs silently without one, so Xvfb is started where DISPLAY is unset.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { Readable } from 'node:stream';
import type { RawPage, RawPaths } from './raw-browser.ts';

const startAttempts = 100;
const startDelayMs = 100;

export async function openWebKit({ browser, driver }: RawPaths): Promise<RawPage> {
  if (driver === undefined) throw new Error('WebKit needs a driver');
  const children: ChildProcess[] = [];
  const stop = (): void => {
    for (const child of children) child.kill();
  };
  process.once('exit', stop);
  const display = process.env['DISPLAY'] ?? (await startDisplay(children));
  const port = await freePort();
  children.push(
    spawn(driver, [`--port=${port}`, '--host=127.0.0.1'], {
      env: { ...process.env, DISPLAY: display },
      stdio: 'ignore',
    }),
  );
  const base = `http://127.0.0.1:${port}`;
  await untilReady(`${base}/status`);
  const options = { binary: browser, args: ['--automation'] };
  const alwaysMatch = { 'webkitgtk:browserOptions': options };
  const session = await post(`${base}/session`, { capabilities: { alwaysMatch } });
  const url = `${base}/session/${session['sessionId']}`;
  return {
    async open(page) {
      await post(`${url}/url`, { url: page });
    },
    async close() {
      await fetch(url, { method: 'DELETE' }).catch(() => undefined);
      stop();
      process.off('exit', stop);
    },
  };
}

/** Starts Xvfb on a display of its choice, which it writes to descriptor 3. */
function startDisplay(children: ChildProcess[]): Promise<string> {
  const args = ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'];
  const xvfb = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  children.push(xvfb);
  return new Promise((resolve, reject) => {
    xvfb.once('error', reject);
    xvfb.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
    let text = '';
    (xvfb.stdio[3] as Readable).on('data', (chunk) => {
      text += String(chunk);
      if (text.endsWith('\n')) resolve(`:${text.trim()}`);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < startAttempts; attempt += 1) {
    const ready = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, startDelayMs));
  }
  throw new Error('WebKitWebDriver does not answer');
}

async function post(url: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const { value } = (await response.json()) as { value: Record<string, unknown> | null };
  if (!response.ok) throw new Error(`WebDriver: ${JSON.stringify(value)}`);
  return value ?? {};
}
