/**
 * What the trigger does with each change of Scores: it adds to the player's totals, once.
 *
 * A trigger delivers at least once: after a crash, or a tab that was closed, a batch comes again.
 * So the totals and a mark that this event was counted are one transaction. The mark goes by its
 * time to live, two days later, when no stream has the event any more.
 */
import { type Database, DynamoDBError, type TriggerEvent } from 'tidetable';
import { countedTable, type Score, timeAttribute, totalsTable } from './tables.ts';

const markSeconds = 2 * 24 * 60 * 60;

type Event = TriggerEvent<Partial<Score>>;
type Change = Event['Records'][number];

export async function countScores(db: Database, { Records }: Event): Promise<void> {
  for (const record of Records) await countOnce(db, record);
}

async function countOnce(db: Database, { eventID, dynamodb }: Change): Promise<void> {
  const { NewImage, OldImage } = dynamodb;
  const { game, player } = NewImage ?? OldImage ?? {};
  if (game === undefined || player === undefined) return;
  const rounds = (NewImage === undefined ? 0 : 1) - (OldImage === undefined ? 0 : 1);
  const points = (NewImage?.score ?? 0) - (OldImage?.score ?? 0);
  const until = Math.floor(Date.now() / 1000) + markSeconds;
  try {
    await db.transactWriteItems({
      TransactItems: [
        {
          Put: {
            TableName: countedTable,
            Item: { eventId: eventID, [timeAttribute]: until },
            ConditionExpression: 'attribute_not_exists(eventId)',
          },
        },
        {
          Update: {
            TableName: totalsTable,
            Key: { game, player },
            UpdateExpression: 'ADD #rounds :rounds, #points :points',
            ExpressionAttributeNames: { '#rounds': 'rounds', '#points': 'points' },
            ExpressionAttributeValues: { ':rounds': rounds, ':points': points },
          },
        },
      ],
    });
  } catch (error) {
    if (!wasCounted(error)) throw error;
  }
}

function wasCounted(error: unknown): boolean {
  if (!(error instanceof DynamoDBError) || error.CancellationReasons === undefined) return false;
  return error.CancellationReasons[0]?.Code === 'ConditionalCheckFailed';
}
