import { expect, test } from 'vitest';
import {
  namesIn,
  visitActions,
  visitCondition,
} from '../../../src/operation/access/attribute-names.ts';
import { parseStatement } from '../../../src/partiql/parser.ts';

test.each([
  [{ ProjectionExpression: 'a.b[0].c, #d' }, ['a', '#d']],
  [{ FilterExpression: 'contains(a, b) OR begins_with(c.x, :v)' }, ['a', 'b', 'c']],
  [{ KeyConditionExpression: 'p = :p AND s BETWEEN :a AND :b' }, ['p', 's']],
  [{ UpdateExpression: 'SET a = list_append(b, :v), c = d - e DELETE f :v' }, [...'abcdef']],
  [{ QueryFilter: { a: {} }, ScanFilter: { __proto__: null, b: {} } }, ['a', 'b']],
  [{ ConditionExpression: null, AttributesToGet: null }, []],
  [{ ProjectionExpression: '#a', ExpressionAttributeNames: { '#a': '__proto__' } }, ['__proto__']],
])('%j names %j', (input, names) => {
  expect([...namesIn(input)].sort()).toEqual([...names].sort());
});

test('a statement has paths in conditions, in values of conditions, and in actions', () => {
  const { statement } = parseStatement(
    'UPDATE T SET a = b + 1 WHERE p = 1 AND (c = 1) = (d > e) AND f IN [g]',
  );
  const names: unknown[] = [];
  if (statement.type !== 'update' || statement.where === undefined) throw new Error('no update');
  visitCondition(statement.where, ({ steps }) => names.push(steps[0]));
  visitActions(statement.actions, ({ steps }) => names.push(steps[0]));
  expect(names).toEqual(['p', 'c', 'd', 'e', 'f', 'g', 'a', 'b']);
});
