/**
 * One seed: tables, items and requests of its own, asked of two endpoints, answers compared.
 *
 * After a difference on a write both sides begin anew with empty tables, so that each difference is
 * told once and not again by every read of what it left behind. At the end the tables themselves
 * are compared.
 */
import { canonical, joinPages, lineOf, nextOf } from './answer.ts';
import { type Chance, chanceOf, type Json } from './chance.ts';
import { explanationOf } from './explained.ts';
import { type Asked, filling, request } from './requests.ts';
import { indexChange, type Table, table } from './tables.ts';

/** Where requests go; `status` and the parsed body come back. */
export type Side = (operation: string, input: Json) => Promise<{ status: number; body: Json }>;

export interface Difference {
  readonly seed: number;
  /** Which request of the seed. */
  readonly at: number;
  readonly asked: Asked;
  readonly ours: string;
  readonly theirs: string;
  /** Why it may differ; undefined if nothing explains it. */
  readonly explained: string | undefined;
}

export interface Verdict {
  readonly requests: number;
  /** How many succeeded at the first side: refusals alone would prove little. */
  readonly accepted: number;
  readonly differences: readonly Difference[];
}

const tablesOfSeed = 3;
const pagesMax = 500;
const indexChangeChance = 0.002;
const activeAsksMax = 250;
const activeAskMs = 20;
const reads = /^(Get|BatchGet|TransactGet|Query|Scan)/;

export async function runSeed(
  seed: number,
  requests: number,
  ours: Side,
  theirs: Side,
): Promise<Verdict> {
  const chance = chanceOf(seed);
  const differences: Difference[] = [];
  const others: Side = async (operation, input) => {
    const { status, body } = await theirs(operation, input);
    return { status, body: canonical(body) };
  };
  let epoch = 0;
  let tables = await makeTables(chance, `d${seed}-${epoch}`, [ours, theirs]);
  let accepted = 0;
  const compare = async (asked: Asked, at: number): Promise<boolean> => {
    const [mine, other] = await Promise.all([lineAt(ours, asked), lineAt(others, asked)]);
    if (mine.startsWith('200')) accepted += 1;
    // DynamoDB Local has by then carried out some of a batch that it refuses as a whole.
    const halfDone = asked.operation === 'BatchExecuteStatement' && other.startsWith('400');
    if (mine === other) return !halfDone;
    const because = explanationOf(asked, mine, other);
    differences.push({ seed, at, asked, ours: mine, theirs: other, explained: because?.why });
    const refused = !(mine.startsWith('200') || other.startsWith('200'));
    return because?.same === true || refused || reads.test(asked.operation);
  };
  const queue = [...filling(chance, tables)];
  for (let at = 1; at <= requests; at += 1) {
    if (queue.length === 0 && chance.chance(indexChangeChance)) {
      const of = chance.pick(tables);
      const { input, after } = indexChange(chance, of);
      const asked = { operation: 'UpdateTable', input, follow: false, unordered: false };
      await compare(asked, at);
      if (!(await isActive(ours, of.name))) throw new Error(`${of.name} is not active`);
      // DynamoDB Local does not always come to an end with an index; then the tables are left.
      if (await isActive(theirs, of.name)) {
        tables = tables.map((table) => (table === of ? after : table));
        await compare({ ...asked, operation: 'DescribeTable', input: { TableName: of.name } }, at);
        continue;
      }
    } else if (await compare(queue.shift() ?? request(chance, tables), at)) continue;
    await dropTables(tables, [ours, theirs]);
    epoch += 1;
    tables = await makeTables(chance, `d${seed}-${epoch}`, [ours, theirs]);
    queue.splice(0, queue.length, ...filling(chance, tables));
  }
  for (const of of tables) {
    const input = { TableName: of.name };
    await compare({ operation: 'Scan', input, follow: true, unordered: true }, requests + 1);
  }
  await dropTables(tables, [ours, theirs]);
  return { requests: requests + tables.length, accepted, differences };
}

async function makeTables(
  chance: Chance,
  prefix: string,
  sides: readonly Side[],
): Promise<readonly Table[]> {
  const names = Array.from({ length: tablesOfSeed }, (_unused, at) => `${prefix}-${at}`);
  const tables = names.map((name) => table(chance, name));
  for (const { input } of tables) {
    const made = await Promise.all(sides.map((side) => side('CreateTable', input)));
    for (const { status, body } of made) {
      if (status !== 200) throw new Error(`CreateTable: ${JSON.stringify([body, input])}`);
    }
  }
  return tables;
}

/** An index that is made or dropped takes its time on either side. */
async function isActive(side: Side, TableName: string): Promise<boolean> {
  for (let asked = 0; asked < activeAsksMax; asked += 1) {
    const { body } = await side('DescribeTable', { TableName });
    const table = (body['Table'] ?? {}) as Json;
    const indexes = (table['GlobalSecondaryIndexes'] ?? []) as readonly Json[];
    const states = [table['TableStatus'], ...indexes.map(({ IndexStatus }) => IndexStatus)];
    if (states.every((state) => state === 'ACTIVE')) return true;
    await new Promise((resolve) => setTimeout(resolve, activeAskMs));
  }
  return false;
}

async function dropTables(tables: readonly Table[], sides: readonly Side[]): Promise<void> {
  for (const { name } of tables) {
    await Promise.all(sides.map((side) => side('DeleteTable', { TableName: name })));
  }
}

async function lineAt(side: Side, asked: Asked): Promise<string> {
  const { segments, twice, ...plain } = asked;
  if (segments !== undefined) return segmentsAt(side, plain, segments);
  if (!twice) return answerAt(side, plain);
  return `${await answerAt(side, plain)} | ${await answerAt(side, plain)}`;
}

async function segmentsAt(side: Side, asked: Asked, segments: number): Promise<string> {
  const pages: Json[] = [];
  for (let Segment = 0; Segment < segments; Segment += 1) {
    const input = { ...asked.input, Segment, TotalSegments: segments };
    const found = await pagesAt(side, { ...asked, input });
    if (typeof found === 'string') return found;
    pages.push(...found);
  }
  return lineOf(200, joinPages(pages), true);
}

async function answerAt(side: Side, asked: Asked): Promise<string> {
  const { operation, input, follow, unordered } = asked;
  if (follow) {
    const pages = await pagesAt(side, asked);
    return typeof pages === 'string' ? pages : lineOf(200, joinPages(pages), unordered);
  }
  const { status, body } = await side(operation, input);
  const next = status === 200 && operation === 'Query' ? nextOf(body) : undefined;
  return lineOf(status, body, unordered) + (next ? ` ${JSON.stringify(next)}` : '');
}

/** All pages, or the line of the refusal that ended them. */
async function pagesAt(
  side: Side,
  { operation, input, unordered }: Asked,
): Promise<readonly Json[] | string> {
  const pages: Json[] = [];
  for (let next: Json | undefined = {}; next !== undefined; ) {
    if (pages.length === pagesMax) return `endless ${operation}`;
    const { status, body } = await side(operation, { ...input, ...next });
    if (status !== 200) return lineOf(status, body, unordered);
    pages.push(body);
    next = nextOf(body);
  }
  return pages;
}
