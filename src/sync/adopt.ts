/**
 * A device takes the hub's tables for its own: those that it lacks are made as the hub describes
 * them, those that are there must have the same key schema, or stay as they are, detached.
 */
import { DynamoError } from '../base/errors.ts';
import type { Engine } from '../engine/engine-types.ts';
import { owner } from '../operation/request.ts';
import type { DetachedTable } from './sync-types.ts';
import { conflictsTable } from '../replica/conflict.ts';
import { type Description, keysOf, toDefinition } from './definition.ts';
import { allTables, type HubTable, replicated, syncCaller } from './tables.ts';

export interface Adopted {
  readonly tables: readonly string[];
  readonly detached: readonly DetachedTable[];
}

/** The names that a Tables message has: what is wanted, described where it is here. */
export async function wantedTables(
  engine: Engine,
  names: readonly string[] | undefined,
): Promise<string> {
  const list: object[] = [];
  const known = await replicated(engine);
  // An empty list asks for all that there is, where the device knows of none.
  const isAll = names === undefined || names.length === 0;
  const wanted = isAll ? [...known.keys()] : [...names, conflictsTable];
  for (const TableName of new Set(wanted)) {
    const { Table } = await describe(engine, TableName).catch(absent);
    const Global = known.get(TableName);
    const told = Table === undefined ? { TableName } : toDefinition(Table);
    list.push({ ...told, ...(Global === undefined ? {} : { Global }) });
  }
  if (isAll && list.length > 0) list.push({ TableName: allTables });
  return JSON.stringify(list);
}

/** `role`: of this database; a hub takes tables of another hub, by their names. */
export async function adoptTables(
  engine: Engine,
  told: readonly HubTable[],
  role: 'device' | 'hub' = 'device',
): Promise<Adopted> {
  await engine.call({
    operation: 'OpenReplica',
    input: { Role: role },
    form: 'plain',
    caller: syncCaller,
  });
  const known = await replicated(engine);
  const tables: string[] = [];
  const detached: DetachedTable[] = [];
  for (const one of told) {
    const why = one.Why ?? (await adopt(engine, one, known.get(one.TableName), role));
    // The log of conflicts is sync's own: whoever may not read it has none.
    if (one.TableName === conflictsTable && role === 'device') continue;
    if (why === undefined) tables.push(one.TableName);
    else detached.push({ table: one.TableName, why });
  }
  return { tables, detached };
}

/** Undefined when the table takes part; else why it does not. */
async function adopt(
  engine: Engine,
  { TableName, Global, Definition, Mode }: HubTable,
  known: string | undefined,
  role: 'device' | 'hub',
): Promise<string | undefined> {
  if (Global === undefined || Definition === undefined) return 'the hub does not describe it';
  if (known !== undefined && known !== Global && role === 'device') {
    return 'the hub has dropped the table and made another one';
  }
  const input = { TableName, Global, ...(Mode && { Mode }) };
  const replicate = { operation: 'ReplicateTable', input, form: 'plain' } as const;
  try {
    // What its writes ask for may be another since.
    if (known !== undefined && role === 'device') {
      await engine.call({ ...replicate, caller: syncCaller });
      return undefined;
    }
    const { Table } = await describe(engine, TableName).catch(absent);
    if (Table === undefined) {
      await engine.call({
        operation: 'CreateTable',
        input: Definition,
        form: 'plain',
        caller: owner,
      });
    } else if (JSON.stringify(keysOf(Table)) !== JSON.stringify(keysOf(Definition))) {
      return "its key schema is not the one of the hub's table";
    }
    if (known !== undefined) return undefined;
    await engine.call({ ...replicate, caller: syncCaller });
    return undefined;
  } catch (error) {
    if (error instanceof DynamoError) return error.message;
    throw error;
  }
}

async function describe(
  engine: Engine,
  TableName: string,
): Promise<{ readonly Table?: Description }> {
  const request = { operation: 'DescribeTable', input: { TableName }, form: 'plain' } as const;
  return (await engine.call({ ...request, caller: owner })) as { readonly Table: Description };
}

function absent(error: unknown): { readonly Table?: Description } {
  if (error instanceof DynamoError && error.name === 'ResourceNotFoundException') return {};
  throw error;
}
