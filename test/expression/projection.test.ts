import { describe, expect, test } from 'vitest';
import type { Projection } from '../../src/expression/projection.ts';
import { item, parse, type Plain, plainOf, refusalOf, worked } from './fixture.ts';

function projection(text: string, names?: Record<string, string>): Projection {
  const input = { ProjectionExpression: text, ExpressionAttributeNames: names };
  return parse('GetItem', input).projection as Projection;
}

describe('a projection', () => {
  test.each<[string, Plain]>([
    ['m.y.z, a[1], a[4]', { m: { y: { z: 2 } }, a: [3, 6] }],
    ['a[4], a[1]', { a: [3, 6] }],
    ['a[77]', {}],
    ['nothing', {}],
    ['t, n', { t: 'dog', n: 5 }],
    ['m.q', {}],
    ['m.q, m.x', { m: { x: 1 } }],
    ['t.x, a.x, m[0]', {}],
    ['m', { m: { x: 1, y: { z: 2 } } }],
  ])('%s is %j', (text, part) => {
    expect(plainOf(projection(text).project(worked))).toEqual(part);
  });

  test('keeps the hierarchy of what it picks', () => {
    const nested = item({ a: { b: [1, 2, { c: 'x', d: 'y' }] } });
    expect(plainOf(projection('a.b[2].c').project(nested))).toEqual({ a: { b: [{ c: 'x' }] } });
  });

  test('has roots, resolved', () => {
    expect([...projection('#a.b, c[0]', { '#a': 'x.y' }).roots]).toEqual(['x.y', 'c']);
  });
});

describe('paths', () => {
  const tail = 'with each other; must remove or rewrite one of these paths; path one:';
  test.each([
    ['m, m.x', `Two document paths overlap ${tail} [m], path two: [m, x]`],
    ['m.x, m[0]', `Two document paths conflict ${tail} [m, x], path two: [m, [0]]`],
    [
      '#q',
      'An expression attribute name used in the document path is not defined; attribute name: #q',
    ],
  ])('%s are refused: %s', (text, message) => {
    expect(refusalOf(() => projection(text))).toBe(`Invalid ProjectionExpression: ${message}`);
  });
});

describe('AttributesToGet', () => {
  const get = (...names: string[]): Projection =>
    parse('GetItem', { AttributesToGet: names }).projection as Projection;

  test('takes dots literally', () => {
    expect(plainOf(get('m.x', 't').project(worked))).toEqual({ t: 'dog' });
    expect(plainOf(get('m.x').project(item({ 'm.x': 1 })))).toEqual({ 'm.x': 1 });
  });

  test('may name more than an item has', () => {
    const names = Array.from({ length: 100 }, (_, at) => `n${at}`);
    const found = get(...names).project(item({ n7: 7, other: 1, n3: 3 }));
    expect(plainOf(found)).toEqual({ n3: 3, n7: 7 });
  });

  test('names no attribute twice', () => {
    expect(refusalOf(() => get('a', 'b', 'a'))).toBe(
      'One or more parameter values were invalid: Duplicate value in attribute name: a',
    );
  });
});
