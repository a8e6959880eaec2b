/**
 * Makes the tables that a database is opened with, as far as they are missing.
 *
 * Several tabs may open at once with the same tables: one of them makes a table, the others find it
 * in use and wait until it is active, so that after `open` every table can be written to; but for
 * one that is just being imported.
 */
import { DynamoError } from '../base/errors.ts';
import { tableReadyDelayMs, tableReadyRoundsMax } from '../base/limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import { owner } from '../operation/request.ts';
import type { Scheduler } from '../port/scheduler.ts';

/**
 * `tables` are CreateTable inputs. Throws what CreateTable refuses, but for ResourceInUse. A table
 * that is there costs a read from memory, and no turn.
 */
export async function ensureTables(
  engine: Pick<Engine, 'call'>,
  tables: readonly object[],
  scheduler: Scheduler,
): Promise<void> {
  for (const input of tables) {
    if (await isThere(engine, input)) continue;
    try {
      const output = await ask(engine, 'CreateTable', input);
      if (isActive(output, 'TableDescription')) continue;
    } catch (error) {
      if (!(error instanceof DynamoError && error.name === 'ResourceInUseException')) throw error;
    }
    await tableActive(engine, input, scheduler);
  }
}

/** An input that DescribeTable refuses is CreateTable's to refuse. */
async function isThere(engine: Pick<Engine, 'call'>, table: object): Promise<boolean> {
  try {
    return isActive(await ask(engine, 'DescribeTable', nameOf(table)), 'Table');
  } catch (error) {
    if (error instanceof DynamoError) return false;
    throw error;
  }
}

async function tableActive(
  engine: Pick<Engine, 'call'>,
  table: object,
  scheduler: Scheduler,
): Promise<void> {
  for (let round = 0; round < tableReadyRoundsMax; round += 1) {
    if (isActive(await ask(engine, 'DescribeTable', nameOf(table)), 'Table')) return;
    await scheduler.delay(tableReadyDelayMs);
  }
  throw new Error(`The table ${String(nameOf(table).TableName)} did not become active`);
}

function ask(engine: Pick<Engine, 'call'>, operation: string, input: object): Promise<object> {
  return engine.call({ operation, input, form: 'plain', caller: owner });
}

function nameOf(table: object): { readonly TableName: unknown } {
  return { TableName: 'TableName' in table ? table.TableName : undefined };
}

function isActive(output: object, member: 'Table' | 'TableDescription'): boolean {
  const description = (output as Record<string, { TableStatus?: unknown } | undefined>)[member];
  const status = description?.TableStatus;
  // A table that is stored as CREATING is being imported, which may take any time.
  return status === 'ACTIVE' || (member === 'Table' && status === 'CREATING');
}
