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

  test('come in pages of ten, each tag once', () => {
    const world = tagged(many(25));
    const pages: object[][] = [];
    let NextToken: unknown;
    for (let page = 0; page < 4; page += 1) {
      const answer = world.run('ListTagsOfResource', { ResourceArn: arn, NextToken });
      pages.push(answer['Tags'] as object[]);
      NextToken = answer['NextToken'];
      if (NextToken === undefined) break;
    }
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    expect(pages.flat()).toEqual(many(25));
  });

  test('are not paged by a token that is none', () => {
    const input = { ResourceArn: arn, NextToken: 'zz' };
    expect(refusal(() => tagged().run('ListTagsOfResource', input)).name).toBe(
      'ValidationException',
    );
  });
});
