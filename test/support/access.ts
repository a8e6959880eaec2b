/** An engine in memory with tables to ask about, and callers who are under policies. */
import { anyValue, type Known } from '../../src/access/condition.ts';
import { readPolicy } from '../../src/access/policy.ts';
import type { Engine } from '../../src/engine/engine-types.ts';
import { openNodeDatabase } from '../../src/host/node.ts';
import { judgeOf } from '../../src/operation/access/judge.ts';
import { questionsOf } from '../../src/operation/access/questions.ts';
import { type Judge, owner } from '../../src/operation/request.ts';
import { schemaOf, tableOf } from './endpoint.ts';

export const notesArn = 'arn:aws:dynamodb:local:000000000000:table/Notes';

/** A question as a test writes it: names without `dynamodb:`, `any` for what is not known. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
  readonly facts: Readonly<Record<string, readonly string[] | 'any'>>;
}

export interface AccessWorld {
  readonly engine: Engine;
  call(operation: string, input: object, judge?: Judge): Promise<object>;
  /** What a call asks of policies; the call itself ends there. */
  asked(operation: string, input: object): Promise<readonly Asked[] | undefined>;
  /** `allowed`, or the name of the error that the call ends with. */
  outcome(
    statements: readonly object[],
    operation: string,
    input: object,
    claims?: Readonly<Record<string, readonly string[]>>,
  ): Promise<string>;
}

class Stopped extends Error {}

const shown = (known: Known): readonly string[] | 'any' => {
  if (known === anyValue) return 'any';
  return 'beginsWith' in known ? [`${known.beginsWith}*`] : known;
};

export async function openAccessWorld(): Promise<AccessWorld> {
  const engine = await openNodeDatabase({ memory: true });
  const call: AccessWorld['call'] = (operation, input, judge) => {
    return engine.call({ operation, input, form: 'json', caller: owner, judge });
  };
  for (const table of tables) await call('CreateTable', table);
  await engine.idle();
  return {
    engine,
    call,
    async asked(operation, input) {
      let found: readonly Asked[] | undefined;
      const record: Judge = (name, checked, context) => {
        found = questionsOf(name, checked, context)?.map(({ action, resource, facts }) => ({
          action: action.replace('dynamodb:', ''),
          resource: resource.replace(notesArn, 'Notes'),
          facts: Object.fromEntries(
            [...facts].map(([fact, known]) => [fact.replace('dynamodb:', ''), shown(known)]),
          ),
        }));
        throw new Stopped('asked');
      };
      await call(operation, input, record).catch((error) => {
        if (error.message !== 'asked') throw error;
      });
      return found;
    },
    async outcome(statements, operation, input, claims = {}) {
      const policy = readPolicy({ Version: '2012-10-17', Statement: statements }, 'p');
      const variables = new Map(Object.entries(claims));
      const judge = judgeOf({ arn: 'arn:aws:iam::0:user/u', policies: [policy], variables });
      try {
        await call(operation, input, judge);
        return 'allowed';
      } catch (error) {
        return (error as Error).name;
      }
    },
  };
}

const index = (IndexName: string, keys: readonly string[], projection: object): object => ({
  IndexName,
  KeySchema: schemaOf(keys),
  Projection: projection,
});

/** Notes: owner and id; an index of numbers that holds a little, one that holds all. */
const tables: readonly object[] = [
  tableOf(
    'Notes',
    ['owner:S', 'id:S'],
    {
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      GlobalSecondaryIndexes: [
        index('by-year', ['year:N', 'id:S'], {
          ProjectionType: 'INCLUDE',
          NonKeyAttributes: ['title'],
        }),
        index('by-tag', ['tag:S'], { ProjectionType: 'ALL' }),
      ],
    },
    ['year:N', 'tag:S'],
  ),
  tableOf('Bytes', ['b:B']),
];
