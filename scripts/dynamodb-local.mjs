/**
 * DynamoDB Local 3.0.0, fetched from Maven Central with the machine's own Maven and run on its JDK.
 *
 * Kept in a folder of the user's cache (TIDETABLE_DYNAMODB_LOCAL names another), so it is fetched
 * once. It runs in memory, on 127.0.0.1, without its telemetry. Nothing of it is in the package.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

const version = '3.0.0';
const startMs = 60_000;
const fetchMs = 600_000;

/** `{ url, stop }`, or `{ why }`: one line that says why it cannot be had here. */
export async function startDynamoDbLocal() {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8', timeout: startMs });
  if (java.status !== 0) return { why: 'there is no java' };
  const cache = process.env.TIDETABLE_DYNAMODB_LOCAL ?? join(homedir(), '.cache', 'tidetable');
  const folder = join(cache, `dynamodb-local-${version}`);
  if (!existsSync(folder)) {
    const why = fetchJars(folder);
    if (why !== undefined) return { why };
  }
  return run(folder, await freePort());
}

function fetchJars(folder) {
  const partial = `${folder}.partial`;
  mkdirSync(partial, { recursive: true });
  const pom = join(partial, 'pom.xml');
  writeFileSync(pom, pomText());
  const goal = 'dependency:copy-dependencies';
  const args = [
    '-q',
    '-B',
    '-f',
    pom,
    goal,
    '-DincludeScope=runtime',
    `-DoutputDirectory=${partial}`,
  ];
  const { status, error } = spawnSync('mvn', args, { encoding: 'utf8', timeout: fetchMs });
  if (error?.code === 'ENOENT') return 'there is no mvn to fetch it with';
  if (status !== 0) return `Maven could not fetch it (exit code ${status})`;
  // SQLite's library is looked up under its bare name; Maven adds the version.
  for (const name of readdirSync(partial)) {
    const bare = name.replace(/-[\d.]+\.(so|dylib|dll)$/, '.$1');
    if (bare !== name) copyFileSync(join(partial, name), join(partial, bare));
  }
  renameSync(partial, folder);
  return undefined;
}

function pomText() {
  const of = (group, artifact, number) =>
    `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version>`;
  const local = of('software.amazon.dynamodb', 'DynamoDBLocal', version);
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
${of('tidetable', 'differential', '1')}
<dependencies><dependency>${local}</dependency></dependencies></project>\n`;
}

async function run(folder, port) {
  const launcher = new URL('./dynamodb-local/Loopback.java', import.meta.url).pathname;
  const jars = join(folder, '*');
  const args = ['-Xmx1g', `-Djava.library.path=${folder}`, '-cp', jars, launcher, '-inMemory'];
  const child = spawn('java', [...args, '-port', String(port), '-disableTelemetry'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + startMs;
  while (Date.now() < until && child.exitCode === null) {
    if (await answers(url)) {
      return {
        url,
        async stop() {
          child.kill();
          await ended;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill();
  await ended;
  return { why: `it did not start: ${said.trim().split('\n').at(-1) ?? ''}` };
}

async function answers(url) {
  try {
    await fetch(url, { signal: AbortSignal.timeout(2000) });
    return true;
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
