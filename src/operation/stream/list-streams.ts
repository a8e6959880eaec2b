/**
 * ListStreams: the streams that can be read, of all tables or of one, in the order of table names
 * and labels.
 */
import { listStreamsMax } from '../../base/limits.ts';
import { integer, newTableName, struct } from '../../shape/constructors.ts';
import { listStreams, type Stream } from '../../stream/streams.ts';
import { isOver } from '../../stream/upkeep.ts';
import { type Operation, operation } from '../operation.ts';
import { knownTable } from '../table/stored.ts';
import { checkStreamArn, streamArn } from './shared.ts';

export const ListStreams: Operation = operation({
  name: 'ListStreams',
  kind: 'read',
  input: struct({
    TableName: newTableName,
    Limit: integer({ min: 1, max: listStreamsMax }),
    ExclusiveStartStreamArn: streamArn,
  }),
  check(input) {
    const { ExclusiveStartStreamArn: arn } = input;
    return { input, after: arn === undefined ? undefined : checkStreamArn(arn) };
  },
  plan: (checked) => checked,
  decide({ input, after }, { reader, catalog, nowMs }) {
    const { TableName: table, Limit: limit = listStreamsMax } = input;
    const found: Stream[] = [];
    // Those that are over and not yet forgotten are passed by.
    let place = after;
    while (found.length <= limit) {
      const [stream] = listStreams(reader, 1, place, table);
      if (stream === undefined) break;
      place = stream;
      if (stream.hidden !== true && !isOver(stream.disabledMs, nowMs)) found.push(stream);
    }
    // A table that was deleted lately still has a stream; one that never was has neither.
    if (table !== undefined && found.length === 0 && after === undefined) {
      knownTable(catalog, table);
    }
    const shown = found.slice(0, limit);
    return {
      output: {
        Streams: shown.map(({ arn, table: TableName, label }) => {
          return { StreamArn: arn, TableName, StreamLabel: label };
        }),
        ...(found.length > limit && { LastEvaluatedStreamArn: shown.at(-1)?.arn }),
      },
    };
  },
  consistent: () => true,
});
