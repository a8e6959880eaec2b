/**
 * The four operations of Kinesis destinations, row by row of reference/operations.md section 8 and
 * reference/streams-ttl-backup-globaltables.md section 11.
 */
import { describe, expect, test } from 'vitest';
import { createCatalog } from '../../../src/table/catalog.ts';
import { putTable } from '../../../src/table/system-items.ts';
import { TriggerWorld } from '../trigger/world.ts';

const arn = (name: string): string => `arn:aws:kinesis:us-east-1:111122223333:stream/${name}`;
const TableName = 'Simple';
const off = { StreamEnabled: false };

class KinesisWorld extends TriggerWorld {
  kinesis(verb: string, more: object = {}): Record<string, unknown> {
    this.nowMs += 1;
    const input = { TableName, StreamArn: arn('one'), ...more };
    return this.call(`${verb}KinesisStreamingDestination`, input);
  }

  get destinations(): unknown {
    const input = { TableName };
    return this.call('DescribeKinesisStreamingDestination', input)['KinesisDataStreamDestinations'];
  }

  setStream(StreamSpecification: object): void {
    this.nowMs += 1;
    this.run('UpdateTable', { TableName, StreamSpecification });
  }

  get stream() {
    return createCatalog(this.reader).table(TableName).stream;
  }

  /** Images that wait for the destination, by lanes that can be read now. */
  waiting(): readonly string[] {
    const { Destinations } = this.run('ListDestinations', {}, 'plain') as unknown as {
      Destinations: readonly { Trigger: string }[];
    };
    const Name = Destinations[0]?.Trigger;
    const { Lanes } = this.ask('PeekTrigger', { Name, Lanes: 1 }) as unknown as {
      Lanes: readonly object[];
    };
    return Lanes.flatMap((at) => {
      const { Records } = this.read(at as never, { Name }) as unknown as {
        Records: readonly { dynamodb: Record<string, unknown> }[];
      };
      return Records.map(({ dynamodb: { OldImage, NewImage } }) => {
        return `${OldImage === undefined ? '-' : 'old'} ${NewImage === undefined ? '-' : 'new'}`;
      });
    });
  }
}

describe('enabling', () => {
  test('answers ENABLING, and is ACTIVE then', () => {
    const world = new KinesisWorld();
    expect(world.destinations).toEqual([]);
    expect(world.kinesis('Enable')).toEqual({
      TableName,
      StreamArn: arn('one'),
      DestinationStatus: 'ENABLING',
    });
    expect(world.destinations).toEqual([
      {
        StreamArn: arn('one'),
        DestinationStatus: 'ACTIVE',
        ApproximateCreationDateTimePrecision: 'MILLISECOND',
      },
    ]);
  });

  test('with a precision echoes it', () => {
    const world = new KinesisWorld();
    const EnableKinesisStreamingConfiguration = {
      ApproximateCreationDateTimePrecision: 'MICROSECOND',
    };
    expect(world.kinesis('Enable', { EnableKinesisStreamingConfiguration })).toMatchObject({
      EnableKinesisStreamingConfiguration,
    });
    expect(world.destinations).toMatchObject([
      { ApproximateCreationDateTimePrecision: 'MICROSECOND' },
    ]);
  });

  test('twice is refused, and again after disabling is not', () => {
    const world = new KinesisWorld();
    world.kinesis('Enable');
    expect(
      world.invalid('EnableKinesisStreamingDestination', { TableName, StreamArn: arn('one') }),
    ).toBe(
      'Table is not in a valid state to enable Kinesis Streaming Destination: ' +
        'EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE ' +
        'operation.',
    );
    expect(world.kinesis('Disable')).toMatchObject({ DestinationStatus: 'DISABLING' });
    expect(world.destinations).toMatchObject([{ DestinationStatus: 'DISABLED' }]);
    world.kinesis('Enable');
    expect(world.destinations).toMatchObject([{ DestinationStatus: 'ACTIVE' }]);
  });

  test('more than two at once is refused', () => {
    const world = new KinesisWorld();
    world.kinesis('Enable');
    world.kinesis('Enable', { StreamArn: arn('two') });
    const input = { TableName, StreamArn: arn('three') };
    expect(world.refuse('EnableKinesisStreamingDestination', input).name).toBe(
      'LimitExceededException',
    );
    world.kinesis('Disable');
    world.kinesis('Enable', input);
  });
});

