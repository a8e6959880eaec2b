/**
 * OpenTrigger: a trigger is there from now on, and its start is fixed. One that is there already is
 * left as it is, but for a holder that it is to have: `Owner`, if `Expect` is who holds it now.
 * RemoveTrigger: everything that is kept of it goes.
 */
import { resourceInUse } from '../../base/errors.ts';
import { boolean, list, long, oneOf, string, struct, tableName } from '../../shape/constructors.ts';
import type { ChangePlace } from '../../log/change.ts';
import { compileFilter } from '../../stream/trigger-filter.ts';
import {
  findTrigger,
  newTrigger,
  passAll,
  putTrigger,
  removeTrigger,
} from '../../stream/trigger-state.ts';
import { tableNameOf } from '../../table/arn.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable, systemCommit } from '../table/stored.ts';
import { checkName, knownTrigger, noStream, triggerName } from './shared.ts';

type StartingPosition = 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';

const first: ChangePlace = { ms: 0, sequence: 0 };

export const OpenTrigger: Operation = operation({
  name: 'OpenTrigger',
  kind: 'write',
  internal: true,
  input: struct({
    Name: triggerName.required,
    Table: tableName.required,
    StartingPosition: oneOf('TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP').required,
    /** Of AT_TIMESTAMP: epoch milliseconds. */
    TimestampMs: long({ min: 0 }),
    /** Told of before anything is made. */
    Patterns: list(string()),
  }),
  check(input) {
    checkName(input.Name);
    if (input.Patterns !== undefined) compileFilter(input.Patterns);
    return input;
  },
  plan: (input) => input,
  decide({ Name: name, Table, StartingPosition, TimestampMs }, { reader, catalog }) {
    const known = findTrigger(reader, name);
    if (known !== undefined) {
      // Its table may be gone: the stream can be read for another day.
      if (known.table === tableNameOf(Table)) return { output: { Made: false } };
      throw resourceInUse(`The trigger ${name} follows the table ${known.table}`);
    }
    const table = knownTable(catalog, Table);
    const { stream } = table;
    if (stream === undefined || stream.hidden === true) throw noStream(table.name);
    const start = startOf(StartingPosition, TimestampMs ?? 0);
    const trigger = newTrigger(name, table.name, stream, start);
    const passed = StartingPosition === 'LATEST' ? passAll(reader, trigger) : [];
    return {
      output: { Made: true },
      commits: [systemCommit([putTrigger(reader, trigger), ...passed])],
    };
  },
});

export const ClaimTrigger: Operation = operation({
  name: 'ClaimTrigger',
  kind: 'write',
  internal: true,
  input: struct({
    Name: triggerName.required,
    Owner: string({ min: 1, max: 64 }).required,
    Expect: string().required,
    Locked: boolean.required,
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Name, Owner, Expect, Locked }, { reader }) {
    const trigger = knownTrigger(reader, Name);
    if (trigger.owner !== Expect) return { output: { Claimed: false } };
    const next = { ...trigger, owner: Owner, locked: Locked, beat: trigger.beat + 1 };
    return { output: { Claimed: true }, commits: [systemCommit([putTrigger(reader, next)])] };
  },
});

export const RemoveTrigger: Operation = operation({
  name: 'RemoveTrigger',
  kind: 'write',
  internal: true,
  input: struct({ Name: triggerName.required }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Name }, { reader }) {
    const mutations = removeTrigger(reader, Name);
    return { output: {}, commits: mutations.length === 0 ? [] : [systemCommit(mutations)] };
  },
});

function startOf(position: StartingPosition, timestampMs: number): ChangePlace {
  if (position !== 'AT_TIMESTAMP' || timestampMs === 0) return first;
  return { ms: timestampMs - 1, sequence: Number.MAX_SAFE_INTEGER };
}
