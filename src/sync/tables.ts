/**
 * Which tables a device and its hub share: the device names those that it wants, the hub says which
 * of them it has, and what they are.
 *
 * A table of the hub takes part once somebody who may change it (`dynamodb:UpdateTable`) asks for
 * it, and is made by who may make it (`dynamodb:CreateTable`): these are DynamoDB's own permissions
 * for adding a replica. Descriptions are the hub's (shared/SYNC.md, Semantics 9).
 */
import { DynamoError } from '../base/errors.ts';
import { syncTablesMax } from '../base/replica-limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Caller, PlanContext } from '../operation/operation.ts';
import { type Judge, owner, type ScopeOf } from '../operation/request.ts';
import type { TableState } from '../table/state.ts';
import type { Floor } from '../replica/floor.ts';
import { type Description, type TableDefinition, toDefinition } from './definition.ts';

/** A table as the hub tells of it. */
export interface HubTable {
  readonly TableName: string;
  /** The hub's TableId. */
  readonly Global?: string;
  /** A CreateTable input. */
  readonly Definition?: TableDefinition;
  /** What its writes ask for at least. */
  readonly Mode?: Floor;
  /** Why it does not take part. */
  readonly Why?: string;
}

/** Who asks the hub; without one, everybody may do everything. */
export interface HubVisitor {
  readonly caller: Caller;
  readonly judge: Judge;
  /** What it may see; everything when absent. */
  readonly scope?: ScopeOf;
  /** Why it is not given a table of which it may read. */
  readonly gap?: (table: TableState, context: PlanContext) => string | undefined;
}

/** Stands for all tables that the hub lets the caller see, in a list of those that are wanted. */
export const allTables = '*';

interface Wanted {
  readonly TableName: string;
  /** Its name among replicas, where the device knows it from before. */
  readonly Global?: unknown;
  readonly KeySchema?: unknown;
}

type Ask = (operation: string, input: object) => Promise<object>;

interface Asking {
  readonly engine: Engine;
  readonly visitor: HubVisitor | undefined;
  /** Calls of the caller's own. */
  readonly visiting: Ask;
  /** Questions to the caller's policies. */
  readonly judging: Ask;
  /** Names among replicas of tables that the hub has, or had and has dropped. */
  readonly former: ReadonlySet<string>;
}

/** What the caller is told of the tables of `json`, a list as a Tables message has it. */
export async function tellTables(
  engine: Engine,
  json: string,
  visitor: HubVisitor | undefined,
): Promise<readonly HubTable[]> {
  const visiting: Ask = (operation, input) =>
    engine.call({ operation, input, form: 'json', caller: owner, ...visitor });
  const judging: Ask = (operation, input) =>
    engine.call({ operation, input, form: 'json', caller: syncCaller, judge: visitor?.judge });
  const { known, former } = await listReplicated(engine);
  const asking = { engine, visitor, visiting, judging, former };
  const wanted = readWanted(json);
  const isAll = wanted.length === 0 || wanted.some(({ TableName }) => TableName === allTables);
  const named = wanted.map((one) => one.TableName).filter((name) => name !== allTables);
  const names = isAll ? [...known.keys(), ...named] : named;
  const told: HubTable[] = [];
  for (const name of new Set(names)) {
    const own = wanted.find(({ TableName }) => TableName === name);
    const one = await tellTable(asking, own ?? { TableName: name }, known.get(name));
    // Of what somebody did not ask for they hear only what they may use.
    if (own !== undefined || one.Why === undefined) told.push(one);
  }
  return told;
}

async function tellTable(
  asking: Asking,
  wanted: Wanted,
  known: string | undefined,
): Promise<HubTable> {
  const { TableName } = wanted;
  try {
    const Definition = await definitionOf(asking, wanted);
    if (Definition === undefined) return { TableName, Why: 'ResourceNotFoundException' };
    const Global = known ?? (await replicate(asking, wanted));
    const Why = await whyNot(asking, TableName);
    if (Why !== undefined) return { TableName, Why };
    const Mode = (await listReplicated(asking.engine)).modes.get(TableName);
    return { TableName, Global, Definition, ...(Mode && { Mode }) };
  } catch (error) {
    if (!(error instanceof DynamoError)) throw error;
    return { TableName, Why: `${error.name}: ${error.message}` };
  }
}

