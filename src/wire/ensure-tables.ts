/**
 * Makes the tables that a database is opened with, as far as they are missing.
 *
 * Several tabs may open at once with the same tables: one of them makes a table, the others find it
 * in use and wait until it is active, so that after `open` every table can be written to.
 */
import { DynamoError } from '../base/errors.ts';
import { tableReadyDelayMs, tableReadyRoundsMax } from '../base/limits.ts';
import type { Engine } from '../engine/engine-types.ts';
import { owner } from '../operation/request.ts';
import type { Scheduler } from '../port/scheduler.ts';

/** `tables` are CreateTable inputs. Throws what CreateTable refuses, but for ResourceInUse. */
export async function ensureTables(
  engine: Pick<Engine, 'call'>,
  tables: readonly object[],
  scheduler: Scheduler,
): Promise<void> {
  for (const input of tables) {
    try {
      const output = await engine.call({
        operation: 'CreateTable',
        input,
        form: 'plain',
        caller: owner,
      });
      if (isActive(output, 'TableDescription')) continue;
    } catch (error) {
      if (!(error instanceof DynamoError && error.name === 'ResourceInUseException')) throw error;
    }
    await tableActive(engine, input, scheduler);
  }
}

async function tableActive(
  engine: Pick<Engine, 'call'>,
  table: object,
  scheduler: Scheduler,
): Promise<void> {
  const input = { TableName: 'TableName' in table ? table.TableName : undefined };
  for (let round = 0; round < tableReadyRoundsMax; round += 1) {
    const output = await engine.call({
      operation: 'DescribeTable',
      input,
      form: 'plain',
      caller: owner,
    });
    if (isActive(output, 'Table')) return;
    await scheduler.delay(tableReadyDelayMs);
  }
  throw new Error(`The table ${String(input.TableName)} did not become active`);
}

function isActive(output: object, member: 'Table' | 'TableDescription'): boolean {
  const description = (output as Record<string, { TableStatus?: unknown } | undefined>)[member];
  return description?.TableStatus === 'ACTIVE';
}
