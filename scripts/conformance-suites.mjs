/**
 * The public suites that scripts/conformance.mjs knows: where each is, and how it runs.
 *
 * A suite's `run` gets the folder of its files, the port of our server and a text that names of
 * tests must hold, and answers with the outcome of each test. Suites run as their own projects run
 * them, with the switch that they have for another endpoint; test/conformance/ has what is ours of
 * that. Files go to ~/.cache/tidetable/conformance, or where TIDETABLE_CONFORMANCE says.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the run needs cannot be had on this machine. */
export class NotHere extends Error {}

const ours = fileURLToPath(new URL('../test/conformance/', import.meta.url));
const cache = process.env.TIDETABLE_CONFORMANCE ?? join(homedir(), '.cache/tidetable/conformance');
const awsNames = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_REGION: 'us-east-1',
};

export const suites = {
  'dynamodb-conformance': {
    repository: 'https://github.com/nubo-db/dynamodb-conformance',
    commit: '0ba4393668860db921afa5728feffe68b55e3e93',
    paths: ['.'],
    region: 'us-east-1',
    // It skips what the endpoint seems not to have.
    skipsAreOurs: true,
    packages: [
      '@aws-sdk/client-dynamodb@3.1162.0',
      '@aws-sdk/client-dynamodb-streams@3.1141.0',
      '@aws-sdk/lib-dynamodb@3.1162.0',
      'vitest@3.2.7',
    ],
    run: runVitest,
  },
  alternator: {
    repository: 'https://github.com/scylladb/scylladb',
    commit: 'f4a4091ca28efb8c06c3422fdaac1d2f02e5614f',
    paths: ['test/__init__.py', 'test/conftest.py', 'test/alternator', 'test/pylib'],
    region: 'us-east-1',
    strictSignatures: true,
    // The key that it signs with where it finds none; others must be refused.
    key: { id: 'unknownuser', secret: 'unknownsecret' },
    modules: ['pytest', 'boto3', 'requests'],
    run: runAlternator,
  },
  moto: {
    repository: 'https://github.com/getmoto/moto',
    commit: '0af643a5dbfc98797f08ee64f5be3ef8002d56ff',
    paths: ['tests/__init__.py', 'tests/test_s3/__init__.py', 'tests/test_dynamodb'],
    region: 'us-east-1',
    // Where it was verified these had the envelope by then.
    validationEnvelope: ['PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
    modules: ['pytest', 'boto3', 'moto'],
    run: (how) => runPytest('moto', how, ['-m', 'aws_verified', 'tests/test_dynamodb']),
  },
};

/** The suite's files at its commit, from GitHub or from a clone. Throws NotHere. */
export function checkOut(name, { repository, commit, paths, packages, modules }, from) {
  for (const module of modules ?? []) {
    if (tell('python3', ['-c', `import ${module}`]).status !== 0) {
      throw new NotHere(`python3 has no ${module} here`);
    }
  }
  const folder = join(cache, `${name}-${commit.slice(0, 12)}`);
  if (existsSync(join(folder, '.whole'))) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const git = from === undefined ? fetched(folder, repository, commit) : gitDirOf(from);
  const made = tell(
    'git',
    [`--git-dir=${git}`, `--work-tree=${folder}`, 'checkout', '-q', commit, '--', ...paths],
    { env: { ...process.env, GIT_INDEX_FILE: join(folder, '.index') } },
  );
  if (made.status !== 0) throw new NotHere(`the suite is not whole: ${firstLine(made.stderr)}`);
  if (packages !== undefined) install(folder, packages);
  writeFileSync(join(folder, '.whole'), '');
  return folder;
}

function fetched(folder, repository, commit) {
  const git = join(folder, '.git');
  tell('git', ['init', '-q', folder]);
  const got = tell('git', [
    ...[`--git-dir=${git}`, 'fetch', '-q', '--depth=1', '--filter=blob:none', repository, commit],
  ]);
  if (got.status === 0) return git;
  throw new NotHere(
    `${repository} cannot be had here (${firstLine(got.stderr)}); try --from FOLDER`,
  );
}

function gitDirOf(from) {
  const found = tell('git', ['-C', resolve(from), 'rev-parse', '--absolute-git-dir']);
  if (found.status !== 0) throw new Error(`--from takes a git clone of the suite: ${from}`);
  return found.stdout.trim();
}

function install(folder, packages) {
  const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: typeOf(folder) }));
  const done = tell('npm', ['install', ...flags, ...packages], { cwd: folder, timeout: 300_000 });
  if (done.status !== 0) throw new NotHere(`its packages cannot be had: ${firstLine(done.stderr)}`);
}

