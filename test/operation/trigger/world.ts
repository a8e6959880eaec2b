/** A table with a stream, and a trigger's operations on it, without an engine. */
import { ItemWorld } from '../../support/item-world.ts';
import { simpleTable } from '../../support/table-inputs.ts';

export type Output = Record<string, unknown>;

const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' };

export class TriggerWorld extends ItemWorld {
  constructor(stream: object = StreamSpecification) {
    super();
    this.run('CreateTable', simpleTable({ StreamSpecification: stream }));
  }

  put(a: string, n: number): void {
    this.nowMs += 1;
    this.run('PutItem', { TableName: 'Simple', Item: { a: { S: a }, n: { N: String(n) } } });
  }

  ask(operation: string, input: object = {}): Output {
    return this.run(operation, { Name: 't', ...input }, 'plain') as Output;
  }

  /** Opens the trigger and claims it for `me`. */
  hold(more: object = {}): void {
    this.ask('OpenTrigger', { Table: 'Simple', StartingPosition: 'TRIM_HORIZON', ...more });
    this.ask('ClaimTrigger', { Owner: 'me', Expect: '', Locked: true });
  }

  lanes(count = 1): readonly { Shard: string; Lane: number; After: string }[] {
    return this.ask('PeekTrigger', { Lanes: count })['Lanes'] as ReturnType<TriggerWorld['lanes']>;
  }

  /** What is next in a lane. */
  read(at = this.lanes()[0] as ReturnType<TriggerWorld['lanes']>[0], more: object = {}): Output {
    return this.ask('ReadTrigger', { ...at, Lanes: 1, Limit: 100, Bytes: 1_000_000, ...more });
  }

  save(more: object, owner = 'me'): Output {
    return this.ask('SaveTrigger', { Owner: owner, Lanes: 1, ...more });
  }
}

export function numbersOf(page: Output): readonly string[] {
  const records = page['Records'] as readonly { dynamodb: { SequenceNumber: string } }[];
  return records.map(({ dynamodb }) => dynamodb.SequenceNumber);
}
