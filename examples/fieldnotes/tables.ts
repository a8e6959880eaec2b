/**
 * The tables of the team, on every device and on the hub, and what is read of each. All of it is
 * live.
 *
 *   notes of the team, newest first   Notes, byTime    team = :t, backwards
 *   photos of a note                  Photos           note = :n; bytes of up to 300 KB each
 *   notices                           Notices          team = :t; only the lead may write them
 */
import type { CreateTableInput, LiveItemsInput, QueryInput } from 'tidetable';

export const notesTable = 'Notes';
export const photosTable = 'Photos';
export const noticesTable = 'Notices';
export const team = 'coast';

export interface Note {
  readonly team: string;
  /** Unique. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly place: string;
  /** Who wrote it last, and when: epoch milliseconds. */
  readonly by: string;
  readonly at: number;
}

export interface Photo {
  /** Id of its note. */
  readonly note: string;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly by: string;
}

export interface Notice {
  readonly team: string;
  readonly id: string;
  readonly text: string;
  readonly by: string;
  readonly at: number;
}

const onDemand = { BillingMode: 'PAY_PER_REQUEST' } as const;

function tableOf(
  TableName: string,
  hash: string,
  more: Partial<CreateTableInput> = {},
): CreateTableInput {
  return {
    TableName,
    ...onDemand,
    AttributeDefinitions: [
      { AttributeName: hash, AttributeType: 'S' },
      { AttributeName: 'id', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: hash, KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ],
    ...more,
  };
}

/** CreateTable inputs: a device that starts without a network makes them itself. */
export const tables: readonly CreateTableInput[] = [
  tableOf(notesTable, 'team', {
    AttributeDefinitions: [
      { AttributeName: 'team', AttributeType: 'S' },
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'at', AttributeType: 'N' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byTime',
        KeySchema: [
          { AttributeName: 'team', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  }),
  tableOf(photosTable, 'note'),
  tableOf(noticesTable, 'team'),
];

export const notesShown = 200;

export const newestNotes: LiveItemsInput = {
  TableName: notesTable,
  IndexName: 'byTime',
  KeyConditionExpression: 'team = :team',
  ExpressionAttributeValues: { ':team': team },
  ScanIndexForward: false,
  Limit: notesShown,
};

export const allNotices: LiveItemsInput = {
  TableName: noticesTable,
  KeyConditionExpression: 'team = :team',
  ExpressionAttributeValues: { ':team': team },
};

export function photosOf(note: string): QueryInput {
  return {
    TableName: photosTable,
    KeyConditionExpression: 'note = :note',
    ExpressionAttributeValues: { ':note': note },
  };
}
