/** The README's live query: the two best of a game, told again whenever they change. */
import { open } from 'tidetable';

const scoresTable = {
  TableName: 'Scores',
  AttributeDefinitions: [
    { AttributeName: 'player', AttributeType: 'S' },
    { AttributeName: 'game', AttributeType: 'S' },
    { AttributeName: 'score', AttributeType: 'N' },
  ],
  KeySchema: [{ AttributeName: 'player', KeyType: 'HASH' }],
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
  BillingMode: 'PAY_PER_REQUEST',
} as const;

const db = await open('scores', { tables: [scoresTable] });

const put = (player: string, score: number) =>
  db.putItem({ TableName: 'Scores', Item: { player, game: 'chess', score } });
await put('ann', 5);

const best = db.live<{ player: string }>({
  TableName: 'Scores',
  IndexName: 'byScore',
  KeyConditionExpression: 'game = :game',
  ExpressionAttributeValues: { ':game': 'chess' },
  ScanIndexForward: false,
  Limit: 2,
});
for await (const { Items } of best) {
  const players = Items.map(({ player }) => player).join(', ');
  console.log(players); // ann; then bob, ann; then cid, bob: this tab's writes, and others'
  if (players === 'ann') await put('bob', 7);
  else if (players === 'bob, ann') await put('cid', 9);
  else break; // ends the query
}

await db.close();