describe('what is refused', () => {
  const verbs = ['Enable', 'Disable', 'Update'] as const;
  const told = {
    UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: 'MILLISECOND' },
  };

  test.each(verbs)('%s of a table that is not there', (verb) => {
    const world = new KinesisWorld();
    const input = { TableName: 'None', StreamArn: arn('one'), ...told };
    const { name, message } = world.refuse(`${verb}KinesisStreamingDestination`, input);
    expect([name, message]).toEqual([
      'ResourceNotFoundException',
      'Requested resource not found: Table: None not found',
    ]);
  });

  test('Describe of a table that is not there', () => {
    const world = new KinesisWorld();
    const refusal = world.refuse('DescribeKinesisStreamingDestination', { TableName: 'None' });
    expect(refusal.name).toBe('ResourceNotFoundException');
  });

  test.each(verbs)('%s with an ARN of 36 characters', (verb) => {
    const world = new KinesisWorld();
    const message = world.invalid(`${verb}KinesisStreamingDestination`, {
      TableName,
      StreamArn: 'x'.repeat(36),
      ...told,
    });
    expect(message).toContain("'streamArn' failed to satisfy constraint");
    expect(message).toContain('greater than or equal to 37');
  });

  test.each(verbs)('%s with an ARN of 1025 characters', (verb) => {
    const world = new KinesisWorld();
    const input = { TableName, StreamArn: 'x'.repeat(1025), ...told };
    expect(world.invalid(`${verb}KinesisStreamingDestination`, input)).toContain(
      "'streamArn' failed to satisfy constraint: Member must have length less than or equal to 1024",
    );
  });

  const transitions = [
    ['CREATING', 'created'],
    ['DELETING', 'deleted'],
  ] as const;
  test.each(transitions)('a table that is %s', (status, what) => {
    const world = new KinesisWorld();
    world.kinesis('Enable');
    const table = createCatalog(world.reader).table(TableName);
    world.reader.apply([putTable(world.reader, { ...table, status })]);
    for (const verb of ['Enable', 'Disable', 'Update']) {
      const more = verb === 'Update' && {
        UpdateKinesisStreamingConfiguration: {
          ApproximateCreationDateTimePrecision: 'MICROSECOND',
        },
      };
      const input = { TableName, StreamArn: arn('one'), ...more };
      expect(world.refuse(`${verb}KinesisStreamingDestination`, input)).toMatchObject({
        name: 'ResourceInUseException',
        message: `Attempt to change a resource which is still in use: Table is being ${what}: Simple`,
      });
    }
  });

  test('disabling what is not ACTIVE', () => {
    const world = new KinesisWorld();
    const input = { TableName, StreamArn: arn('one') };
    expect(world.invalid('DisableKinesisStreamingDestination', input)).toBe(
      'Table is not in a valid state to disable Kinesis Streaming Destination: ' +
        'KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.',
    );
  });

  test('updating what is not ACTIVE, to the same precision, or to nothing', () => {
    const world = new KinesisWorld();
    const update = (more: object): string =>
      world.invalid('UpdateKinesisStreamingDestination', {
        TableName,
        StreamArn: arn('one'),
        ...more,
      });
    expect(update(told)).toContain('must be ACTIVE to perform UPDATE operation');
    world.kinesis('Enable');
    expect(update(told)).toContain('already set to the desired value of MILLISECOND');
    expect(update({})).toContain('cannot be null or contain only null values');
  });
});

test('updating answers UPDATING, and the precision is another then', () => {
  const world = new KinesisWorld();
  world.kinesis('Enable');
  const UpdateKinesisStreamingConfiguration = {
    ApproximateCreationDateTimePrecision: 'MICROSECOND',
  };
  expect(world.kinesis('Update', { UpdateKinesisStreamingConfiguration })).toEqual({
    TableName,
    StreamArn: arn('one'),
    DestinationStatus: 'UPDATING',
    UpdateKinesisStreamingConfiguration,
  });
  expect(world.destinations).toMatchObject([
    { DestinationStatus: 'ACTIVE', ApproximateCreationDateTimePrecision: 'MICROSECOND' },
  ]);
});