/** What the caller's policies allow of it is not in ranges, or is nothing at all. */
async function whyNot({ engine, visitor }: Asking, TableName: string): Promise<string | undefined> {
  let why: string | undefined;
  const judge: Judge = (_, __, context) => {
    const table = context.catalog.find(TableName);
    if (visitor?.scope === undefined || table?.replica === undefined) return;
    const gap = visitor.gap?.(table, context);
    const spans = visitor.scope(context).tables.get(table.replica.global);
    const isNone = [spans?.read, spans?.put, spans?.remove].every((one) => one?.length === 0);
    if (gap !== undefined) why = `A device cannot be given a part of it that is no range: ${gap}`;
    else if (isNone) why = 'AccessDeniedException: no policy lets the caller read or write it';
  };
  const request = { operation: 'ListReplicated', input: {}, form: 'plain' } as const;
  await engine.call({ ...request, caller: syncCaller, judge });
  return why;
}

/** Makes the table where it is missing and the device has said what it is. */
async function definitionOf(
  { visiting, former }: Asking,
  { Global, ...wanted }: Wanted,
): Promise<TableDefinition | undefined> {
  const { TableName } = wanted;
  try {
    return toDefinition(await tableOf(visiting, TableName));
  } catch (error) {
    if (!(error instanceof DynamoError && error.name === 'ResourceNotFoundException')) throw error;
  }
  // What the hub has dropped is not made anew by who has it still.
  const isDropped = typeof Global === 'string' && former.has(Global);
  if (wanted.KeySchema === undefined || isDropped) return undefined;
  await visiting('CreateTable', wanted).catch((error: unknown) => {
    // Another device may have come first.
    if (!(error instanceof DynamoError && error.name === 'ResourceInUseException')) throw error;
  });
  return toDefinition(await tableOf(visiting, TableName));
}

/** Asked of the caller's policies as DynamoDB asks: an UpdateTable that changes nothing else. */
async function replicate(
  { engine, judging }: Asking,
  { TableName, Global }: Wanted,
): Promise<string> {
  await judging('JudgeReplicate', { TableName });
  const output = await engine.call({
    operation: 'ReplicateTable',
    input: { TableName, ...(typeof Global === 'string' ? { Global } : {}) },
    form: 'plain',
    caller: syncCaller,
  });
  return (output as { readonly Global: string }).Global;
}

export const syncCaller: Caller = { kind: 'sync', principal: 'sync' };

/** Names of tables to their names among replicas. */
export async function replicated(engine: Engine): Promise<ReadonlyMap<string, string>> {
  return (await listReplicated(engine)).known;
}

interface Listed {
  readonly TableName: string;
  readonly Global: string;
  readonly Mode?: Floor;
}

async function listReplicated(engine: Engine): Promise<{
  readonly known: ReadonlyMap<string, string>;
  readonly former: ReadonlySet<string>;
  readonly modes: ReadonlyMap<string, Floor | undefined>;
}> {
  const output = await engine.call({
    operation: 'ListReplicated',
    input: {},
    form: 'plain',
    caller: syncCaller,
  });
  const { Tables, Former } = output as {
    readonly Tables: readonly Listed[];
    readonly Former: readonly string[];
  };
  const known = new Map(Tables.map(({ TableName, Global }) => [TableName, Global]));
  const modes = new Map(Tables.map(({ TableName, Mode }) => [TableName, Mode]));
  return { known, former: new Set(Former), modes };
}

/** What is not a table's description at all is passed over: CreateTable judges the rest. */
function readWanted(json: string): readonly Wanted[] {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    list = [];
  }
  if (!Array.isArray(list)) return [];
  return list.slice(0, syncTablesMax).filter((one): one is Wanted => {
    return typeof one === 'object' && one !== null && typeof one.TableName === 'string';
  });
}

async function tableOf(visiting: Ask, TableName: string): Promise<Description> {
  const { Table } = (await visiting('DescribeTable', { TableName })) as {
    readonly Table: Description;
  };
  return Table;
}
