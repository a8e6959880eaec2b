/** ListDestinations: every active Kinesis destination, with the trigger that delivers to it. */
import { tablesMax } from '../../base/limits.ts';
import { struct } from '../../shape/constructors.ts';
import { destinationName } from '../../stream/destination.ts';
import { type Operation, operation } from '../operation.ts';
import { type KinesisDestination, settingsOf } from '../table/settings.ts';

export interface ListedDestination {
  readonly Trigger: string;
  readonly Table: string;
  readonly StreamArn: string;
  readonly Precision: KinesisDestination['ApproximateCreationDateTimePrecision'];
}

export const ListDestinations: Operation = operation({
  name: 'ListDestinations',
  kind: 'read',
  internal: true,
  input: struct({}),
  check: (input) => input,
  plan: (_, { catalog }) =>
    catalog.names(undefined, tablesMax).flatMap((name): readonly ListedDestination[] => {
      const table = catalog.find(name);
      if (table === undefined) return [];
      return (settingsOf(table).KinesisDestinations ?? [])
        .filter(({ DestinationStatus }) => DestinationStatus === 'ACTIVE')
        .map(({ StreamArn, ApproximateCreationDateTimePrecision: Precision }) => ({
          Trigger: destinationName(table.id, StreamArn),
          Table: name,
          StreamArn,
          Precision,
        }));
    }),
  decide: (listed) => ({ output: { Destinations: listed } }),
  consistent: () => true,
});
