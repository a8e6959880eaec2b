/** A World whose answers are DynamoDB's own form, and whose refusals are values to compare. */
import { DynamoError } from '../../src/base/errors.ts';
import { prng } from '../../src/base/prng.ts';
import type { Effect } from '../../src/operation/operation.ts';
import { findOperation } from '../../src/operation/registry.ts';
import { checkInput } from '../../src/shape/check.ts';
import { createCatalog } from '../../src/table/catalog.ts';
import { StoredItem } from '../../src/value/codec.ts';
import { itemToWire, wireReader } from '../../src/value/wire.ts';
import { World } from './run.ts';

export interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly members: unknown;
}

type Answer = Record<string, unknown>;
type Attribute = `${string}:${'S' | 'N' | 'B'}`;

export class ItemWorld extends World {
  /** The answer to a request in DynamoDB's JSON. */
  call(name: string, input: object): Answer {
    return wireOf(this.run(name, input)) as Answer;
  }

  /** What a request would do; nothing is done. */
  effect(name: string, input: object): Effect {
    const row = findOperation(name);
    if (row === undefined) throw new Error(`no operation ${name}`);
    const context = {
      caller: { kind: 'user', principal: '' },
      nowMs: this.nowMs,
      region: 'local',
      account: '000000000000',
      endpoint: 'localhost:8000',
      values: wireReader,
      random: () => prng(1),
      collectionBytesMax: this.collectionBytesMax,
      tableDurability: () => undefined,
      catalog: createCatalog(this.reader),
      reader: this.reader,
    } as const;
    const checked = row.check(checkInput(row.input, input, 'json'), context);
    return row.decide(row.plan(checked, context), context);
  }

  /** Why a request is refused; an answer instead is a failure of the test. */
  refuse(name: string, input: object): Refusal {
    try {
      this.run(name, input);
    } catch (fault) {
      if (!(fault instanceof DynamoError)) throw fault;
      return { name: fault.name, message: fault.message, members: wireOf(fault.members) };
    }
    throw new Error(`${name} was not refused: ${JSON.stringify(input)}`);
  }

  /** The message of a ValidationException. */
  invalid(name: string, input: object): string {
    const refusal = this.refuse(name, input);
    if (refusal.name !== 'ValidationException') throw new Error(`${refusal.name} instead`);
    return refusal.message;
  }

  /** Makes a table with keys and indexes given as `name:type`. */
  table(
    name: string,
    keys: readonly Attribute[],
    more: {
      readonly global?: Readonly<Record<string, IndexDraft>>;
      readonly local?: Readonly<Record<string, IndexDraft>>;
    } = {},
  ): void {
    const indexes = [...Object.values(more.global ?? {}), ...Object.values(more.local ?? {})];
    const all = new Set([...keys, ...indexes.flatMap((index) => index.keys)]);
    this.run('CreateTable', {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [...all].map((key) => {
        const [AttributeName, AttributeType] = key.split(':');
        return { AttributeName, AttributeType };
      }),
      KeySchema: schemaOf(keys, 1),
      ...indexMember('GlobalSecondaryIndexes', more.global),
      ...indexMember('LocalSecondaryIndexes', more.local),
    });
  }
}

export interface IndexDraft {
  readonly keys: readonly Attribute[];
  /** How many of the keys are HASH; 1 unless given. */
  readonly hashes?: number;
  /** ALL unless given. */
  readonly project?: 'ALL' | 'KEYS_ONLY' | readonly string[];
}

function indexMember(
  member: string,
  drafts: Readonly<Record<string, IndexDraft>> | undefined,
): object {
  if (drafts === undefined) return {};
  const indexes = Object.entries(drafts).map(
    ([IndexName, { keys, hashes = 1, project = 'ALL' }]) => ({
      IndexName,
      KeySchema: schemaOf(keys, hashes),
      Projection:
        typeof project === 'string'
          ? { ProjectionType: project }
          : { ProjectionType: 'INCLUDE', NonKeyAttributes: project },
    }),
  );
  return { [member]: indexes };
}

function schemaOf(keys: readonly Attribute[], hashes: number): readonly object[] {
  return keys.map((key, at) => ({
    AttributeName: key.split(':')[0],
    KeyType: at < hashes ? 'HASH' : 'RANGE',
  }));
}

/** Items and stored items in an answer, as attribute values. */
export function wireOf(answer: unknown): unknown {
  if (answer instanceof Map) return itemToWire(answer);
  if (answer instanceof StoredItem) return itemToWire(answer.item());
  if (Array.isArray(answer)) return answer.map(wireOf);
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(Object.entries(answer).map(([name, member]) => [name, wireOf(member)]));
}
