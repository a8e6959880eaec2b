/**
 * The leaderboard's tables, and what is read of each. All of it is live.
 *
 *   the top ten            Scores, byScore   game = :g, backwards, ten of them
 *   totals of the players  Totals            game = :g; kept by a trigger on Scores
 *   who is playing         Sessions          all; each ends by its time to live
 *   what was counted       Counted           by the trigger alone; ends by its time to live
 */
import type { CreateTableInput, LiveItemsInput } from 'tidetable';

export const scoresTable = 'Scores';
export const totalsTable = 'Totals';
export const sessionsTable = 'Sessions';
export const countedTable = 'Counted';
/** Of Sessions and Counted: epoch seconds. */
export const timeAttribute = 'until';

export const games: readonly string[] = ['Harbour chess', 'Kite race', 'Skipping stones'];

export interface Score {
  readonly game: string;
  /** Unique. */
  readonly id: string;
  readonly player: string;
  readonly score: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Total {
  readonly game: string;
  readonly player: string;
  readonly rounds: number;
  readonly points: number;
}

export interface Session {
  readonly player: string;
  readonly game: string;
  readonly until: number;
}

const onDemand = { BillingMode: 'PAY_PER_REQUEST' } as const;

export const tables: readonly CreateTableInput[] = [
  {
    TableName: scoresTable,
    ...onDemand,
    AttributeDefinitions: [
      { AttributeName: 'game', AttributeType: 'S' },
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'score', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'game', KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byScore',
        KeySchema: [
          { AttributeName: 'game', KeyType: 'HASH' },
          { AttributeName: 'score', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
  {
    TableName: totalsTable,
    ...onDemand,
    AttributeDefinitions: [
      { AttributeName: 'game', AttributeType: 'S' },
      { AttributeName: 'player', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'game', KeyType: 'HASH' },
      { AttributeName: 'player', KeyType: 'RANGE' },
    ],
  },
  ...[
    [sessionsTable, 'player'],
    [countedTable, 'eventId'],
  ].map(([TableName = '', AttributeName = '']): CreateTableInput => {
    return {
      TableName,
      ...onDemand,
      AttributeDefinitions: [{ AttributeName, AttributeType: 'S' }],
      KeySchema: [{ AttributeName, KeyType: 'HASH' }],
    };
  }),
];

/** Of a table whose partition key is `game`. */
function inGame(TableName: string, game: string): LiveItemsInput {
  return {
    TableName,
    KeyConditionExpression: '#game = :game',
    ExpressionAttributeNames: { '#game': 'game' },
    ExpressionAttributeValues: { ':game': game },
  };
}

export function topTen(game: string): LiveItemsInput {
  const query = inGame(scoresTable, game);
  return { ...query, IndexName: 'byScore', ScanIndexForward: false, Limit: 10 };
}

export function totalsOf(game: string): LiveItemsInput {
  return inGame(totalsTable, game);
}

export const allSessions: LiveItemsInput = { TableName: sessionsTable };
