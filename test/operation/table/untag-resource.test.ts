import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import { simpleTable } from '../../support/table-inputs.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Simple';
const tag = (Key: string, Value = 'v'): object => ({ Key, Value });

function tagged(Tags: readonly object[] = []): World {
  const world = new World();
  world.run('CreateTable', simpleTable({ Tags }));
  return world;
}

function tagsOf(world: World): unknown {
  return world.run('ListTagsOfResource', { ResourceArn: arn })['Tags'];
}

describe('UntagResource', () => {
  test('removes the tags of these keys and no other, and absent ones are no error', () => {
    const world = tagged([tag('a'), tag('A'), tag('b')]);
    const untag = (...TagKeys: string[]): object =>
      world.run('UntagResource', { ResourceArn: arn, TagKeys });
    expect(untag('a', 'absent')).toEqual({});
    expect(tagsOf(world)).toEqual([tag('A'), tag('b')]);
    expect(untag('absent')).toEqual({});
    expect(tagsOf(world)).toEqual([tag('A'), tag('b')]);
  });
});