describe('what is recorded', () => {
  test('without a stream both images, from now on, in a stream that nobody sees', () => {
    const world = new KinesisWorld(off);
    world.put('x', 1);
    world.kinesis('Enable');
    world.put('x', 2);
    world.put('y', 1);
    expect(world.waiting()).toEqual(['old new', '- new']);
    expect(world.call('ListStreams', {})).toEqual({ Streams: [] });
    const { Table } = world.call('DescribeTable', { TableName }) as { Table: object };
    expect(Table).not.toHaveProperty('LatestStreamArn');
    expect(Table).not.toHaveProperty('StreamSpecification');
    const label = world.stream?.label;
    const StreamArn = `arn:aws:dynamodb:local:000000000000:table/Simple/stream/${label}`;
    expect(world.refuse('DescribeStream', { StreamArn }).name).toBe('ResourceNotFoundException');
    expect(() =>
      world.ask('OpenTrigger', { Table: TableName, StartingPosition: 'LATEST' }),
    ).toThrow('has no stream');
  });

  test('with a stream of keys both images, of which the stream shows none', () => {
    const world = new KinesisWorld({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    world.hold();
    world.put('x', 1);
    world.kinesis('Enable');
    world.put('x', 2);
    expect(world.waiting()).toEqual(['old new']);
    const { Records } = world.read() as unknown as { Records: readonly { dynamodb: object }[] };
    expect(Records).toHaveLength(2);
    for (const { dynamodb } of Records) {
      expect(dynamodb).not.toHaveProperty('NewImage');
      expect(dynamodb).not.toHaveProperty('OldImage');
    }
    world.kinesis('Disable');
    expect(world.stream?.keepsAll ?? false).toBe(false);
  });

  test('goes on through a stream that is turned on and off, without a gap', () => {
    const world = new KinesisWorld(off);
    world.kinesis('Enable');
    world.put('x', 1);
    world.setStream({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });
    world.put('x', 2);
    expect(world.call('ListStreams', {})['Streams']).toHaveLength(1);
    world.setStream(off);
    world.put('x', 3);
    const Name = (
      world.run('ListDestinations', {}, 'plain') as unknown as {
        Destinations: readonly { Trigger: string }[];
      }
    ).Destinations[0]?.Trigger;
    world.ask('ClaimTrigger', { Name, Owner: 'me', Expect: '', Locked: true });
    const all: string[] = [];
    for (let step = 0; step < 10 && all.length < 3; step += 1) {
      const peek = world.ask('PeekTrigger', { Name, Lanes: 1 });
      if (peek['Advance'] === true) world.save({ Name, Advance: true });
      for (const at of peek['Lanes'] as readonly object[]) {
        all.push(...world.waiting());
        world.save({ Name, ...at, After: world.read(at as never, { Name })['After'] });
      }
    }
    expect(all).toEqual(['- new', 'old new', 'old new']);
  });

  test('and not delivered goes when its destination is disabled', () => {
    const world = new KinesisWorld(off);
    world.kinesis('Enable');
    world.put('x', 1);
    world.kinesis('Disable');
    world.put('x', 2);
    world.kinesis('Enable');
    expect(world.waiting()).toEqual([]);
    world.put('x', 3);
    expect(world.waiting()).toEqual(['old new']);
  });

  test('ends with the last destination, and with the table', () => {
    const world = new KinesisWorld(off);
    world.kinesis('Enable');
    world.kinesis('Enable', { StreamArn: arn('two') });
    world.kinesis('Disable');
    expect(world.stream?.hidden).toBe(true);
    world.kinesis('Disable', { StreamArn: arn('two') });
    expect(world.stream).toBeUndefined();
    world.kinesis('Enable');
    world.run('DeleteTable', { TableName });
    expect(world.run('ListDestinations', {}, 'plain')).toEqual({ Destinations: [] });
    expect(world.call('ListStreams', {})).toEqual({ Streams: [] });
  });
});
