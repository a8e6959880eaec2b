import { describe, expect, test } from 'vitest';
import { World } from '../../support/run.ts';
import { invalidValues, refusal, simpleTable } from '../../support/table-inputs.ts';

const arn = 'arn:aws:dynamodb:local:000000000000:table/Simple';
const tag = (Key: string, Value = 'v'): object => ({ Key, Value });
const many = (count: number): object[] =>
  Array.from({ length: count }, (_, at) => tag(`key${100 + at}`));

function tagged(Tags: readonly object[] = []): World {
  const world = new World();
  world.run('CreateTable', simpleTable({ Tags }));
  return world;
}

// In the order of reference/types-and-limits.md, section 13.
const rows: readonly (readonly [what: string, operation: string, input: object, string])[] = [
  [
    'empty Tags',
    'TagResource',
    { ResourceArn: 'x', Tags: [] },
    'Atleast one Tag needs to be provided as Input.',
  ],
  [
    'empty TagKeys',
    'UntagResource',
    { ResourceArn: 'x', TagKeys: [] },
    'Atleast one Tag Key needs to be provided as Input.',
  ],
  [
    'too many',
    'TagResource',
    { ResourceArn: arn, Tags: [...many(50), tag('!')] },
    'Number of Tags exceed the current limit for the provided ResourceArn',
  ],
  [
    'a bad key',
    'TagResource',
    { ResourceArn: arn, Tags: [tag('a*', '*')] },
    'The Tag Key provided is invalid, Key: a*',
  ],
  [
    'a bad value',
    'TagResource',
    { ResourceArn: arn, Tags: [tag('a', 'b|')] },
    'The Tag Value provided is invalid, Value: b|',
  ],
  [
    'a reserved key',
    'TagResource',
    { ResourceArn: arn, Tags: [tag('aws:x'), tag('aws:x')] },
    'Tag Key cannot be prefixed with aws:, Key: aws:x',
  ],
  [
    'a key twice',
    'TagResource',
    { ResourceArn: 'x', Tags: [tag('a'), tag('b'), tag('a')] },
    'Duplicate Tag Keys provided as input: Duplicate Tag Key found a',
  ],
  [
    'no ARN',
    'ListTagsOfResource',
    { ResourceArn: 'Simple' },
    `${invalidValues}ARNs must start with 'arn:': Simple`,
  ],
  [
    'a malformed ARN',
    'UntagResource',
    { ResourceArn: 'arn:aws:dynamodb', TagKeys: ['a'] },
    'Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb',
  ],
  [
    'an index',
    'TagResource',
    { ResourceArn: `${arn}/index/x`, Tags: [tag('a')] },
    'Invalid TableArn: Invalid resource arn provided, only table or stream is accepted. Provided ' +
      `resource arn: ${arn}/index/x`,
  ],
];

describe('tags are refused:', () => {
  test.each(rows)('%s', (_what, operation, input, message) => {
    expect(refusal(() => tagged().run(operation, input))).toEqual({
      name: 'ValidationException',
      message,
    });
  });

  test('of a table that is not there', () => {
    const absent = arn.replace('Simple', 'Absent');
    const long = `Requested resource not found: ResourcArn: ${absent} not found`;
    const answers = [
      ['TagResource', { Tags: [tag('a')] }, long],
      ['ListTagsOfResource', {}, long],
      ['UntagResource', { TagKeys: ['a'] }, 'Requested resource not found'],
    ] as const;
    for (const [operation, input, message] of answers) {
      const act = (): unknown => tagged().run(operation, { ResourceArn: absent, ...input });
      expect(refusal(act)).toEqual({ name: 'ResourceNotFoundException', message });
    }
  });

  test.each([
    arn.replace('local', 'elsewhere'),
    arn.replace('000000000000', '123456789012'),
    arn.replace('000000000000', '123456789012').replace('Simple', 'Absent'),
  ])("%s, which is someone else's", (ResourceArn) => {
    expect(refusal(() => tagged().run('ListTagsOfResource', { ResourceArn })).name).toBe(
      'AccessDeniedException',
    );
  });

  test('when those of the table would become too many', () => {
    const world = tagged(many(49));
    world.run('TagResource', { ResourceArn: arn, Tags: [tag('key100', 'new')] });
    const two = { ResourceArn: arn, Tags: [tag('b'), tag('c')] };
    expect(refusal(() => world.run('TagResource', two)).message).toBe(
      'Number of Tags exceed the current limit for the provided ResourceArn',
    );
    world.run('TagResource', { ResourceArn: arn, Tags: [tag('b')] });
  });
});
