/**
 * EnableKinesisStreamingDestination, DisableKinesisStreamingDestination,
 * UpdateKinesisStreamingDestination and DescribeKinesisStreamingDestination: where the changes of a
 * table go besides its stream.
 *
 * The answers say what DynamoDB is at (ENABLING, DISABLING, UPDATING); here it is done when they
 * are given. A destination is a trigger whose cursor begins now (stream/destination.ts).
 */
import { limitExceeded, validation } from '../../base/errors.ts';
import { kinesisDestinationsMax } from '../../base/trigger-limits.ts';
import type { Mutation } from '../../log/commit.ts';
import { oneOf, ownTableName, type Shape, string, struct } from '../../shape/constructors.ts';
import { destinationName } from '../../stream/destination.ts';
import { newTrigger, passAll, putTrigger, removeTrigger } from '../../stream/trigger-state.ts';
import type { TableState } from '../../table/state.ts';
import { putTable } from '../../table/system-items.ts';
import type { TreeReader } from '../../tree/reader.ts';
import { type DecideContext, type Effect, type Operation, operation } from '../operation.ts';
import { type KinesisDestination, settingsOf, storedSettings } from '../table/settings.ts';
import { settleDestinations } from '../table/stream-change.ts';
import { checkChangeable, knownTable, systemCommit } from '../table/stored.ts';

type Precision = KinesisDestination['ApproximateCreationDateTimePrecision'];

const streamArn: Shape<string> = string({ min: 37, max: 1024 });
const configuration = struct(
  { ApproximateCreationDateTimePrecision: oneOf('MICROSECOND', 'MILLISECOND') },
  'EnableKinesisStreamingConfiguration',
);
const changeInput = struct({
  TableName: ownTableName.required,
  StreamArn: streamArn.required,
  EnableKinesisStreamingConfiguration: configuration,
});
const updateInput = struct({
  TableName: ownTableName.required,
  StreamArn: streamArn.required,
  UpdateKinesisStreamingConfiguration: struct(
    { ApproximateCreationDateTimePrecision: oneOf('MICROSECOND', 'MILLISECOND') },
    'UpdateKinesisStreamingConfiguration',
  ),
});

const prefix = 'Table is not in a valid state to';

export const EnableKinesisStreamingDestination: Operation = operation({
  name: 'EnableKinesisStreamingDestination',
  kind: 'write',
  input: changeInput,
  check: (input) => input,
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    checkChangeable(table);
    if (findDestination(table, input.StreamArn)?.DestinationStatus === 'ACTIVE') {
      throw validation(
        `${prefix} enable Kinesis Streaming Destination: EnableKinesisStreamingDestination must ` +
          'be DISABLED or ENABLE_FAILED to perform ENABLE operation.',
      );
    }
    if (active(table).length >= kinesisDestinationsMax) {
      throw limitExceeded(
        `Subscriber limit exceeded: a table has at most ${kinesisDestinationsMax} active Kinesis ` +
          'streaming destinations',
      );
    }
    return { table, input };
  },
  decide({ table, input }, context) {
    const { StreamArn, EnableKinesisStreamingConfiguration: told } = input;
    const precision: Precision = told?.ApproximateCreationDateTimePrecision ?? 'MILLISECOND';
    const output = {
      TableName: table.name,
      StreamArn,
      DestinationStatus: 'ENABLING',
      ...(told?.ApproximateCreationDateTimePrecision !== undefined && {
        EnableKinesisStreamingConfiguration: told,
      }),
    };
    const destination: KinesisDestination = {
      StreamArn,
      DestinationStatus: 'ACTIVE',
      ApproximateCreationDateTimePrecision: precision,
    };
    return change(table, destination, output, context);
  },
});

export const DisableKinesisStreamingDestination: Operation = operation({
  name: 'DisableKinesisStreamingDestination',
  kind: 'write',
  input: changeInput,
  check: (input) => input,
  plan(input, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    checkChangeable(table);
    const destination = findDestination(table, input.StreamArn);
    if (destination?.DestinationStatus !== 'ACTIVE') {
      throw validation(
        `${prefix} disable Kinesis Streaming Destination: KinesisStreamingDestination must be ` +
          'ACTIVE to perform DISABLE operation.',
      );
    }
    return { table, input, destination };
  },
  decide({ table, input, destination }, context) {
    const { StreamArn, EnableKinesisStreamingConfiguration: told } = input;
    const output = {
      TableName: table.name,
      StreamArn,
      DestinationStatus: 'DISABLING',
      ...(told && { EnableKinesisStreamingConfiguration: told }),
    };
    return change(table, { ...destination, DestinationStatus: 'DISABLED' }, output, context);
  },
});