/** Of the suite's own package only the kind of its modules matters. */
function typeOf(folder) {
  const file = join(folder, 'package.json');
  return (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).type) || 'commonjs';
}

async function runVitest({ folder, port, only }) {
  const out = join(scratch(), 'results.json');
  const filter = only === undefined ? [] : ['-t', only];
  await follow(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${out}`, ...filter],
    { cwd: folder, env: { DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}`, ...awsNames } },
  );
  const statuses = { passed: 'passed', failed: 'failed' };
  return JSON.parse(readFileSync(out, 'utf8')).testResults.flatMap((file) =>
    file.assertionResults.map((one) => ({
      test: `${relative(folder, file.name)}: ${one.fullName.trim()}`,
      outcome: statuses[one.status] ?? 'skipped',
      why: firstLine(one.failureMessages.join('\n')),
    })),
  );
}

/** Two tests write the same key into one index, and one looks for nothing else under it. */
async function runAlternator(how) {
  const apart = 'test/alternator/test_gsi.py::test_gsi_limit_partition_key_len';
  const args = ['--runxfail', '--url', `http://127.0.0.1:${how.port}`];
  // Vector indexes are ScyllaDB's own.
  const ignored = '--ignore=test/alternator/test_vector.py';
  const all = await runPytest('alternator', how, [...args, 'test/alternator', ignored]);
  const alone = await runPytest('alternator', how, [...args, apart]);
  return [...all.filter(({ test }) => test !== apart), ...alone];
}

async function runPytest(name, { folder, port, only }, args) {
  const at = scratch();
  const out = join(at, 'results.jsonl');
  // A file of settings of our own: theirs asks for plugins that other parts of the project need.
  writeFileSync(join(at, 'pytest.ini'), '[pytest]\naddopts = -p no:cacheprovider\n');
  const filter = only === undefined ? [] : ['-k', only];
  const settings = ['-p', 'pytest_plugin', '-c', join(at, 'pytest.ini'), `--rootdir=${folder}`];
  await follow('python3', ['-m', 'pytest', '-q', ...settings, ...args, ...filter], {
    cwd: folder,
    env: {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      MOTO_TEST_ALLOW_AWS_REQUEST: 'true',
      SCYLLA_TEST_RUNNER: 'runpy',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: `${folder}:${ours}`,
      TIDETABLE_SUITE: name,
      TIDETABLE_RESULTS: out,
      ...awsNames,
    },
  });
  return readFileSync(out, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function scratch() {
  return mkdtempSync(join(tmpdir(), 'tidetable-conformance-'));
}

function firstLine(text) {
  return (text ?? '').trim().split('\n', 1)[0].slice(0, 400);
}

function tell(command, args, more = {}) {
  return spawnSync(command, args, { encoding: 'utf8', ...more });
}

/** Resolves when the child has ended, however: what it wrote tells of the tests. */
function follow(command, args, { cwd, env }) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', process.env.TIDETABLE_LOUD ? 'inherit' : 'ignore', 'inherit'],
      timeout: 1_800_000,
    });
    child.on('error', failed);
    child.on('close', done);
  });
}
