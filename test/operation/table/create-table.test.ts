import { describe, expect, test } from 'vitest';
import { tablesMax } from '../../../src/base/limits.ts';
import { catalogKey, catalogTree } from '../../../src/table/system.ts';
import { World } from '../../support/run.ts';
import {
  attribute,
  globalIndex,
  hash,
  localIndex,
  range,
  refusal,
  simpleTable,
} from '../../support/table-inputs.ts';

/** A table `a` (hash) `b` (range) whose other attributes the row's indexes use. */
function ranged(more: object, ...others: readonly string[]): object {
  return simpleTable({
    AttributeDefinitions: ['a', 'b', ...others].map((name) => attribute(name)),
    KeySchema: [hash('a'), range('b')],
    ...more,
  });
}
const locals = (...indexes: object[]): object => ({ LocalSecondaryIndexes: indexes });
const globals = (...indexes: object[]): object => ({ GlobalSecondaryIndexes: indexes });
const many = (count: number, make: (name: string) => object): object[] =>
  Array.from({ length: count }, (_, at) => make(`index${at}`));

describe('CreateTable refuses', () => {
  test('a name that is taken', () => {
    const world = new World();
    world.run('CreateTable', simpleTable());
    expect(refusal(() => world.run('CreateTable', simpleTable()))).toEqual({
      name: 'ResourceInUseException',
      message: 'Table already exists: Simple',
    });
  });

  test('one table too many', () => {
    const world = new World();
    const value = new Uint8Array([1]);
    world.reader.apply(
      Array.from({ length: tablesMax }, (_, at) => ({
        tree: catalogTree,
        key: catalogKey(`z${10_000 + tablesMax - at}`),
        value,
        sizeBefore: undefined,
        sizeAfter: 1,
      })),
    );
    expect(refusal(() => world.run('CreateTable', simpleTable()))).toEqual({
      name: 'LimitExceededException',
      message: 'Subscriber limit exceeded: There is a limit of 2500 tables per subscriber',
    });
  });
});

describe('CreateTable accepts', () => {
  const projections = { ProjectionType: 'INCLUDE', NonKeyAttributes: ['a', 'b'] };
  test.each([
    [
      'indexes that are alike',
      ranged({
        ...locals(
          localIndex('one', [hash('a'), range('b')]),
          localIndex('two', [hash('a'), range('b')]),
        ),
        ...globals(
          globalIndex('three', [hash('a'), range('b')]),
          globalIndex('four', [hash('a'), range('b')], projections),
        ),
      }),
    ],
    [
      'a global index of four and four',
      ranged(
        globals(
          globalIndex('wide', [
            ...['b', 'c', 'd', 'e'].map(hash),
            ...['f', 'g', 'h', 'a'].map(range),
          ]),
        ),
        ...'cdefgh',
      ),
    ],
    ['20 global indexes', ranged(globals(...many(20, (name) => globalIndex(name, [hash('b')]))))],
    [
      '5 local indexes',
      ranged(locals(...many(5, (name) => localIndex(name, [hash('a'), range('b')])))),
    ],
    ['a stream that is off', simpleTable({ StreamSpecification: { StreamEnabled: false } })],
    ['an index named __proto__', ranged(globals(globalIndex('__proto__', [hash('b')])))],
  ])('%s', (_what, input) => {
    const world = new World();
    const { TableDescription } = world.run('CreateTable', input);
    expect(TableDescription).toMatchObject({ TableStatus: 'CREATING' });
    const { Table } = world.run('DescribeTable', { TableName: 'Simple' });
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE' });
  });

  test('tables, whose trees are all different', () => {
    const world = new World();
    for (const TableName of ['One', 'Two', 'Three']) {
      world.run('CreateTable', ranged({ TableName, ...globals(globalIndex('xyz', [hash('b')])) }));
      world.run('PutItem', { TableName, Item: { a: { S: TableName }, b: { S: 'x' } } });
    }
    for (const TableName of ['One', 'Two', 'Three']) {
      const { Table } = world.run('DescribeTable', { TableName });
      expect(Table).toMatchObject({ ItemCount: 1, GlobalSecondaryIndexes: [{ ItemCount: 1 }] });
    }
  });
});
