/**
 * ListDeadLetters: what a trigger could not deliver, first to last, with its records.
 * DiscardDeadLetters: letters go, those that are named or all.
 */
import { deadLettersMax, deadLettersPageMax } from '../../base/trigger-limits.ts';
import { readChange } from '../../log/change.ts';
import type { Mutation } from '../../log/commit.ts';
import { integer, list, long, struct } from '../../shape/constructors.ts';
import { recordOfChange } from '../../stream/record.ts';
import {
  type DeadLetter,
  dropLetter,
  type KeptLetter,
  listLetters,
  putTrigger,
} from '../../stream/trigger-state.ts';
import { type Operation, operation } from '../operation.ts';
import { systemCommit } from '../table/stored.ts';
import { knownTrigger, triggerName } from './shared.ts';

export interface LetterOutput extends Omit<DeadLetter, 'stream'> {
  readonly arn: string;
  readonly records: readonly object[];
}

export const ListDeadLetters: Operation = operation({
  name: 'ListDeadLetters',
  kind: 'read',
  internal: true,
  input: struct({
    Name: triggerName.required,
    Limit: integer({ min: 1, max: deadLettersPageMax }).required,
    After: long({ min: -1 }),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Name, Limit, After }, { reader, isPlain }) {
    knownTrigger(reader, Name);
    const letters = listLetters(reader, Name, Limit, After);
    return {
      output: {
        Letters: letters.map((one) => outputOf(one, isPlain)),
        More: letters.length === Limit,
      },
    };
  },
  consistent: () => true,
});

export const DiscardDeadLetters: Operation = operation({
  name: 'DiscardDeadLetters',
  kind: 'write',
  internal: true,
  input: struct({
    Name: triggerName.required,
    Ids: list(long({ min: 0 }), { max: deadLettersMax }),
  }),
  check: (input) => input,
  plan: (input) => input,
  decide({ Name, Ids }, { reader }) {
    const trigger = knownTrigger(reader, Name);
    const ids = Ids ?? listLetters(reader, Name, deadLettersMax).map(({ letter }) => letter.id);
    const mutations: Mutation[] = [];
    let { count, bytes } = trigger.letters;
    for (const id of new Set(ids)) {
      const dropped = dropLetter(reader, Name, id);
      if (dropped === undefined) continue;
      mutations.push(...dropped.mutations);
      count -= 1;
      bytes -= dropped.bytes;
    }
    const output = { Discarded: trigger.letters.count - count };
    if (mutations.length === 0) return { output };
    const letters = { ...trigger.letters, count, bytes };
    const header = putTrigger(reader, { ...trigger, letters });
    return { output, commits: [systemCommit([header, ...mutations])] };
  },
});

function outputOf(
  { letter: { stream, ...told }, records }: KeptLetter,
  isPlain: boolean | undefined,
): LetterOutput {
  return {
    ...told,
    arn: stream.arn,
    records: records.map(({ key, value }) =>
      recordOfChange(stream, readChange(key, value), stream.view, isPlain),
    ),
  };
}
