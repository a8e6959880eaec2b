/**
 * PGlite on OPFS, as its documentation advises: in a worker, `opfs-ahp`, bulk data by COPY from a
 * blob, `relaxedDurability` (an answer does not wait until the files are flushed).
 *
 * Calls that arrive while others are under way are done together: the writes in one transaction
 * of set-wise statements, the gets as one join.
 */
import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { BenchItem } from '../items.ts';
import type { Answer, Call } from './calls.ts';

const scanChunk = 2000;
const columns = 'pk, sk, city, at, name, note, done, score';
const types =
  'pk text, sk int, city text, at int, name text, note text, done bool, score double precision';
const upsert = `INSERT INTO items (${columns})
  SELECT ${columns} FROM json_to_recordset($1::json) AS put(${types})
  ON CONFLICT (pk, sk) DO UPDATE SET city = excluded.city, at = excluded.at,
  name = excluded.name, note = excluded.note, done = excluded.done, score = excluded.score`;
const findAll = `SELECT items.* FROM items
  JOIN json_to_recordset($1::json) AS wanted(pk text, sk int) USING (pk, sk)`;

const grouped = new Set(['put', 'replace', 'get', 'increment']);
let pg: PGlite | undefined;
let waiting: Call[] = [];
let busy = false;

self.onmessage = ({ data }: MessageEvent<readonly Call[]>): void => {
  waiting.push(...data);
  if (!busy) void work();
};

async function work(): Promise<void> {
  busy = true;
  while (waiting.length > 0) {
    const calls = waiting;
    waiting = [];
    const puts = calls.filter((call) => call.op === 'put' || call.op === 'replace');
    const gets = calls.filter((call) => call.op === 'get');
    const counts = calls.filter((call) => call.op === 'increment');
    await together(puts, () => write(puts as readonly Call<'put'>[]));
    await together(gets, () => read(gets as readonly Call<'get'>[]));
    await together(counts, () => count(counts as readonly Call<'increment'>[]));
    for (const call of calls) {
      if (grouped.has(call.op)) continue;
      await together([call], async () => [{ id: call.id, result: await alone(call) }]);
    }
  }
  busy = false;
}

async function together(
  calls: readonly Call[],
  act: () => Promise<readonly Answer[]>,
): Promise<void> {
  if (calls.length === 0) return;
  try {
    self.postMessage(await act());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    self.postMessage(calls.map(({ id }): Answer => ({ id, error: message })));
  }
}

/** Of several writes of one key the last one stands, and each answers the one before it. */
function write(calls: readonly Call<'put'>[]): Promise<readonly Answer[]> {
  return db().transaction(async (tx) => {
    const now = new Map<string, BenchItem>();
    const replaced = calls.filter(({ op }) => (op as string) === 'replace');
    if (replaced.length > 0) {
      const keys = replaced.map(({ args: [{ pk, sk }] }) => ({ pk, sk }));
      for (const item of await find(tx, keys)) now.set(nameOf(item), item);
    }
    const answers = calls.map(({ id, op, args: [item] }): Answer => {
      const result = (op as string) === 'replace' ? now.get(nameOf(item)) : undefined;
      now.set(nameOf(item), item);
      return { id, result };
    });
    const last = new Map(calls.map(({ args: [item] }) => [nameOf(item), item]));
    await tx.query(upsert, [JSON.stringify([...last.values()])]);
    return answers;
  });
}

function count(calls: readonly Call<'increment'>[]): Promise<readonly Answer[]> {
  const sql = 'UPDATE items SET score = score + 1 WHERE pk = $1 AND sk = $2 RETURNING score';
  return db().transaction(async (tx) => {
    const answers: Answer[] = [];
    for (const { id, args } of calls) {
      const { rows } = await tx.query<{ score: number }>(sql, [...args]);
      answers.push({ id, result: rows[0]?.score });
    }
    return answers;
  });
}

async function read(calls: readonly Call<'get'>[]): Promise<readonly Answer[]> {
  const keys = calls.map(({ args: [pk, sk] }) => ({ pk, sk }));
  const found = await find(db(), keys);
  const byName = new Map(found.map((item) => [nameOf(item), item]));
  return calls.map(({ id }, at) => ({ id, result: byName.get(nameOf(keys[at] as Key)) }));
}

async function find(on: PGlite | Transaction, keys: readonly Key[]): Promise<readonly BenchItem[]> {
  const [first] = keys;
  if (keys.length !== 1 || first === undefined) {
    return (await on.query<BenchItem>(findAll, [JSON.stringify(keys)])).rows;
  }
  const one = `SELECT ${columns} FROM items WHERE pk = $1 AND sk = $2`;
  return (await on.query<BenchItem>(one, [first.pk, first.sk])).rows;
}

async function alone({ op, args }: Call): Promise<unknown> {
  if (op === 'open') {
    const [name, indexes] = args as Call<'open'>['args'];
    return open(name, indexes);
  }
  if (op === 'close') return db().close();
  if (op === 'bulk') return copy(args[0] as readonly BenchItem[]);
  if (op === 'scan') {
    const [after] = args as Call<'scan'>['args'];
    const sql = `SELECT ${columns} FROM items WHERE (pk, sk) > ($1, $2)
      ORDER BY pk, sk LIMIT ${scanChunk}`;
    return (await db().query(sql, [after?.pk ?? '', after?.sk ?? -1])).rows;
  }
  const [by, order] = op === 'query' ? ['pk', 'sk'] : ['city', 'at'];
  const sql = `SELECT ${columns} FROM items WHERE ${by} = $1 ORDER BY ${order} LIMIT $2`;
  return (await db().query(sql, [...args])).rows;
}

async function open(name: string, indexes: 1 | 2): Promise<void> {
  pg = await PGlite.create({ dataDir: `opfs-ahp://pglite-${name}`, relaxedDurability: true });
  await pg.exec(`CREATE TABLE IF NOT EXISTS items (${types}, PRIMARY KEY (pk, sk));
    CREATE INDEX IF NOT EXISTS bycity ON items (city, at);`);
  if (indexes === 2) await pg.exec('CREATE INDEX IF NOT EXISTS byname ON items (name, at)');
}

async function copy(items: readonly BenchItem[]): Promise<void> {
  const lines = items.map(({ pk, sk, city, at, name, note, done, score }) => {
    return `${pk},${sk},${city},${at},${name},${note},${done},${score}\n`;
  });
  const sql = `COPY items (${columns}) FROM '/dev/blob' WITH (FORMAT csv)`;
  await db().query(sql, [], { blob: new Blob(lines) });
}

interface Key {
  readonly pk: string;
  readonly sk: number;
}

function nameOf({ pk, sk }: Key): string {
  return `${pk} ${sk}`;
}

function db(): PGlite {
  if (pg === undefined) throw new Error('PGlite is not open');
  return pg;
}