export const UpdateKinesisStreamingDestination: Operation = operation({
  name: 'UpdateKinesisStreamingDestination',
  kind: 'write',
  input: updateInput,
  check(input) {
    const { UpdateKinesisStreamingConfiguration: told } = input;
    const precision = told?.ApproximateCreationDateTimePrecision;
    if (precision !== undefined) return { input, precision };
    throw validation(
      'Streaming destination cannot be updated with given parameters: ' +
        'UpdateKinesisStreamingConfiguration cannot be null or contain only null values',
    );
  },
  plan({ input, precision }, { catalog }) {
    const table = knownTable(catalog, input.TableName);
    checkChangeable(table);
    const destination = findDestination(table, input.StreamArn);
    if (destination?.DestinationStatus !== 'ACTIVE') {
      throw validation(
        `${prefix} update Kinesis Streaming Destination: KinesisStreamingDestination must be ` +
          'ACTIVE to perform UPDATE operation.',
      );
    }
    if (destination.ApproximateCreationDateTimePrecision === precision) {
      throw validation(
        `Invalid Request: Precision is already set to the desired value of ${precision} for ` +
          `tableId: ${table.id}, kdsArn: ${input.StreamArn}`,
      );
    }
    return { table, input, destination, precision };
  },
  decide({ table, input, destination, precision }, { reader }) {
    const next = { ...destination, ApproximateCreationDateTimePrecision: precision };
    return {
      output: {
        TableName: table.name,
        StreamArn: input.StreamArn,
        DestinationStatus: 'UPDATING',
        UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: precision },
      },
      commits: [systemCommit([putTable(reader, withDestination(table, next))])],
    };
  },
});

export const DescribeKinesisStreamingDestination: Operation = operation({
  name: 'DescribeKinesisStreamingDestination',
  kind: 'read',
  input: struct({ TableName: ownTableName.required }),
  check: (input) => input,
  plan: (input, { catalog }) => knownTable(catalog, input.TableName),
  decide: (table) => ({
    output: { TableName: table.name, KinesisDataStreamDestinations: destinationsOf(table) },
  }),
  consistent: () => true,
});

/** The table with a destination that was turned on or off, its stream, and the cursor. */
function change(
  table: TableState,
  destination: KinesisDestination,
  output: object,
  { reader, nowMs }: DecideContext,
): Effect {
  const told = withDestination(table, destination);
  const { table: next, mutations } = settleDestinations(told, reader, nowMs);
  const name = destinationName(table.id, destination.StreamArn);
  const cursor =
    destination.DestinationStatus === 'ACTIVE'
      ? beginCursor(reader, name, next)
      : removeTrigger(reader, name);
  return { output, commits: [systemCommit([putTable(reader, next), ...mutations, ...cursor])] };
}

/** What changed before is passed; a stream that begins with this commit has nothing to pass. */
function beginCursor(reader: TreeReader, name: string, table: TableState): readonly Mutation[] {
  const { stream } = table;
  if (stream === undefined) return [];
  const start = { ms: 0, sequence: 0 };
  const trigger = { ...newTrigger(name, table.name, stream, start), isDestination: true };
  return [putTrigger(reader, trigger), ...passAll(reader, trigger)];
}

function withDestination(table: TableState, destination: KinesisDestination): TableState {
  const others = destinationsOf(table).filter(
    ({ StreamArn }) => StreamArn !== destination.StreamArn,
  );
  const KinesisDestinations = [...others, destination];
  return { ...table, settings: storedSettings({ ...settingsOf(table), KinesisDestinations }) };
}

function findDestination(table: TableState, arn: string): KinesisDestination | undefined {
  return destinationsOf(table).find(({ StreamArn }) => StreamArn === arn);
}

function active(table: TableState): readonly KinesisDestination[] {
  return destinationsOf(table).filter(({ DestinationStatus }) => DestinationStatus === 'ACTIVE');
}

function destinationsOf(table: TableState): readonly KinesisDestination[] {
  return settingsOf(table).KinesisDestinations ?? [];
}
