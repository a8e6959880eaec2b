import { expect, test } from 'vitest';
import { TriggerWorld } from '../trigger/world.ts';

test('destinations that are on are listed with their triggers, others are not', () => {
  const world = new TriggerWorld();
  const StreamArn = 'arn:aws:kinesis:us-east-1:111122223333:stream/one';
  const input = { TableName: 'Simple', StreamArn };
  world.run('EnableKinesisStreamingDestination', input);
  const listed = world.run('ListDestinations', {}, 'plain');
  expect(listed).toEqual({
    Destinations: [
      { Trigger: expect.any(String), Table: 'Simple', StreamArn, Precision: 'MILLISECOND' },
    ],
  });
  world.run('DisableKinesisStreamingDestination', input);
  expect(world.run('ListDestinations', {}, 'plain')).toEqual({ Destinations: [] });
});
