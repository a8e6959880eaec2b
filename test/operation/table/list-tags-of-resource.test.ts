import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import { refusal, simpleTable } from '../../support/table-inputs.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Simple';
const tag = (Key: string, Value = 'v'): object => ({ Key, Value });
const many = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => tag(`key${100 + at}`));

function tagged(Tags: readonly object[] = []): World {
  const world = new World();
  world.run('CreateTable', simpleTable({ Tags }));
  return world;
}

function tagsOf(world: World): unknown {
  return world.run('ListTagsOfResource', { ResourceArn: arn })['Tags'];
}

describe('tags of a table', () => {
  test('are none at first', () => {
    expect(tagsOf(tagged())).toEqual([]);
  });

  test('come all at once, as many as there may be', () => {
    const world = tagged(many(50));
    const answer = world.run('ListTagsOfResource', { ResourceArn: arn });
    expect(answer).toEqual({ Tags: many(50) });
  });

  test('are not paged by a token that is none', () => {
    const input = { ResourceArn: arn, NextToken: 'zz' };
    expect(refusal(() => tagged().run('ListTagsOfResource', input)).name).toBe(
      'ValidationException',
    );
  });
});
