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

describe('tags of a table', () => {
  test('are added, overwritten by equal keys of the same case, and removed', () => {
    const world = tagged([tag('a', '1'), tag('b', '')]);
    const Tags = [tag('a', '2'), tag('A', '3'), tag('Grün +-=._:/@', 'ö 1')];
    expect(world.run('TagResource', { ResourceArn: arn, Tags })).toEqual({});
    expect(tagsOf(world)).toEqual([
      tag('A', '3'),
      tag('Grün +-=._:/@', 'ö 1'),
      tag('a', '2'),
      tag('b', ''),
    ]);
    const TagKeys = ['a', 'absent', 'A'];
    expect(world.run('UntagResource', { ResourceArn: arn, TagKeys })).toEqual({});
    expect(tagsOf(world)).toEqual([tag('Grün +-=._:/@', 'ö 1'), tag('b', '')]);
  });
});
